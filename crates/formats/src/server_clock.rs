//! The server's clock and user in SQL, per product. Times are taken from the server, never from the client: clocks of
//! deploy machines differ, the server's is one (fault matrix F10).

use shoring_core::{Product, Value};
use shoring_sql::writer::SqlWriter;

/// An expression for the time now, to be stored in a column made by [`column_type`].
pub const fn now(product: Product) -> &'static str {
    match product {
        Product::Postgresql => "clock_timestamp()",
        Product::Mysql | Product::Mariadb => "UTC_TIMESTAMP(6)",
        Product::Sqlite => "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')",
    }
}

/// The type of a column that holds [`now`].
pub const fn column_type(product: Product) -> &'static str {
    match product {
        Product::Postgresql => "timestamp with time zone",
        // Not TIMESTAMP: it is converted with the session's time zone and ends in 2038.
        Product::Mysql | Product::Mariadb => "datetime(6)",
        Product::Sqlite => "text",
    }
}

/// What stands before and after a column written by [`now`] to read it as RFC 3339 text in UTC.
pub const fn as_text(product: Product) -> (&'static str, &'static str) {
    match product {
        Product::Postgresql => (
            "to_char((",
            ")::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')",
        ),
        Product::Mysql | Product::Mariadb => ("DATE_FORMAT(", ", '%Y-%m-%dT%H:%i:%s.%fZ')"),
        Product::Sqlite => ("", ""),
    }
}

/// As [`as_text`], for a column somebody else made, whose values are in the session's time zone.
pub const fn foreign_as_text(product: Product) -> (&'static str, &'static str) {
    match product {
        Product::Postgresql => as_text(product),
        Product::Mysql | Product::Mariadb => (
            "DATE_FORMAT(CONVERT_TZ(",
            ", @@session.time_zone, '+00:00'), '%Y-%m-%dT%H:%i:%s.%fZ')",
        ),
        // CURRENT_TIMESTAMP is UTC; what strftime cannot read is shown as it stands.
        Product::Sqlite => ("strftime('%Y-%m-%dT%H:%M:%fZ', ", ")"),
    }
}

/// An expression for a time that is known, RFC 3339 in UTC, to be stored in a column made by [`column_type`].
pub fn moment(product: Product, at: &str) -> String {
    let literal = |text: &str| {
        SqlWriter::new(product.dialect())
            .value(&Value::from(text))
            .finish()
    };
    match product {
        Product::Postgresql => format!("{}::timestamptz", literal(at)),
        // Read without the letters by every version.
        Product::Mysql | Product::Mariadb => {
            literal(&at.replacen('T', " ", 1).replacen('Z', "", 1))
        }
        Product::Sqlite => literal(at),
    }
}

/// As [`moment`], for a column somebody else made, whose values are in the session's time zone.
pub fn foreign_moment(product: Product, at: &str) -> String {
    let moment = moment(product, at);
    match product {
        Product::Postgresql => moment,
        Product::Mysql | Product::Mariadb => {
            format!("CONVERT_TZ({moment}, '+00:00', @@session.time_zone)")
        }
        // As CURRENT_TIMESTAMP, and the fraction.
        Product::Sqlite => format!("strftime('%Y-%m-%d %H:%M:%f', {moment})"),
    }
}

/// An expression for milliseconds since the transaction began; `None` where only the client can measure.
pub const fn milliseconds_in_transaction(product: Product) -> Option<&'static str> {
    match product {
        Product::Postgresql => {
            Some("(date_part('epoch', clock_timestamp() - transaction_timestamp()) * 1000)::bigint")
        }
        Product::Mysql | Product::Mariadb | Product::Sqlite => None,
    }
}

/// An expression for the database user; `None` where there are none.
pub const fn database_user(product: Product) -> Option<&'static str> {
    match product {
        // Not current_user: with a configured role that is the owner, not who logged in.
        Product::Postgresql => Some("session_user"),
        Product::Mysql | Product::Mariadb => Some("SUBSTRING_INDEX(CURRENT_USER(), '@', 1)"),
        Product::Sqlite => None,
    }
}
