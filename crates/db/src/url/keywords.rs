//! libpq keyword strings: `host=/run/postgresql dbname='my db' user=app`, quotes and backslashes as in libpq.

use super::error::UrlError;
use super::parameters;
use super::parts::Parts;
use super::text::Piece;
use shoring_core::Dialect;

/// Whether the text begins with `word =`.
pub(super) fn is_keywords(text: &str) -> bool {
    let Some((key, _)) = text.split_once('=') else {
        return false;
    };
    let key = key.trim_end();
    !key.is_empty()
        && key
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

pub(super) fn parse(piece: Piece<'_>) -> Result<Parts, UrlError> {
    let mut parts = Parts::default();
    let mut seen_secret = false;
    let mut rest = piece;
    loop {
        rest = skip_blanks(rest);
        if rest.is_empty() {
            return Ok(parts);
        }
        let bad = UrlError::BadKeyword {
            position: rest.position(0),
        };
        let (key, value) = rest.split_once('=').ok_or_else(|| bad.clone())?;
        let name = key.text().trim_end();
        if !is_keywords(&format!("{name}=")) {
            return Err(bad);
        }
        let (value, after) = read_value(skip_blanks(value))?;
        if !parameters::is_known(name, Dialect::Postgresql) {
            return Err(parameters::unknown(key, Dialect::Postgresql, seen_secret));
        }
        seen_secret |= parameters::is_secret(name);
        parts.parameters.push((name.to_owned(), value));
        rest = after;
    }
}

fn skip_blanks(piece: Piece<'_>) -> Piece<'_> {
    let text = piece.text();
    piece.after(text.len() - text.trim_start().len())
}

/// A value, quoted or not, and what follows it.
fn read_value(piece: Piece<'_>) -> Result<(String, Piece<'_>), UrlError> {
    let is_quoted = piece.text().starts_with('\'');
    let body = if is_quoted { piece.after(1) } else { piece };
    let mut value = String::new();
    let mut characters = body.text().char_indices();
    while let Some((offset, character)) = characters.next() {
        match character {
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            '\'' if is_quoted => return Ok((value, body.after(offset + 1))),
            _ if !is_quoted && character.is_whitespace() => return Ok((value, body.after(offset))),
            _ => value.push(character),
        }
    }
    if is_quoted {
        return Err(UrlError::BadKeyword {
            position: piece.position(0),
        });
    }
    Ok((value, body.after(body.text().len())))
}
