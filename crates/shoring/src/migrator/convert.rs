//! `convert`: a project with its history in the files and the table of another tool. The old ones stay as they are.
//!
//! Files come first, then the rows in one transaction, then the settings file that says which format counts. A run that is
//! killed in between leaves the old format whole, and the next one goes on: files and rows that are there already are known
//! by what they say.

use super::build::Migrator;
use super::open::{Opened, facts, open};
use crate::context::Access;
use crate::convert::{Choices, Converted, already, convert, same_table};
use crate::error::{Error, ErrorKind, Result};
use crate::ledger::Beginning;
use crate::lock;
use crate::project::{
    CORRECT_IT, detect, replace_file, tree_error, write_new_file, write_new_file_from,
};
use crate::report::{ConvertReport, ConvertSide};
use crate::request::{Confirmation, ConvertRequest};
use crate::settings::{Edit, edited, needed};
use shoring_core::{Dialect, Direction, Late, State, Tree};
use shoring_formats::convert::TextReader;
use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

const CONFIG: &str = "shoring.toml";

impl Migrator {
    /// Tells the project and its history in another format, or shows what would be written.
    pub async fn convert(&self, request: &ConvertRequest) -> Result<ConvertReport> {
        let Some(root) = &self.root else {
            return Err(Error::new(
                ErrorKind::Usage,
                "embedded",
                "embedded migrations cannot be converted at run time",
            ));
        };
        let mut source = open(self.context()?, self.project()?, Access::Read).await?;
        let result = self.convert_from(&mut source, root, request).await;
        source.close().await;
        result
    }

    async fn convert_from(
        &self,
        source: &mut Opened,
        root: &Path,
        request: &ConvertRequest,
    ) -> Result<ConvertReport> {
        let converted = self.converted(source, request).await?;
        let mut context = self.context()?;
        context.tuning.history_table.clone_from(&request.into_table);
        let access = match (request.confirmation, source.ledger.found.exists) {
            (Confirmation::Confirmed, true) => Access::Write,
            // Without a history there is none to tell.
            _ => Access::Read,
        };
        let mut target = open(context, converted.project.clone(), access)
            .await
            .map_err(|error| {
                error.next("to use another table:  shoring convert --into-table NAME")
            })?;
        let result = self
            .convert_to(source, &mut target, &converted, root, request)
            .await;
        target.close().await;
        result
    }

    /// The project in its new files, none of them written yet.
    async fn converted(&self, source: &mut Opened, request: &ConvertRequest) -> Result<Converted> {
        let mut target = detect(
            Arc::clone(&source.project.tree),
            request.into.as_deref(),
            Some(&request.to),
            &self.variables,
        )?;
        let (from, to) = (source.ledger.found.format, target.best().format);
        if from.name() == to.name() {
            return Err(already(to));
        }
        source.refuse_to_convert()?;
        if to.wants_facts(&target.best().config)
            && let Some(session) = &mut source.session
        {
            target.learn(&facts(&source.context, session.as_mut()).await?);
        }
        let choices = Choices {
            has_named_folder: request.into.is_some(),
            expands_placeholders: request.expands_placeholders,
        };
        let product = source.server.product;
        convert(&source.project, from, &source.set, target, product, choices)
    }

    async fn convert_to(
        &self,
        source: &mut Opened,
        target: &mut Opened,
        converted: &Converted,
        root: &Path,
        request: &ConvertRequest,
    ) -> Result<ConvertReport> {
        let has_history = source.ledger.found.exists;
        if !target.ledger.found.exists && target.ledger.found.beginning.is_of_a_first_run() {
            // What a first run would begin with is told by the rows.
            target.ledger.found.beginning = Beginning::Anywhere;
            target.read_again().await?;
        }
        let table = &target.ledger.found.table.name;
        if *table == source.ledger.found.table.name {
            return Err(same_table(&table.to_string(), target.ledger.found.format));
        }
        let mut rows = source.rows_for(target, converted)?;
        let edits = self.edits(root, target, request)?;
        let mut report = ConvertReport {
            database: source.database(),
            from: side(source),
            to: side(target),
            files: converted
                .files
                .iter()
                .map(|file| file.path.clone())
                .collect(),
            known: converted.known,
            rows: rows.report(),
            known_rows: rows.known,
            settings: edits.iter().map(line_of).collect(),
            warnings: source.warnings_for(target, converted),
            applied: false,
            current: target.current(),
        };
        report.warnings.extend(self.warn_of_password(target)?);
        if request.confirmation == Confirmation::ShowOnly {
            return Ok(report);
        }
        let tree = Arc::clone(&source.project.tree);
        if has_history && !rows.new.is_empty() {
            let lock = target.lock().await?;
            let result = async {
                // Whoever holds the old tool's lock is writing what is read now.
                if let Some(session) = &mut source.session {
                    lock::wait_for_tool(session.as_mut(), &source.ledger, &source.context).await?;
                }
                source.read_again().await?;
                source.refuse_to_convert()?;
                rows = source.rows_for(target, converted)?;
                write_files(root, &tree, converted)?;
                let writes = target.convert_writes(&rows)?;
                target.write_records(&lock, "convert", &writes).await?;
                target.read_again().await?;
                target.check_converted(&rows)
            }
            .await;
            target.unlock(lock).await;
            result?;
        } else {
            write_files(root, &tree, converted)?;
        }
        write_settings(root, &edits)?;
        report.rows = rows.report();
        report.current = target.current();
        report.applied = true;
        Ok(report)
    }

