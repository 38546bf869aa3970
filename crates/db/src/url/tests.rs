//! Every spelling in a table, and the promise that a password is never shown.

use super::*;
use proptest::prelude::*;
use std::path::{Path, PathBuf};

fn parse(text: &str) -> Result<DatabaseUrl, UrlError> {
    DatabaseUrl::parse(text, Path::new("/base"))
}

#[test]
fn spellings_of_a_server() {
    for (text, redacted) in [
        (
            "postgres://app:pw@db:5432/app",
            "postgres://app@db:5432/app",
        ),
        ("postgresql://app@db/app", "postgresql://app@db:5432/app"),
        ("  postgres://app:pw@db/app\n", "postgres://app@db:5432/app"),
        ("POSTGRES://db/app", "postgres://db:5432/app"),
        ("postgresql+psycopg2://u:p@h/d", "postgresql://u@h:5432/d"),
        (
            "postgresql://u:p@h/d?schema=app",
            "postgresql://u@h:5432/d?schema=app",
        ),
        ("postgres://u:p@[::1]:6432/d", "postgres://u@[::1]:6432/d"),
        (
            "postgres://u@a,b:6000,c/d",
            "postgres://u@a:5432,b:6000,c:5432/d",
        ),
        ("postgres:///d?host=/run/pg", "postgres:///d?host=/run/pg"),
        (
            "postgres://%2Frun%2Fpg:6000/d",
            "postgres:///d?host=/run/pg&port=6000",
        ),
        ("postgres:///d", "postgres:///d"),
        ("postgres://", "postgres://"),
        ("postgres://h?user=u&password=p&port=7", "postgres://u@h:7"),
        ("postgres://h/d?sslpassword_=1&x", ""),
        (
            "jdbc:postgresql://h:1/d?user=u&password=p%40q",
            "postgresql://u@h:1/d",
        ),
        ("jdbc:postgresql:d", "postgresql:///d"),
        (
            "JDBC:mysql://h/d?user=u&useSSL=false",
            "mysql://u@h:3306/d?useSSL=false",
        ),
        ("jdbc:mariadb://h:3307/d", "mariadb://h:3307/d"),
        (
            "jdbc:postgresql://h/d?useSSL=false&myPool=3",
            "postgresql://h:5432/d",
        ),
        (
            "host=/run/pg dbname=x user=y",
            "postgres://y@/x?host=/run/pg",
        ),
        (
            "host = h  password = 'a b\\'c' dbname='my db'",
            "postgres://h:5432/my%20db",
        ),
        ("dbname=d", "postgres:///d"),
        (
            "user:pass@tcp(h:3306)/db?parseTime=true",
            "mysql://user@h:3306/db?parseTime=true",
        ),
        ("u:p:@/?#@tcp([::1]:1)/", "mysql://u@[::1]:1"),
        (
            "root@unix(/run/my.sock)/db",
            "mysql://root@/db?socket=/run/my.sock",
        ),
        (
            "mysql://u:p%40@tcp(h:1)/db?x-no-lock=1",
            "mysql://u@h:1/db?x-no-lock=1",
        ),
        ("mysql://u:p@h", "mysql://u@h:3306"),
        (
            "mysql://u:p@h/d?socket=/run/my.sock",
            "mysql://u@/d?socket=/run/my.sock",
        ),
        (
            "mysql+pymysql://u:p@h/d?charset=utf8mb4",
            "mysql://u@h:3306/d?charset=utf8mb4",
        ),
        ("mysql2://u:p@h/d", "mysql://u@h:3306/d"),
        (
            "postgres://u%40x:p@h/a%2Fb",
            "postgres://u%40x@h:5432/a%2Fb",
        ),
    ] {
        match parse(text) {
            Ok(url) => {
                assert_eq!(url.redacted(), redacted, "{text}");
                assert_eq!(format!("{url:?}"), redacted, "{text}");
            }
            Err(error) => assert!(redacted.is_empty(), "{text}: {error}"),
        }
    }
}

