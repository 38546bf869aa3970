//! What stands between us and the data, with the evidence.

use super::session::MysqlSession;
use super::variables::Variables;
use crate::error::DbError;
use crate::session::Topology;
use shoring_core::{Product, ServerVersion};

impl MysqlSession {
    /// See [`crate::Session::topology`]. Asked once.
    pub(super) async fn read_topology(&mut self) -> Result<Topology, DbError> {
        if let Some(topology) = &self.topology {
            return Ok(topology.clone());
        }
        let variables = self.variables_at_connect().await?.clone();
        let topology = Topology {
            pooler: self.pooler().await?,
            galera: cluster(&variables),
            read_only: self.read_only(&variables).await?,
        };
        self.topology = Some(topology.clone());
        Ok(topology)
    }

    /// A proxy greets with a connection id of its own. ProxySQL also answers `CONNECTION_ID()` with it, so the process list is
    /// asked which session runs this very query.
    async fn pooler(&mut self) -> Result<Option<String>, DbError> {
        let greeted = self.connection.id();
        let reported = self.identity.connection_id;
        // The greeting carries the lower 32 bits.
        if u64::from(greeted) != reported & u64::from(u32::MAX) {
            return Ok(Some(format!(
                "the greeting says connection {greeted}, the server says {reported}"
            )));
        }
        let seen = self
            .ask(&format!(
                "SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE '%shoring asks who runs this: {greeted}%'"
            ))
            .await?;
        let ids: Vec<i64> = seen.iter().filter_map(|row| row.int(0)).collect();
        if !ids.is_empty() && !ids.iter().any(|id| u64::try_from(*id) == Ok(reported)) {
            return Ok(Some(format!(
                "`CONNECTION_ID()` says {reported}, the process list says {}",
                ids[0]
            )));
        }
        // Spelled as ProxySQL recognises it.
        let comment = self.ask("select @@version_comment limit 1").await?;
        Ok(comment
            .first()
            .and_then(|row| row.text(0))
            .filter(|comment| comment.to_ascii_lowercase().contains("proxysql"))
            .map(|comment| format!("`@@version_comment` says {comment}")))
    }

    async fn read_only(&mut self, variables: &Variables) -> Result<Option<String>, DbError> {
        for name in [
            "innodb_read_only",
            "super_read_only",
            "transaction_read_only",
            "tx_read_only",
        ] {
            if variables.is_on(name) {
                return Ok(Some(format!("`{name}` is on")));
            }
        }
        let value = variables.get("read_only").unwrap_or("OFF");
        if matches!(value, "OFF" | "0") {
            return Ok(None);
        }
        let privileges = self.global_privileges().await?;
        let is_exempt = value != "NO_LOCK_NO_ADMIN"
            && is_exempt(self.server.product, self.server.version, &privileges);
        Ok((!is_exempt)
            .then(|| "`read_only` is on, and this user is not exempt from it".to_owned()))
    }

    /// The privileges on `*.*` of this user and of the roles that are active, upper case.
    pub(super) async fn global_privileges(&mut self) -> Result<Vec<String>, DbError> {
        // MariaDB lists those of the active role by itself; MySQL wants the roles named. Before 8.0 there are none.
        let roles = match self.server.product {
            Product::Mysql => self.ask("SELECT CURRENT_ROLE()").await.ok(),
            Product::Mariadb | Product::Postgresql | Product::Sqlite => None,
        };
        let roles = roles
            .as_ref()
            .and_then(|rows| rows.first()?.text(0))
            .filter(|roles| roles != "NONE" && !roles.is_empty());
        let query = match roles {
            Some(roles) => format!("SHOW GRANTS FOR CURRENT_USER() USING {roles}"),
            None => "SHOW GRANTS".to_owned(),
        };
        let grants = self.ask(&query).await?;
        Ok(grants
            .iter()
            .filter_map(|row| row.text(0))
            .flat_map(|grant| privileges_everywhere(&grant))
            .collect())
    }
}

