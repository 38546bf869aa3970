//! golang-migrate.

use crate::round_trip::{Tool, round_trips};
use crate::site::Site;
use shoring_core::Dialect;

const GOLANG_MIGRATE: Tool = Tool {
    name: "golang-migrate",
    format: "golang-migrate",
    prepare: |site| {
        site.write(
            "go.mod",
            "module app\n\nrequire github.com/golang-migrate/migrate/v4 v4.20.1\n",
        );
        let url = url(site);
        site.set("DATABASE_URL", url);
    },
    files: |step| {
        let stem = format!("migrations/{:03}_{}", step.number, step.name);
        vec![
            (format!("{stem}.up.sql"), step.up.clone()),
            (format!("{stem}.down.sql"), step.down.clone()),
        ]
    },
    up: |site| {
        let url = url(site);
        ["-path", "migrations", "-database", url.as_str(), "up"]
            .map(str::to_owned)
            .to_vec()
    },
    check: |site| {
        let url = url(site);
        let said = site.run(&["-path", "migrations", "-database", &url, "version"]);
        assert_eq!(said.trim(), crate::project::COUNT.to_string());
    },
    converted: None,
    history: |_| "SELECT version, dirty FROM schema_migrations",
};

fn url(site: &Site) -> String {
    let name = &site.db.name;
    match site.db.engine.dialect() {
        Dialect::Postgresql => {
            format!(
                "postgres://{}/{name}?sslmode=disable",
                site.login().authority
            )
        }
        Dialect::Mysql => {
            let login = site.login();
            format!(
                "mysql://{}:{}@tcp({}:{})/{name}?multiStatements=true",
                login.user, login.password, login.host, login.port
            )
        }
        Dialect::Sqlite => format!("sqlite://{}", site.db.file().display()),
    }
}

round_trips!(
    GOLANG_MIGRATE,
    [postgresql Postgresql, mariadb Mariadb, sqlite Sqlite],
    races on [postgresql Postgresql, mariadb Mariadb]
);
