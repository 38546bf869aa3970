//! What every command begins with: read the files, connect, find the history, compare.

use super::around::Around;
use crate::context::{Access, Context, Host};
use crate::database_error::query_error;
use crate::error::{Error, ErrorKind, Result};
use crate::execute::execute_one;
use crate::ledger::{
    Beginning, FoundHistory, Ledger, Snapshot, WantedHistory, find_history, look_at_ground,
};
use crate::project::{FilesBeingRead, Project, tree_error};
use crate::report::DatabaseInfo;
use shoring_core::{MigrationPlan, MigrationSet, OrderKey, Product, Server, State, TableName};
use shoring_db::Session;
use shoring_formats::DatabaseFacts;
use shoring_formats::script::Reads;
use shoring_plan::{Reconciliation, reconcile};
use shoring_sql::split::SplitOptions;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A project and its database, read and compared.
pub(super) struct Opened {
    pub context: Context,
    pub project: Project,
    pub set: Arc<MigrationSet>,
    /// `None` for an SQLite file that does not exist and may not be made.
    pub session: Option<Box<dyn Session>>,
    /// The server, or what it will be.
    pub server: Server,
    pub ledger: Ledger,
    pub snapshot: Snapshot,
    pub reconciliation: Reconciliation,
    /// What was analysed before the lock was taken. It is taken out, not copied: there may be ten thousand.
    pub analysed: Mutex<Analysed>,
    /// The scripts that run around what runs.
    pub around: Around,
}

/// Plans by their migrations. One holds for as long as the file is the same.
pub(super) type Analysed = BTreeMap<OrderKey, MigrationPlan>;

/// Plans by their migrations.
pub(super) fn by_order(plans: Vec<MigrationPlan>) -> Analysed {
    plans
        .into_iter()
        .map(|plan| (plan.migration.order.clone(), plan))
        .collect()
}

impl Opened {
    pub(super) fn database(&self) -> DatabaseInfo {
        self.context
            .database(self.session.as_ref().map(|session| session.server()))
    }

    /// What was analysed and is not taken out yet.
    pub(super) fn analysed(&self) -> MutexGuard<'_, Analysed> {
        self.analysed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The highest applied version.
    pub(super) fn current(&self) -> Option<String> {
        self.reconciliation
            .current()
            .map(|entry| entry.version().to_owned())
    }

    /// Reads history and journal again, after the lock was taken or something was written.
    pub(super) async fn read_again(&mut self) -> Result<()> {
        if let Some(session) = &mut self.session {
            (self.snapshot, self.reconciliation) =
                compare(&self.project, &self.set, &self.ledger, session.as_mut()).await?;
        }
        Ok(())
    }

    /// Whether every file is applied and unchanged, and nothing else is to be told.
    pub(super) fn is_all_applied(&self) -> bool {
        let entries = &self.reconciliation.entries;
        entries
            .iter()
            .all(|entry| matches!(entry.state, State::Applied | State::Baseline))
    }

    /// Reads what was only known to be there.
    pub(super) fn read_all_files(&mut self) -> Result<()> {
        self.project.reads = Reads::All;
        let set = self.project.read(self.ledger.found.format)?;
        self.reconciliation = side_by_side(&self.project, &self.ledger, &set, &self.snapshot)?;
        self.set = Arc::new(set);
        Ok(())
    }

    /// Connects again after the link was lost, and reads again.
    pub(super) async fn reconnect(&mut self) -> Result<()> {
        let mut session = self.context.connect(Access::Write).await?;
        act_as_role(&self.context, session.as_mut()).await?;
        self.session = Some(session);
        self.read_again().await
    }

    pub(super) async fn close(self) {
        if let Some(session) = self.session {
            drop(session.close().await);
        }
    }
}

impl Opened {
    /// How the files are read at their beginning.
    pub(super) fn split_options(&self) -> SplitOptions {
        self.session.as_ref().map_or_else(
            || SplitOptions::for_product(self.server.product),
            |session| session.split_options(),
        )
    }
}

/// Opens a project on a database. With [`Access::Read`] nothing is created.
pub(super) async fn open(mut context: Context, project: Project, access: Access) -> Result<Opened> {
    context.host = Some(host_of(&project));
    let is_missing = context
        .connector
        .as_ref()
        .is_some_and(crate::context::Connector::is_missing_file);
    if is_missing {
        refuse_default_database(&context, &project)?;
    }
    if is_missing && access == Access::Read {
        return open_missing(context, project);
    }
    // The files are read while the server answers.
    let files = FilesBeingRead::start(&project);
    let session = context.connect(access).await?;
    open_with(context, project, session, files)
        .await
        .map_err(|(_, error)| error)
}

