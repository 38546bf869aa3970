//! Reads the configuration in the order in which the tool lets one place count before another: Spring Boot's properties, the
//! tool's own files, the variables.

use super::keys::{self, Use};
use super::script_config::is_utf8;
use super::{patterns, spring, toml_file};
use crate::conf_file::{self, Backslash};
use crate::format::View;
use crate::host_config::{self, HostConfig, HostSetting};
use crate::mentions::lossy_text;
use shoring_core::{Diagnostic, TreeError};

/// The tool's own files, weakest first. With one that ends in `.toml` the others are not read.
pub(super) const CONF_FILES: &[&str] = &[
    "conf/flyway.conf",
    "conf/flyway.user.conf",
    "flyway.conf",
    "flyway.user.conf",
];
pub(super) const TOML_FILES: &[&str] = &[
    "conf/flyway.toml",
    "conf/flyway.user.toml",
    "flyway.toml",
    "flyway.user.toml",
];

/// Which file has the configuration, for detection.
pub(super) const SOURCE: &str = "source";

/// Which variable has some of it. It may be there for another project.
pub(super) const VARIABLE: &str = "variable";

/// Reads everything there is.
pub(super) fn configure(view: View<'_>) -> Result<HostConfig, TreeError> {
    let mut found = Collector {
        view,
        config: HostConfig::default(),
    };
    spring::read(&mut found)?;
    let has = |files: &'static [&'static str]| files.iter().filter(|file| view.tree.has_file(file));
    if has(TOML_FILES).next().is_some() {
        let texts = has(TOML_FILES)
            .map(|file| Ok((*file, lossy_text(view.tree, file)?)))
            .collect::<Result<Vec<_>, TreeError>>()?;
        toml_file::read(&texts, &mut found);
    } else {
        for file in has(CONF_FILES) {
            read_conf(file, &lossy_text(view.tree, file)?, &mut found);
        }
    }
    read_variables(&mut found);
    Ok(found.finish())
}

/// What was found so far; a later setting counts before an earlier one.
pub(super) struct Collector<'a> {
    pub(super) view: View<'a>,
    pub(super) config: HostConfig,
}

