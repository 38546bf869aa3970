//! Words and numbers for people; making foreign text harmless.

use unicode_width::UnicodeWidthStr;

/// Escapes everything that could steer a terminal or turn text around: control characters (C0, DEL, C1), bidirectional
/// and invisible format characters, line and paragraph separators.
pub(crate) fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        push_clean(&mut out, character);
    }
    out
}

/// The same for a message: its line ends and tabs become blanks.
pub(crate) fn clean_message(text: &str) -> String {
    let lines: Vec<&str> = text
        .split(['\n', '\r'])
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    clean(&lines.join(" ").replace('\t', " "))
}

/// Adds one character, escaped if need be.
pub(crate) fn push_clean(out: &mut String, character: char) {
    if !is_harmful(character) {
        out.push(character);
        return;
    }
    match character {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        _ => out.push_str(&format!("\\u{{{:x}}}", u32::from(character))),
    }
}

/// Whether a character must not reach a terminal.
pub(crate) fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// How many columns a text takes.
pub(crate) fn columns(text: &str) -> usize {
    text.width()
}

/// Fills up with blanks on the right.
pub(crate) fn pad(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(columns(text));
    format!("{text}{}", " ".repeat(missing))
}

/// Fills up with blanks on the left.
pub(crate) fn pad_left(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(columns(text));
    format!("{}{text}", " ".repeat(missing))
}

/// Cuts to a number of columns, with `…` when something is lost.
pub(crate) fn cut(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    for character in text.chars() {
        let next = columns(character.encode_utf8(&mut [0; 4]));
        if used + next + 1 > width {
            break;
        }
        used += next;
        out.push(character);
    }
    out.push('…');
    out
}

/// `1,200`.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 statement`, `3 statements`.
pub(crate) fn count(number: u64, one: &str, many: &str) -> String {
    let word = if number == 1 { one } else { many };
    format!("{} {word}", thousands(number))
}

/// `12 ms`, `1.9 s`, `2 min 05 s`, `1 h 02 min`.
pub(crate) fn took(milliseconds: u64) -> String {
    let seconds = milliseconds / 1000;
    match milliseconds {
        0..1000 => format!("{milliseconds} ms"),
        1000..60_000 => format!("{}.{} s", seconds, milliseconds % 1000 / 100),
        60_000..3_600_000 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds / 60 % 60),
    }
}

/// Whole seconds and larger: `41 s`, `4 min`, `2 h`.
pub(crate) fn about(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// `31 of 54 GB`, `12 of 80 rows`; the share in percent when the whole is known.
pub(crate) fn share(done: u64, total: u64, unit: &str) -> String {
    if unit != "bytes" {
        return if total == 0 {
            format!("{} {unit}", thousands(done))
        } else {
            format!("{} of {} {unit}", thousands(done), thousands(total))
        };
    }
    let (divisor, unit) = match done.max(total) {
        0..10_000 => (1, "bytes"),
        10_000..10_000_000 => (1000, "kB"),
        10_000_000..10_000_000_000 => (1_000_000, "MB"),
        _ => (1_000_000_000, "GB"),
    };
    if total == 0 {
        format!("{} {unit}", thousands(done / divisor))
    } else {
        format!(
            "{} of {} {unit}",
            thousands(done / divisor),
            thousands(total / divisor)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_steers_a_terminal_gets_through() {
        let hostile = "a\u{1b}[31mb\u{7}\u{9b}31m\u{202e}c\u{200b}\u{2066}d\r\ne\u{7f}\u{e0041}";
        let cleaned = clean(hostile);
        assert!(!cleaned.chars().any(is_harmful), "{cleaned:?}");
        assert_eq!(
            cleaned,
            "a\\u{1b}[31mb\\u{7}\\u{9b}31m\\u{202e}c\\u{200b}\\u{2066}d\\r\\ne\\u{7f}\\u{e0041}"
        );
        assert_eq!(clean_message("one\n\ttwo\r\n"), "one two");
        assert_eq!(clean("größe 表"), "größe 表");
    }

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(1200), "1,200");
        assert_eq!(thousands(41_002_118), "41,002,118");
        assert_eq!(took(12), "12 ms");
        assert_eq!(took(1_930), "1.9 s");
        assert_eq!(took(125_000), "2 min 05 s");
        assert_eq!(took(3_720_000), "1 h 02 min");
        assert_eq!(count(1, "statement", "statements"), "1 statement");
        assert_eq!(
            share(31_000_000_000, 54_000_000_000, "bytes"),
            "31 of 54 GB"
        );
        assert_eq!(share(1200, 0, "rows"), "1,200 rows");
        assert_eq!(cut("abcdef", 4), "abc…");
        assert_eq!(pad("表", 4), "表  ");
    }
}