#[test]
fn spellings_of_sqlite() {
    let file = |path: &str| Some(SqliteLocation::File(PathBuf::from(path)));
    for (text, location, redacted) in [
        (
            "sqlite:shoring.db",
            file("/base/shoring.db"),
            "sqlite:shoring.db",
        ),
        (
            "sqlite://data/x.db",
            file("/base/data/x.db"),
            "sqlite:data/x.db",
        ),
        ("sqlite:///var/x.db", file("/var/x.db"), "sqlite:/var/x.db"),
        ("sqlite:////var/x.db", file("/var/x.db"), "sqlite:/var/x.db"),
        (
            "sqlite+aiosqlite:///x.db",
            file("/base/x.db"),
            "sqlite:x.db",
        ),
        ("sqlite+pysqlite:////x.db", file("/x.db"), "sqlite:/x.db"),
        ("sqlite3:x.db", file("/base/x.db"), "sqlite:x.db"),
        ("jdbc:sqlite:./x.db", file("/base/./x.db"), "sqlite:./x.db"),
        ("file:./dev.db", file("/base/./dev.db"), "sqlite:./dev.db"),
        (
            "file:///abs/my%20dev.db?mode=ro",
            file("/abs/my dev.db"),
            "sqlite:/abs/my dev.db?mode=ro",
        ),
        ("file://localhost/abs/x", file("/abs/x"), "sqlite:/abs/x"),
        ("x.sqlite3", file("/base/x.sqlite3"), "sqlite:x.sqlite3"),
        ("./x", file("/base/./x"), "sqlite:./x"),
        ("/srv/x", file("/srv/x"), "sqlite:/srv/x"),
        ("100%.db", file("/base/100%.db"), "sqlite:100%.db"),
        (":memory:", Some(SqliteLocation::Memory), "sqlite::memory:"),
        (
            "sqlite::memory:",
            Some(SqliteLocation::Memory),
            "sqlite::memory:",
        ),
        (
            "sqlite://:memory:",
            Some(SqliteLocation::Memory),
            "sqlite::memory:",
        ),
        (
            "file:x?mode=memory",
            Some(SqliteLocation::Memory),
            "sqlite::memory:?mode=memory",
        ),
    ] {
        let url = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(url.sqlite, location, "{text}");
        assert_eq!(url.redacted(), redacted, "{text}");
    }
}

#[test]
fn raw_passwords_are_read_where_they_can_mean_one_thing() {
    for (text, password, host) in [
        ("postgres://u:p@ss@h/d", "p@ss", "h"),
        ("postgres://u:p/s?s#@h:1/d", "p/s?s#", "h"),
        ("postgres://u:a:b@h", "a:b", "h"),
        ("postgres://u:100%@h", "100%", "h"),
        ("postgres://u:p^w@h/d?sslmode=disable", "p^w", "h"),
        ("postgres://u:p%40w@h/d?application_name=a@b", "p@w", "h"),
        ("postgres://u:x?y=z@h/d", "x?y=z", "h"),
        ("postgres://u:@h/d", "", "h"),
        ("mysql://u:1/2@h/d", "1/2", "h"),
        ("u:p@x)(@tcp(h:1)/d", "p@x)(", "h"),
    ] {
        let url = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(
            url.password.as_ref().map(Secret::reveal),
            Some(password),
            "{text}"
        );
        assert!(
            matches!(&url.hosts[0], Host::Tcp(name, _) if name == host),
            "{text}"
        );
    }
}

#[test]
fn errors_name_the_position_and_nothing_else() {
    for (text, expected) in [
        ("", "the database URL is empty"),
        ("postgress://u:secret@h/d", "did you mean `postgres`"),
        ("oracle://u:secret@h/d", "begins with no scheme"),
        ("u:secret@h/d", "neither a URL nor a path"),
        ("secret", "neither a URL nor a path"),
        ("postgres://u:se%40cr%zzet@h", "at character 21"),
        ("postgres://u:secret@h:x/d", "at character 23"),
        ("postgres://u:ü@h:x/d", "at character 18"),
        ("postgres://u:secret@h h/d", "at character 21"),
        (
            "postgres://h/d?user=u&password=secret&moresecret=1",
            "at character 39",
        ),
        (
            "postgres://h/d?sslmod=disable",
            "unknown parameter `sslmod`: did you mean `sslmode`?",
        ),
        (
            "jdbc:postgresql://h/d?sslmod=disable",
            "unknown parameter `sslmod`: did you mean `sslmode`?",
        ),
        ("postgres://h/d?useSSL=false", "unknown parameter `useSSL`"),
        (
            "jdbc:postgresql://h/d?user=u&password=secret&moresecret=1",
            "at character 46",
        ),
        (
            "postgres://h/d?sslmode=secret",
            "the URL parameter `sslmode` must be",
        ),
        (
            "postgres://h/d?service=secret",
            "`service` is not supported",
        ),
        ("postgres://h/d/e", "at position 15"),
        ("mysql://h/d?sslmood=1", "did you mean `ssl-mode`?"),
        ("host=h password='secret", "at character 17"),
        ("sqlite://u:secret@h/d", "names a server"),
        ("sqlite:", "names no file"),
        ("postgres://a,b,c/d?port=1,2", "one port for all hosts"),
        ("postgres:u:secret@h", "at position 10"),
    ] {
        let error = match parse(text) {
            Ok(url) => panic!("{text} was read as {url:?}"),
            Err(error) => error.to_string(),
        };
        assert!(error.contains(expected), "{text}: {error}");
        assert!(!error.contains("secr"), "{text}: {error}");
    }
}

