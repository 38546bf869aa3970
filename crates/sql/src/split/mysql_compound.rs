//! Which `;` belong to the body of a routine, trigger, event or package that was written without `DELIMITER`.
//!
//! `BEGIN` and `END` are not reserved words in MySQL, `IF` and `REPEAT` are functions, `CASE` is an expression: a word opens
//! or closes a block only where a statement may begin. So the tracker follows where inner statements begin.

use shoring_core::Product;

/// The words of one statement, read as far as blocks are concerned.
#[derive(Debug)]
pub(super) struct Compound {
    product: Product,
    stage: Stage,
    blocks: Vec<(Block, usize)>,
    parentheses: u32,
    /// An inner statement may begin here.
    at_statement: bool,
    /// The word before was the first of an inner statement, so a `:` makes it a label.
    after_first_word: bool,
    /// The word before was `END`; what follows it may name the block it closes.
    after_end: bool,
    inner: Inner,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Block {
    Begin,
    /// Declarations between `AS` and `BEGIN` of MariaDB's Oracle mode, and packages: share the `END` with their `BEGIN`.
    Declarations,
    CaseExpression,
    Repeat,
    /// `REPEAT` after its `UNTIL`: `END` comes without a semicolon before it.
    RepeatUntil,
    /// `IF`, `CASE`, `LOOP`, `WHILE`, `FOR` as statements.
    Control,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Start,
    /// After `CREATE` or `ALTER`, before the kind of thing.
    Kind,
    /// After MariaDB's `BEGIN`, `BEGIN NOT`.
    BeginNot(usize),
    BeginNotAtomic(usize),
    /// After the kind of a routine, before its name.
    Name(Header),
    Header(Header),
    /// After `RETURN` in the header of a routine: the type of the result in MariaDB's Oracle mode, else the whole body.
    Return,
    /// After `FOR EACH ROW`: `FOLLOWS` or `PRECEDES` may stand here.
    TriggerOrder,
    TriggerOrderName,
    Body,
    /// An ordinary statement.
    Plain,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Header {
    Routine,
    Package,
    Trigger,
    Event,
}

/// What the inner statement that is being read began with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inner {
    Other,
    Declare,
    /// `DECLARE … HANDLER FOR …`: a block may follow the conditions.
    Handler,
    /// A routine inside of a package.
    Routine,
}

impl Compound {
    pub(super) const fn new(product: Product) -> Self {
        Self {
            product,
            stage: Stage::Start,
            blocks: Vec::new(),
            parentheses: 0,
            at_statement: false,
            after_first_word: false,
            after_end: false,
            inner: Inner::Other,
        }
    }

    /// Whether a `;` here belongs to the statement.
    pub(super) fn is_open(&self) -> bool {
        !self.blocks.is_empty()
    }

    /// Where the outermost open block begins.
    pub(super) fn open_block(&self) -> Option<usize> {
        self.blocks.first().map(|(_, start)| *start)
    }

    /// Whether words matter (a fast way past the words of an ordinary statement).
    pub(super) fn wants_words(&self) -> bool {
        self.stage != Stage::Plain
    }

    /// Whether a `$` may begin the body of a routine.
    pub(super) fn allows_dollar_body(&self) -> bool {
        self.product == Product::Mysql && self.stage == Stage::Header(Header::Routine)
    }

    pub(super) fn semicolon(&mut self) {
        self.other();
        self.at_statement = true;
        self.inner = Inner::Other;
    }

    /// A `:` that is not part of `:=`.
    pub(super) fn colon(&mut self) {
        let is_label = self.after_first_word;
        self.other();
        self.at_statement = is_label;
    }

    /// A name in backticks: of the thing created, or a label.
    pub(super) fn quoted_name(&mut self) {
        let was_at_statement = self.at_statement;
        self.name();
        self.after_first_word = was_at_statement;
    }

    pub(super) fn punctuation(&mut self, byte: u8) {
        match byte {
            b'(' => self.parentheses += 1,
            b')' => self.parentheses = self.parentheses.saturating_sub(1),
            // `db.name`: the name comes again.
            b'.' if matches!(self.stage, Stage::Header(_)) => {
                if let Stage::Header(header) = self.stage {
                    self.stage = Stage::Name(header);
                }
            }
            _ => {}
        }
        self.other();
    }

