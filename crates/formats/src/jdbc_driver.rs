//! What the JDBC driver of a tool sets a session to, where files are understood otherwise by it.

use crate::host_config::HostConfig;
use shoring_core::Product;

/// MariaDB Connector/J (3.5.11, watched) connects with the flag for `IGNORE_SPACE`: `COUNT (*)` is a call then, and a table may
/// not be called `sum`. MySQL Connector/J (9.7.0) does not. The URL says which one the tool takes: its own, else the one that is
/// used here.
pub(crate) fn driver_setup(
    config: &HostConfig,
    product: Product,
    scheme: Option<&str>,
) -> Option<String> {
    if !matches!(product, Product::Mysql | Product::Mariadb) {
        return None;
    }
    let is_mariadbs = match &config.database {
        Some(url) => {
            let url = url.value.to_ascii_lowercase();
            url.strip_prefix("jdbc:")
                .unwrap_or(&url)
                .starts_with("mariadb:")
        }
        None => scheme == Some("mariadb"),
    };
    is_mariadbs
        .then(|| "SET SESSION sql_mode = CONCAT(@@SESSION.sql_mode, ',IGNORE_SPACE')".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host_config::HostSetting;

    #[test]
    fn the_url_of_the_tool_says_which_driver_it_is() {
        let config = |url: Option<&str>| HostConfig {
            database: url.map(|url| HostSetting {
                value: url.to_owned(),
                origin: "flyway.conf:1".to_owned(),
            }),
            ..HostConfig::default()
        };
        let cases = [
            (Some("jdbc:mariadb://h/d"), Product::Mysql, "mysql", true),
            (Some("jdbc:mysql://h/d"), Product::Mariadb, "mariadb", false),
            (None, Product::Mariadb, "mariadb", true),
            (None, Product::Mariadb, "mysql", false),
            (Some("jdbc:mariadb://h/d"), Product::Sqlite, "sqlite", false),
        ];
        for (url, product, scheme, expected) in cases {
            let setup = driver_setup(&config(url), product, Some(scheme));
            assert_eq!(setup.is_some(), expected, "{url:?} {scheme}");
        }
    }
}
