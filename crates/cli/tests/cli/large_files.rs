//! Files of tens of megabytes run in a memory that does not grow with them (flyway#425, #759, #3737 and six more): every row
//! arrives, and what follows the rows runs.

use crate::project::TestProject;
use shoring_testkit::TestDatabase;
use std::fmt::Write as _;
use std::process::Stdio;

/// The file's size; more than the program may use.
const SIZE: usize = 36 << 20;

/// The most that the program may use, in kB: less than the file has.
const MOST: u64 = 24_000;

/// A file of this size, and how many rows it brings.
fn file(db: &TestDatabase) -> (String, i64) {
    let mut text = String::with_capacity(SIZE + (1 << 16));
    let mut rows = 0;
    text.push_str("CREATE TABLE seed (id integer PRIMARY KEY, note varchar(1000) NOT NULL);\n");
    text.push_str("CREATE TABLE witness (step varchar(20) NOT NULL);\n");
    let note = "it''s; a row -- that /* holds \"all\" kinds of marks ".repeat(14);
    let inserts = db.engine.pick(SIZE / 2, SIZE, SIZE);
    while text.len() < inserts {
        rows += 1;
        writeln!(text, "INSERT INTO seed VALUES ({rows}, '{note}');").unwrap();
    }
    if text.len() < SIZE {
        text.push_str("COPY seed FROM stdin;\n");
        let note = note.replace("''", "'");
        while text.len() < SIZE {
            rows += 1;
            writeln!(text, "{rows}\t{note}").unwrap();
        }
        text.push_str("\\.\n");
    }
    text.push_str("INSERT INTO witness VALUES ('after');\n");
    (text, rows)
}

/// Runs it; gives the most memory of its own that it was seen to use, in kB. The pages of the program itself do not count: a
/// debug build has many.
fn peak_of(project: &TestProject, line: &str) -> u64 {
    let mut child = project
        .command(line)
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    let ended = loop {
        if let Some(ended) = child.try_wait().unwrap() {
            break ended;
        }
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("RssAnon:"));
        if let Some(line) = line {
            let number = line.trim().trim_end_matches(" kB");
            peak = peak.max(number.parse().unwrap());
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    };
    assert_eq!(ended.code(), Some(0), "{line}");
    assert!(peak > 0, "{line}: it ended before anybody looked");
    peak
}

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql, sqlite]

    async fn a_large_file_needs_little_memory(db: TestDatabase) {
        let (text, rows) = file(&db);
        let project = TestProject::empty()
            .with_variable("DATABASE_URL", &db.url_text())
            .with("migrations/001_seed.up.sql", &text)
            .with("migrations/001_seed.down.sql", "DROP TABLE witness;\nDROP TABLE seed;\n");
        drop(text);
        let peak = peak_of(&project, "up");
        assert!(peak <= MOST, "{peak} kB");
        let mut session = db.connect().await;
        let found = session.query("SELECT count(*), min(length(note)), max(length(note)) FROM seed").await.unwrap();
        let note = "it's; a row -- that /* holds \"all\" kinds of marks ".len() as i64 * 14;
        assert_eq!([found[0].int(0), found[0].int(1), found[0].int(2)], [Some(rows), Some(note), Some(note)]);
        let found = session.query("SELECT step FROM witness").await.unwrap();
        assert_eq!(found[0].text(0).as_deref(), Some("after"));
        session.close().await.unwrap();
        // Nothing to do needs no more, though the file is read for its checksum.
        let peak = peak_of(&project, "up");
        assert!(peak <= MOST, "{peak} kB");
    }
}