impl Collector<'_> {
    /// Takes `value` for `name`, as spelled after `flyway.`. `origin` is where it stands.
    pub(super) fn take(&mut self, name: &str, value: &str, origin: &str) {
        let value = host_config::expanded(value, self.view.variables);
        if let Some(placeholder) = name.strip_prefix("placeholders.") {
            self.config.values.insert(
                placeholder.to_lowercase(),
                HostSetting {
                    value,
                    origin: origin.to_owned(),
                },
            );
            return;
        }
        match keys::find(name) {
            Some((_, Use::Passed)) => {}
            Some((name, Use::Refused(reason))) => {
                if !matches!(value.trim(), "" | "false" | "[]") {
                    self.wrong(origin, format!("`{name}` is not supported: {reason}"), None);
                }
            }
            Some((name, Use::Read)) => self.keep(name, value, origin),
            None => {
                let hint = keys::near(name).map(|near| format!("did you mean `{near}`?"));
                self.wrong(
                    origin,
                    format!("unknown key `{name}`"),
                    Some(hint.unwrap_or_else(|| {
                        "take it out; Flyway does not know it either".to_owned()
                    })),
                );
            }
        }
    }

    fn keep(&mut self, name: &'static str, value: String, origin: &str) {
        const TRUTHS: &[&str] = &[
            "createSchemas",
            "placeholderReplacement",
            "validateMigrationNaming",
            "validateOnMigrate",
            "outOfOrder",
            "baselineOnMigrate",
            "executeInTransaction",
            "mixed",
            "postgresql.transactional.lock",
            "group",
            "skipDefaultCallbacks",
        ];
        if TRUTHS.contains(&name) && value.trim().to_ascii_lowercase().parse::<bool>().is_err() {
            self.wrong(
                origin,
                format!("`{name}` is true or false, not `{value}`"),
                None,
            );
        }
        match name {
            "encoding" if !is_utf8(&value) => self.wrong(
                origin,
                format!("files in the encoding `{value}` are not read"),
                Some("save them as UTF-8, and take the setting out".to_owned()),
            ),
            "baselineVersion" if super::version::parse(&value).is_none() => self.wrong(
                origin,
                format!("`baselineVersion` is no version: `{value}`"),
                None,
            ),
            "ignoreMigrationPatterns" => {
                for text in super::settings::split_list(&value) {
                    if let Err(reason) = patterns::parse(&text) {
                        self.wrong(origin, format!("`ignoreMigrationPatterns`: {reason}"), None);
                    }
                }
            }
            "group" if value.trim().eq_ignore_ascii_case("true") => {
                self.config.diagnostics.push(
                    Diagnostic::warning(
                        "no-group",
                        format!("{origin}: `group` is passed over: each migration is a transaction of its own here"),
                    )
                    .hint("if one of several fails, those before it stay applied"),
                );
            }
            "placeholderPrefix" | "placeholderSuffix" if value.is_empty() => {
                self.wrong(origin, format!("`{name}` is empty"), None);
            }
            _ => {}
        }
        let setting = HostSetting {
            value,
            origin: origin.to_owned(),
        };
        match name {
            "url" => self.config.database = Some(setting),
            "user" => self.config.user = Some(setting),
            "password" => self.config.password = Some(setting),
            "initSqls" => drop(self.config.options.insert("initSql", setting)),
            name => drop(self.config.options.insert(name, setting)),
        }
    }

    /// Says what is wrong at a place.
    pub(super) fn wrong(
        &mut self,
        origin: &str,
        message: impl std::fmt::Display,
        hint: Option<String>,
    ) {
        let diagnostic = Diagnostic::error("bad-configuration", format!("{origin}: {message}"));
        self.config.diagnostics.push(match hint {
            Some(hint) => diagnostic.hint(hint),
            None => diagnostic,
        });
    }

    /// Remembers that a place has a configuration.
    pub(super) fn note_source(&mut self, file: &str) {
        let setting = HostSetting {
            value: file.to_owned(),
            origin: file.to_owned(),
        };
        self.config.options.insert(SOURCE, setting);
    }

    fn finish(mut self) -> HostConfig {
        let is_unresolved = |setting: &Option<HostSetting>| {
            setting
                .as_ref()
                .is_some_and(|found| found.value.contains("${"))
        };
        // Better no URL than one with a hole in it.
        for setting in [
            &mut self.config.database,
            &mut self.config.user,
            &mut self.config.password,
        ] {
            if is_unresolved(setting) {
                *setting = None;
            }
        }
        self.config.table = self.config.options.get("table").cloned();
        self.config
    }
}

fn read_conf(file: &str, text: &str, found: &mut Collector<'_>) {
    found.note_source(file);
    for entry in conf_file::parse(text, Backslash::Literal) {
        let origin = format!("{file}:{}", entry.line);
        match entry.key.strip_prefix("flyway.") {
            Some(name) => found.take(name, &entry.value, &origin),
            None => {
                let is_known = keys::find(&entry.key).is_some();
                let hint = is_known.then(|| format!("did you mean `flyway.{}`?", entry.key));
                found.wrong(&origin, format!("unknown key `{}`", entry.key), hint);
            }
        }
    }
}

