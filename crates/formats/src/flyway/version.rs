//! Versions: numbers between dots (or underscores), compared number by number, `1` equal to `1.0`.

use shoring_core::OrderKey;

/// A version as the table spells it, and where it stands; `None` when it is not one.
pub(super) fn parse(text: &str) -> Option<(String, OrderKey)> {
    let dotted = text.replace('_', ".");
    let mut numbers = dotted
        .split('.')
        .map(|part| {
            let is_number = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            part.parse::<u128>().ok().filter(|_| is_number)
        })
        .collect::<Option<Vec<u128>>>()?;
    while numbers.len() > 1 && numbers.last() == Some(&0) {
        numbers.pop();
    }
    Some((dotted, OrderKey::Numbers(numbers)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_number_by_number() {
        let order = |text: &str| parse(text).map(|(_, order)| order);
        assert_eq!(parse("1_1").unwrap().0, "1.1");
        assert_eq!(parse("001").unwrap().0, "001");
        for (less, more) in [
            ("1", "2"),
            ("1.9", "1.10"),
            ("1", "1.0.1"),
            ("2.0", "10"),
            ("0", "0.1"),
            ("20261121101500", "20261121101500.1"),
        ] {
            assert!(order(less) < order(more), "{less} {more}");
        }
        for (one, other) in [("1", "1.0"), ("1.0.0", "001"), ("0", "0.0"), ("1.2", "1_2")] {
            assert_eq!(order(one), order(other), "{one} {other}");
        }
        for wrong in ["", "a", "1.a", "1..2", "-1", "1-2", ".1", "1."] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
