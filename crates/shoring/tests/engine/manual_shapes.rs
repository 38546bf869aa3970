//! The shapes people give their hand-made history table.

/// One table as somebody made it, with rows 1 and 2 in it, and what rows 3 and 4 must look like.
pub(crate) struct Shape {
    pub(crate) create: &'static str,
    pub(crate) rows: &'static str,
    /// `version|name` of the rows we write for `003_things` and `010_more`.
    pub(crate) written: &'static str,
}

pub(crate) const POSTGRESQL: &[Shape] = &[
    Shape {
        create: "CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, name TEXT, applied_at TIMESTAMP DEFAULT now())",
        rows: "INSERT INTO schema_migrations (version, name) VALUES (1, 'users'), (2, 'orders')",
        written: "3|things ; 10|more",
    },
    Shape {
        create: "CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TIMESTAMPTZ NOT NULL)",
        rows: "INSERT INTO schema_migrations VALUES (1, '001_users', now()), (2, '002_orders', now())",
        written: "3|003_things ; 10|010_more",
    },
    Shape {
        create: "CREATE TABLE schema_migrations (version BIGINT PRIMARY KEY, name VARCHAR(255) NOT NULL, applied_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, checksum TEXT, execution_ms INTEGER DEFAULT 0)",
        rows: "INSERT INTO schema_migrations (version, name) VALUES (1, '001_users.up.sql'), (2, '002_orders.up.sql')",
        written: "3|003_things.up.sql ; 10|010_more.up.sql",
    },
    Shape {
        create: "CREATE TABLE schema_migrations (version TEXT PRIMARY KEY, name TEXT, applied_at TIMESTAMP DEFAULT now())",
        rows: "INSERT INTO schema_migrations (version, name) VALUES ('001', NULL), ('002', 'orders')",
        written: "003|things ; 010|more",
    },
    Shape {
        create: "CREATE TABLE schema_migrations (id SERIAL, version VARCHAR(20) UNIQUE NOT NULL, name TEXT, applied_at TIMESTAMP DEFAULT now())",
        rows: "INSERT INTO schema_migrations (version, name) VALUES ('1', 'users'), ('2', 'orders')",
        written: "3|things ; 10|more",
    },
];

pub(crate) const MYSQL: &[Shape] = &[
    Shape {
        create: "CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, name VARCHAR(255), applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP)",
        rows: "INSERT INTO schema_migrations (version, name) VALUES (1, 'users'), (2, 'orders')",
        written: "3|things ; 10|more",
    },
    Shape {
        create: "CREATE TABLE schema_migrations (version BIGINT UNSIGNED NOT NULL PRIMARY KEY, name VARCHAR(255) NOT NULL, applied_at DATETIME NOT NULL)",
        rows: "INSERT INTO schema_migrations VALUES (1, '001_users', NOW()), (2, '002_orders', NOW())",
        written: "3|003_things ; 10|010_more",
    },
    Shape {
        create: "CREATE TABLE schema_migrations (version VARCHAR(50) NOT NULL PRIMARY KEY, name TEXT, applied_at TIMESTAMP NULL, batch INT NOT NULL DEFAULT 1)",
        rows: "INSERT INTO schema_migrations (version, name) VALUES ('001', '001_users.up.sql'), ('002', '002_orders.up.sql')",
        written: "003|003_things.up.sql ; 010|010_more.up.sql",
    },
];

pub(crate) const SQLITE: &[Shape] = &[
    Shape {
        create: "CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, name TEXT, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP)",
        rows: "INSERT INTO schema_migrations (version, name) VALUES (1, 'users'), (2, 'orders')",
        written: "3|things ; 10|more",
    },
    Shape {
        create: "CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT NOT NULL)",
        rows: "INSERT INTO schema_migrations VALUES (1, '001_users', '2024-01-01'), (2, '002_orders', 'yesterday')",
        written: "3|003_things ; 10|010_more",
    },
    Shape {
        create: "CREATE TABLE \"schema_migrations\" (\"version\" VARCHAR(14) PRIMARY KEY, \"name\" TEXT, \"applied_at\" TIMESTAMP)",
        rows: "INSERT INTO schema_migrations (version, name) VALUES ('001', '001_users.sql'), ('002', '002_orders.sql')",
        written: "003|003_things.sql ; 010|010_more.sql",
    },
];