    /// What the settings file has to say from now on.
    fn edits(&self, root: &Path, target: &Opened, request: &ConvertRequest) -> Result<Vec<Edit>> {
        if self.seed_root.as_deref() != Some(root) {
            // The migrations lie outside of the project.
            return Ok(Vec::new());
        }
        let candidate = target.project.best();
        let mut edits: Vec<Edit> = vec![
            ("format", Some(candidate.format.name().to_owned())),
            ("dir", Some(candidate.folder.clone())),
            ("history_table", request.into_table.clone()),
        ];
        if let Some(url) = self.database_to_keep(target)?.filter(|url| !is_masked(url)) {
            // Else the next command would not find the database any more.
            edits.push(("database", Some(url)));
        }
        let text = config_text(self.tree.as_ref())?;
        Ok(needed(&text, edits))
    }
}

impl Migrator {
    /// The database, without its password, where only the old tool's configuration names it.
    fn database_to_keep(&self, target: &Opened) -> Result<Option<String>> {
        if !self.has_database_of_tool || target.project.best().config.database.is_some() {
            return Ok(None);
        }
        Ok(Some(target.context.connector()?.shown()))
    }

    fn warn_of_password(&self, target: &Opened) -> Result<Option<String>> {
        let has_passwords = target.server.dialect() != Dialect::Sqlite;
        let url = self.database_to_keep(target)?.filter(|_| has_passwords);
        Ok(url.map(|url| {
            if is_masked(&url) {
                "only the old tool's configuration names the database, with a secret in its URL: set DATABASE_URL".to_owned()
            } else {
                "shoring.toml names the database from now on, without its password: if it has one, set SHORING_PASSWORD".to_owned()
            }
        }))
    }
}

/// Whether a URL lacks a value that is a secret.
fn is_masked(url: &str) -> bool {
    url.contains("=***")
}

impl Opened {
    /// What is other in the new format than it was.
    fn warnings_for(&self, target: &Self, converted: &Converted) -> Vec<String> {
        let (from, to) = (self.ledger.found.format, target.ledger.found.format);
        let mut warnings = Vec::new();
        if let Ok(callbacks) = self.project.callbacks(from) {
            warnings.extend(callbacks.iter().map(|callback| {
                format!(
                    "`{}` runs around migrations, and in {} nothing does: it is left out",
                    callback.migration.up.path,
                    to.name()
                )
            }));
        }
        let schemas = from.schemas(&self.project.candidate(from).config);
        if let Some(schema) = schemas.first() {
            warnings.push(format!(
                "{} works in the schema `{schema}` because its configuration says so; for {} the database URL has to say it",
                from.name(),
                to.name()
            ));
        }
        let late = self.reconciliation.in_state(State::OutOfOrder).next();
        if let Some(late) = late.filter(|_| target.set.policy.late == Late::Refuse) {
            warnings.push(format!(
                "{} is pending below an applied one, which stops {}: apply it before",
                late.id(),
                to.name()
            ));
        }
        let files = converted.files.iter();
        let new: BTreeSet<&str> = files.map(|file| file.path.as_str()).collect();
        let mut entries = target.reconciliation.entries.clone();
        entries.retain(|entry| {
            let migration = entry.migration.as_ref();
            migration.is_some_and(|migration| new.contains(migration.up.path.as_str()))
        });
        let analysed = target
            .refuse_misfits(&entries)
            .and_then(|()| target.analyse_all(&entries, Direction::Up));
        match analysed {
            Ok(plans) => warnings.extend(
                target
                    .switch_back_warnings(&plans)
                    .iter()
                    .map(ToString::to_string),
            ),
            Err(error) => warnings.push(error.to_string()),
        }
        warnings
    }
}

fn side(opened: &Opened) -> ConvertSide {
    let table = &opened.ledger.found.table.name;
    ConvertSide {
        format: opened.ledger.found.format.name(),
        dir: opened.set.folder.clone(),
        table: opened.session.as_ref().map(|_| table.to_string()),
    }
}

fn write_files(root: &Path, tree: &Arc<dyn Tree>, converted: &Converted) -> Result<()> {
    for file in &converted.files {
        let mut text = TextReader::new(Arc::clone(tree), file.pieces.clone());
        write_new_file_from(root, &file.path, &mut text)?;
    }
    Ok(())
}

fn config_text(tree: &dyn Tree) -> Result<String> {
    if !tree.has_file(CONFIG) {
        return Ok(String::new());
    }
    let mut text = String::new();
    tree.open(CONFIG)
        .map_err(|error| tree_error(&error))?
        .read_to_string(&mut text)
        .map_err(|error| {
            Error::new(
                ErrorKind::Usage,
                "unreadable-file",
                format!("cannot read `{CONFIG}`: {error}"),
            )
            .next(CORRECT_IT)
        })?;
    Ok(text)
}

fn write_settings(root: &Path, edits: &[Edit]) -> Result<()> {
    if edits.is_empty() {
        return Ok(());
    }
    let path = root.join(CONFIG);
    match std::fs::read_to_string(&path) {
        Ok(text) => replace_file(root, CONFIG, &edited(&text, edits)?),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            write_new_file(root, CONFIG, &edited("", edits)?)
        }
        Err(error) => Err(Error::new(
            ErrorKind::Usage,
            "unreadable-file",
            format!("cannot read `{CONFIG}`: {error}"),
        )),
    }
}

/// `format = "goose"`, or the key alone where it goes.
fn line_of((key, value): &Edit) -> String {
    match value {
        Some(value) => format!("{key} = {value:?}"),
        None => format!("{key} is taken out"),
    }
}
