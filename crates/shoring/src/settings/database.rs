//! From the text of the setting to a parsed URL with its password.

use super::load::Settings;
use crate::error::{Error, ErrorKind, Result};
use shoring_db::url::UrlError;
use shoring_db::{DatabaseUrl, SqliteLocation};

impl Settings {
    /// The database to connect to, with the password that counts.
    ///
    /// # Errors
    /// `bad-database-url` when the text is no URL. The message names the position and never repeats the text.
    pub fn database_url(&self) -> Result<DatabaseUrl> {
        let parsed = DatabaseUrl::parse(&self.database.value, &self.surroundings.root);
        let mut url = parsed.map_err(|error| {
            let next = match error {
                UrlError::UnknownParameter { .. } | UrlError::Unsupported { .. } | UrlError::BadValue { .. } => {
                    "correct it;  the parameters that mean something:  shoring help urls"
                }
                _ => "correct it; a password with special characters is easier to give as SHORING_PASSWORD or `password_file`",
            };
            Error::new(ErrorKind::Usage, "bad-database-url", error.to_string())
                .note(format!("it comes from {}", self.database.origin))
                .next(next)
        })?;
        if url.sqlite.is_none() {
            if let (None, Some(user)) = (&url.user, &self.user) {
                url.user = Some(user.value.clone());
            }
            url.password = self.password_to_use(url.password.as_ref()).cloned();
        }
        Ok(url)
    }

    /// The database as it may be printed; a text that is no URL is not shown at all.
    pub fn database_for_people(&self) -> Option<String> {
        DatabaseUrl::parse(&self.database.value, &self.surroundings.root)
            .ok()
            .map(|url| url.redacted())
    }

    /// Whether the database is an SQLite file that does not exist yet.
    pub fn is_new_file(&self) -> bool {
        let url = DatabaseUrl::parse(&self.database.value, &self.surroundings.root);
        match url.ok().and_then(|url| url.sqlite) {
            Some(SqliteLocation::File(path)) => !self.surroundings.root.join(path).exists(),
            Some(SqliteLocation::Memory) | None => false,
        }
    }
}
