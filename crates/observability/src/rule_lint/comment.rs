//! Findings that a rule file itself suppresses: `# jobwatch: ignore CODE reason`.

use std::collections::HashMap;
use std::ops::Range;

use jobwatch_catalogue::suggestion::nearest;
use jobwatch_catalogue::yaml::Position;

use super::place::behind;
use super::rule_set::RuleAt;
use crate::findings::{Code, Finding, Level, Location, Source, Suppressed};

/// A comment in a rule file ignores what is not found.
pub(super) const IGNORE_UNUSED: Code = Code {
    name: "rule-ignore-unused",
    level: Level::Warning,
    summary: "A comment in a rule file ignores a finding that does not occur.",
    explanation: include_str!("explanations/rule-ignore-unused.md"),
};

/// A comment in a rule file ignores a code that does not exist.
pub(super) const IGNORE_UNKNOWN: Code = Code {
    name: "rule-ignore-unknown",
    level: Level::Error,
    summary: "A comment in a rule file ignores a code that does not exist.",
    explanation: include_str!("explanations/rule-ignore-unknown.md"),
};

/// A comment in a rule file does not say why it ignores a finding.
pub(super) const IGNORE_WITHOUT_REASON: Code = Code {
    name: "rule-ignore-without-reason",
    level: Level::Error,
    summary: "A comment in a rule file does not say why it ignores a finding.",
    explanation: include_str!("explanations/rule-ignore-without-reason.md"),
};

const WHOSE: &str = "jobwatch:";
const WHAT: &str = "ignore";

/// Marks the findings that comments suppress, each with the number of its rule, and returns one for
/// each comment that has no reason, names no code, or suppresses nothing.
///
/// A comment in a rule or right above it is about that rule; one above the first rule is about the
/// whole file.
pub(super) fn apply(
    text: &str,
    rules: &[&RuleAt<'_>],
    codes: &[Code],
    findings: &mut [(usize, Finding)],
) -> Vec<Finding> {
    let mut by_rule: HashMap<(&str, usize), Vec<usize>> = HashMap::new();
    let mut by_code: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, (rule, finding)) in findings.iter().enumerate() {
        by_rule.entry((finding.code.name, *rule)).or_default().push(index);
        by_code.entry(finding.code.name).or_default().push(index);
    }
    // Comments that say the same are looked up once: there may be thousands.
    let mut used = HashMap::new();
    let mut about = Vec::new();
    let mut last = Position::START;
    for place in comments(text) {
        let comment = place.comment.clone();
        last = behind(text, &last, comment.clone());
        let finding = |code: Code, message: String, hint: String| Finding {
            code,
            alert: None,
            job: None,
            rule: None,
            location: Location { source: Source::Rules, position: last.clone() },
            message,
            expected: None,
            found: None,
            hint,
            suppressed: None,
        };
        let words = text[comment].split_once(WHOSE).map_or("", |(_, words)| words).trim();
        let (what, rest) = words.split_once(char::is_whitespace).unwrap_or((words, ""));
        let (code, reason) = rest.trim().split_once(char::is_whitespace).unwrap_or((rest.trim(), ""));
        let code = code.trim_end_matches([':', ',']);
        let reason = reason.trim_start_matches(|c: char| !c.is_alphanumeric()).trim();
        if what != WHAT || !codes.iter().any(|known| known.name == code) {
            let near = nearest(code, codes.iter().map(|code| code.name));
            let hint = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => {
                    "write: # jobwatch: ignore CODE REASON; `jobwatch explain` lists the codes".to_owned()
                }
            };
            let message = match code {
                "" => "this comment names no code to ignore".to_owned(),
                code => format!("there is no code `{code}` about rules"),
            };
            about.push(finding(IGNORE_UNKNOWN, message, hint));
            continue;
        }
        if reason.is_empty() {
            let message = format!("this comment does not say why {code} is ignored");
            let hint = format!("write: # jobwatch: ignore {code} REASON");
            about.push(finding(IGNORE_WITHOUT_REASON, message, hint));
            continue;
        }
        let key = (code, meant(&place, rules));
        let is_used = *used.entry(key).or_insert_with(|| {
            let suppressed = match key.1 {
                Some(rule) => by_rule.get(&(code, rule)),
                None => by_code.get(code),
            };
            for &index in suppressed.into_iter().flatten() {
                findings[index].1.suppressed = Some(Suppressed::by_comment(reason));
            }
            suppressed.is_some()
        });
        if !is_used {
            let message = format!("there is no finding {code} here to ignore");
            let hint = "remove this comment, or put it right above the rule that it is about".to_owned();
            about.push(finding(IGNORE_UNUSED, message, hint));
        }
    }
    about
}

/// A comment for this check.
struct Placed {
    /// Its bytes, from `#` to the end of the line.
    comment: Range<usize>,
    /// Where the first line ends that is no comment: its own, if it stands beside something.
    next_end: usize,
}

/// Returns the comments for this check, in their order.
fn comments(text: &str) -> Vec<Placed> {
    let mut found = Vec::new();
    let mut end = text.len();
    let mut next_end = text.len();
    for line in text.split_inclusive('\n').rev() {
        let start = end - line.len();
        let content = line.trim();
        // A dash alone belongs to what stands below it.
        let is_passed = content.is_empty() || content == "-" || content.starts_with('#');
        if !is_passed {
            next_end = end;
        }
        if let Some(at) = comment_in(line) {
            found.push(Placed { comment: start + at..start + line.trim_end().len(), next_end });
        }
        end = start;
    }
    found.reverse();
    found
}

/// Returns where in a line a comment for this check begins. `None` if there is none.
fn comment_in(line: &str) -> Option<usize> {
    let before = line[..line.find(WHOSE)?].trim_end();
    Some(before.strip_suffix('#')?.len())
}

/// Returns the number of the rule that a comment is about. `None` for the whole file.
fn meant(place: &Placed, rules: &[&RuleAt<'_>]) -> Option<usize> {
    let started = |end: usize| rules.partition_point(|rule| rule.rule.position.span.start < end);
    let last = started(place.next_end).checked_sub(1)?;
    Some(rules[last].number)
}
