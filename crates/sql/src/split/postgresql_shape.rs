//! The two PostgreSQL statements whose words decide where they end: routines with a `BEGIN ATOMIC … END` body
//! (PostgreSQL 14+), and `COPY … FROM stdin`, after which data follows.
//!
//! psql counts every `BEGIN` after `CREATE FUNCTION`; here only `BEGIN ATOMIC` opens a body, so that a routine named
//! `begin` or a column named `end` does not swallow the rest of the file.

/// What the words of the statement so far may turn out to be.
#[derive(Debug, Default)]
pub(super) struct Shape {
    stage: Stage,
    previous: Previous,
    /// Where `BEGIN` of the outermost `BEGIN ATOMIC` is, and how many `END`s are due.
    body: Option<(usize, u32)>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Stage {
    #[default]
    Start,
    Create,
    CreateOr,
    CreateOrReplace,
    Routine,
    /// After `COPY`; nothing of the table's name seen yet.
    Copy,
    CopyTable,
    CopyFrom,
    CopyFromStdin,
    Other,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Previous {
    #[default]
    Other,
    /// After `.` and `AS`, a keyword is a name.
    Name,
    Begin(usize),
}

impl Shape {
    /// Whether words matter (a fast way past the words of an ordinary statement).
    #[inline]
    pub(super) fn wants_words(&self) -> bool {
        self.stage != Stage::Other
    }

    /// Where the open `BEGIN ATOMIC` body begins.
    #[inline]
    pub(super) fn open_body(&self) -> Option<usize> {
        self.body.map(|(start, _)| start)
    }

    /// Whether the data of a `COPY … FROM stdin` follow.
    pub(super) fn copies_from_stdin(&self) -> bool {
        self.stage == Stage::CopyFromStdin
    }

    /// Something that is neither word nor dot.
    #[inline]
    pub(super) fn other(&mut self) {
        self.previous = Previous::Other;
        self.stage = match self.stage {
            // `COPY (SELECT …) TO`: its parenthesis comes first; after a quoted name the stage is the same as after a word.
            Stage::Start
            | Stage::Create
            | Stage::CreateOr
            | Stage::CreateOrReplace
            | Stage::CopyFrom => Stage::Other,
            Stage::Copy => Stage::CopyTable,
            stage @ (Stage::Routine | Stage::CopyTable | Stage::CopyFromStdin | Stage::Other) => {
                stage
            }
        };
    }

    pub(super) fn dot(&mut self) {
        self.other();
        self.previous = Previous::Name;
    }

    /// An unquoted word that begins at `start`.
    pub(super) fn word(&mut self, word: &[u8], start: usize, is_top_level: bool) {
        let is = |keyword: &str| word.eq_ignore_ascii_case(keyword.as_bytes());
        self.stage = match self.stage {
            Stage::Start if is("CREATE") => Stage::Create,
            Stage::Start if is("COPY") => Stage::Copy,
            Stage::Create if is("OR") => Stage::CreateOr,
            Stage::CreateOr if is("REPLACE") => Stage::CreateOrReplace,
            Stage::Create | Stage::CreateOrReplace if is("FUNCTION") || is("PROCEDURE") => {
                Stage::Routine
            }
            Stage::Copy => Stage::CopyTable,
            Stage::CopyTable if is_top_level && self.previous != Previous::Name && is("FROM") => {
                Stage::CopyFrom
            }
            // The grammar takes STDOUT for STDIN here, and so does psql.
            Stage::CopyFrom if is("STDIN") || is("STDOUT") => Stage::CopyFromStdin,
            Stage::Start
            | Stage::Create
            | Stage::CreateOr
            | Stage::CreateOrReplace
            | Stage::CopyFrom => Stage::Other,
            stage @ (Stage::Routine | Stage::CopyTable | Stage::CopyFromStdin | Stage::Other) => {
                stage
            }
        };
        if self.stage == Stage::Routine && is_top_level {
            self.previous = self.routine_word(word, start);
        } else {
            self.previous = Previous::Other;
        }
    }

    fn routine_word(&mut self, word: &[u8], start: usize) -> Previous {
        let is = |keyword: &str| word.eq_ignore_ascii_case(keyword.as_bytes());
        if self.previous == Previous::Name {
            return Previous::Other;
        }
        if is("AS") {
            return Previous::Name;
        }
        match (&mut self.body, self.previous) {
            (None, Previous::Begin(begin)) if is("ATOMIC") => self.body = Some((begin, 1)),
            (None, _) if is("BEGIN") => return Previous::Begin(start),
            (Some((_, due)), _) if is("CASE") || is("BEGIN") => *due += 1,
            (Some((_, due)), _) if is("END") => {
                *due -= 1;
                if *due == 0 {
                    self.body = None;
                }
            }
            (Some(_) | None, _) => {}
        }
        Previous::Other
    }
}
