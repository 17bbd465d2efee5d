//! What the regular expressions of matchers match, as far as that can be told.

use std::collections::BTreeSet;

use regex_syntax::hir::literal::Extractor;
use regex_syntax::hir::{Class, Hir, HirKind, Look, Repetition};

use crate::query;

/// How many texts are told apart.
const MOST: usize = 1_000;

/// What a regular expression matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Matched {
    /// Whatever there is, the empty text among it.
    Everything,
    /// Whatever there is, but for the empty text.
    Anything,
    /// These texts, in the order in which they are written.
    Texts(Vec<String>),
    /// Texts that begin with one of these, none of which is empty.
    Begins(BTreeSet<String>),
    /// Texts of which nothing is known.
    Unknown,
}

/// Returns what a regular expression matches.
pub(super) fn matched(regex: &str) -> Matched {
    // Most are plain, and read at once.
    match regex {
        ".*" => return Matched::Everything,
        ".+" => return Matched::Anything,
        _ => {}
    }
    if !regex.contains(SPECIAL) {
        return of_texts(regex.split('|').map(str::to_owned).collect());
    }
    let Ok(read) = query::regex(regex) else { return Matched::Unknown };
    let read = unanchored(read);
    match covered(&read) {
        Covered { empty: true, others: true } => return Matched::Everything,
        Covered { empty: false, others: true } => return Matched::Anything,
        _ => {}
    }
    if let Some(texts) = texts(&read) {
        return of_texts(texts);
    }
    begins(&read).map_or(Matched::Unknown, Matched::Begins)
}

/// Returns the texts that a regular expression matches. `None` if they cannot be told one by one.
pub(super) fn alternatives(regex: &str) -> Option<Vec<String>> {
    match matched(regex) {
        Matched::Texts(texts) => Some(texts),
        _ => None,
    }
}

/// Characters that mean something in a regular expression.
const SPECIAL: [char; 13] = ['.', '+', '*', '?', '(', ')', '[', ']', '{', '}', '^', '$', '\\'];

fn of_texts(mut texts: Vec<String>) -> Matched {
    let mut known = BTreeSet::new();
    texts.retain(|text| known.insert(text.clone()));
    if texts.len() <= MOST { Matched::Texts(texts) } else { Matched::Unknown }
}

/// Takes away the anchors at both ends, which are always there.
fn unanchored(read: Hir) -> Hir {
    match read.into_kind() {
        HirKind::Concat(mut parts) => {
            let is = |part: Option<&Hir>, look| part.is_some_and(|part| *part.kind() == HirKind::Look(look));
            while is(parts.last(), Look::End) {
                parts.pop();
            }
            let from = parts.iter().take_while(|part| is(Some(part), Look::Start)).count();
            Hir::concat(parts.split_off(from))
        }
        HirKind::Look(Look::Start | Look::End) => Hir::empty(),
        HirKind::Capture(group) => unanchored(*group.sub),
        other => rebuilt(other),
    }
}

fn rebuilt(kind: HirKind) -> Hir {
    match kind {
        HirKind::Empty => Hir::empty(),
        HirKind::Literal(literal) => Hir::literal(literal.0),
        HirKind::Class(class) => Hir::class(class),
        HirKind::Look(look) => Hir::look(look),
        HirKind::Repetition(repetition) => Hir::repetition(repetition),
        HirKind::Capture(capture) => Hir::capture(capture),
        HirKind::Concat(parts) => Hir::concat(parts),
        HirKind::Alternation(parts) => Hir::alternation(parts),
    }
}

/// What is matched for certain.
#[derive(Clone, Copy, PartialEq)]
struct Covered {
    /// The empty text.
    empty: bool,
    /// All other texts.
    others: bool,
}

impl Covered {
    const NOTHING: Self = Self { empty: false, others: false };
}

fn covered(read: &Hir) -> Covered {
    match read.kind() {
        HirKind::Empty => Covered { empty: true, others: false },
        HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => Covered::NOTHING,
        HirKind::Capture(group) => covered(&group.sub),
        HirKind::Repetition(Repetition { min, max, sub, .. }) => {
            let inner = covered(sub);
            let is_one = is_any_character(sub) && *min <= 1 && max.is_none();
            let others = is_one || inner.others && *min <= 1 && *max != Some(0);
            Covered { empty: *min == 0 || inner.empty, others }
        }
        HirKind::Alternation(parts) => {
            let either =
                |a: Covered, b: Covered| Covered { empty: a.empty || b.empty, others: a.others || b.others };
            parts.iter().map(covered).fold(Covered::NOTHING, either)
        }
        HirKind::Concat(parts) => {
            let all: Vec<Covered> = parts.iter().map(covered).collect();
            let rest_is_empty = |at: usize| {
                let rest = all.iter().enumerate().filter(|(other, _)| *other != at);
                rest.clone().all(|(_, part)| part.empty)
            };
            Covered {
                empty: all.iter().all(|part| part.empty),
                others: all
                    .iter()
                    .take(MOST_PARTS)
                    .enumerate()
                    .any(|(at, part)| part.others && rest_is_empty(at)),
            }
        }
    }
}

/// How often something is repeated that is written out.
const MOST_REPEATED: u32 = 20;

/// How many parts are looked at one by one.
const MOST_PARTS: usize = 20;