/// The default is for new projects. One that another tool has run until now has a database somewhere: to be silent would be to
/// tell that nothing of it is applied, and `up` would begin it from the start in a new file.
fn refuse_default_database(context: &Context, project: &Project) -> Result<()> {
    let candidate = project.best();
    // A format that was named may be that of a new project.
    let is_new = project.is_format_given || candidate.is_without_tool();
    if !context.connector()?.is_default || is_new {
        return Ok(());
    }
    project.decided()?;
    let mut error = Error::new(
        ErrorKind::Usage,
        "no-database",
        format!(
            "nothing says where the database of this {} is",
            candidate.format.title()
        ),
    );
    if let Some(variable) = &candidate.config.database_variable {
        error = error.note(format!(
            "its configuration reads it from {variable}, which is not set"
        ));
    }
    Err(error
        .state("Nothing was run and nothing was changed.")
        .next("name it:  export DATABASE_URL=postgres://app@localhost/app")
        .next("or for one command:  shoring --database URL status"))
}

/// Opens a project to write records. A new SQLite file is made only when `check` finds nothing to refuse.
pub(super) async fn open_to_write(
    context: Context,
    project: Project,
    check: impl FnOnce(&Opened) -> Result<()>,
) -> Result<Opened> {
    if context.connector()?.is_missing_file() {
        check(&open(context.clone(), project.clone(), Access::Read).await?)?;
    }
    open(context, project, Access::Write).await
}

/// Opens a project on a session that is already there. A refusal gives the session back.
pub(super) async fn open_on(
    context: Context,
    project: Project,
    session: Box<dyn Session>,
) -> std::result::Result<Opened, (Box<dyn Session>, Error)> {
    let files = FilesBeingRead::start(&project);
    open_with(context, project, session, files).await
}

async fn open_with(
    mut context: Context,
    mut project: Project,
    mut session: Box<dyn Session>,
    files: FilesBeingRead,
) -> std::result::Result<Opened, (Box<dyn Session>, Error)> {
    context.host = Some(host_of(&project));
    let (set, ledger, snapshot, reconciliation) =
        match look(&context, &mut project, session.as_mut(), files).await {
            Ok(seen) => seen,
            Err(error) => return Err((session, error)),
        };
    Ok(Opened {
        context,
        project,
        set: Arc::new(set),
        server: session.server().clone(),
        session: Some(session),
        ledger,
        snapshot,
        reconciliation,
        analysed: Mutex::default(),
        around: Around::default(),
    })
}

/// The tool whose project it most likely is.
fn host_of(project: &Project) -> Host {
    let best = project.best();
    Host {
        format: best.format,
        config: best.config.clone(),
    }
}

/// Before anything is looked for: the role decides what is seen, and to whom what is made belongs.
async fn act_as_role(context: &Context, session: &mut dyn Session) -> Result<()> {
    let product = session.server().product;
    let mut setup: Vec<String> = context.tuning.set_role(product).into_iter().collect();
    setup.extend(context.session_setup(product));
    if !setup.is_empty() {
        let topology = session
            .topology()
            .await
            .map_err(|error| query_error(&error))?;
        // Behind a pooler it would stay on a connection that others get next: there each transaction sets it.
        if topology.pooler.is_none() {
            for sql in setup {
                match execute_one(session, &sql).await {
                    // MySQL: a database that is to be made.
                    Err(error) if error.code.as_deref() == Some("1049") => {}
                    result => drop(result.map_err(|error| query_error(&error))?),
                }
            }
        }
    }
    Ok(())
}

async fn look(
    context: &Context,
    project: &mut Project,
    session: &mut dyn Session,
    mut files: FilesBeingRead,
) -> Result<(MigrationSet, Ledger, Snapshot, Reconciliation)> {
    act_as_role(context, session).await?;
    if files.waits_for_facts() {
        project.learn(&facts(context, session).await?);
        files = FilesBeingRead::start(project);
    }
    let wanted = wanted_histories(context, project);
    let mut found = find_history(session, &wanted, project.is_only_named()).await?;
    if !found.exists {
        project.decided_without_history()?;
    }
    let product = session.server().product;
    let config = &project.candidate(found.format).config;
    if let Some(diagnostic) = found.format.refuse_product(config, product) {
        return Err(Error::from_diagnostic(ErrorKind::Usage, diagnostic)
            .state("Nothing was run and nothing was changed."));
    }
    found.beginning = look_at_ground(session, &found, config).await?;
    if project.candidate(found.format).waits_for_facts() {
        project.learn(&facts(context, session).await?);
    }
    let mut set = files.read_as(found.format, project).await?;
    let ledger = Ledger::new(found, session.server().product, context.tuning.journal);
    let (mut snapshot, mut reconciliation) = compare(project, &set, &ledger, session).await?;
    if project.learn_from_history(ledger.found.format, &set, &snapshot.applied) {
        set = project.read(ledger.found.format)?;
        (snapshot, reconciliation) = compare(project, &set, &ledger, session).await?;
    }
    Ok((set, ledger, snapshot, reconciliation))
}

