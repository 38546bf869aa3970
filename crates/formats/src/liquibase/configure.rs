//! Reads the configuration in the order in which the tool lets one place count before another: Spring Boot's properties, its own
//! file, the variables.

use super::keys::{self, Use};
use super::settings::RESOURCES;
use super::{detect, master, paths};
use crate::conf_file::{self, Backslash};
use crate::format::View;
use crate::host_config::{self, HostConfig, HostSetting};
use crate::mentions::lossy_text;
use crate::numbered::{is_sql, join};
use crate::spring::{self, Login};
use shoring_core::{Diagnostic, TreeError};

/// Which file has the configuration, for detection.
pub(super) const SOURCE: &str = "source";

/// Which variable names a changelog. It may be there for another project.
pub(super) const VARIABLE: &str = "variable";

/// The tool's own files, weakest first.
const FILES: [&str; 2] = [
    "src/main/resources/liquibase.properties",
    "liquibase.properties",
];

/// What Spring Boot reads when nothing else is said.
const SPRING_DEFAULT: &str = "db/changelog/db.changelog-master.yaml";

/// Reads everything there is.
pub(super) fn configure(view: View<'_>) -> Result<HostConfig, TreeError> {
    let mut found = Collector {
        view,
        config: HostConfig::default(),
    };
    read_spring(&mut found)?;
    for file in FILES.iter().filter(|file| view.tree.has_file(file)) {
        let text = lossy_text(view.tree, file)?;
        found.note(SOURCE, file, file);
        for entry in conf_file::parse(&text, Backslash::Escape) {
            found.take(&entry.key, &entry.value, &format!("{file}:{}", entry.line));
        }
    }
    for variable in view.variable_names {
        let Some(name) = keys::of_variable(variable) else {
            continue;
        };
        // Other programs have variables of this beginning too, such as the image of a container.
        if let (Some(setting), Some((kept, _))) = ((view.variables)(variable), keys::find(&name)) {
            if kept == "changelogFile" {
                found.note(VARIABLE, variable, &setting.origin);
            }
            found.take(&name, &setting.value, &setting.origin);
        }
    }
    let is_used = !found.config.options.is_empty() || detect::usual(view.tree)?.is_some();
    if is_used {
        found.take_environment();
    }
    Ok(found.finish())
}

struct Collector<'v> {
    view: View<'v>,
    config: HostConfig,
}

impl Collector<'_> {
    /// Takes `value` for `name`. `origin` is where it stands.
    fn take(&mut self, name: &str, value: &str, origin: &str) {
        let value = host_config::expanded(value, self.view.variables);
        let setting = HostSetting {
            value: value.clone(),
            origin: origin.to_owned(),
        };
        if let Some(parameter) = keys::parameter(name) {
            self.config.values.insert(parameter.to_lowercase(), setting);
            return;
        }
        match keys::find(name) {
            Some((_, Use::Passed)) => {}
            Some((kept, Use::Refused(reason))) => {
                if !matches!(value.trim(), "" | "false" | "PRESERVE") {
                    self.wrong(origin, &format!("`{kept}` is not supported: {reason}"));
                }
            }
            Some(("fileEncoding", Use::Read)) => {
                let plain = value.trim().to_ascii_lowercase().replace('-', "");
                if !matches!(plain.as_str(), "" | "utf8" | "usascii" | "os") {
                    self.wrong(
                        origin,
                        &format!("files in the encoding `{value}` are not read"),
                    );
                }
            }
            Some(("url", Use::Read)) => self.config.database = Some(setting),
            Some(("username", Use::Read)) => self.config.user = Some(setting),
            Some(("password", Use::Read)) => self.config.password = Some(setting),
            Some((kept, Use::Read)) => drop(self.config.options.insert(kept, setting)),
            // The tool passes over what it does not know.
            None => {
                let hint = match keys::near(name) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "take it out; Liquibase passes over it too".to_owned(),
                };
                let message = format!("{origin}: unknown key `{name}`");
                let warning = Diagnostic::warning("unknown-key", message).hint(hint);
                self.config.diagnostics.push(warning);
            }
        }
    }

    fn wrong(&mut self, origin: &str, message: &str) {
        let diagnostic = Diagnostic::error("bad-configuration", format!("{origin}: {message}"))
            .hint("take it out, or run this project with Liquibase itself");
        self.config.diagnostics.push(diagnostic);
    }

    fn note(&mut self, option: &'static str, value: &str, origin: &str) {
        let setting = HostSetting {
            value: value.to_owned(),
            origin: origin.to_owned(),
        };
        self.config.options.insert(option, setting);
    }

    /// Variables of the environment stand for `${NAME}` in changelogs, before everything else.
    fn take_environment(&mut self) {
        for variable in self.view.variable_names {
            if let Some(setting) = (self.view.variables)(variable)
                && setting.origin.starts_with("environment")
            {
                self.config.values.insert(variable.to_lowercase(), setting);
            }
        }
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
        self.config
    }
}

fn read_spring(found: &mut Collector<'_>) -> Result<(), TreeError> {
    const FRONT: &str = "spring.liquibase.";
    let properties = spring::properties(found.view)?;
    let first = properties
        .iter()
        .find(|property| property.key.starts_with(FRONT));
    // Spring Boot needs no word about it: the changelog where it looks for one is enough.
    let has_default = found.view.tree.has_file(&join(RESOURCES, SPRING_DEFAULT));
    if first.is_none() && (!has_default || properties.is_empty()) {
        return Ok(());
    }
    let is_off = properties
        .iter()
        .rfind(|property| property.key == "spring.liquibase.enabled")
        .is_some_and(|property| property.value == "false");
    if is_off {
        return Ok(());
    }
    let source = first.or(properties.first());
    let file = source
        .and_then(|first| first.origin.rsplit_once(':'))
        .map_or("", |(file, _)| file);
    found.note(SOURCE, file, file);
    for (of, login) in spring::DATASOURCE {
        let name = match login {
            Login::Url => "url",
            Login::User => "username",
            Login::Password => "password",
        };
        if let Some(property) = properties.iter().rfind(|property| property.key == of) {
            found.take(name, &property.value, &property.origin);
        }
    }
    found.take(
        "changelogFile",
        SPRING_DEFAULT,
        "the default of Spring Boot",
    );
    for property in &properties {
        let Some(name) = property.key.strip_prefix(FRONT) else {
            continue;
        };
        match name.split_once('[') {
            // A list is one text to the tool.
            Some((list, index)) => {
                let kept = keys::find(list).map_or("", |(kept, _)| kept);
                let before = found.config.option(kept).unwrap_or_default().to_owned();
                let value = match index {
                    "0]" => property.value.clone(),
                    _ => format!("{before},{}", property.value),
                };
                found.take(list, &value, &property.origin);
            }
            None => found.take(name, &property.value, &property.origin),
        }
    }
    if let Some(setting) = found.config.options.get_mut("changelogFile") {
        setting.value = paths::normalised(&setting.value);
    }
    let mut search = HostSetting {
        value: RESOURCES.to_owned(),
        origin: "the class path".to_owned(),
    };
    if let Some(known) = found.config.options.get("searchPath") {
        search.value = format!("{},{RESOURCES}", known.value);
    }
    found.config.options.insert("searchPath", search);
    Ok(())
}

/// Whether a name may be that of a changelog.
pub(super) fn may_be_changelog(name: &str) -> bool {
    is_sql(name) || master::has_extension(name)
}
