//! Making a [`Migrator`]: from settings, from a folder, from files compiled in.

use crate::context::{Connector, Context, Tuning};
use crate::error::{Error, ErrorKind, Result};
use crate::project::{
    EmbeddedFile, EmbeddedTree, FolderTree, ListedTree, Project, detect, tree_error,
};
use crate::request::{Commit, Identity, StopSignal};
use crate::settings::{HostVariables, Origin, Settings};
use shoring_core::event::Silent;
use shoring_core::{Dialect, Observer, Tree};
use shoring_db::DatabaseUrl;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Runs the migrations of one project on one database.
///
/// ```no_run
/// # async fn example() -> shoring::Result<()> {
/// let report = shoring::Migrator::from_dir("migrations").database("postgres://app@localhost/app").up(&Default::default()).await?;
/// println!("{} applied", report.ran.len());
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Migrator {
    pub(super) tree: Arc<dyn Tree>,
    /// Where `new` and `init` write; `None` for embedded migrations.
    pub(super) root: Option<PathBuf>,
    /// Where the seeds folder is.
    pub(super) seed_root: Option<PathBuf>,
    folder: Option<String>,
    /// Whether a missing folder is an error.
    requires_folder: bool,
    format: Option<String>,
    /// What the tool whose project this is would see.
    pub(super) variables: HostVariables,
    /// Whether only the configuration of that tool names the database.
    pub(super) has_database_of_tool: bool,
    /// Whether nothing names the database.
    has_default_database: bool,
    pub(super) tuning: Tuning,
    identity: Identity,
    pub(super) observer: Arc<dyn Observer>,
    stop: StopSignal,
    database: Database,
    connect_timeout: Duration,
}

#[derive(Clone)]
enum Database {
    Missing,
    Url(Box<DatabaseUrl>),
    /// The URL could not be read; the error waits for the first command that needs it.
    Unusable(Box<Error>),
}

impl Migrator {
    /// A migrator for a project's settings.
    pub fn new(settings: impl std::borrow::Borrow<Settings>) -> Self {
        let settings = settings.borrow();
        let project_root = settings.surroundings.root.clone();
        let (root, folder) = place_folder(
            &project_root,
            settings.dir.as_ref().map(|dir| dir.value.as_str()),
        );
        // A folder named on the command line or in the environment is meant; one in the settings file may be yet to come.
        let requires_folder = settings
            .dir
            .as_ref()
            .is_some_and(|dir| matches!(dir.origin, Origin::Flag | Origin::Environment(_)));
        let database = match settings.database_url() {
            Ok(url) => Database::Url(Box::new(url)),
            Err(error) => Database::Unusable(Box::new(error)),
        };
        Self {
            tree: Arc::new(FolderTree::new(&root)),
            root: Some(root),
            seed_root: Some(project_root),
            folder,
            requires_folder,
            format: settings.format.as_ref().map(|format| format.value.clone()),
            variables: settings.variables.clone(),
            has_database_of_tool: matches!(settings.database.origin, Origin::HostTool(_)),
            has_default_database: settings.database.origin == Origin::Default,
            tuning: Tuning {
                lock_wait: settings.lock_wait.value,
                lock_timeout: settings.lock_timeout.value,
                lock_attempts: settings.lock_attempts.value,
                journal: settings.journal.value,
                role: settings.role.as_ref().map(|role| role.value.clone()),
                history_table: settings
                    .history_table
                    .as_ref()
                    .map(|table| table.value.clone()),
                seeds: settings.seeds.value.clone(),
            },
            identity: settings.surroundings.identity.clone(),
            observer: Arc::new(Silent),
            stop: StopSignal::default(),
            database,
            connect_timeout: settings.connect_timeout.value,
        }
    }

    /// A migrator for a folder of migrations. Its parent is the project root.
    pub fn from_dir(folder: impl AsRef<Path>) -> Self {
        let folder = folder.as_ref();
        let name = folder
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let root = folder
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        Self::with_tree(
            Arc::new(FolderTree::new(root)),
            Some(root.to_path_buf()),
            name,
        )
    }