/// What scripts may ask about the database.
pub(super) async fn facts(context: &Context, session: &mut dyn Session) -> Result<DatabaseFacts> {
    let server = session.server().product;
    let sql = match server {
        Product::Postgresql => {
            "SELECT pg_catalog.current_database(), pg_catalog.current_schema(), current_user"
        }
        Product::Mysql | Product::Mariadb => {
            "SELECT DATABASE(), DATABASE(), SUBSTRING_INDEX(USER(), '@', 1)"
        }
        Product::Sqlite => "SELECT 'main', 'main', ''",
    };
    let rows = session
        .query(sql)
        .await
        .map_err(|error| query_error(&error))?;
    let text = |column| rows.first().and_then(|row| row.text(column));
    Ok(DatabaseFacts {
        product: Some(server),
        database: text(0).filter(|_| server != Product::Sqlite),
        schema: text(1),
        user: text(2),
        now: Some(jiff::Zoned::now().strftime("%Y-%m-%d %H:%M:%S").to_string()),
        root: context
            .root
            .as_ref()
            .map(|root| root.to_string_lossy().into_owned()),
    })
}

/// Reads history and journal and compares them with the files.
async fn compare(
    project: &Project,
    set: &MigrationSet,
    ledger: &Ledger,
    session: &mut dyn Session,
) -> Result<(Snapshot, Reconciliation)> {
    let mut snapshot = ledger.read(session, set).await?;
    let mut reconciliation = side_by_side(project, ledger, set, &snapshot)?;
    // Asked for only where it decides something: it costs a round trip.
    if reconciliation.is_ahead_of_files() {
        snapshot.view.compatible = ledger.read_compatible(session).await?;
        reconciliation = side_by_side(project, ledger, set, &snapshot)?;
    }
    Ok((snapshot, reconciliation))
}

fn side_by_side(
    project: &Project,
    ledger: &Ledger,
    set: &MigrationSet,
    snapshot: &Snapshot,
) -> Result<Reconciliation> {
    let mut reconciliation = reconcile(set, &snapshot.applied, &snapshot.view);
    let (format, tree) = (ledger.found.format, project.tree.as_ref());
    reconciliation
        .find_renamed_by(|migration, rows| format.row_of_old_name(tree, migration, rows))
        .map_err(|error| tree_error(&error))?;
    Ok(reconciliation)
}

/// Where the history of each candidate format would be.
fn wanted_histories(context: &Context, project: &Project) -> Vec<WantedHistory> {
    project
        .candidates
        .iter()
        .map(|candidate| {
            WantedHistory::of(
                candidate,
                context.tuning.history_table.as_deref(),
                &|name| context.url_parameter(name),
            )
        })
        .collect()
}

fn open_missing(context: Context, mut project: Project) -> Result<Opened> {
    let format = project.decided()?.format;
    project.learn(&DatabaseFacts {
        product: Some(Product::Sqlite),
        schema: Some("main".to_owned()),
        user: Some(String::new()),
        ..DatabaseFacts::default()
    });
    let set = project.read(format)?;
    let name = match wanted_histories(&context, &project).into_iter().next() {
        Some(wanted) => wanted.name_on(Product::Sqlite),
        None => format.history().default_table().to_owned(),
    };
    let found = FoundHistory {
        format,
        table: format.history().shape(&TableName::new(None, name)),
        exists: false,
        has_runs: false,
        has_steps: false,
        has_journal: false,
        has_lock: false,
        beginning: Beginning::Anywhere,
        elsewhere: Vec::new(),
        lacks_compatible_with: false,
    };
    let server = Server {
        product: Product::Sqlite,
        version: shoring_db::sqlite::library_version(),
    };
    let ledger = Ledger::new(found, Product::Sqlite, context.tuning.journal);
    let snapshot = Snapshot::default();
    let reconciliation = reconcile(&set, &[], &snapshot.view);
    Ok(Opened {
        context,
        project,
        set: Arc::new(set),
        session: None,
        server,
        ledger,
        snapshot,
        reconciliation,
        analysed: Mutex::default(),
        around: Around::default(),
    })
}
