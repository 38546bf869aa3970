//! Connections that cannot be had.

use shoring_core::Dialect;
use shoring_db::{ConnectOptions, DatabaseUrl, DbError, DbErrorKind};
use shoring_testkit::TestDatabase;
use std::path::Path;

pub(crate) const CANARY: &str = "c4nary-Z9Q8";

pub(crate) async fn refused(text: &str, options: &ConnectOptions) -> DbError {
    let url = DatabaseUrl::parse(text, Path::new("/")).unwrap();
    let Err(error) = shoring_db::connect(&url, options).await else {
        panic!("{url:?} was expected to be refused");
    };
    assert!(!format!("{error} {error:?}").contains("c4na"), "{error:?}");
    error
}

pub(crate) fn scheme(db: &TestDatabase) -> &'static str {
    db.engine.pick("postgres", "mysql", "sqlite")
}

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql, sqlite]

    async fn a_wrong_login_or_database_is_told_as_such(db: TestDatabase) {
        let options = TestDatabase::options();
        if db.engine.dialect() == Dialect::Sqlite {
            let missing = db.file().with_file_name("missing.db");
            let options = ConnectOptions { create: false, ..options };
            let error = refused(&format!("sqlite://{}", missing.display()), &options).await;
            assert_eq!(error.kind, DbErrorKind::Unreachable, "{error:?}");
            assert!(!missing.exists());
            return;
        }
        let scheme = scheme(&db);
        let port = db.server().port();
        let name = &db.name;
        let error = refused(&format!("{scheme}://nobody:{CANARY}@127.0.0.1:{port}/{name}"), &options).await;
        assert_eq!(error.kind, DbErrorKind::Authentication, "{error:?}");
        let error = refused(&format!("{scheme}://nobody@127.0.0.1:{port}/{name}"), &options).await;
        assert_eq!(error.kind, DbErrorKind::Authentication, "{error:?}");
        let text = db.url_text().replace(name.as_str(), "no_such_database");
        let error = refused(&text, &options).await;
        assert_eq!(error.kind, DbErrorKind::Authentication, "{error:?}");
        assert!(error.message.contains("no_such_database"), "{error:?}");
    }
}