    /// A migrator for migrations compiled into the program by [`embed_migrations!`](crate::embed_migrations).
    pub fn from_embedded(files: &'static [EmbeddedFile]) -> Self {
        Self::with_tree(
            Arc::new(EmbeddedTree { files }),
            None,
            Some(EmbeddedTree::FOLDER.to_owned()),
        )
    }

    fn with_tree(tree: Arc<dyn Tree>, root: Option<PathBuf>, folder: Option<String>) -> Self {
        Self {
            tree,
            requires_folder: root.is_some(),
            seed_root: root.clone(),
            root,
            folder,
            format: None,
            variables: HostVariables::new(),
            has_database_of_tool: false,
            has_default_database: false,
            tuning: Tuning::default(),
            identity: Identity {
                os_user: "library".to_owned(),
                host: gethostname::gethostname().to_string_lossy().into_owned(),
                pid: std::process::id(),
                git: Commit::NONE,
                tool: concat!("shoring ", env!("CARGO_PKG_VERSION")).to_owned(),
            },
            observer: Arc::new(Silent),
            stop: StopSignal::default(),
            database: Database::Missing,
            connect_timeout: Duration::from_secs(10),
        }
    }

    /// The database to work on. Relative SQLite paths start at the project root.
    #[must_use]
    pub fn database(mut self, url: &str) -> Self {
        let base = self.root.clone().unwrap_or_else(|| PathBuf::from("."));
        self.has_default_database = false;
        self.database = match DatabaseUrl::parse(url, &base) {
            Ok(url) => Database::Url(Box::new(url)),
            Err(error) => Database::Unusable(Box::new(Error::new(
                ErrorKind::Usage,
                "bad-url",
                format!("the database URL cannot be read: {error}"),
            ))),
        };
        self
    }

    /// The format to read the folder as, instead of finding it out.
    #[must_use]
    pub fn format(mut self, name: impl Into<String>) -> Self {
        self.format = Some(name.into());
        self
    }

    /// Who is told what happens.
    #[must_use]
    pub fn observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observer = observer;
        self
    }

    /// How it can be stopped.
    #[must_use]
    pub fn stop_signal(mut self, stop: StopSignal) -> Self {
        self.stop = stop;
        self
    }

    /// Who runs this, for the journal.
    #[must_use]
    pub fn identity(mut self, identity: Identity) -> Self {
        self.identity = identity;
        self
    }

    /// The history table, `table` or `schema.table`.
    #[must_use]
    pub fn history_table(mut self, table: impl Into<String>) -> Self {
        self.tuning.history_table = Some(table.into());
        self
    }

    /// How long to wait for the migration lock.
    #[must_use]
    pub fn lock_wait(mut self, limit: Duration) -> Self {
        self.tuning.lock_wait = limit;
        self
    }

    /// How long one try of a statement may wait for a lock, and how many tries it has.
    #[must_use]
    pub fn lock_timeout(mut self, limit: Duration, attempts: u32) -> Self {
        self.tuning.lock_timeout = limit;
        self.tuning.lock_attempts = attempts.max(1);
        self
    }

    /// Keeps no journal and no lease: nothing but the history table is written. The price: a MySQL file that stopped
    /// half-way cannot go on, and a paused runner is not fenced off.
    #[must_use]
    pub fn without_journal(mut self) -> Self {
        self.tuning.journal = false;
        self
    }

    /// The project's files. A folder that was named and is not there is an error, not an empty project.
    pub(super) fn project(&self) -> Result<Project> {
        if let Some(folder) = self.folder.as_deref().filter(|_| self.requires_folder) {
            let (parent, name) = folder
                .trim_end_matches('/')
                .rsplit_once('/')
                .unwrap_or(("", folder));
            let folders = self
                .tree
                .folders(parent)
                .map_err(|error| tree_error(&error))?;
            if folder != "."
                && !folders
                    .iter()
                    .any(|found| found == name.trim_end_matches('/'))
            {
                // A loop of links, a file: there, and no folder.
                self.tree
                    .files(folder)
                    .map_err(|error| tree_error(&error))?;
                return Err(Error::new(
                    ErrorKind::Usage,
                    "no-such-folder",
                    format!("there is no folder `{folder}`"),
                )
                .state("Nothing was run and nothing was changed.")
                .next("name the folder of the migrations:  --dir DIR")
                .next("or begin one:  shoring new NAME"));
            }
        }
        self.new_project()
    }

    /// The project's files, which may be yet to come.
    pub(super) fn new_project(&self) -> Result<Project> {
        detect(
            Arc::new(ListedTree::new(Arc::clone(&self.tree))),
            self.folder.as_deref(),
            self.format.as_deref(),
            &self.variables,
        )?
        .for_database(self.named_dialect(), &self.variables)
    }

    /// What kind of database it is, where somebody named one.
    fn named_dialect(&self) -> Option<Dialect> {
        match &self.database {
            Database::Url(url) if !self.has_default_database => Some(url.dialect),
            Database::Url(_) | Database::Unusable(_) | Database::Missing => None,
        }
    }

    /// What commands carry along, with a way to reach the database.
    pub(super) fn context(&self) -> Result<Context> {
        let url = match &self.database {
            Database::Url(url) => (**url).clone(),
            Database::Unusable(error) => return Err((**error).clone()),
            Database::Missing => {
                return Err(
                    Error::new(ErrorKind::Usage, "no-database", "no database was given").next(
                        "call `database(url)` on the migrator, or use one of its `…_on` methods",
                    ),
                );
            }
        };
        let connector = Connector {
            url,
            timeout: self.connect_timeout,
            is_default: self.has_default_database,
        };
        Ok(self.context_with(Some(connector)))
    }

    pub(super) fn context_with(&self, connector: Option<Connector>) -> Context {
        Context {
            run: uuid::Uuid::now_v7().to_string(),
            connector,
            tuning: self.tuning.clone(),
            host: None,
            root: self.seed_root.clone(),
            identity: self.identity.clone(),
            observer: Arc::clone(&self.observer),
            stop: self.stop.clone(),
        }
    }
}

