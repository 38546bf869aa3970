//! What a format has to say about a project's files.

use crate::callback::Callback;
use crate::convert::{self, Portable, RenderInto, RenderedFile};
use crate::detection::Detection;
use crate::history::{At, History};
use crate::host_config::{HostConfig, HostSetting};
use crate::numbered;
use crate::script::Reads;
use crate::tool_lock::RowLock;
use shoring_core::{
    Applied, Diagnostic, Direction, Kind, Migration, MigrationPlan, MigrationSet, OrderKey,
    Product, Script, Span, TableName, Tree, TreeError,
};
use std::sync::Arc;

/// How the next version is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbering {
    /// One more than the last, with as many digits.
    Sequential,
    /// The time of writing, `YYYYMMDDHHMMSS` in UTC.
    Timestamp,
}

/// A file that `new` writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFile {
    /// Path in the tree.
    pub path: String,
    /// What to put in.
    pub content: String,
    /// Whether it is added to the end of a file that is there.
    pub is_added: bool,
}

/// Looks up a variable of the environment or of `.env`.
pub type Variables<'a> = &'a dyn Fn(&str) -> Option<HostSetting>;

/// Where a format looks.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The project's files.
    pub tree: &'a dyn Tree,
    /// The folder that was named; else the format looks where its tool does.
    pub folder: Option<&'a str>,
    /// The variables its tool would see. One that is set to nothing counts as not set.
    pub variables: Variables<'a>,
    /// The names of all of them, and of those that are set to nothing.
    pub variable_names: &'a [&'a str],
}

/// Up to where `up` goes when nobody says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DefaultTarget {
    /// To the last migration.
    All,
    /// To this version.
    Version(String),
    /// So many migrations further.
    Steps(usize),
}

/// Where a tool keeps its history table, as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryPlace {
    /// The schema; `None` where the session decides.
    pub schema: Option<String>,
    /// The table.
    pub name: String,
    /// Whether nobody named the schema, and the tool goes by a name of its own.
    pub is_usual_schema: bool,
}

/// What a first run makes of a schema with things in it and no history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FirstRun {
    /// It does not look.
    Anywhere,
    /// It refuses to touch it.
    EmptyOnly,
    /// It takes everything up to here as applied.
    Baseline(Box<Applied>),
}

impl HistoryPlace {
    /// `table` or `schema.table`.
    pub fn parse(text: &str) -> Self {
        let (schema, name) = match text.rsplit_once('.') {
            Some((schema, table)) => (Some(schema.to_owned()), table),
            None => (None, text),
        };
        Self::new(schema, name)
    }

    /// A table in a schema that somebody named, or wherever the session is.
    pub fn new(schema: Option<String>, name: impl Into<String>) -> Self {
        Self {
            schema,
            name: name.into(),
            is_usual_schema: false,
        }
    }
}

/// One tool's way of keeping migrations.
pub trait Format: Sync {
    /// The name given to `--format` and shown in JSON.
    fn name(&self) -> &'static str;

    /// The name for people, as in "native format".
    fn title(&self) -> &'static str;

