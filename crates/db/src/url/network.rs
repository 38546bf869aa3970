//! `scheme://user:password@host:port,host:port/database?key=value`, with passwords that should have been encoded.
//!
//! The user part ends at the *last* `@` that can be meant, so `@`, `/`, `?` and `#` may stand raw in a password as long as
//! what follows reads as a host. An `@` may also stand raw in a value after `?` when everything there is a known parameter.

use super::error::UrlError;
use super::parameters;
use super::parts::Parts;
use super::text::Piece;
use shoring_core::Dialect;

pub(super) fn parse(
    authority: Piece<'_>,
    dialect: Dialect,
    is_jdbc: bool,
) -> Result<Parts, UrlError> {
    let (login, rest) = split_login(authority, dialect)?;
    let mut parts = Parts::default();
    if let Some(login) = login {
        let (user, password) = match login.split_once(':') {
            Some((user, password)) => (user, Some(password)),
            None => (login, None),
        };
        if !user.is_empty() {
            parts.user = Some(user.decode_leniently()?);
        }
        if let Some(password) = password {
            parts.password = Some(password.decode_leniently()?);
        }
    }
    let hosts_end = rest.text().find(['/', '?']).unwrap_or(rest.text().len());
    let hosts = rest.until(hosts_end);
    let tail = rest.after(hosts_end);
    if !hosts.is_empty() {
        for host in hosts.split(',') {
            parts.hosts.push(parse_host(host)?);
        }
    }
    let (path, query) = match tail.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (tail, None),
    };
    if let Some(database) = path.strip_prefix_ignoring_case("/") {
        if let Some(offset) = database.text().find(['@', '/', '#', ':']) {
            return Err(UrlError::Unencoded {
                position: database.position(offset),
            });
        }
        if !database.is_empty() {
            parts.database = Some(database.decode()?);
        }
    }
    if let Some(query) = query {
        parts.parameters = if is_jdbc {
            parameters::parse_of_jdbc(query, dialect)?
        } else {
            parameters::parse(query, dialect)?
        };
    }
    Ok(parts)
}

/// The login before its `@`, and what follows.
fn split_login(
    piece: Piece<'_>,
    dialect: Dialect,
) -> Result<(Option<Piece<'_>>, Piece<'_>), UrlError> {
    let text = piece.text();
    let plain_end = text.find(['/', '?', '#']).unwrap_or(text.len());
    let Some(last) = text.rfind('@') else {
        return Ok((None, piece));
    };
    let at = if last < plain_end || !is_in_query(piece, plain_end, last, dialect)? {
        last
    } else {
        match text[..plain_end].rfind('@') {
            Some(at) => at,
            None => return Ok((None, piece)),
        }
    };
    if !text[..at.min(plain_end)].contains(':') && at > plain_end {
        // No `user:` before it, so this is no raw password; a database name has its `@` encoded.
        return Err(UrlError::Unencoded {
            position: piece.position(at),
        });
    }
    Ok((Some(piece.until(at)), piece.after(at + 1)))
}

/// Whether the `@` at `last` belongs to the value of a parameter rather than ending a raw password: a known name follows
/// the first `?`. An unknown one among the rest leaves both readings open, so neither is taken.
fn is_in_query(
    piece: Piece<'_>,
    plain_end: usize,
    last: usize,
    dialect: Dialect,
) -> Result<bool, UrlError> {
    let Some(question) = piece.text()[plain_end..last].find('?') else {
        return Ok(false);
    };
    let query = piece.after(plain_end + question + 1);
    let mut known = query.split('&').map(|pair| {
        pair.split_once('=')
            .is_some_and(|(key, _)| parameters::is_known(key.text(), dialect))
    });
    if known.next() != Some(true) {
        return Ok(false);
    }
    if known.all(|is_known| is_known) {
        Ok(true)
    } else {
        Err(UrlError::Unencoded {
            position: piece.position(last),
        })
    }
}

/// One `host`, `host:port`, `[v6]:port` or `%2Fdirectory`.
pub(super) fn parse_host(piece: Piece<'_>) -> Result<(String, Option<u16>), UrlError> {
    let text = piece.text();
    let bad_host = UrlError::BadHost {
        position: piece.position(0),
    };
    if let Some(inner) = piece.strip_prefix_ignoring_case("[") {
        let (address, rest) = inner.split_once(']').ok_or_else(|| bad_host.clone())?;
        let plain = address.text().split('%').next().unwrap_or_default();
        if plain.parse::<std::net::Ipv6Addr>().is_err() {
            return Err(bad_host);
        }
        let port = match rest.strip_prefix_ignoring_case(":") {
            Some(port) => parse_port(port)?,
            None if rest.is_empty() => None,
            None => return Err(bad_host),
        };
        return Ok((address.text().to_owned(), port));
    }
    let (host, port) = match piece.split_once(':') {
        Some((host, port)) => (host, parse_port(port)?),
        None => (piece, None),
    };
    let name = host.decode().map_err(|_| bad_host.clone())?;
    let is_host = name.starts_with('/')
        || (!text.starts_with(':')
            && !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_')));
    if is_host {
        Ok((name, port))
    } else {
        Err(bad_host)
    }
}

/// A port; an empty one is the default, as libpq has it.
fn parse_port(piece: Piece<'_>) -> Result<Option<u16>, UrlError> {
    if piece.is_empty() {
        return Ok(None);
    }
    match piece.text().parse::<u16>() {
        Ok(port) if port > 0 && piece.text().bytes().all(|byte| byte.is_ascii_digit()) => {
            Ok(Some(port))
        }
        Ok(_) | Err(_) => Err(UrlError::BadPort {
            position: piece.position(0),
        }),
    }
}