    /// Anything that is not a word.
    pub(super) fn other(&mut self) {
        if self.stage == Stage::Start {
            self.stage = Stage::Plain;
        }
        self.at_statement = false;
        self.after_first_word = false;
        self.after_end = false;
    }

    fn name(&mut self) {
        self.other();
        match self.stage {
            Stage::Name(header) => self.stage = Stage::Header(header),
            Stage::TriggerOrderName => self.enter_body(),
            Stage::Start
            | Stage::Kind
            | Stage::BeginNot(_)
            | Stage::BeginNotAtomic(_)
            | Stage::Header(_)
            | Stage::Return
            | Stage::TriggerOrder
            | Stage::Body
            | Stage::Plain => {}
        }
    }

    fn enter_body(&mut self) {
        self.stage = Stage::Body;
        self.at_statement = true;
    }

    /// A word that begins at `start`. `is_name`: it stands after a dot or `@`.
    pub(super) fn word(&mut self, word: &[u8], is_name: bool, start: usize) {
        let mut upper = [0_u8; 16];
        let keyword = match upper.get_mut(..word.len()) {
            Some(upper) if !is_name => {
                upper.copy_from_slice(word);
                upper.make_ascii_uppercase();
                &*upper
            }
            Some(_) | None => b"",
        };
        match self.stage {
            Stage::Start => self.first_word(keyword, start),
            Stage::Kind => self.kind_word(keyword),
            Stage::BeginNot(begin) => {
                self.stage = match keyword {
                    b"NOT" => Stage::BeginNotAtomic(begin),
                    _ => Stage::Plain,
                };
            }
            Stage::BeginNotAtomic(begin) => {
                if keyword == b"ATOMIC" {
                    self.blocks.push((Block::Begin, begin));
                    self.enter_body();
                } else {
                    self.stage = Stage::Plain;
                }
            }
            Stage::Name(header) => match keyword {
                b"IF" | b"NOT" | b"EXISTS" => {}
                b"BODY" if header == Header::Package => {}
                _ => self.name(),
            },
            Stage::TriggerOrderName => self.name(),
            Stage::TriggerOrder => {
                if matches!(keyword, b"FOLLOWS" | b"PRECEDES") {
                    self.stage = Stage::TriggerOrderName;
                } else {
                    self.enter_body();
                    self.body_word(keyword, start);
                }
            }
            Stage::Header(header) => self.header_word(header, keyword, start),
            Stage::Return => match keyword {
                b"CASE" => {
                    self.stage = Stage::Body;
                    self.body_word(keyword, start);
                }
                b"AS" | b"IS" => self.header_word(Header::Routine, keyword, start),
                _ => {}
            },
            Stage::Body => self.body_word(keyword, start),
            Stage::Plain => {}
        }
    }

    fn first_word(&mut self, keyword: &[u8], start: usize) {
        self.stage = match keyword {
            b"CREATE" | b"ALTER" => Stage::Kind,
            b"BEGIN" if self.product == Product::Mariadb => Stage::BeginNot(start),
            // MariaDB 10.1.1+ takes these outside of routines.
            b"IF" | b"CASE" | b"LOOP" | b"WHILE" | b"REPEAT" | b"FOR"
                if self.product == Product::Mariadb =>
            {
                self.enter_body();
                self.body_word(keyword, start);
                return;
            }
            _ => Stage::Plain,
        };
    }

    fn kind_word(&mut self, keyword: &[u8]) {
        self.stage = match keyword {
            b"PROCEDURE" | b"FUNCTION" => Stage::Name(Header::Routine),
            b"PACKAGE" => Stage::Name(Header::Package),
            b"TRIGGER" => Stage::Name(Header::Trigger),
            b"EVENT" => Stage::Name(Header::Event),
            // Between CREATE and the kind: OR REPLACE, AGGREGATE, DEFINER = user@host. A user's name is no keyword here.
            b"TABLE" | b"VIEW" | b"SQL" | b"INDEX" | b"UNIQUE" | b"TEMPORARY" | b"DATABASE"
            | b"SCHEMA" | b"USER" | b"ROLE" | b"SEQUENCE" | b"SERVER" | b"TABLESPACE"
            | b"LOGFILE" | b"ALGORITHM" | b"UNDO" | b"FULLTEXT" | b"SPATIAL" | b"RESOURCE" => {
                Stage::Plain
            }
            _ => Stage::Kind,
        };
    }

