//! Findings that the runbook itself suppresses: `<!-- jobwatch: ignore CODE reason -->`.

use std::collections::HashMap;
use std::ops::Range;

use jobwatch_catalogue::suggestion::nearest;

use super::codes;
use super::expected::told;
use super::lines::Lines;
use super::report;
use crate::findings::{Code, Finding, Suppressed};

/// A comment that says which finding is suppressed, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ignore {
    /// The bytes of the comment.
    pub(super) span: Range<usize>,
    /// The bytes that it is beside: its line, or its section if it has a line for itself.
    pub(super) scope: Range<usize>,
}

/// The longest comment that is read.
const LONGEST: usize = 4_096;

const BEGIN: &str = "<!--";
const END: &str = "-->";
const WHOSE: &str = "jobwatch:";
const WHAT: &str = "ignore";

/// Returns whether a runbook may have comments for this check.
pub(super) fn has_comments(source: &str) -> bool {
    source.contains(BEGIN)
}

/// Returns the comments for this check among some HTML of a runbook.
pub(super) fn comments(source: &str, html: Range<usize>) -> Vec<Range<usize>> {
    let found = source[html.clone()].match_indices(BEGIN).filter_map(|(at, _)| {
        let start = html.start + at;
        let head = source[start + BEGIN.len()..].trim_start();
        head.get(..WHOSE.len()).filter(|head| head.eq_ignore_ascii_case(WHOSE))?;
        let most = source.floor_char_boundary(start + LONGEST);
        let length = source[start..most].find(END)?;
        Some(start..start + length + END.len())
    });
    found.collect()
}

/// Says what comments are beside. They are in order, and so are the headings of the runbook, by the
/// bytes of each.
pub(super) fn placed(source: &str, comments: Vec<Range<usize>>, headings: &[Range<usize>]) -> Vec<Ignore> {
    let section = |at: usize| {
        let next = headings.partition_point(|heading| heading.start <= at);
        let start = next.checked_sub(1).map_or(0, |last| headings[last].start);
        start..headings.get(next).map_or(source.len(), |heading| heading.start)
    };
    let heading_at = |at: usize| headings.binary_search_by_key(&at, |heading| heading.start).ok();
    // There may be thousands of comments in one line, which is read once.
    let mut last: Option<Line> = None;
    let mut scope = |comment: &Range<usize>| {
        let known = last.take().filter(|line| line.has(comment));
        let line = last.insert(known.unwrap_or_else(|| Line::around(source, comment)));
        let is_alone = comment.start <= line.text.start && line.text.end <= comment.end;
        let heading = section(comment.start).start;
        let is_in_heading = line.bytes.contains(&heading) && heading_at(heading).is_some();
        if !is_alone && !is_in_heading {
            return line.bytes.clone();
        }
        // Right above a heading, it is about what follows.
        section(heading_at(line.next).map_or(comment.start, |next| headings[next].start))
    };
    comments.into_iter().map(|span| Ignore { scope: scope(&span), span }).collect()
}

/// The line that a comment stands in, or the lines.
struct Line {
    bytes: Range<usize>,
    /// Its bytes without blanks and the signs of lists and quotations around them.
    text: Range<usize>,
    /// Where the next line begins that is not blank.
    next: usize,
    is_one: bool,
}

impl Line {
    fn around(source: &str, comment: &Range<usize>) -> Self {
        let is_end = |c| matches!(c, '\n' | '\r');
        let start = source[..comment.start].rfind(is_end).map_or(0, |end| end + 1);
        let end = source[comment.end..].find(is_end).map_or(source.len(), |end| comment.end + end);
        let is_sign = |c: char| c.is_whitespace() || matches!(c, '>' | '-' | '*' | '+');
        let line = &source[start..end];
        let text_start = start + (line.len() - line.trim_start_matches(is_sign).len());
        let text_end = start + line.trim_end_matches(is_sign).len();
        let next = end + (source[end..].len() - source[end..].trim_start().len());
        let is_one = !source[comment.clone()].contains(is_end);
        Self { bytes: start..end, text: text_start..text_end, next, is_one }
    }

    /// Returns whether another comment stands in it.
    fn has(&self, comment: &Range<usize>) -> bool {
        self.is_one && self.bytes.start <= comment.start && comment.end <= self.bytes.end
    }
}

