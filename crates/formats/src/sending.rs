//! How another tool sends a script, and so what works here, statement by statement, and would fail there. Warnings, so that a
//! team can still go back.

use shoring_core::{
    Diagnostic, MigrationPlan, PlannedStatement, Product, Severity, TransactionMode,
    TransactionRule,
};

/// One tool's way of sending.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sending {
    /// The tool's name.
    pub(crate) tool: &'static str,
    /// The code of its warnings.
    pub(crate) code: &'static str,
    /// What it sends at once: the file, the block.
    pub(crate) unit: &'static str,
    /// Whether it sends that as one query. PostgreSQL then takes its statements for one transaction.
    pub(crate) is_whole: bool,
    /// Whether it opens a transaction around it.
    pub(crate) opens: fn(Product) -> Opens,
}

/// Whether a tool opens a transaction around a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opens {
    /// Never.
    No,
    /// Always.
    Always,
    /// Unless the file asks for none, with these words.
    Unless(&'static str),
}

impl Sending {
    /// What would fail in the tool.
    pub(crate) fn warnings(&self, plan: &MigrationPlan, product: Product) -> Vec<Diagnostic> {
        let Some(script) = plan.migration.script(plan.direction) else {
            return Vec::new();
        };
        let (tool, unit) = (self.tool, self.unit);
        let opens = (self.opens)(product);
        let mut problems: Vec<(String, String)> = Vec::new();
        let with = |rule| {
            // A file that begins with COMMIT has left the transaction that the tool opened.
            let is_in_the_tools = |statement: &&PlannedStatement| {
                opens == Opens::No || statement.facts.transaction != TransactionRule::Commit
            };
            plan.statements
                .iter()
                .take_while(is_in_the_tools)
                .find(|statement| statement.facts.transaction == rule)
        };
        if let Some(statement) = with(TransactionRule::Forbidden) {
            let verb = &statement.facts.verb;
            let asks_for_none = script.directives.transaction == TransactionMode::None;
            if product == Product::Postgresql && self.is_whole && plan.statement_count > 1 {
                let asked = match opens {
                    Opens::Unless(words) => format!(", with {words}"),
                    Opens::No | Opens::Always => String::new(),
                };
                problems.push((
                    format!("{tool} sends the {unit} as one query, where {verb} cannot run beside other statements"),
                    format!("give the statement a file of its own{asked}"),
                ));
            } else if let Opens::Unless(words) = opens
                && !asks_for_none
            {
                problems.push((
                    format!("{tool} opens a transaction, where {verb} cannot run"),
                    format!("say that it shall not, with {words}"),
                ));
            } else if opens == Opens::Always {
                problems.push((
                    format!("{tool} opens a transaction, where {verb} cannot run"),
                    format!("leave it out: {tool} has no way to run it"),
                ));
            }
        }
        match product {
            Product::Postgresql => {
                if plan
                    .statements
                    .iter()
                    .any(|statement| statement.has_copy_data)
                {
                    problems.push((
                        format!("{tool} cannot send the data of COPY … FROM stdin"),
                        "write INSERT statements".to_owned(),
                    ));
                }
            }
            Product::Mysql | Product::Mariadb => {
                if plan.has_client_commands {
                    problems.push((
                        format!("{tool} sends DELIMITER to the server, which does not know it"),
                        "leave DELIMITER out and give each routine a file of its own".to_owned(),
                    ));
                }
            }
            Product::Sqlite => {
                if with(TransactionRule::Begin).is_some() && opens != Opens::No {
                    problems.push((
                        format!("{tool} opens a transaction itself, where BEGIN fails"),
                        "take BEGIN and COMMIT out".to_owned(),
                    ));
                }
            }
        }
        problems
            .into_iter()
            .map(|(problem, instead)| self.warning(&script.path, &problem, &instead))
            .collect()
    }

    /// One warning of this tool.
    pub(crate) fn warning(&self, path: &str, problem: &str, instead: &str) -> Diagnostic {
        Diagnostic {
            severity: Severity::Warning,
            ..Diagnostic::error(self.code, format!("`{path}`: {problem}"))
        }
        .hint(format!("to stay able to go back, {instead}"))
    }
}