/// Returns whether it is one character, whichever. A line break may be left out: labels have none.
fn is_any_character(read: &Hir) -> bool {
    match read.kind() {
        HirKind::Class(Class::Unicode(class)) => {
            let mut others = class.clone();
            others.negate();
            others.ranges().iter().all(|range| (range.start(), range.end()) == ('\n', '\n'))
        }
        HirKind::Capture(group) => is_any_character(&group.sub),
        _ => false,
    }
}

/// Returns the texts that are matched. `None` if they are too many to be told one by one.
fn texts(read: &Hir) -> Option<Vec<String>> {
    let found = match read.kind() {
        HirKind::Empty => vec![String::new()],
        HirKind::Literal(literal) => vec![str::from_utf8(&literal.0).ok()?.to_owned()],
        HirKind::Class(Class::Unicode(class)) => {
            let ranges = class.ranges();
            let all: usize = ranges.iter().map(|range| range.len()).sum();
            (all <= MOST).then_some(())?;
            ranges.iter().flat_map(|range| range.start()..=range.end()).map(String::from).collect()
        }
        HirKind::Class(Class::Bytes(_)) | HirKind::Look(_) => return None,
        HirKind::Capture(group) => texts(&group.sub)?,
        HirKind::Repetition(Repetition { min, max, sub, .. }) => {
            let once = texts(sub)?;
            let mut times = vec![String::new()];
            let mut all = if *min == 0 { times.clone() } else { Vec::new() };
            for count in 1..=max.filter(|max| *max <= MOST_REPEATED)? {
                times = products(&times, &once)?;
                if count >= *min {
                    all.extend(times.iter().cloned());
                }
                (all.len() <= MOST).then_some(())?;
            }
            all
        }
        HirKind::Concat(parts) => {
            let begin = vec![String::new()];
            parts.iter().try_fold(begin, |begun, part| products(&begun, &texts(part)?))?
        }
        HirKind::Alternation(parts) => {
            let mut all = Vec::new();
            for part in parts {
                all.extend(texts(part)?);
                (all.len() <= MOST).then_some(())?;
            }
            all
        }
    };
    Some(found)
}

/// Returns each of some texts with each of others behind it. `None` if they are too many.
fn products(begins: &[String], ends: &[String]) -> Option<Vec<String>> {
    let is_few = begins.len().checked_mul(ends.len())? <= MOST;
    is_few.then(|| {
        begins.iter().flat_map(|begin| ends.iter().map(move |end| format!("{begin}{end}"))).collect()
    })
}

/// Returns how all texts begin that are matched. `None` if nothing is known of that.
fn begins(read: &Hir) -> Option<BTreeSet<String>> {
    const MOST_BEGINS: usize = 50;
    let found = Extractor::new().limit_total(MOST_BEGINS).extract(read);
    let literals = found.literals().filter(|literals| !literals.is_empty())?;
    // A part of a character is no text.
    let begin = |bytes: &[u8]| str::from_utf8(bytes).ok().filter(|text| !text.is_empty()).map(str::to_owned);
    literals.iter().map(|literal| begin(literal.as_bytes())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(texts: &[&str]) -> Matched {
        Matched::Texts(texts.iter().map(|&text| text.to_owned()).collect())
    }

    fn begins(begins: &[&str]) -> Matched {
        Matched::Begins(begins.iter().map(|&text| text.to_owned()).collect())
    }

    #[test]
    fn what_is_matched_is_told_where_it_is_plain() {
        let check = |regex: &str, expected: Matched| assert_eq!(matched(regex), expected, "{regex}");
        check("a", texts(&["a"]));
        check("a|b", texts(&["a", "b"]));
        check("^(?:a|b)$", texts(&["a", "b"]));
        check("^(a|b)$", texts(&["a", "b"]));
        check("a|", texts(&["a", ""]));
        check("", texts(&[""]));
        check(r"a\.b", texts(&["a.b"]));
        check(r"a\$", texts(&["a$"]));
        check("a(b|c)", texts(&["ab", "ac"]));
        check("prod(uction)?", texts(&["prod", "production"]));
        check("y|y", texts(&["y"]));
        check("foo|foo", texts(&["foo"]));
        check("[y]", texts(&["y"]));
        check("[ab]{2}", texts(&["aa", "ab", "ba", "bb"]));
        check("a.*", begins(&["a"]));
        check("(prod|stage)-.*", begins(&["prod-", "stage-"]));
        check(r"\d+", Matched::Unknown);
        check(r".*a", Matched::Unknown);
        check("a{1,1000}", begins(&["a"]));
        check("(a|b", Matched::Unknown);
    }

    #[test]
    fn what_matches_everything_is_told_however_it_is_written() {
        for everything in
            [".*", "^.*$", "(.*)", "(?:.*)", ".*?", "a|.*", "|.+", ".*.*", "(.*|b)", "(.+)?", "(?s).*"]
        {
            assert_eq!(matched(everything), Matched::Everything, "{everything}");
        }
        for anything in [".+", "^.+$", "(.+)", ".*.+", ".+.*", "a|.+", ".{1,}", "(?s:.+)"] {
            assert_eq!(matched(anything), Matched::Anything, "{anything}");
        }
        for other in [".", "..+", ".*a|b", "[^a]*", "(.+){2}", ".?", "a.*", ".*a.*"] {
            assert!(!matches!(matched(other), Matched::Everything | Matched::Anything), "{other}");
        }
    }
}
