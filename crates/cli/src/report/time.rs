//! Times for people: the local minute and how long ago it was.

use jiff::{Timestamp, tz::TimeZone};

/// The time zone of this machine. Its rules are read where the system points at them: asked for it, `jiff` first looks for
/// its name and lists all the zones there are.
pub(crate) fn local_zone() -> TimeZone {
    let has_own = std::env::var_os("TZ").is_some();
    let read = || TimeZone::tzif("", &std::fs::read("/etc/localtime").ok()?).ok();
    match read() {
        Some(zone) if !has_own => zone,
        _ => TimeZone::system(),
    }
}

/// `2026-03-02 09:14` in the local time zone; the text itself (cleaned) when it is no time.
pub(crate) fn minute(rfc3339: &str, zone: &TimeZone) -> String {
    match rfc3339.parse::<Timestamp>() {
        Ok(time) => time
            .to_zoned(zone.clone())
            .strftime("%Y-%m-%d %H:%M")
            .to_string(),
        Err(_) => super::text::clean(rfc3339),
    }
}

/// `8 months`; empty when the text is no time or lies ahead.
pub(crate) fn age(rfc3339: &str, now: Timestamp) -> String {
    let Ok(time) = rfc3339.parse::<Timestamp>() else {
        return String::new();
    };
    let seconds = now.as_second() - time.as_second();
    let (amount, unit) = match seconds {
        ..-60 => return String::new(),
        -60..60 => return "just now".to_owned(),
        60..3600 => (seconds / 60, "minute"),
        3600..86_400 => (seconds / 3600, "hour"),
        86_400..1_209_600 => (seconds / 86_400, "day"),
        1_209_600..5_184_000 => (seconds / 604_800, "week"),
        5_184_000..63_072_000 => (seconds / 2_629_746, "month"),
        _ => (seconds / 31_556_952, "year"),
    };
    let plural = if amount == 1 { "" } else { "s" };
    format!("{amount} {unit}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_rough() {
        let now: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
        for (time, expected) in [
            ("2026-11-21T09:59:30Z", "just now"),
            ("2026-11-21T09:58:30Z", "1 minute"),
            ("2026-11-21T05:00:00Z", "5 hours"),
            ("2026-11-18T10:00:00Z", "3 days"),
            ("2026-10-21T10:00:00Z", "4 weeks"),
            ("2026-03-02T09:14:00Z", "8 months"),
            ("2023-11-21T10:00:00Z", "3 years"),
            ("2027-11-21T10:00:00Z", ""),
            ("never", ""),
        ] {
            assert_eq!(age(time, now), expected, "{time}");
        }
    }
}
