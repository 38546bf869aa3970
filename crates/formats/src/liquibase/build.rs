//! Makes a migration of a changeset: its attributes, what is sent and how, its sums, its way back.

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
use std::collections::BTreeMap;
use std::ops::Range;

/// Collects the migrations.
pub(super) struct Builder {
    pub(super) parameters: Parameters,
    pub(super) product: Product,
    schema: Option<String>,
    pub(super) contexts: Vec<String>,
    pub(super) label_filter: String,
    strips: Option<bool>,
    pub(super) diagnostics: Vec<Diagnostic>,
    migrations: Vec<Migration>,
    /// File and line of each version.
    known: BTreeMap<String, (String, u64)>,
    /// Ways back that run another changeset: index, file, line, id, author, path.
    borrowed: Vec<(usize, String, u64, [String; 3])>,
}

impl Builder {
    pub(super) fn new(config: &HostConfig, settings: &Settings) -> Self {
        let product = config.facts.product.unwrap_or(settings.product);
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
        Self {
            parameters,
            product,
            schema: settings.default_schema.clone(),
            contexts: settings.contexts.clone(),
            label_filter: settings.label_filter.clone(),
            strips: settings.strips_comments,
            diagnostics: Vec::new(),
            migrations: Vec::new(),
            known: BTreeMap::new(),
            borrowed: Vec::new(),
        }
    }

    /// A file of SQL that is no changelog: the tool makes one changeset of it.
    pub(super) fn add_raw(&mut self, file: File<'_>, inherited: &Inherited) {
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
        let parameters = std::mem::take(&mut self.parameters);
        let added = self.add(file, &parameters, &written, inherited);
        self.parameters = parameters;
        if let Err(diagnostic) = added {
            self.diagnostics.push(*diagnostic);
        }
    }

    /// A changeset.
    pub(super) fn add(
        &mut self,
        file: File<'_>,
        parameters: &Parameters,
        written: &Written,
        inherited: &Inherited,
    ) -> Result<(), Box<Diagnostic>> {
        let lookup = parameters.lookup(file.names);
        let head = Head::read(file, written, &lookup, self.strips)?;
        let version = format!("{}::{}::{}", written.file_name, written.id, written.author);
        if let Some((path, line)) = self
            .known
            .insert(version.clone(), (file.path.to_owned(), written.line))
        {
            return Err(wrong(
                file.path,
                written.line,
                &written.head,
                &format!("the changeset `{version}` is there twice, first in {path}:{line}"),
                "give the one that was never applied another id",
            ));
        }
        let contexts = [inherited.contexts.as_slice(), head.context.as_slice()].concat();
        let labels = [inherited.labels.as_slice(), head.labels.as_slice()].concat();
        let sent = Sent::new(file.text, &written.sql, &lookup);
        let found = cuts(&sent.text, head.delimiter.as_ref());
        let mut up = self.script(file, written, &sent, &found, head.strips);
        if !head.runs_in_transaction {
            directive::without_transaction(
                &mut up,
                "runInTransaction:false",
                &mut self.diagnostics,
            );
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
        let mut migration = Migration {
            version: Version::new(version),
            name: String::new(),
            order: OrderKey::Numbers(vec![self.migrations.len() as u128 + 1]),
            kind: if head.runs_on_change {
                Kind::Repeatable
            } else {
                Kind::Unordered
            },
            checksums: checksums(&sent.text, written, &head, &mut attributes),
            down: self.way_back(file, written, &head, &lookup, &up),
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
        self.migrations.push(migration);
        Ok(())
    }

    /// The migrations, and what is wrong.
    pub(super) fn finish(mut self) -> (Vec<Migration>, Vec<Diagnostic>) {
        for (index, path, line, [id, author, file]) in std::mem::take(&mut self.borrowed) {
            let version = format!("{file}::{id}::{author}");
            let other = self
                .migrations
                .iter()
                .find(|migration| migration.version.as_str() == version)
                .map(|migration| migration.up.clone());
            match other {
                Some(up) => self.migrations[index].down = Some(up),
                None => self.diagnostics.push(*wrong(
                    &path,
                    line,
                    "",
                    &format!("there is no changeset `{version}` that could be run to roll back"),
                    "name it with changesetId, changesetAuthor and changesetPath",
                )),
            }
        }
        (self.migrations, self.diagnostics)
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

    /// What is sent of the changeset.
    fn script(
        &mut self,
        file: File<'_>,
        written: &Written,
        sent: &Sent,
        found: &Cuts,
        strips: bool,
    ) -> Script {
        let part = &file.text[written.part.clone()];
        let is_whole = written.line == 0;
        let position = Position {
            line: written.line + 1,
            column: 1,
        };
        let directives =
            directive::parse_head(file.path, part, position.line, &mut self.diagnostics);
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

    fn way_back(
        &mut self,
        file: File<'_>,
        written: &Written,
        head: &Head,
        lookup: &Lookup<'_>,
        up: &Script,
    ) -> Option<Script> {
        let sent = Sent::new(file.text, &written.rollback, lookup);
        let text = sent.text.trim();
        if text.is_empty() {
            return None;
        }
        let lower = text.to_lowercase();
        if lower.starts_with("not required") || lower.starts_with("empty") {
            return Some(up.nothing_of());
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
            let index = self.migrations.len();
            self.borrowed
                .push((index, file.path.to_owned(), written.line, other));
            return Some(up.nothing_of());
        }
        let found = cuts(&sent.text, head.rollback_delimiter.as_ref());
        let edits = sent.edits(file.text, written.part.clone(), &changes(&found, false));
        Some(Script {
            directives: Directives {
                compatible_with: None,
                ..up.directives.clone()
            },
            edits: Some(edits),
            ..up.clone()
        })
    }
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
