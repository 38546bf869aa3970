//! One test binary, and which of its tests need which server.

use std::path::PathBuf;

use crate::servers::Server;

/// Crates whose tests never need a server, whatever they are called. `shoring-sql` does no IO either, but has the servers
/// and their clients as oracles.
const PURE: [&str; 4] = [
    "shoring-core",
    "shoring-formats",
    "shoring-plan",
    "shoring-embed",
];

/// A built test binary, or the documentation tests of the workspace.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Binary {
    pub(super) package: String,
    pub(super) version: String,
    /// The folder of the package, where its tests run.
    pub(super) folder: PathBuf,
    pub(super) target: String,
    pub(super) kind: Kind,
    pub(super) executable: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Tests inside a library, a program or an example.
    Unit,
    /// A file of a `tests` folder.
    Integration,
    /// All documentation tests.
    Documentation,
}

impl Binary {
    /// What the binary is called in the output.
    pub(super) fn title(&self) -> String {
        match self.kind {
            Kind::Unit => format!("{} unit tests ({})", self.package, self.target),
            Kind::Integration => format!("{} tests/{}.rs", self.package, self.target),
            Kind::Documentation => "documentation tests".into(),
        }
    }

    /// Whether its tests find servers through the environment.
    ///
    /// Only files in `tests` of crates with IO do; a unit test in a module that is
    /// called `mysql` is an ordinary unit test.
    pub(super) fn uses_servers(&self) -> bool {
        self.kind == Kind::Integration && !PURE.contains(&self.package.as_str())
    }

    /// The server that the test of this name runs on: the first segment that names one.
    pub(super) fn server_of(&self, test: &str) -> Option<Server> {
        if !self.uses_servers() {
            return None;
        }
        let named = |segment| {
            Server::ALL
                .into_iter()
                .find(|server| server.segment() == segment)
        };
        test.split("::").find_map(named)
    }

    /// Names that libtest is to skip because their server does not run.
    ///
    /// libtest skips by substring, so `mysql::` alone would also hit `not_mysql::`:
    /// these are the whole names that `--list` gave.
    pub(super) fn skipped<'a>(
        &self,
        names: &'a [String],
        is_running: impl Fn(Server) -> bool,
    ) -> Vec<&'a str> {
        let is_out = |name: &&str| {
            self.server_of(name)
                .is_some_and(|server| !is_running(server))
        };
        names.iter().map(String::as_str).filter(is_out).collect()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::test) fn binary(package: &str, kind: Kind) -> Binary {
        Binary {
            package: package.into(),
            version: "0.1.0".into(),
            folder: PathBuf::new(),
            target: "runner".into(),
            kind,
            executable: PathBuf::new(),
        }
    }

    #[test]
    fn whole_segments_name_the_server() {
        let db = binary("shoring-db", Kind::Integration);
        for (name, server) in [
            ("tls::mysql::verify_full", Some(Server::Mysql)),
            ("mysql::x", Some(Server::Mysql)),
            ("lock::pgbouncer::postgresql", Some(Server::Pgbouncer)),
            ("tls::not_mysql::x", None),
            ("url::mysql_spelling", None),
        ] {
            assert_eq!(db.server_of(name), server, "{name}");
        }
    }

    #[test]
    fn unit_tests_and_pure_crates_need_no_server() {
        assert_eq!(
            binary("shoring-db", Kind::Unit).server_of("mysql::url::x"),
            None
        );
        assert_eq!(
            binary("shoring-plan", Kind::Integration).server_of("mysql::x"),
            None
        );
        assert_eq!(
            binary("shoring-sql", Kind::Integration).server_of("mysql::x"),
            Some(Server::Mysql)
        );
    }

    #[test]
    fn tests_of_absent_servers_are_skipped() {
        let names = [
            "a::mysql::x".to_owned(),
            "a::mariadb::x".to_owned(),
            "b".to_owned(),
        ];
        let db = binary("shoring-db", Kind::Integration);
        let skipped = db.skipped(&names, |server| server != Server::Mysql);
        assert_eq!(skipped, ["a::mysql::x"]);
    }
}
