//! A password is nowhere in what any command prints, however the URL is spelled or misspelled (golang-migrate#1161, #1242,
//! dbmate#144): not whole, not in part, not encoded.

use crate::project::TestProject;

/// Parts no other text contains, between every character that has a meaning in a URL.
const PARTS: [&str; 8] = [
    "Xq7Kz", "vW9Rj", "hJ4Tb", "pN8Lc", "gZ3Fy", "tB6Vm", "kD5Hw", "rS2Gx",
];
const MARKS: [&str; 8] = ["@", "#", "/", "%", "?", ":", "&", ""];

fn raw() -> String {
    let pairs = PARTS.iter().zip(MARKS);
    pairs.flat_map(|(part, mark)| [part, mark]).collect()
}

fn encoded() -> String {
    raw()
        .bytes()
        .map(|byte| match byte {
            byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

/// Every part's runs of four characters.
fn traces() -> Vec<String> {
    PARTS
        .iter()
        .flat_map(|part| [&part[..4], &part[1..]])
        .map(str::to_lowercase)
        .collect()
}

fn urls() -> Vec<String> {
    let spellings = [
        "postgres://app:{}@127.0.0.1:1/shop",
        "postgresql://app:{}@127.0.0.1:1/shop?sslmode=require",
        "postgresql+psycopg2://app:{}@127.0.0.1:1/shop",
        "postgres://app:{}@/shop?host=/nowhere",
        "postgres://{}:app@127.0.0.1:port/shop",
        "postgres://app:{}@127.0.0.1:99999/shop",
        "postgres://app:{}@[::1/shop",
        "postgres://app:{}@127.0.0.1:1/shop?sslmod=require",
        "postgres://app:{}@127.0.0.1:1/shop?channel_binding=require",
        "postgres://127.0.0.1:1/shop?user=app&password={}",
        "postgres://127.0.0.1:1/shop?pasword={}",
        "postgres://app:{}",
        "postgres:app:{}@127.0.0.1:1/shop",
        "postgres://app:%zz{}@127.0.0.1:1/shop",
        "host=127.0.0.1 port=1 user=app password={}",
        "host=127.0.0.1 port=1 user=app pasword='{}'",
        "host=127.0.0.1 port=1 user=app password='{}",
        "mysql://app:{}@127.0.0.1:1/shop",
        "mariadb://app:{}@127.0.0.1:1/shop?ssl-mode=nonsense",
        "mysql://app:{}@127.0.0.1:1/shop?socket=/nowhere",
        "mysql://app:{}@localhost:1:2/shop",
        "app:{}@tcp(127.0.0.1:1)/shop",
        "app:{}@tcp(127.0.0.1:1",
        "jdbc:postgresql://127.0.0.1:1/shop?user=app&password={}",
        "jdbc:mysql://app:{}@127.0.0.1:1/shop",
        "jdbc:mariadb://127.0.0.1:1/shop?user=app&password={}",
        "jdbc:oracle:thin:app/{}@127.0.0.1:1",
        "pg://app:{}@127.0.0.1:1/shop",
        "sqlite://app:{}@127.0.0.1/shop",
        "app:{}@127.0.0.1:1/shop",
        " postgres://app:{}@127.0.0.1:1/shop ",
        "\"postgres://app:{}@127.0.0.1:1/shop\"",
    ];
    let passwords = [raw(), encoded()];
    spellings
        .iter()
        .flat_map(|spelling| {
            passwords
                .iter()
                .map(|password| spelling.replace("{}", password))
        })
        .collect()
}

const COMMANDS: [&str; 25] = [
    "status",
    "plan",
    "up",
    "down",
    "redo",
    "goto 2",
    "history",
    "baseline 1",
    "repair",
    "mark 1 applied",
    "doctor",
    "seed",
    "wait --timeout 0s",
    "expect head",
    "config",
    "init",
    "new things",
    "completions bash",
    "man",
    "help",
    "up --dry-run",
    "doctor --apply",
    "plan --save deploy.json",
    "convert --to goose --dry-run",
    "convert --to goose",
];
const WAYS: [&str; 6] = ["", "-v", "-vv", "-vvv", "--json", "--json=stream"];

fn assert_clean(shown: &str, what: &str) {
    let lower = shown.to_lowercase();
    for trace in traces() {
        assert!(
            !lower.contains(&trace),
            "`{trace}` of the password is shown\n{what}\n{shown}"
        );
    }
}

#[test]
fn no_url_gives_a_password_away() {
    for (number, url) in urls().iter().enumerate() {
        for (place, command) in COMMANDS.iter().enumerate() {
            let way = WAYS[(number + place) % WAYS.len()];
            let project = TestProject::shop();
            let project = match (number + place) % 4 {
                0 => project.with_variable("DATABASE_URL", url),
                1 => project.with_variable("SHORING_DATABASE_URL", url),
                2 => project.with(".env", &format!("DATABASE_URL={url}\n")),
                _ => project.with("shoring.toml", &format!("database = '{url}'\n")),
            };
            let output = project
                .command(&format!("{way} {command}"))
                .output()
                .unwrap();
            let shown = format!(
                "{}{}",
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            );
            assert_clean(&shown, &format!("{way} {command} with {url}"));
            assert_ne!(
                output.status.code(),
                Some(1),
                "{way} {command} with {url}: {shown}"
            );
        }
    }
}

#[test]
fn a_url_on_the_command_line_is_no_exception() {
    for (number, url) in urls().iter().enumerate() {
        let way = WAYS[number % WAYS.len()];
        for before in [
            "status --database",
            "status --databse",
            "--color",
            "up",
            "up --lock-wait",
            "status --dir",
            "status --format",
            "status --env",
            "status --history-table",
            "plan --save",
            "up --plan",
            "new",
            "mark",
            "seed",
            "help",
            "-C",
        ] {
            let project = TestProject::shop();
            let mut command = project.command(&format!("{way} {before}"));
            let output = command.arg(url).output().unwrap();
            let shown = format!(
                "{}{}",
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            );
            assert_clean(&shown, &format!("{way} {before} {url}"));
        }
    }
}

/// The end of the password can be told where a host follows, whatever stands in it raw.
#[test]
fn a_raw_character_in_a_password_is_understood() {
    for password in ["se#cret", "se@cret", "se/cret", "se?cret", "se%cret"] {
        let project = TestProject::shop().with_variable(
            "DATABASE_URL",
            &format!("postgres://app:{password}@127.0.0.1:1/shop"),
        );
        let (found, code) = project.json("status");
        let message = found["error"]["message"].as_str().unwrap();
        assert_eq!(code, Some(9), "{password}: {message}");
        assert!(message.contains("`127.0.0.1:1`"), "{password}: {message}");
        assert!(!found.to_string().contains("cret"), "{found:#}");
    }
}