/// The privileges of one `GRANT … ON *.* TO …`.
fn privileges_everywhere(grant: &str) -> Vec<String> {
    let Some((list, _)) = grant
        .strip_prefix("GRANT ")
        .and_then(|rest| rest.split_once(" ON *.* TO "))
    else {
        return Vec::new();
    };
    list.split(',')
        .map(|privilege| privilege.trim().to_ascii_uppercase())
        .collect()
}

/// `read_only` does not bind everybody (MySQL manual 7.1.8, MariaDB "READ_ONLY ADMIN").
fn is_exempt(product: Product, version: ServerVersion, privileges: &[String]) -> bool {
    let has = |name: &str| privileges.iter().any(|privilege| privilege == name);
    if has("ALL PRIVILEGES") {
        return true;
    }
    match product {
        Product::Mariadb => {
            // SUPER lost it in 10.11.
            has("READ_ONLY ADMIN")
                || has("READ ONLY ADMIN")
                || (has("SUPER") && version < ServerVersion::new(10, 11, 0))
        }
        Product::Mysql | Product::Postgresql | Product::Sqlite => {
            has("SUPER") || has("CONNECTION_ADMIN")
        }
    }
}

/// A cluster in which every node takes writes: a lock on one node says nothing on another.
fn cluster(variables: &Variables) -> Option<String> {
    let has_provider = variables
        .get("wsrep_provider")
        .is_some_and(|provider| !provider.is_empty() && provider != "none");
    if variables.is_on("wsrep_on") && has_provider {
        let name = variables.get("wsrep_cluster_name").unwrap_or_default();
        return Some(format!("`wsrep_on` is on, cluster `{name}`"));
    }
    let is_single = variables
        .get("group_replication_single_primary_mode")
        .is_none_or(|value| value == "ON");
    (!is_single).then(|| "`group_replication_single_primary_mode` is off".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoring_core::Row;

    #[test]
    fn only_global_privileges_count() {
        assert_eq!(
            privileges_everywhere(
                "GRANT SELECT, SUPER, READ_ONLY ADMIN ON *.* TO `u`@`%` IDENTIFIED BY PASSWORD '*x'"
            ),
            ["SELECT", "SUPER", "READ_ONLY ADMIN"]
        );
        assert!(privileges_everywhere("GRANT ALL PRIVILEGES ON `app`.* TO `u`@`%`").is_empty());
        assert!(privileges_everywhere("GRANT `r`@`%` TO `u`@`%`").is_empty());
    }

    #[test]
    fn super_is_not_exempt_on_newer_mariadb() {
        let privileges = ["SUPER".to_owned()];
        for (product, version, expected) in [
            (Product::Mysql, ServerVersion::new(8, 4, 0), true),
            (Product::Mariadb, ServerVersion::new(10, 6, 0), true),
            (Product::Mariadb, ServerVersion::new(10, 11, 19), false),
        ] {
            assert_eq!(is_exempt(product, version, &privileges), expected);
        }
    }

    #[test]
    fn a_cluster_needs_a_provider() {
        let variables = |pairs: &[(&str, &str)]| {
            let rows: Vec<Row> = pairs
                .iter()
                .map(|(name, value)| Row::new(vec![(*name).into(), (*value).into()]))
                .collect();
            Variables::from_rows(&rows)
        };
        assert!(
            cluster(&variables(&[
                ("wsrep_on", "ON"),
                ("wsrep_provider", "none")
            ]))
            .is_none()
        );
        assert!(
            cluster(&variables(&[
                ("wsrep_on", "ON"),
                ("wsrep_provider", "/lib/g.so")
            ]))
            .is_some()
        );
        assert!(
            cluster(&variables(&[(
                "group_replication_single_primary_mode",
                "OFF"
            )]))
            .is_some()
        );
        assert!(cluster(&variables(&[])).is_none());
    }
}
