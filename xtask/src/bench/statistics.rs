//! The few numbers that a series of runs is reduced to.

/// Smallest, middle and largest of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spread {
    pub(super) least: f64,
    pub(super) median: f64,
    pub(super) most: f64,
}

/// The spread of some values; `None` without any.
pub(super) fn spread(values: impl IntoIterator<Item = f64>) -> Option<Spread> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    Some(Spread {
        least: *values.first()?,
        median: median_of_sorted(&values),
        most: *values.last()?,
    })
}

/// The median of `ours / theirs`, each pair from the same round, so that a burst of load hits both halves.
pub(super) fn paired_ratio(ours: &[f64], theirs: &[f64]) -> Option<f64> {
    let pairs = ours.iter().zip(theirs);
    spread(pairs.map(|(ours, theirs)| ours / theirs)).map(|spread| spread.median)
}

fn median_of_sorted(values: &[f64]) -> f64 {
    let middle = values.len() / 2;
    if values.len() % 2 == 1 {
        values[middle]
    } else {
        f64::midpoint(values[middle - 1], values[middle])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_is_reduced() {
        assert_eq!(spread([]), None);
        for (values, least, median, most) in [
            (vec![2.0], 2.0, 2.0, 2.0),
            (vec![3.0, 1.0, 2.0], 1.0, 2.0, 3.0),
            (vec![4.0, 1.0, 3.0, 2.0], 1.0, 2.5, 4.0),
        ] {
            let expected = Spread {
                least,
                median,
                most,
            };
            assert_eq!(spread(values), Some(expected));
        }
    }

    #[test]
    fn ratios_are_taken_within_a_round() {
        // The second round was disturbed; the ratio does not care.
        assert_eq!(
            paired_ratio(&[1.0, 10.0, 1.0], &[2.0, 20.0, 2.0]),
            Some(0.5)
        );
        assert_eq!(paired_ratio(&[1.0, 1.0], &[4.0]), Some(0.25));
        assert_eq!(paired_ratio(&[], &[1.0]), None);
    }
}
