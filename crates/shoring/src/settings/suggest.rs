//! "Did you mean": the nearest known word.

/// The known word nearest to `word`, when one is near enough to be meant.
///
/// ```
/// use shoring::settings::did_you_mean;
/// assert_eq!(did_you_mean("databse", ["dir", "database"]), Some("database"));
/// assert_eq!(did_you_mean("colour", ["dir", "database"]), None);
/// ```
pub fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |text: &str| text.to_lowercase().replace(['-', '_', ' '], "");
    let wanted = plain(word);
    known
        .into_iter()
        .map(|candidate| {
            let distance = strsim::damerau_levenshtein(&wanted, &plain(candidate));
            (distance, candidate)
        })
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, candidate)| *distance <= candidate.len().div_ceil(3).min(3))
        .map(|(_, candidate)| candidate)
}
