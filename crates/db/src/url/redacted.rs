//! The URL without its secrets, for people and for JSON.

use super::{DatabaseUrl, Host, SqliteLocation, parameters};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// What has to be encoded so that the printed URL can be read back.
const RESERVED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'&')
    .add(b'/')
    .add(b':')
    .add(b'<')
    .add(b'=')
    .add(b'>')
    .add(b'?')
    .add(b'@')
    .add(b'[')
    .add(b']');

/// In values a path stays readable.
const IN_VALUE: &AsciiSet = &RESERVED.remove(b'/').remove(b':');

fn encode(text: &str, set: &'static AsciiSet) -> String {
    utf8_percent_encode(text, set).to_string()
}

impl DatabaseUrl {
    /// The URL without the password and with the values of secret-looking parameters masked:
    /// `postgres://app@db:5432/app`, `sqlite:shoring.db`.
    pub fn redacted(&self) -> String {
        let mut pairs = Vec::new();
        let mut text = match &self.sqlite {
            Some(SqliteLocation::Memory) => "sqlite::memory:".to_owned(),
            Some(SqliteLocation::File(path)) => match &self.written {
                Some((resolved, written)) if resolved == path => format!("sqlite:{written}"),
                Some(_) | None => format!("sqlite:{}", path.display()),
            },
            None => self.redacted_server(&mut pairs),
        };
        for (key, value) in &self.parameters {
            let value = if parameters::is_secret(key) {
                "***".to_owned()
            } else {
                encode(value, IN_VALUE)
            };
            pairs.push(format!("{}={value}", encode(key, RESERVED)));
        }
        if !pairs.is_empty() {
            text.push('?');
            text.push_str(&pairs.join("&"));
        }
        text
    }

    fn redacted_server(&self, pairs: &mut Vec<String>) -> String {
        let mut text = format!("{}://", self.scheme);
        if let Some(user) = &self.user {
            text.push_str(&encode(user, RESERVED));
            text.push('@');
        }
        if !self.has_default_hosts {
            let mut hosts = Vec::new();
            for host in &self.hosts {
                match host {
                    Host::Tcp(..) => hosts.push(host.to_string()),
                    Host::Unix(path, port) => {
                        let path = encode(&path.display().to_string(), IN_VALUE);
                        if self.dialect == shoring_core::Dialect::Mysql {
                            pairs.push(format!("socket={path}"));
                        } else {
                            pairs.push(format!("host={path}"));
                            if *port != 5432 {
                                pairs.push(format!("port={port}"));
                            }
                        }
                    }
                }
            }
            text.push_str(&hosts.join(","));
        }
        if let Some(database) = &self.database {
            text.push('/');
            text.push_str(&encode(database, RESERVED));
        } else if !pairs.is_empty() {
            text.push('/');
        }
        text
    }
}