#[test]
fn tls_modes_of_all_drivers() {
    use TlsMode::{Disable, Prefer, Require, VerifyCa, VerifyFull};
    for (text, mode) in [
        ("postgres://h", Prefer),
        ("postgres://h?sslmode=require", Require),
        ("postgres://h?sslmode=require&sslrootcert=ca.pem", VerifyCa),
        ("postgres://h?sslmode=verify-full", VerifyFull),
        ("postgres://h?sslrootcert=system", VerifyFull),
        ("jdbc:postgresql://h/d?ssl=true", VerifyFull),
        ("mysql://h", Prefer),
        ("mysql://h?ssl-mode=REQUIRED&ssl-ca=ca.pem", Require),
        ("mysql://h?ssl_mode=verify_identity", VerifyFull),
        ("mysql://h?sslMode=VERIFY_CA", VerifyCa),
        ("mysql://h?tls=skip-verify", Require),
        ("mysql://h?ssl-ca=ca.pem", VerifyCa),
        ("mysql://h?tls=true", VerifyFull),
        ("jdbc:mysql://h/d?useSSL=false", Disable),
        (
            "jdbc:mysql://h/d?useSSL=true&verifyServerCertificate=true",
            VerifyCa,
        ),
        ("mysql://h/d?sslaccept=strict&sslcert=ca.pem", VerifyCa),
    ] {
        assert_eq!(parse(text).unwrap().tls.mode, mode, "{text}");
    }
    let url = parse("postgres://h?sslrootcert=ca.pem&sslcert=c.pem&sslkey=/k.pem").unwrap();
    assert_eq!(
        url.tls.roots,
        TrustRoots::File(PathBuf::from("/base/ca.pem"))
    );
    assert_eq!(url.tls.key, Some(PathBuf::from("/k.pem")));
    assert!(parse("postgres://h?sslmode=require&sslrootcert=system").is_err());
}

#[test]
fn parameters_are_found_in_any_spelling() {
    let url =
        parse("postgres://h/d?currentSchema=a&application_name=b&application-name=c").unwrap();
    assert_eq!(url.parameter("current_schema"), Some("a"));
    assert_eq!(url.parameter("applicationName"), Some("c"));
    assert_eq!(url.parameter("options"), None);
}

fn encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        encoded.push_str(&format!("%{byte:02X}"));
        encoded
    })
}

/// Whether any four characters of the password, in either form, stand in the text.
fn leaks(text: &str, password: &str) -> bool {
    // What our own messages say anyway proves nothing.
    let characters: Vec<char> = password.chars().collect();
    characters.windows(4).any(|part| {
        let part: String = part.iter().collect();
        text.contains(&part) || text.contains(&encode(&part))
    })
}

/// Letters that our own messages do not use, and everything that means something in a URL.
const PASSWORD: &str = "[ZQXJK0-9@/?%^#:&=+\\[\\]., ~!$'\"\\\\()é漢]{4,24}";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn encoded_passwords_come_back(password in "[^\0]{0,24}", scheme in "postgres|mysql") {
        let text = format!("{scheme}://app:{}@db:5432/app", encode(&password));
        let url = parse(&text).unwrap();
        prop_assert_eq!(url.password.as_ref().map(Secret::reveal), Some(password.as_str()));
        prop_assert_eq!(url.redacted(), format!("{scheme}://app@db:5432/app"));
    }

    #[test]
    fn raw_passwords_never_leak(password in PASSWORD, shape in 0_usize..10) {
        let text = match shape {
            0 => format!("postgres://app:{password}@db:5432/app"),
            1 => format!("mysql://app:{password}@db/app?nope=1"),
            2 => format!("postgres://app:{password}@db:x/app"),
            3 => format!("postgres://db/app?user=u&password={password}"),
            4 => format!("app:{password}@db/app"),
            5 => format!("host=db password={password}"),
            6 => format!("app:{password}@tcp(db:x)/app"),
            7 => format!("sqlite://app:{password}@db/app"),
            8 => format!("jdbc:mysql://db/app?password={password}&user=u"),
            _ => format!("postgrs:app:{password}@db"),
        };
        let shown = match parse(&text) {
            Ok(url) => format!("{} {url:?}", url.redacted()),
            Err(error) => format!("{error} {error:?}"),
        };
        prop_assert!(!leaks(&shown, &password), "{} -> {}", text, shown);
    }
}
