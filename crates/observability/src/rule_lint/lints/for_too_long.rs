//! Alerts that wait for longer than their expression can hold.

use jobwatch_catalogue::metric::{
    JOB_EXECUTION_DURATION_SECONDS_BUCKET, JOB_EXECUTION_TOTAL, JOB_ITEMS_PROCESSED_TOTAL,
};

use crate::findings::{Code, Level};
use crate::quantity::Quantity;
use crate::query::{Kind, Node, Operator, Selector};
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
    let mut waiting = vec![node];
    while let Some(node) = waiting.pop() {
        match &node.kind {
            Kind::Binary { operator: Operator::And, left, right, .. } => waiting.extend([&**left, &**right]),
            Kind::Binary { operator: Operator::Unless, left, right, .. } => {
                limits.extend(seen_before(rule, left, right));
                waiting.push(left);
            }
            Kind::Binary { operator, is_bool: false, left, right, .. } if operator.is_comparison() => {
                if let Kind::Number(value) = right.kind {
                    limits.extend(of_calendar(*operator, left));
                    limits.extend(of_runs(followed, *operator, left, value));
                }
            }
            _ => {}
        }
    }
    limits.into_iter().min_by(|a, b| a.seconds.total_cmp(&b.seconds))
}

/// What was there a while ago and is no more, or the other way round, is so for that while.
fn seen_before(rule: &RuleAt<'_>, left: &Node, right: &Node) -> Option<Longest> {
    let (Kind::Select(of_left), Kind::Select(of_right)) = (&left.kind, &right.kind) else { return None };
    let is_same = (&of_left.name, &of_left.matchers.len()) == (&of_right.name, &of_right.matchers.len())
        && of_left
            .matchers
            .iter()
            .zip(&of_right.matchers)
            .all(|(a, b)| (&a.label, &a.value) == (&b.label, &b.value));
    let seconds = (of_left.offset - of_right.offset).abs();
    let because = || {
        format!(
            "`{}` and `{}` differ only for {} after a change",
            rule.shown(left),
            rule.shown(right),
            Quantity::Duration(seconds as u64)
        )
    };
    (is_same && seconds > 0.0).then(|| Longest { seconds, because: because() })
}

/// An hour of the day lasts an hour.
fn of_calendar(operator: Operator, left: &Node) -> Option<Longest> {
    let Kind::Call { function, .. } = &left.kind else { return None };
    let (seconds, what) = match function.name {
        "minute" => (60.0, "a minute of the hour"),
        "hour" => (3_600.0, "an hour of the day"),
        "day_of_week" | "day_of_month" | "day_of_year" => (86_400.0, "a day"),
        _ => return None,
    };
    (operator == Operator::Equal).then(|| Longest { seconds, because: format!("{what} lasts no longer") })
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