/// Where the tree of a project begins and what the migrations folder is called in it. A folder outside the project root is
/// the user's own choice: the tree then begins at its parent, and still nothing outside of that is read.
fn place_folder(root: &Path, folder: Option<&str>) -> (PathBuf, Option<String>) {
    let Some(folder) = folder else {
        return (root.to_path_buf(), None);
    };
    let path = Path::new(folder);
    let leads_out = path
        .components()
        .any(|part| part == std::path::Component::ParentDir);
    if path.is_relative() && !leads_out {
        let trimmed = folder.trim_start_matches("./").trim_end_matches('/');
        let inside = if trimmed.is_empty() { "." } else { trimmed };
        return (root.to_path_buf(), Some(inside.to_owned()));
    }
    let full = root.join(path);
    let full = full.canonicalize().unwrap_or(full);
    if let Ok(root) = root.canonicalize()
        && let Ok(inside) = full.strip_prefix(&root)
        && !inside.as_os_str().is_empty()
    {
        return (root, Some(inside.to_string_lossy().into_owned()));
    }
    let name = full
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let parent = full
        .parent()
        .map_or_else(|| full.clone(), Path::to_path_buf);
    (parent, name.or_else(|| Some(".".to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_may_stand_outside_the_root() {
        let root = tempfile::tempdir().unwrap();
        let real = root.path().canonicalize().unwrap();
        std::fs::create_dir_all(real.join("app/db/migrations")).unwrap();
        let app = real.join("app");
        let text = |path: &Path| path.to_string_lossy().into_owned();
        assert_eq!(place_folder(&app, None), (app.clone(), None));
        assert_eq!(
            place_folder(&app, Some("./db/migrations/")),
            (app.clone(), Some("db/migrations".to_owned()))
        );
        assert_eq!(
            place_folder(&app, Some(&text(&app.join("db/migrations")))),
            (app.clone(), Some("db/migrations".to_owned()))
        );
        assert_eq!(
            place_folder(
                &real.join("elsewhere"),
                Some(&text(&app.join("db/migrations")))
            ),
            (app.join("db"), Some("migrations".to_owned()))
        );
        assert_eq!(
            place_folder(&app.join("db"), Some("../db/migrations")),
            (app.join("db"), Some("migrations".to_owned()))
        );
    }
}
