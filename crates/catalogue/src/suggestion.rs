//! Did you mean this word?

/// How much alike two words have to be, from 0 to 1.
const ALIKE: f64 = 0.8;

/// Of longer words, this many characters are compared.
const COMPARED: usize = 100;

/// Returns the known word that a word is most like, or `None` if it is like none of them.
///
/// ```
/// use jobwatch_catalogue::suggestion::nearest;
///
/// assert_eq!(nearest("intervall", ["interval", "timeout"]), Some("interval"));
/// assert_eq!(nearest("colour", ["interval", "timeout"]), None);
/// ```
pub fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let word = start(word);
    known
        .into_iter()
        .map(|candidate| (candidate, strsim::jaro_winkler(word, start(candidate))))
        .filter(|(_, likeness)| *likeness > ALIKE)
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(candidate, _)| candidate)
}

/// How many characters somebody may have slipped by.
const SLIPS: usize = 2;

/// Returns the known word that a word is a slip of the pen of: most like it, and no more than two
/// characters away. `None` if there is none, and a word that is like no other may be meant as it
/// is.
///
/// ```
/// use jobwatch_catalogue::suggestion::misspelt;
///
/// assert_eq!(misspelt("instanse", ["instance"]), Some("instance"));
/// assert_eq!(misspelt("instance_id", ["instance"]), None);
/// ```
pub fn misspelt<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    nearest(word, known).filter(|near| strsim::osa_distance(start(word), start(near)) <= SLIPS)
}

fn start(word: &str) -> &str {
    word.char_indices().nth(COMPARED).map_or(word, |(end, _)| &word[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_that_is_most_alike_is_suggested() {
        let known = ["BackgroundJobFailing", "BackgroundJobStuck", "BackgroundJobNotRunning"];
        let check = |word: &str, expected| assert_eq!(nearest(word, known), expected, "{word}");
        check("BackgroundJobFailng", Some("BackgroundJobFailing"));
        check("BackgroundJobsStuck", Some("BackgroundJobStuck"));
        check("Late", None);
        check("", None);
        check(&"ä".repeat(1_000_000), None);
    }
}
