//! The DSN of Go's MySQL driver: `user:password@tcp(host:3306)/database?key=value`. Nothing in its login is encoded, except
//! behind `mysql://` (golang-migrate), where it is.

use super::error::UrlError;
use super::network::parse_host;
use super::parameters;
use super::parts::Parts;
use super::text::Piece;
use shoring_core::Dialect;

const NETWORKS: &[&str] = &["tcp(", "tcp6(", "unix("];

/// Whether the text has a network with an address in parentheses where this DSN has it.
pub(super) fn is_dsn(text: &str) -> bool {
    let text = text.strip_prefix("//").unwrap_or(text);
    login_end(text).is_some() || NETWORKS.iter().any(|network| text.starts_with(network))
}

/// The offset of the `@` before the network.
fn login_end(text: &str) -> Option<usize> {
    NETWORKS
        .iter()
        .filter_map(|network| text.rfind(&format!("@{network}")))
        .max()
}

pub(super) fn parse(piece: Piece<'_>, is_encoded: bool) -> Result<Parts, UrlError> {
    let read = |piece: Piece<'_>| {
        if is_encoded {
            piece.decode_leniently()
        } else {
            Ok(piece.text().to_owned())
        }
    };
    let mut parts = Parts::default();
    let mut rest = piece;
    if let Some(at) = login_end(piece.text()) {
        let login = piece.until(at);
        rest = piece.after(at + 1);
        let (user, password) = match login.split_once(':') {
            Some((user, password)) => (user, Some(password)),
            None => (login, None),
        };
        parts.user = Some(read(user)?);
        parts.password = password.map(read).transpose()?;
    }
    let bad_host = UrlError::BadHost {
        position: rest.position(0),
    };
    let (network, rest) = rest.split_once('(').ok_or_else(|| bad_host.clone())?;
    let (address, tail) = rest.split_once(')').ok_or_else(|| bad_host.clone())?;
    if network.text() == "unix" {
        parts
            .parameters
            .push(("socket".to_owned(), address.text().to_owned()));
    } else {
        parts.hosts.push(parse_host(address)?);
    }
    let Some(tail) = tail.strip_prefix_ignoring_case("/") else {
        return if tail.is_empty() {
            Ok(parts)
        } else {
            Err(bad_host)
        };
    };
    let (database, query) = match tail.split_once('?') {
        Some((database, query)) => (database, Some(query)),
        None => (tail, None),
    };
    if !database.is_empty() {
        parts.database = Some(database.decode_leniently()?);
    }
    if let Some(query) = query {
        parts
            .parameters
            .extend(parameters::parse(query, Dialect::Mysql)?);
    }
    Ok(parts)
}