fn read_variables(found: &mut Collector<'_>) {
    for (name, variable) in keys::variables() {
        if let Some(setting) = (found.view.variables)(&variable) {
            if matches!(name, "url" | "locations" | "table") {
                found.config.options.insert(VARIABLE, setting.clone());
            }
            found.take(name, &setting.value, &setting.origin);
        }
    }
    for variable in found.view.variable_names {
        let Some(name) = variable.strip_prefix("FLYWAY_PLACEHOLDERS_") else {
            continue;
        };
        if let Some(setting) = (found.view.variables)(variable) {
            let name = format!("placeholders.{}", name.to_lowercase());
            found.take(&name, &setting.value, &setting.origin);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory_tree::MemoryTree;

    fn read(files: &[(&str, &str)], variables: &[(&str, &str)]) -> HostConfig {
        let tree = MemoryTree::new(files);
        let lookup = |name: &str| {
            variables
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| HostSetting {
                    value: (*value).to_owned(),
                    origin: format!("environment {name}"),
                })
        };
        let names: Vec<&str> = variables.iter().map(|(name, _)| *name).collect();
        configure(View {
            tree: &tree,
            folder: None,
            variables: &lookup,
            variable_names: &names,
        })
        .unwrap()
    }

    fn wrong(config: &HostConfig) -> Vec<String> {
        config
            .diagnostics
            .iter()
            .flat_map(|found| std::iter::once(found.to_string()).chain(found.hints.clone()))
            .collect()
    }

    fn told(setting: Option<&HostSetting>) -> String {
        setting
            .map(|found| format!("{} ({})", found.value, found.origin))
            .unwrap_or_default()
    }

    #[test]
    fn variables_count_before_files_and_user_files_before_others() {
        let config = read(
            &[
                (
                    "flyway.conf",
                    "flyway.url=jdbc:postgresql://db/${DB}\nflyway.user=app\nflyway.placeholders.Schema=one\nflyway.table=history\n",
                ),
                (
                    "flyway.user.conf",
                    "flyway.user=me\nflyway.password=geheim\n",
                ),
            ],
            &[
                ("DB", "shop"),
                ("FLYWAY_TABLE", "other"),
                ("FLYWAY_PLACEHOLDERS_TENANT", "x"),
                ("FLYWAY_NOTHING", "x"),
            ],
        );
        assert_eq!(wrong(&config), Vec::<String>::new());
        assert_eq!(
            told(config.database.as_ref()),
            "jdbc:postgresql://db/shop (flyway.conf:1)"
        );
        assert_eq!(told(config.user.as_ref()), "me (flyway.user.conf:1)");
        assert_eq!(
            told(config.password.as_ref()),
            "geheim (flyway.user.conf:2)"
        );
        assert_eq!(
            told(config.table.as_ref()),
            "other (environment FLYWAY_TABLE)"
        );
        assert_eq!(config.values["schema"].value, "one");
        assert_eq!(config.values["tenant"].value, "x");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let config = read(
            &[(
                "flyway.conf",
                "flyway.outOfOder=true\nurl=jdbc:sqlite:x\nflyway.callbacks=com.acme.Audit\nflyway.encoding=UTF-16\nflyway.mixed=yes\nflyway.ignoreMigrationPatterns=*:lost\nflyway.postgresql.transactional.lock=false\nflyway.cherryPick=\nflyway.nonsense=1\n",
            )],
            &[],
        );
        insta::assert_snapshot!(wrong(&config).join("\n"), @r"
        flyway.conf:1: unknown key `outOfOder`
        did you mean `outOfOrder`?
        flyway.conf:2: unknown key `url`
        did you mean `flyway.url`?
        flyway.conf:3: `callbacks` is not supported: it names Java classes, and Java is not run
        flyway.conf:4: files in the encoding `UTF-16` are not read
        save them as UTF-8, and take the setting out
        flyway.conf:5: `mixed` is true or false, not `yes`
        flyway.conf:6: `ignoreMigrationPatterns`: `lost` is no state: there are missing, pending, ignored, future and *
        flyway.conf:9: unknown key `nonsense`
        take it out; Flyway does not know it either
        ");
    }

    #[test]
    fn toml_has_environments() {
        let config = read(
            &[
                (
                    "flyway.toml",
                    "id = \"x\"\n[flyway]\nenvironment = \"test\"\nlocations = [\"filesystem:sql\", \"filesystem:more\"]\nmixed = true\n[flyway.placeholders]\nTenant = \"acme\"\n[flyway.postgresql]\ntransactional.lock = false\n[environments.test]\nurl = \"jdbc:sqlite:app.db\"\nuser = \"${env.WHO}\"\nschemas = [\"a\", \"b\"]\n[environments.prod]\nurl = \"jdbc:sqlite:prod.db\"\n[flywayDesktop]\nx = 1\n",
                ),
                ("flyway.conf", "flyway.table=unread\n"),
            ],
            &[("WHO", "me")],
        );
        assert_eq!(wrong(&config), Vec::<String>::new());
        assert_eq!(
            told(config.database.as_ref()),
            "jdbc:sqlite:app.db (flyway.toml:11)"
        );
        assert_eq!(told(config.user.as_ref()), "me (flyway.toml:12)");
        assert_eq!(
            config.option("locations"),
            Some("filesystem:sql,filesystem:more")
        );
        assert_eq!(config.option("schemas"), Some("a,b"));
        assert_eq!(config.values["tenant"].value, "acme");
        assert_eq!(config.table, None);
        let config = read(
            &[(
                "flyway.toml",
                "[flyway]\nlocation = [\"x\"]\n[environments.default]\nurl = \"jdbc:sqlite:a\"\npasword = \"x\"\n",
            )],
            &[],
        );
        insta::assert_snapshot!(wrong(&config).join("\n"), @r"
        flyway.toml:2: unknown key `location`
        did you mean `locations`?
        flyway.toml:5: unknown key `pasword`
        did you mean `password`?
        ");
        let config = read(
            &[("flyway.toml", "[flyway]\nenvironment = \"nowhere\"\n")],
            &[],
        );
        insta::assert_snapshot!(wrong(&config).join("\n"), @"flyway.toml:2: there is no environment `nowhere`");
        let config = read(&[("flyway.toml", "[flyway\n")], &[]);
        insta::assert_snapshot!(wrong(&config).join("\n"), @"flyway.toml:1: unclosed table, expected `]`");
    }

    #[test]
    fn spring_refers_and_has_profiles() {
        let files = [
            (
                "src/main/resources/application.yml",
                "app:\n  schema: one\nspring:\n  flyway:\n    schemas: ${app.schema}\n    placeholders:\n      hashing: \\${app.file-hashing:true}\n      named: ${app.file-name:no}\n---\nspring:\n  config:\n    activate:\n      on-profile: prod\n  flyway:\n    out-of-order: true\n",
            ),
            (
                "src/main/resources/application-prod.yml",
                "spring:\n  flyway:\n    table: prod_history\n",
            ),
        ];
        let config = read(&files, &[("APP_FILENAME", "yes")]);
        assert_eq!(wrong(&config), Vec::<String>::new());
        assert_eq!(config.option("schemas"), Some("one"));
        assert_eq!(config.values["hashing"].value, "true");
        assert_eq!(config.values["named"].value, "yes");
        assert_eq!(config.table, None);
        let config = read(&files, &[("SPRING_PROFILES_ACTIVE", "x, prod")]);
        assert_eq!(
            told(config.table.as_ref()),
            "prod_history (src/main/resources/application-prod.yml:3)"
        );
        assert_eq!(config.option("outOfOrder"), Some("true"));
    }

    #[test]
    fn spring_has_its_own_spelling() {
        let config = read(
            &[(
                "src/main/resources/application.properties",
                "spring.application.name=x\nspring.datasource.url=jdbc:postgresql://${HOST:localhost}/app\nspring.datasource.username=app\nspring.datasource.password=${SECRET}\nspring.flyway.baseline-on-migrate=true\nspring.flyway.locations[0]=classpath:db/a\nspring.flyway.locations[1]=classpath:db/b\nspring.flyway.placeholders.tenant=acme\nspring.flyway.out-of-oder=true\n",
            )],
            &[],
        );
        insta::assert_snapshot!(wrong(&config).join("\n"), @r"
        src/main/resources/application.properties:9: unknown key `outOfOder`
        did you mean `outOfOrder`?
        ");
        assert_eq!(
            told(config.database.as_ref()),
            "jdbc:postgresql://localhost/app (src/main/resources/application.properties:2)"
        );
        assert_eq!(config.password, None);
        assert_eq!(config.option("baselineOnMigrate"), Some("true"));
        assert_eq!(
            config.option("locations"),
            Some("classpath:db/a,classpath:db/b")
        );
        let yaml = "spring:\n  datasource:\n    url: \"jdbc:mysql://db/app\"   # the url\n    username: app\n  flyway:\n    locations:\n      - classpath:db/migration/{vendor}\n      - filesystem:x\n    schemas: [one, two]\n    placeholders:\n      Tenant: 'ac''me'\n---\nspring:\n  config:\n    activate:\n      on-profile: test\n  flyway:\n    table: other\n";
        let config = read(&[("src/main/resources/application.yml", yaml)], &[]);
        assert_eq!(wrong(&config), Vec::<String>::new());
        assert_eq!(
            told(config.database.as_ref()),
            "jdbc:mysql://db/app (src/main/resources/application.yml:3)"
        );
        assert_eq!(
            config.option("locations"),
            Some("classpath:db/migration/{vendor},filesystem:x")
        );
        assert_eq!(config.option("schemas"), Some("one,two"));
        assert_eq!(config.values["tenant"].value, "ac'me");
        assert_eq!(config.table, None);
        let off = read(
            &[(
                "src/main/resources/application.properties",
                "spring.flyway.enabled=false\n",
            )],
            &[],
        );
        assert_eq!(off.option(SOURCE), None);
    }
}