    fn header_word(&mut self, header: Header, keyword: &[u8], start: usize) {
        if self.parentheses > 0 {
            return;
        }
        match (header, keyword) {
            (Header::Event, b"DO") => self.enter_body(),
            (Header::Trigger, b"ROW") => self.stage = Stage::TriggerOrder,
            (Header::Routine | Header::Package, b"AS" | b"IS")
                if self.product == Product::Mariadb =>
            {
                self.blocks.push((Block::Declarations, start));
                self.enter_body();
            }
            (
                Header::Routine,
                b"BEGIN" | b"IF" | b"CASE" | b"LOOP" | b"WHILE" | b"REPEAT" | b"FOR",
            ) => {
                self.enter_body();
                self.body_word(keyword, start);
            }
            (
                Header::Routine,
                b"SELECT" | b"SET" | b"INSERT" | b"UPDATE" | b"DELETE" | b"REPLACE" | b"CALL"
                | b"WITH" | b"DO" | b"DROP" | b"TRUNCATE" | b"SIGNAL" | b"SONAME",
            ) => self.stage = Stage::Body,
            (Header::Routine, b"RETURN") => self.stage = Stage::Return,
            _ => {}
        }
    }

    fn body_word(&mut self, keyword: &[u8], start: usize) {
        let at_statement = std::mem::take(&mut self.at_statement);
        let after_end = std::mem::take(&mut self.after_end);
        self.after_first_word = at_statement;
        let may_open = at_statement || self.inner == Inner::Handler;
        let top = self.blocks.last().map(|(block, _)| *block);
        if at_statement {
            self.inner = match keyword {
                b"DECLARE" => Inner::Declare,
                b"FUNCTION" | b"PROCEDURE" => Inner::Routine,
                // The BEGIN of a routine in a package that has declarations before it.
                _ if self.inner == Inner::Routine => Inner::Routine,
                _ => Inner::Other,
            };
        }
        match keyword {
            b"BEGIN" if may_open => self.begin(top, start),
            b"IF" | b"CASE" | b"LOOP" | b"WHILE" | b"REPEAT" | b"FOR" if after_end => {}
            b"IF" | b"CASE" | b"LOOP" | b"WHILE" | b"FOR" | b"REPEAT" if may_open => {
                // The FOR of the handler itself comes before its conditions.
                if keyword == b"FOR" && !at_statement {
                    return;
                }
                let block = if keyword == b"REPEAT" {
                    Block::Repeat
                } else {
                    Block::Control
                };
                self.blocks.push((block, start));
                self.inner = Inner::Other;
                self.at_statement = matches!(keyword, b"LOOP" | b"REPEAT");
            }
            b"CASE" => self.blocks.push((Block::CaseExpression, start)),
            b"THEN" | b"ELSE" if top != Some(Block::CaseExpression) => self.at_statement = true,
            b"DO" if !at_statement => self.at_statement = true,
            b"UNTIL" if at_statement && top == Some(Block::Repeat) => {
                if let Some((block, _)) = self.blocks.last_mut() {
                    *block = Block::RepeatUntil;
                }
            }
            b"END" if top == Some(Block::CaseExpression) => {
                self.blocks.pop();
            }
            b"END" if at_statement || top == Some(Block::RepeatUntil) => {
                self.blocks.pop();
                self.after_end = true;
            }
            b"HANDLER" if self.inner == Inner::Declare => self.inner = Inner::Handler,
            b"SET" | b"SELECT" | b"INSERT" | b"UPDATE" | b"DELETE" | b"CALL" | b"REPLACE"
                if self.inner == Inner::Handler =>
            {
                self.inner = Inner::Other;
            }
            b"AS" | b"IS" if self.inner == Inner::Routine && self.parentheses == 0 => {
                self.blocks.push((Block::Declarations, start));
                self.at_statement = true;
                self.inner = Inner::Other;
            }
            _ => {}
        }
    }

    fn begin(&mut self, top: Option<Block>, start: usize) {
        match self.blocks.last_mut() {
            Some((block, _)) if top == Some(Block::Declarations) => *block = Block::Begin,
            Some(_) | None => self.blocks.push((Block::Begin, start)),
        }
        self.at_statement = true;
        self.inner = Inner::Other;
    }
}
