//! The macro that runs the same tests against several servers.

/// Makes one `#[test]` for each function and each server: `postgresql::name`, `mariadb::name`, `mysql::name`,
/// `sqlite::name`. One invocation per module, since it declares modules of these names.
///
/// ```text
/// shoring_testkit::server_tests! {
///     [postgresql, mariadb, mysql, sqlite]
///
///     async fn a_query_gives_rows(db: TestDatabase) {
///         let mut session = db.connect().await;
///         assert_eq!(session.query("SELECT 1").await.unwrap().len(), 1);
///     }
/// }
/// ```
#[macro_export]
macro_rules! server_tests {
    (@module $engine:ident [$($name:ident),+]) => {
        mod $engine {
            $(
                #[test]
                fn $name() {
                    $crate::run($crate::Engine::named(stringify!($engine)), super::$name);
                }
            )+
        }
    };
    (@modules [$($engine:ident),+] $names:tt) => {
        $($crate::server_tests!(@module $engine $names);)+
    };
    (
        [$($engine:ident),+ $(,)?]
        $($(#[$meta:meta])* async fn $name:ident($db:ident: TestDatabase) $body:block)+
    ) => {
        $($(#[$meta])* async fn $name($db: $crate::TestDatabase) $body)+
        $crate::server_tests!(@modules [$($engine),+] [$($name),+]);
    };
}
