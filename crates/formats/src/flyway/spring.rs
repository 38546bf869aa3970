//! Spring Boot's properties: `spring.flyway.*`, and `spring.datasource.*` for the database.

use super::configure::Collector;
use crate::spring::{DATASOURCE, Login, Property, camel, properties};
use shoring_core::TreeError;
use std::collections::BTreeMap;

pub(super) fn read(found: &mut Collector<'_>) -> Result<(), TreeError> {
    let properties = properties(found.view)?;
    let of_flyway = |property: &Property| property.key.starts_with("spring.flyway.");
    // Spring Boot needs no word about it: that the build has it is enough.
    let first = properties.iter().find(|property| of_flyway(property));
    if first.is_none() && super::detect::mention(found.view.tree)?.is_none() {
        return Ok(());
    }
    let is_off = properties
        .iter()
        .rfind(|property| property.key == "spring.flyway.enabled")
        .is_some_and(|property| property.value == "false");
    if is_off {
        return Ok(());
    }
    if let Some(first) = first {
        let file = first.origin.rsplit_once(':').map_or("", |(file, _)| file);
        found.note_source(file);
    }
    for (of, login) in DATASOURCE {
        let name = match login {
            Login::Url => "url",
            Login::User => "user",
            Login::Password => "password",
        };
        if let Some(property) = properties.iter().rfind(|property| property.key == of) {
            found.take(name, &property.value, &property.origin);
        }
    }
    let mut lists: BTreeMap<String, (Vec<String>, String)> = BTreeMap::new();
    for property in properties.iter().filter(|property| of_flyway(property)) {
        let name = property.key["spring.flyway.".len()..].to_owned();
        // `locations[0]` belongs to a list.
        match name.split_once('[') {
            Some((list, _)) => {
                let (values, _) = lists
                    .entry(camel(list))
                    .or_insert_with(|| (Vec::new(), property.origin.clone()));
                values.push(property.value.clone());
            }
            None => match name.strip_prefix("placeholders.") {
                Some(placeholder) => found.take(
                    &format!("placeholders.{placeholder}"),
                    &property.value,
                    &property.origin,
                ),
                None => found.take(&camel(&name), &property.value, &property.origin),
            },
        }
    }
    for (name, (values, origin)) in lists {
        // The only list that is not one of names.
        let separator = if name == "initSqls" { ";\n" } else { "," };
        found.take(&name, &values.join(separator), &origin);
    }
    Ok(())
}
