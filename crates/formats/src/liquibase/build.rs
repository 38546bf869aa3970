//! Makes a migration of a changeset: its attributes, what is sent and how, its sums, its way back. Nothing is remembered from
//! one to the next, so that many files are read at once; what they are together, [`Collected`](super::collect::Collected) knows.

use super::changelog::{File, Written, wrong};
use super::checksum::{self, Cutting};
use super::cutting::{Cuts, cuts};
use super::expression;
use super::head::Head;
use super::inherited::Inherited;
use super::line::{Value, attribute};
use super::name;
use super::parameters::{Lookup, Parameters};
use super::preconditions;
use super::sent::{Change, Sent};
use super::settings::Settings;
use crate::directive;
use crate::host_config::HostConfig;
use shoring_core::{
    Attributes, Checksum, Diagnostic, Directives, Kind, Migration, OrderKey, Part, Position,
    Product, Script, Span, Terms, Version,
};
use std::ops::Range;

/// What all changesets have in common.
pub(super) struct Builder {
    pub(super) product: Product,
    schema: Option<String>,
    pub(super) contexts: Vec<String>,
    pub(super) label_filter: String,
    strips: Option<bool>,
}

/// What was made of a changeset.
pub(super) struct Built {
    /// The migration, without its place in the order.
    pub(super) migration: Migration,
    /// The line it begins with, and its number.
    pub(super) head: String,
    pub(super) line: u64,
    /// Id, author and path of the other changeset that is its way back.
    pub(super) borrows: Option<[String; 3]>,
    /// What is odd about it.
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl Builder {
    pub(super) fn new(config: &HostConfig, settings: &Settings) -> Self {
        Self {
            product: config.facts.product.unwrap_or(settings.product),
            schema: settings.default_schema.clone(),
            contexts: settings.contexts.clone(),
            label_filter: settings.label_filter.clone(),
            strips: settings.strips_comments,
        }
    }

    /// What is known before the first changelog.
    pub(super) fn parameters(&self, config: &HostConfig, settings: &Settings) -> Parameters {
        let product = self.product;
        let mut parameters = Parameters::default();
        for (name, setting) in &config.values {
            parameters.set(name, &setting.value);
        }
        parameters.set("database.typeName", expression::product_name(product));
        parameters.set("database.databaseProductName", product.title());
        parameters.set("database.databaseChangeLogTableName", &settings.table);
        parameters.set(
            "database.databaseChangeLogLockTableName",
            &settings.lock_table,
        );
        if let Some(schema) = config
            .facts
            .schema
            .as_ref()
            .filter(|_| product == Product::Postgresql)
        {
            parameters.set("database.defaultSchemaName", schema);
        }
        parameters
    }

    /// A file of SQL that is no changelog: the tool makes one changeset of it.
    pub(super) fn raw(
        &self,
        file: File<'_>,
        parameters: &Parameters,
        inherited: &Inherited,
    ) -> Result<Built, Box<Diagnostic>> {
        let start = file.text.len() - file.text.trim_start_matches('\u{feff}').len();
        let written = Written {
            author: "includeAll".to_owned(),
            id: "raw".to_owned(),
            file_name: file.name.to_owned(),
            head: "stripComments:false splitStatements:false".to_owned(),
            line: 0,
            part: 0..file.text.len(),
            sql: stretches(file.text, start),
            rollback: Vec::new(),
            comment: String::new(),
            valid_checksums: Vec::new(),
            preconditions: None,
            questions: Vec::new(),
            is_last: false,
        };
        self.changeset(file, parameters, &written, inherited)
    }

    /// A changeset.
    pub(super) fn changeset(
        &self,
        file: File<'_>,
        parameters: &Parameters,
        written: &Written,
        inherited: &Inherited,
    ) -> Result<Built, Box<Diagnostic>> {
        let lookup = parameters.lookup(file.names);
        let head = Head::read(file, written, &lookup, self.strips)?;
        let version = format!("{}::{}::{}", written.file_name, written.id, written.author);
        let mut diagnostics = Vec::new();
        let contexts = [inherited.contexts.as_slice(), head.context.as_slice()].concat();
        let labels = [inherited.labels.as_slice(), head.labels.as_slice()].concat();
        let sent = Sent::new(file.text, &written.sql, &lookup);
        let found = cuts(&sent.text, head.delimiter.as_ref());
        let mut up = script(file, written, &sent, &found, head.strips, &mut diagnostics);
        if !head.runs_in_transaction {
            directive::without_transaction(&mut up, "runInTransaction:false", &mut diagnostics);
        }
        let mut attributes = Attributes::from([
            (name::ID, written.id.clone()),
            (name::AUTHOR, written.author.clone()),
            (name::FILE, written.file_name.clone()),
            (name::COMMENTS, written.comment.clone()),
            (
                Migration::SPELLINGS,
                format!(
                    "{id}\n{author}:{id}\n{id}::{author}",
                    id = written.id,
                    author = written.author
                ),
            ),
        ]);
        if !contexts.is_empty() {
            attributes.insert(name::CONTEXTS, joined_contexts(&contexts));
        }
        if !labels.is_empty() {
            attributes.insert(name::LABELS, labels.join(","));
        }
        match head.delimiter {
            Some(_) => note_cuts(&sent, &found, &mut attributes),
            None => drop(attributes.insert(name::WHOLE, String::new())),
        }
        let (down, borrows) = way_back(file, written, &head, &lookup, &up);
        let mut migration = Migration {
            version: Version::new(version),
            name: String::new(),
            order: OrderKey::Numbers(Vec::new()),
            kind: if head.runs_on_change {
                Kind::Repeatable
            } else {
                Kind::Unordered
            },
            checksums: checksums(&sent.text, written, &head, &mut attributes),
            down,
            up,
            attributes,
            program: None,
            terms: Terms {
                conditions: self.conditions(file, written, &lookup)?,
                passed_over: self.passed_over(&head, &contexts, &labels),
                runs_always: head.runs_always,
                may_fail: head.may_fail,
                refused: None,
            },
        };
        if let Some(down) = &mut migration.down {
            down.directives.compatible_with = None;
            down.directives.transaction = migration.up.directives.transaction;
        }
        Ok(Built {
            migration,
            head: written.head.clone(),
            line: written.line,
            borrows,
            diagnostics,
        })
    }

    fn conditions(
        &self,
        file: File<'_>,
        written: &Written,
        lookup: &Lookup<'_>,
    ) -> Result<Option<shoring_core::Conditions>, Box<Diagnostic>> {
        let questions: Vec<(String, String, u64)> = written
            .questions
            .iter()
            .map(|(kind, body, line)| (kind.to_lowercase(), lookup.expand(body), *line))
            .collect();
        preconditions::read(
            written.preconditions.as_deref(),
            &questions,
            written.line,
            self.product,
            self.schema.as_deref(),
        )
        .map_err(|found| wrong(file.path, found.line, "", &found.message, found.hint))
    }

    fn passed_over(&self, head: &Head, contexts: &[String], labels: &[String]) -> Option<String> {
        if head.is_ignored {
            return Some("it says ignore:true".to_owned());
        }
        if let Some(dbms) = &head.dbms
            && !expression::has_product(dbms, self.product)
        {
            return Some(format!("it is for {dbms}"));
        }
        if let Some(context) = contexts
            .iter()
            .find(|context| !expression::holds(context, &self.contexts))
        {
            return Some(format!("its context is `{context}`"));
        }
        let names = |list: &String| expression::names(list);
        let none = String::new();
        let each = if labels.is_empty() {
            std::slice::from_ref(&none)
        } else {
            labels
        };
        let list = each
            .iter()
            .find(|list| !expression::holds(&self.label_filter, &names(list)));
        list.map(|list| format!("its labels are `{list}`"))
    }
}

/// What is sent of the changeset.
fn script(
    file: File<'_>,
    written: &Written,
    sent: &Sent,
    found: &Cuts,
    strips: bool,
    diagnostics: &mut Vec<Diagnostic>,
) -> Script {
    let part = &file.text[written.part.clone()];
    let is_whole = written.line == 0;
    let position = Position {
        line: written.line + 1,
        column: 1,
    };
    let directives = directive::parse_head(file.path, part, position.line, diagnostics);
    let span = Span::new(written.part.start as u64, written.part.end as u64);
    Script {
        path: file.path.to_owned(),
        part: (!is_whole).then_some(Part { span, position }),
        size: part.len() as u64,
        checksum: Checksum::of(part.as_bytes()),
        directives,
        placeholders: None,
        edits: Some(sent.edits(file.text, written.part.clone(), &changes(found, strips))),
    }
}

/// The script that rolls it back, and the changeset that it is where it is another's.
fn way_back(
    file: File<'_>,
    written: &Written,
    head: &Head,
    lookup: &Lookup<'_>,
    up: &Script,
) -> (Option<Script>, Option<[String; 3]>) {
    let sent = Sent::new(file.text, &written.rollback, lookup);
    let text = sent.text.trim();
    if text.is_empty() {
        return (None, None);
    }
    let lower = text.to_lowercase();
    if lower.starts_with("not required") || lower.starts_with("empty") {
        return (Some(up.nothing_of()), None);
    }
    if lower.contains("changesetid") {
        let of = |name: &str| {
            attribute(text, name, Value::Text)
                .unwrap_or_default()
                .to_owned()
        };
        let path = attribute(text, "changesetPath", Value::Text);
        let path = path.map_or_else(|| file.name.to_owned(), super::paths::normalised);
        let other = [of("changeSetId"), of("changesetAuthor"), path];
        return (Some(up.nothing_of()), Some(other));
    }
    let found = cuts(&sent.text, head.rollback_delimiter.as_ref());
    let edits = sent.edits(file.text, written.part.clone(), &changes(&found, false));
    let down = Script {
        directives: Directives {
            compatible_with: None,
            ..up.directives.clone()
        },
        edits: Some(edits),
        ..up.clone()
    };
    (Some(down), None)
}

/// What of the text is changed: comments go, and every border is a `;` to the splitter.
fn changes(found: &Cuts, strips: bool) -> Vec<Change> {
    let comments = found
        .comments
        .iter()
        .filter(|_| strips)
        .map(|range| (range.clone(), ""));
    let borders = found
        .borders
        .iter()
        .filter(|border| !border.is_semicolon)
        .map(|border| (border.range.clone(), ";"));
    let mut changes: Vec<Change> = comments.chain(borders).collect();
    changes.sort_by_key(|(range, _)| range.start);
    changes
}

/// Where the tool cuts otherwise than we do, there are quotes that it does not know, or blocks that it does not count.
fn note_cuts(sent: &Sent, found: &Cuts, attributes: &mut Attributes) {
    let lower = sent.text.to_ascii_lowercase();
    if !["$", "begin", "\\"].iter().any(|word| lower.contains(word)) {
        return;
    }
    let cuts: Vec<String> = found
        .borders
        .iter()
        .map(|border| sent.place(border.range.start).to_string())
        .collect();
    attributes.insert(name::CUTS, cuts.join(" "));
}

/// The sums that a row may have, the one to write first.
fn checksums(
    sql: &str,
    written: &Written,
    head: &Head,
    attributes: &mut Attributes,
) -> Vec<Checksum> {
    let sql = sql.trim_matches(|c| c <= ' ');
    let is_slash_last = written.is_last && head.end_delimiter.is_none() && sql.ends_with("\n/");
    let cutting = Cutting {
        end_delimiter: if is_slash_last {
            Some("\n/$")
        } else {
            head.end_delimiter.as_deref()
        },
        splits: head.splits,
        strips: head.strips,
    };
    let mut sums = vec![checksum::current(sql)];
    sums.extend(checksum::older([8, 7], sql, cutting));
    if !head.runs_on_change {
        for valid in &written.valid_checksums {
            let is_any = ["any", "all", "*", "1:any", "1:all", "1:*"]
                .iter()
                .any(|word| valid.eq_ignore_ascii_case(word));
            if is_any || sums.contains(valid) {
                attributes.insert(name::ANY_CHECKSUM, String::new());
            }
            sums.push(valid.clone());
        }
    }
    sums.into_iter().map(Checksum::from_text).collect()
}

/// The contexts as the tool writes them down.
fn joined_contexts(contexts: &[String]) -> String {
    let each: Vec<String> = contexts
        .iter()
        .map(|context| {
            if context.contains([',', ' ']) {
                format!("({context})")
            } else {
                context.clone()
            }
        })
        .collect();
    each.join(" AND ")
}

/// All lines of a text from a byte on.
fn stretches(text: &str, start: usize) -> Vec<Range<usize>> {
    let mut all = Vec::new();
    let mut at = start;
    for end in memchr::memchr_iter(b'\n', text.as_bytes()).chain([text.len()]) {
        if end < at {
            continue;
        }
        let line = &text[at..end];
        let length = line.strip_suffix('\r').unwrap_or(line).len();
        all.push(at..at + length);
        all.push(end..(end + 1).min(text.len()));
        at = end + 1;
    }
    all
}
