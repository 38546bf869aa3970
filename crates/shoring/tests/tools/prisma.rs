//! Prisma Migrate with its engine in WebAssembly, which needs a driver adapter in `prisma.config.mjs`.

use crate::dbmate::time;
use crate::round_trip::{Tool, round_trips};
use crate::site::Site;
use shoring_testkit::Engine;

const PRISMA: Tool = Tool {
    name: "prisma",
    format: "prisma",
    prepare: |site| {
        let (provider, url) = match site.db.engine {
            Engine::Sqlite => ("sqlite", format!("file:{}", site.db.file().display())),
            _ => ("postgresql", site.db.url_text()),
        };
        site.write(
            "prisma/schema.prisma",
            &format!("datasource db {{\n  provider = \"{provider}\"\n  url      = env(\"APP_DATABASE\")\n}}\n"),
        );
        site.write(
            "prisma/migrations/migration_lock.toml",
            &format!("provider = \"{provider}\"\n"),
        );
        site.set("APP_DATABASE", url);
        site.set("DATABASE_URL", "postgres://nobody@localhost:1/nothing");
        let config = config(site);
        site.write("prisma.config.mjs", &config);
    },
    files: |step| {
        vec![(
            format!(
                "prisma/migrations/{}_{}/migration.sql",
                time(step.number),
                step.name
            ),
            step.up.clone(),
        )]
    },
    up: |_| ["migrate", "deploy"].map(str::to_owned).to_vec(),
    check: |site| {
        let said = site.run(&["migrate", "status"]);
        assert!(said.contains("Database schema is up to date"), "{said}");
    },
    converted: None,
    history: |_| "SELECT migration_name, checksum, rolled_back_at, applied_steps_count FROM _prisma_migrations ORDER BY migration_name",
};

/// The engine gives its lock 10 s to come and never takes the timer back, which keeps the process alive after its work.
const LET_IT_END: &str = "const later = globalThis.setTimeout\nglobalThis.setTimeout = (done, wait, ...rest) => {\n  const timer = later(done, wait, ...rest)\n  if (wait >= 10000) timer.unref()\n  return timer\n}\n";

fn config(site: &Site) -> String {
    let modules = site.program().with_file_name("node_modules/@prisma");
    let (import, adapter) = match site.db.engine {
        Engine::Sqlite => (
            "{ PrismaLibSQL } from 'MODULES/adapter-libsql/dist/index-node.mjs'",
            // As the native engine writes times.
            "new PrismaLibSQL({ url: process.env.APP_DATABASE }, { timestampFormat: 'unixepoch-ms' })",
        ),
        _ => (
            "{ PrismaPg } from 'MODULES/adapter-pg/dist/index.mjs'",
            "new PrismaPg({ connectionString: process.env.APP_DATABASE, allowExitOnIdle: true })",
        ),
    };
    let import = import.replace("MODULES", &modules.display().to_string());
    format!(
        "import {import}\n{LET_IT_END}export default {{\n  experimental: {{ adapter: true }},\n  engine: 'js',\n  schema: 'prisma/schema.prisma',\n  adapter: async () => {adapter},\n}}\n"
    )
}

round_trips!(
    PRISMA,
    // The engine that package managers have knows no MySQL.
    [postgresql Postgresql, sqlite Sqlite],
    // On SQLite it has no lock between programs.
    races on [postgresql Postgresql]
);
