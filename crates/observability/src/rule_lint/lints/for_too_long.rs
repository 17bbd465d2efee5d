//! Alerts that wait for longer than their expression can hold.

use jobwatch_catalogue::metric::{
    JOB_EXECUTION_DURATION_SECONDS_BUCKET, JOB_EXECUTION_TOTAL, JOB_ITEMS_PROCESSED_TOTAL,
};

use super::for_calendar::Calendar;
use crate::findings::{Code, Level};
use crate::quantity::Quantity;
use crate::query::{Grouping, Kind, Node, Operator, Selector};
use crate::rule_lint::jobs;
use crate::rule_lint::lint::{Found, RuleLint};
use crate::rule_lint::rule_set::{Followed, RuleAt};

pub(super) const LINT: RuleLint = RuleLint {
    code: Code {
        name: "rule-for-too-long",
        level: Level::Warning,
        summary: "An alert waits for longer than its expression can hold.",
        explanation: include_str!("../explanations/rule-for-too-long.md"),
    },
    run,
};

/// The longest that an expression can hold without a break.
struct Longest {
    /// For how many seconds.
    seconds: f64,
    /// Why no longer.
    because: String,
}

fn run(followed: &Followed<'_>, found: &mut Found) {
    for rule in followed.rules.iter().filter(|rule| rule.is_alert()) {
        let hold = rule.hold();
        // What never comes of it another lint tells.
        if hold == 0.0 || rule.yields(rule.query).is_empty {
            continue;
        }
        let Some(longest) = longest(followed, rule, rule.query) else { continue };
        if hold >= longest.seconds {
            let longest_shown = Quantity::Duration(longest.seconds as u64);
            let message = format!(
                "this alert waits for {} and cannot fire: its expression holds for less than {longest_shown} at a \
                 time, because {}",
                Quantity::Duration(hold as u64),
                longest.because
            );
            let hint = format!("let `for` be well below {longest_shown}");
            let position = rule.rule.hold.as_ref().map_or(&rule.rule.position, |hold| &hold.position);
            found.at(LINT.code, rule, position.clone(), message, &hint);
        }
    }
}

/// Returns the longest that an expression can hold without a break. `None` if there is no limit
/// that can be told.
fn longest(followed: &Followed<'_>, rule: &RuleAt<'_>, node: &Node) -> Option<Longest> {
    // A chain of operators may be long.
    let mut limits = Vec::new();
    let mut calendar = Calendar::default();
    // With each part: whether it is about the samples that fire, and not about others beside them.
    let mut waiting = vec![(node, true)];
    while let Some((node, is_own)) = waiting.pop() {
        match &node.kind {
            Kind::Binary { operator: Operator::And, matching, left, right, .. } => {
                waiting.extend([(&**left, is_own), (&**right, is_own && matching.labels.is_none())]);
            }
            Kind::Binary { operator: Operator::Unless, left, right, .. } => {
                limits.extend(seen_before(rule, left, right).filter(|_| is_own));
                calendar.narrow(right, true);
                waiting.push((left, is_own));
            }
            Kind::Binary { operator, is_bool: false, left, right, .. } if operator.is_comparison() => {
                calendar.narrow(node, false);
                if let Kind::Number(value) = right.kind {
                    limits.extend(of_runs(followed, *operator, left, value));
                }
            }
            _ => {}
        }
    }
    limits.extend(calendar.longest().map(|(seconds, because)| Longest { seconds, because }));
    limits.into_iter().min_by(|a, b| a.seconds.total_cmp(&b.seconds))
}

/// What was there a while ago and is no more, or the other way round, is so for that while.
fn seen_before(rule: &RuleAt<'_>, left: &Node, right: &Node) -> Option<Longest> {
    let (of_left, of_right) = (past(left)?, past(right)?);
    // What is looked back for is found for as long as the range is, too.
    let back = |past: &Past<'_>| past.selector.offset + past.selector.range.unwrap_or_default();
    let said = |past: &Past<'_>| -> Vec<_> {
        let matchers = past.selector.matchers.iter();
        matchers.map(|matcher| (matcher.label.clone(), matcher.operator, matcher.value.clone())).collect()
    };
    let is_same = (of_left.selector.name(), of_left.grouped) == (of_right.selector.name(), of_right.grouped)
        && of_right.selector.range.is_none()
        && !of_left.selector.is_at
        && !of_right.selector.is_at
        && said(&of_left) == said(&of_right);
    let seconds = (back(&of_left) - back(&of_right)).abs();
    let because = || {
        format!(
            "`{}` and `{}` differ only for {} after a change",
            rule.shown(left),
            rule.shown(right),
            Quantity::Duration(seconds as u64)
        )
    };
    let is_later = of_left.selector.range.is_none() || back(&of_left) > back(&of_right);
    (is_same && is_later && seconds > 0.0).then(|| Longest { seconds, because: because() })
}

/// Series that are there, or were a while ago.
struct Past<'n> {
    selector: &'n Selector,
    /// The groups of which one is there if any of its series is.
    grouped: Option<&'n Option<Grouping>>,
}

/// Returns the series for which something is there. `None` if it depends on their values, too.
fn past(node: &Node) -> Option<Past<'_>> {
    match &node.kind {
        Kind::Select(selector) if selector.range.is_none() => Some(Past { selector, grouped: None }),
        Kind::Call { function, arguments } => {
            let is_of_any = function.name.ends_with("_over_time") && function.name != "absent_over_time";
            let of = arguments.last().filter(|_| is_of_any)?;
            let Kind::Select(selector) = &of.kind else { return None };
            Some(Past { selector, grouped: None })
        }
        Kind::Aggregate { grouping, parameter: None, of, .. } => {
            let Past { selector, grouped } = past(of)?;
            grouped.is_none().then_some(Past { selector, grouped: Some(grouping) })
        }
        _ => None,
    }
}

/// A range that is shorter than the time between two runs is empty between them.
fn of_runs(followed: &Followed<'_>, operator: Operator, left: &Node, value: f64) -> Option<Longest> {
    let is_above = match operator {
        Operator::Greater => value >= 0.0,
        Operator::GreaterOrEqual => value > 0.0,
        _ => false,
    };
    let ranges = || {
        left.all().into_iter().filter_map(|node| match &node.kind {
            Kind::Select(selector) => Some((selector, selector.range?)),
            _ => None,
        })
    };
    let is_added = |selector: &Selector| {
        let name = selector.name().unwrap_or_default();
        let added =
            [JOB_EXECUTION_TOTAL.name, JOB_EXECUTION_DURATION_SECONDS_BUCKET, JOB_ITEMS_PROCESSED_TOTAL.name];
        added.contains(&name)
    };
    let (selector, range) = ranges().next()?;
    if !is_above || !ranges().all(|(other, window)| is_added(other) && window == range) {
        return None;
    }
    // Those that are due more rarely lie further apart, so that the most frequent one decides.
    let read = jobs::selected(followed.facts.models, selector);
    let mut apart = jobs::shortest_gap(&read)?;
    let mut why = "two runs of each job that it reads".to_owned();
    // Runs of a job do not overlap: where each takes so long, no two end within less.
    let is_slow = matches!(&left.kind, Kind::Call { function, .. } if function.name == "histogram_quantile");
    if is_slow && value > apart {
        apart = value;
        why = "two runs of a job that take so long".to_owned();
    }
    let shown = |seconds: f64| Quantity::Duration(seconds as u64);
    let because = || {
        format!(
            "{why} end at least {} apart, and the range of {} is empty before the next",
            shown(apart),
            shown(range)
        )
    };
    (apart >= range).then(|| Longest { seconds: range, because: because() })
}
