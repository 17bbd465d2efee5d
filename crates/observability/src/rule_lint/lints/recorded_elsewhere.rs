//! Series that another group records.

use std::collections::{HashMap, HashSet};

use super::metric_unknown::RECORDED;
use crate::findings::{Code, Level};
use crate::quantity::Quantity;
use crate::query::{Kind, Node, seconds};
use crate::rule_lint::lint::{Found, RuleLint};
use crate::rule_lint::rule_set::{Followed, RuleAt};

pub(super) const LINT: RuleLint = RuleLint {
    code: Code {
        name: "rule-recorded-elsewhere",
        level: Level::Note,
        summary: "A rule reads what another group records, which is older.",
        explanation: include_str!("../explanations/rule-recorded-elsewhere.md"),
    },
    run,
};

const HINT: &str =
    "put both rules into one group if they have to agree about the moment, or let `for` be well above that";
const HINT_OF_RARER: &str = "put both rules into one group, or give the groups the same interval";

/// Where one group reads of another first, and which of its series it reads.
struct Reading<'r, 's> {
    rule: &'r RuleAt<'s>,
    node: &'r Node,
    first: &'r str,
    all: HashSet<&'r str>,
}

fn run(followed: &Followed<'_>, found: &mut Found) {
    let mut readings: HashMap<(usize, usize), Reading<'_, '_>> = HashMap::new();
    let mut told = HashSet::new();
    let mut rarest: HashMap<&str, usize> = HashMap::new();
    for rule in &followed.rules {
        for &node in &rule.parts {
            let Kind::Select(selector) = &node.kind else { continue };
            // Whoever looks back over a while has older samples anyway.
            let is_latest = selector.range.is_none() && selector.offset == 0.0;
            let Some(name) = selector.name().filter(|_| is_latest) else { continue };
            let Some(recording) = followed.recorded_by.get(name) else { continue };
            if followed.first_in_group(recording, rule.group).is_some() {
                continue;
            }
            let other = *rarest.entry(name).or_insert_with(|| rarest_group(followed, recording));
            if is_rarer(followed, rule.group, other) {
                if told.insert((rule.number, name)) {
                    of_rarer(followed, rule, node, (name, other), found);
                }
            } else if !name.starts_with(RECORDED) {
                // Rules that are generated here stand in groups with that in mind.
                let reading = readings.entry((rule.group, other)).or_insert_with(|| Reading {
                    rule,
                    node,
                    first: name,
                    all: HashSet::new(),
                });
                reading.all.insert(name);
            }
        }
    }
    for ((_, other), reading) in readings {
        of_another(followed, other, &reading, found);
    }
}

/// Tells once of all that a group reads of another one: it is common, and harms few.
fn of_another(followed: &Followed<'_>, other: usize, reading: &Reading<'_, '_>, found: &mut Found) {
    let group = &followed.groups[other].name.value;
    let late = match interval(followed, other) {
        Some(interval) => Quantity::Duration(interval as u64).to_string(),
        None => "1m unless Prometheus is told otherwise".to_owned(),
    };
    let more = match reading.all.len() - 1 {
        0 => String::new(),
        more => format!(", as are {more} more of its series"),
    };
    let message = format!(
        "`{}` is recorded by the group `{group}`, which is evaluated at another moment: what is read is up to one \
         evaluation old ({late}){more}",
        reading.first
    );
    found.part(LINT.code, reading.rule, reading.node, message, HINT);
}

/// Tells of a series that is recorded more rarely than it is read.
fn of_rarer(
    followed: &Followed<'_>,
    rule: &RuleAt<'_>,
    node: &Node,
    (name, other): (&str, usize),
    found: &mut Found,
) {
    let group = &followed.groups[other].name.value;
    let late = Quantity::Duration(interval(followed, other).unwrap_or_default() as u64);
    let message = format!(
        "`{name}` is recorded by the group `{group}` at a longer interval, so that what is read may be {late} old"
    );
    found.part(LINT.code, rule, node, message, HINT_OF_RARER);
}

/// Returns the group of some rules that is evaluated most rarely, or the first of them.
fn rarest_group(followed: &Followed<'_>, recording: &[usize]) -> usize {
    let groups = recording.iter().map(|&number| followed.rules[number].group);
    let rarer = |first: usize, second: usize| match is_rarer(followed, first, second) {
        true => second,
        false => first,
    };
    groups.reduce(rarer).unwrap_or_default()
}

/// Returns how often a group is evaluated, in seconds. `None` if it does not say.
fn interval(followed: &Followed<'_>, group: usize) -> Option<f64> {
    let interval = followed.groups[group].interval.as_ref()?;
    seconds(&interval.value).filter(|seconds| *seconds > 0.0)
}

/// Returns whether a group is evaluated more rarely than another.
fn is_rarer(followed: &Followed<'_>, than: usize, group: usize) -> bool {
    match (interval(followed, than), interval(followed, group)) {
        (Some(than), Some(interval)) => interval > than,
        // Whoever says nothing has the server's own interval, of a minute at most.
        (None, Some(interval)) => interval > 60.0,
        (_, None) => false,
    }
}
