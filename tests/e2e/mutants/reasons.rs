//! Why no test notices some mutants.

/// A reason, with the mutants that it is the reason for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reason {
    /// Why no test could notice them, or should.
    pub(super) because: &'static str,
    /// What they say. A `*` stands for anything: for the jobs of a catalogue, or a number.
    pub(super) mutants: &'static [&'static str],
}

/// Returns the patterns that a mutant fits, each with its reason.
pub(super) fn fitting(reasons: &[&[Reason]], says: &str) -> Vec<(&'static str, &'static str)> {
    let patterns = reasons
        .iter()
        .copied()
        .flatten()
        .flat_map(|reason| reason.mutants.iter().map(|pattern| (*pattern, reason.because)));
    patterns.filter(|(pattern, _)| fits(pattern, says)).collect()
}

/// Returns whether a text is as a pattern has it.
fn fits(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        match text.find(part) {
            Some(at) => text = &text[at + part.len()..],
            None => return false,
        }
    }
    text.len() >= last.len() && text.ends_with(last)
}

#[test]
fn a_star_stands_for_anything() {
    assert!(fits("a: `*` -> `*`", "a: `1h` -> `2h`"));
    assert!(!fits("a: `*` -> `*`", "a: `1h` -> `2h` #2"));
    assert!(!fits("a*a", "a"));
    assert!(fits("*b", "ab"));
    assert!(!fits("ab", "abc"));
}
