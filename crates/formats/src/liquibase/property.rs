//! Properties that changelogs set, for this database and this environment.

use super::build::Builder;
use super::expression;
use super::line::{Value, attribute};
use super::parameters::{Lookup, Parameters};
use shoring_core::Product;

/// A property as a changelog says it.
pub(super) struct Property {
    pub(super) name: Option<String>,
    pub(super) value: Option<String>,
    pub(super) context: Option<String>,
    pub(super) labels: Option<String>,
    pub(super) dbms: Option<String>,
    pub(super) is_global: bool,
}

impl Property {
    /// That of a line `--property name:x value:y`.
    pub(super) fn of_line(text: &str, lookup: &Lookup<'_>) -> Self {
        let get = |name, value| attribute(text, name, value).map(|text| lookup.expand(text));
        Self {
            name: get("name", Value::Spaced),
            value: get("value", Value::Spaced),
            context: get("contextFilter", Value::Quoted)
                .filter(|text| !text.is_empty())
                .or_else(|| get("context", Value::Quoted)),
            labels: get("labels", Value::Quoted),
            dbms: get("dbms", Value::Products),
            is_global: get("global", Value::Text)
                .is_none_or(|word| word.eq_ignore_ascii_case("true")),
        }
    }

    /// Sets it, where it is for this database and this environment.
    pub(super) fn set(&self, parameters: &mut Parameters, file: &str, builder: &Builder) {
        let (Some(name), Some(value)) = (&self.name, &self.value) else {
            return;
        };
        let is_for = |product: Product| {
            self.dbms
                .as_ref()
                .is_none_or(|dbms| expression::has_product(dbms, product))
        };
        let has_context = self
            .context
            .as_ref()
            .is_none_or(|context| expression::holds(context, &builder.contexts));
        let labels = expression::names(self.labels.as_deref().unwrap_or_default());
        if !is_for(builder.product)
            || !has_context
            || !expression::holds(&builder.label_filter, &labels)
        {
            return;
        }
        if self.is_global {
            parameters.set(name, value);
        } else {
            parameters.set_local(file, name, value);
        }
    }
}
