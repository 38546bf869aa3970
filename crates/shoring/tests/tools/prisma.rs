//! Prisma Migrate with its engine in WebAssembly, which needs a driver adapter in `prisma.config.mjs`.

use crate::dbmate::time;
use crate::round_trip::{Tool, round_trips};
use crate::site::Site;

const PRISMA: Tool = Tool {
    name: "prisma",
    format: "prisma",
    prepare: |site| {
        site.write(
            "prisma/schema.prisma",
            "datasource db {\n  provider = \"postgresql\"\n  url      = env(\"APP_DATABASE\")\n}\n",
        );
        site.write(
            "prisma/migrations/migration_lock.toml",
            "provider = \"postgresql\"\n",
        );
        site.set("APP_DATABASE", site.db.url_text());
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

fn config(site: &Site) -> String {
    let modules = site.program().with_file_name("node_modules");
    format!(
        "import {{ PrismaPg }} from '{}/@prisma/adapter-pg/dist/index.mjs'\nexport default {{\n  experimental: {{ adapter: true }},\n  engine: 'js',\n  schema: 'prisma/schema.prisma',\n  adapter: async () => new PrismaPg({{ connectionString: process.env.APP_DATABASE, allowExitOnIdle: true }}),\n}}\n",
        modules.display()
    )
}

round_trips!(
    PRISMA,
    // On MariaDB this engine ends with `RuntimeError: unreachable`, and its adapter for SQLite has to be compiled.
    [postgresql Postgresql],
    races on [postgresql Postgresql]
);