/// What a comment says.
enum Said<'t> {
    Suppressed { code: &'t str, reason: &'t str },
    NoReason { code: &'t str },
    Unknown { code: &'t str },
}

/// Marks the findings that comments suppress, and returns one for each comment that has no reason,
/// names no code, or suppresses nothing. That it suppresses nothing can only be said if all
/// findings are there. The findings are sorted by place.
pub(super) fn apply(
    source: &str,
    lines: &Lines<'_>,
    ignores: &[Ignore],
    findings: &mut [Finding],
    is_complete: bool,
) -> Vec<Finding> {
    // Comments with the same code at the same place are looked up once: there may be thousands.
    let mut used: HashMap<(&str, usize, usize), bool> = HashMap::new();
    let mut about = Vec::new();
    for ignore in ignores {
        let finding = |code: Code, message: String, hint: String| Finding {
            hint,
            ..report::finding(lines, code, None, ignore.span.clone(), message)
        };
        match said(&source[ignore.span.clone()]) {
            Said::Suppressed { code, reason } => {
                let key = (code, ignore.scope.start, ignore.scope.end);
                let is_used = *used.entry(key).or_insert_with(|| suppress(findings, ignore, code, reason));
                if !is_used && is_complete {
                    let message = format!("there is no finding {code} here to ignore");
                    let hint = "remove this comment, or put it beside the text that it is about".to_owned();
                    about.push(finding(codes::IGNORE_UNUSED, message, hint));
                }
            }
            Said::NoReason { code } => {
                let message = format!("this comment does not say why {code} is ignored");
                let hint = format!("write: <!-- jobwatch: ignore {code} REASON -->");
                about.push(finding(codes::IGNORE_WITHOUT_REASON, message, hint));
            }
            Said::Unknown { code } => {
                let message = match code {
                    "" => "this comment names no code to ignore".to_owned(),
                    code => format!("there is no code {} about runbooks", told(code)),
                };
                let near = nearest(code, known().map(|code| code.name));
                let hint = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => HINT.to_owned(),
                };
                about.push(finding(codes::IGNORE_UNKNOWN, message, hint));
            }
        }
    }
    about
}

const HINT: &str = "write: <!-- jobwatch: ignore CODE REASON -->; `jobwatch explain` lists the codes";

/// Marks the findings of a code that a comment is beside, and returns whether there are any.
fn suppress(findings: &mut [Finding], ignore: &Ignore, code: &str, reason: &str) -> bool {
    // A sentence may begin a few lines above the comment beside its end.
    const MOST_BEFORE: usize = 16;
    let Range { start, end } = ignore.scope;
    let first = findings.partition_point(|finding| finding.location.position.span.start < start);
    let behind = findings.partition_point(|finding| finding.location.position.span.start <= end);
    let mut is_used = false;
    for finding in &mut findings[first.saturating_sub(MOST_BEFORE)..behind] {
        if finding.code.name == code && finding.location.position.span.end >= start {
            is_used = true;
            finding.suppressed = Some(Suppressed::by_comment(reason));
        }
    }
    is_used
}

/// Returns the codes that can be ignored.
fn known() -> impl Iterator<Item = Code> {
    let about_comments =
        [codes::TOO_MUCH, codes::IGNORE_UNKNOWN, codes::IGNORE_UNUSED, codes::IGNORE_WITHOUT_REASON];
    codes::ALL.into_iter().filter(move |code| !about_comments.contains(code))
}

fn said(comment: &str) -> Said<'_> {
    let inner = comment.trim_start_matches(BEGIN).trim_end_matches(END).trim();
    let rest = inner.get(WHOSE.len()..).unwrap_or_default().trim_start();
    let word = |text: &str| text.find(|c: char| c.is_whitespace()).unwrap_or(text.len());
    let Some(what) = rest.get(..WHAT.len()).filter(|what| what.eq_ignore_ascii_case(WHAT)) else {
        return Said::Unknown { code: &rest[..word(rest)] };
    };
    let rest = rest[what.len()..].trim_start();
    let (code, reason) = rest.split_at(word(rest));
    let code = code.trim_end_matches([':', ',']);
    let reason = reason.trim_start_matches(|c: char| !c.is_alphanumeric()).trim();
    if !known().any(|known| known.name == code) {
        return Said::Unknown { code };
    }
    if reason.is_empty() { Said::NoReason { code } } else { Said::Suppressed { code, reason } }
}
