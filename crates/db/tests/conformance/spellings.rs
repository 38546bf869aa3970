//! The same database under every spelling of its URL.

use crate::support::text;
use shoring_core::Dialect;
use shoring_db::{DatabaseUrl, Host};
use shoring_testkit::TestDatabase;
use std::path::Path;

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql, sqlite]

    async fn every_spelling_leads_to_the_database(db: TestDatabase) {
        let name = &db.name;
        let texts = if db.engine.dialect() == Dialect::Sqlite {
            let path = db.file().display().to_string();
            vec![
                path.clone(),
                format!("sqlite:{path}"),
                format!("sqlite://{path}"),
                format!("sqlite3:{path}"),
                format!("file:{path}"),
                format!("file:{path}?mode=rwc"),
                format!("jdbc:sqlite:{path}"),
                format!("sqlite+aiosqlite:///{path}"),
            ]
        } else {
            let admin = db.server().admin();
            let user = admin.user.clone().unwrap();
            let password = admin.password.as_ref().unwrap().reveal().to_owned();
            let Host::Tcp(host, port) = &admin.hosts[0] else { panic!("the test server's URL names a host") };
            let socket = db.server().socket().display().to_string();
            if db.engine.dialect() == Dialect::Postgresql {
                let encoded = socket.replace('/', "%2F");
                vec![
                    format!("postgres://{user}:{password}@{host}:{port}/{name}"),
                    format!("postgresql+psycopg2://{user}:{password}@{host}:{port}/{name}"),
                    format!("jdbc:postgresql://{host}:{port}/{name}?user={user}&password={password}"),
                    format!("host={host} port={port} dbname={name} user={user} password='{password}'"),
                    format!("postgres://{user}:{password}@127.0.0.1:1,{host}:{port}/{name}?target_session_attrs=read-write"),
                    format!("postgres://{user}@/{name}?host={socket}&port={port}"),
                    format!("postgres://{user}@{encoded}:{port}/{name}?sslmode=verify-full"),
                    format!("host={socket} port={port} dbname={name} user={user}"),
                    format!("postgres://{user}:{password}@{host}:{port}/{name}?options=-c%20work_mem%3D1MB&application_name=x&connect_timeout=5"),
                ]
            } else {
                vec![
                    format!("mysql://{user}:{password}@{host}:{port}/{name}"),
                    format!("mariadb://{user}:{password}@{host}:{port}/{name}"),
                    format!("mysql+pymysql://{user}:{password}@{host}:{port}/{name}?charset=utf8mb4"),
                    format!("jdbc:mysql://{host}:{port}/{name}?user={user}&password={password}&useSSL=false"),
                    format!("jdbc:mariadb://{host}:{port}/{name}?user={user}&password={password}"),
                    format!("{user}:{password}@tcp({host}:{port})/{name}?parseTime=true"),
                    format!("{user}:{password}@unix({socket})/{name}"),
                    format!("mysql://{user}:{password}@localhost/{name}?socket={socket}"),
                ]
            }
        };
        for url in texts {
            let url = DatabaseUrl::parse(&url, Path::new("/")).unwrap();
            let mut session = shoring_db::connect(&url, &TestDatabase::options())
                .await
                .unwrap_or_else(|error| panic!("{url:?}: {error}"));
            if let Some(current) = db.engine.pick(Some("SELECT current_database()"), Some("SELECT database()"), None) {
                assert_eq!(text(&mut session, current).await, *name, "{url:?}");
            }
            session.close().await.unwrap();
        }
    }
}