    /// The files with variables that the tool reads beside the `.env` of the project's root, and after it: what is set there or
    /// in the environment counts before them.
    fn dotenv_files(&self, _tree: &dyn Tree) -> Vec<&'static str> {
        Vec::new()
    }

    /// Reads the tool's own configuration. What is wrong in it is a diagnostic; only an unreadable file is an error.
    fn configure(&self, _view: View<'_>) -> Result<HostConfig, TreeError> {
        Ok(HostConfig::default())
    }

    /// Looks for signs of this format.
    fn detect(&self, view: View<'_>, config: &HostConfig) -> Result<Option<Detection>, TreeError>;

    /// The folder of a new project.
    fn default_folder(&self) -> &'static str;

    /// Reads all of a folder, as [`Format::read_some`].
    fn read(
        &self,
        tree: &dyn Tree,
        folder: &str,
        config: &HostConfig,
    ) -> Result<MigrationSet, TreeError> {
        self.read_some(tree, folder, config, Reads::All)
    }

    /// Reads a folder. What is wrong in a file or a name is a diagnostic of the set; only an unreadable file is an error.
    fn read_some(
        &self,
        tree: &dyn Tree,
        folder: &str,
        config: &HostConfig,
        reads: Reads,
    ) -> Result<MigrationSet, TreeError>;

    /// Which of these rows, whose files are gone, tells of this migration's text under another name. Only where checksums are of
    /// the name, too: the others are compared as they are.
    fn row_of_old_name(
        &self,
        _tree: &dyn Tree,
        _migration: &Migration,
        _rows: &[&Applied],
    ) -> Result<Option<usize>, TreeError> {
        Ok(None)
    }

    /// What makes a migration again the one that is recorded in this row and whose file is gone, for people: it has its text.
    fn name_back(&self, _row: &Applied) -> String {
        "give the file its old name back".to_owned()
    }

    /// What makes a migration another one that has the text of one whose file is gone, where that can be meant.
    fn is_another(&self) -> Option<&'static str> {
        None
    }

    /// Where a version stands that is known by its text alone, from the journal or a user; `None` when it is no version of
    /// this format.
    fn order_of(&self, version: &str) -> Option<OrderKey>;

    /// The history table of this format.
    fn history(&self) -> &'static dyn History;

    /// Where the history table is, when the tool is told. `parameter` looks into the database URL.
    fn history_table(
        &self,
        config: &HostConfig,
        _parameter: &dyn Fn(&str) -> Option<String>,
    ) -> Option<HistoryPlace> {
        Some(HistoryPlace::parse(&config.table.as_ref()?.value))
    }

    /// What tells the tool that its history table is this one, for people.
    fn schema_setting(&self, table: &TableName) -> String {
        format!("name it in shoring.toml:  history_table = \"{table}\"")
    }

    /// The files of the next migration. `timestamp` is the time now as `YYYYMMDDHHMMSS`; `name` is what the user typed.
    /// Gives the version and the files, the one that applies first.
    fn new_files(&self, set: &MigrationSet, name: &str, timestamp: &str) -> (String, Vec<NewFile>);

    /// Whether [`HostConfig::facts`] matter when files are read.
    fn wants_facts(&self, _config: &HostConfig) -> bool {
        false
    }

    /// What a session is set to before anything is looked for, as the tool does it: what its driver sets, the schema that
    /// unqualified names are in, statements of the project's own. `scheme` is that of the database URL, where there is one.
    fn session_setup(
        &self,
        _config: &HostConfig,
        _product: Product,
        _scheme: Option<&str>,
    ) -> Vec<String> {
        Vec::new()
    }

    /// Up to where `up` goes when nobody says it.
    fn default_target(&self, _config: &HostConfig) -> DefaultTarget {
        DefaultTarget::All
    }

    /// What a first run makes of a schema with things in it and no history.
    fn first_run(&self, _config: &HostConfig) -> FirstRun {
        FirstRun::Anywhere
    }

    /// The schemas that the project says it lives in, the one of the history table first.
    fn schemas(&self, _config: &HostConfig) -> Vec<String> {
        Vec::new()
    }

    /// Whether those of them that are missing are made.
    fn makes_schemas(&self, _config: &HostConfig) -> bool {
        false
    }

    /// The scripts that run around migrations.
    fn callbacks(
        &self,
        _tree: &dyn Tree,
        _folder: &str,
        _config: &HostConfig,
    ) -> Result<Vec<Callback>, TreeError> {
        Ok(Vec::new())
    }

    /// Whether the tool, reading a folder, reads the folders below it too.
    fn reads_folders_below(&self) -> bool {
        false
    }

    /// Whether a project may be recognised by a file of this name.
    fn may_begin_with(&self, file: &str) -> bool {
        file.ends_with(".sql")
    }

    /// What a migration without a way back lacks, for people.
    fn way_back_name(&self) -> &'static str {
        "down file"
    }

    /// What gives a migration without a way back one, for people: `write 001_users.down.sql`.
    fn way_back(&self, migration: &Migration) -> String {
        format!("write {}", numbered::down_path(&migration.up.path))
    }

    /// What is wrong with running this project on this product: the tool's configuration says another.
    fn refuse_product(&self, _config: &HostConfig, _product: Product) -> Option<Diagnostic> {
        None
    }

    /// Whether the tool, too, runs as one transaction what is one here. `parameter` looks into the database URL.
    fn runs_whole(&self, _parameter: &dyn Fn(&str) -> Option<String>) -> bool {
        true
    }

    /// The configuration with what the history tells about the files, where nothing else does and they read otherwise with it.
    fn config_by_history(
        &self,
        _config: &HostConfig,
        _set: &MigrationSet,
        _applied: &[Arc<Applied>],
    ) -> Option<HostConfig> {
        None
    }

    /// The row that the tool itself locks, beside [`History::locks`]. `holder` says who takes it, for people.
    fn row_lock(&self, _config: &HostConfig, _at: At<'_>, _holder: &str) -> Option<RowLock> {
        None
    }

    /// What works here and would fail in the tool itself: it sends a file in another way. Warnings, so that a team can still
    /// go back.
    fn switch_back_warnings(&self, _plan: &MigrationPlan, _product: Product) -> Vec<Diagnostic> {
        Vec::new()
    }

    /// The stretches of a script's file that are the user's own SQL: everything but the marks of this tool. For `convert`.
    fn own_text(
        &self,
        _tree: &dyn Tree,
        script: &Script,
        _direction: Direction,
    ) -> Result<Vec<Span>, TreeError> {
        Ok(vec![convert::whole(script)])
    }

    /// The files of a migration as this tool's users would have written them. Read again, they have the same own text.
    fn render(&self, into: RenderInto<'_>, migration: &Portable) -> Vec<RenderedFile>;

    /// What the tool wants to find beside its migrations.
    fn render_beside(&self, _folder: &str, _product: Product) -> Vec<NewFile> {
        Vec::new()
    }

    /// Whether its files can say what such a migration is for.
    fn can_render(&self, kind: Kind) -> bool {
        matches!(kind, Kind::Versioned | Kind::Unordered)
    }

    /// Where a version stands among those of new files.
    fn order_in_files(&self, version: &str) -> Option<OrderKey> {
        self.order_of(version)
    }

    /// Whether a version may stand so in the name of a new file.
    fn accepts_version(&self, version: &str) -> bool {
        convert::is_number_up_to(version, i64::MAX as u128)
    }
}
