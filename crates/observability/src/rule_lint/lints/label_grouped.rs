//! Labels by which series of catalogued jobs are grouped or matched, and that none of them has.

use std::ops::Range;

use jobwatch_catalogue::label::{INSTANCE, JOB, NAMESPACE};
use jobwatch_catalogue::suggestion::misspelt;

use crate::findings::Code;
use crate::promql::SeriesSchema;
use crate::query::{Grouping, Kind, Node};
use crate::rule_lint::lint::Found;
use crate::rule_lint::rule_set::{Followed, RuleAt, reads};

/// Returns the labels that some series are known to have.
pub(super) fn known<'s>(series: &[&'s SeriesSchema]) -> Vec<&'s str> {
    let labels = series.iter().flat_map(|schema| &schema.labels);
    labels.map(|label| label.name.as_str()).chain([JOB, INSTANCE, NAMESPACE]).collect()
}

/// Tells of a label of a grouping that is like one of the series', and is none.
pub(super) fn run(code: Code, followed: &Followed<'_>, rule: &RuleAt<'_>, node: &Node, found: &mut Found) {
    let (labels, sides, place) = match &node.kind {
        Kind::Aggregate { grouping: Some(Grouping { labels, .. }), of, .. } => {
            (labels, vec![&**of], around(&node.span, &of.span))
        }
        Kind::Binary { matching, left, right, .. } => match &matching.labels {
            Some(Grouping { labels, .. }) => {
                (labels, vec![&**left, &**right], around(&(left.span.end..right.span.start), &right.span))
            }
            None => return,
        },
        _ => return,
    };
    for label in labels {
        // A function may give it, and names it as a text.
        let is_named = |part: &Node| matches!(&part.kind, Kind::Text(text) if text == label);
        let is_made = |side: &&Node| side.all().into_iter().any(is_named);
        let Some(near) = meant(followed, label, &sides) else { continue };
        if sides.iter().any(is_made) {
            continue;
        }
        let Some(span) = place.iter().find_map(|place| find(rule, place, label)) else { continue };
        let message = format!("no series that is read here has a label `{label}`");
        found.span(code, rule, &span, message, &format!("did you mean `{near}`?"));
    }
}

/// Returns the label that is meant, where all series are known and none has it.
fn meant<'f>(followed: &Followed<'f>, label: &str, sides: &[&Node]) -> Option<&'f str> {
    let mut series = Vec::new();
    for name in sides.iter().flat_map(|side| reads(side)) {
        series.push(followed.facts.series(name)?);
    }
    let known = known(&series);
    misspelt(label, known.iter().copied()).filter(|_| !known.contains(&label) && !series.is_empty())
}

/// Returns what stands before a part and what stands behind it.
fn around(whole: &Range<usize>, part: &Range<usize>) -> [Range<usize>; 2] {
    [whole.start..part.start.min(whole.end), part.end.min(whole.end)..whole.end]
}

/// Returns where a label stands in a part of the expression.
fn find(rule: &RuleAt<'_>, place: &Range<usize>, label: &str) -> Option<Range<usize>> {
    let text = rule.rule.expression.value.get(place.clone())?;
    let is_of_name = |character: Option<char>| character.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let (at, _) = text.match_indices(label).find(|(at, _)| {
        let before = text[..*at].chars().next_back();
        let behind = text[at + label.len()..].chars().next();
        !is_of_name(before) && !is_of_name(behind)
    })?;
    Some(place.start + at..place.start + at + label.len())
}
