//! Ranges that hold too few samples.

use std::collections::HashSet;

use jobwatch_catalogue::JobSpec;
use jobwatch_catalogue::metric::{
    JOB_EXECUTION_DURATION_SECONDS_BUCKET, JOB_EXECUTION_TOTAL, JOB_ITEMS_PROCESSED_TOTAL,
};

use super::range_samples::{TWO, apart, needed, of_samples, shown};
use crate::findings::{Code, Level};
use crate::query::{Kind, Node, Operator, Selector};
use crate::rule_lint::jobs;
use crate::rule_lint::lint::{Found, RuleLint};
use crate::rule_lint::rule_set::{Followed, RuleAt};

pub(super) const LINT: RuleLint = RuleLint {
    code: Code {
        name: "rule-range-too-short",
        level: Level::Warning,
        summary: "A range holds too few samples, or too few runs of the job.",
        explanation: include_str!("../explanations/rule-range-too-short.md"),
    },
    run,
};

/// What a run adds to when it ends.
const ADDED_BY_RUNS: [&str; 3] =
    [JOB_EXECUTION_TOTAL.name, JOB_EXECUTION_DURATION_SECONDS_BUCKET, JOB_ITEMS_PROCESSED_TOTAL.name];

fn run(followed: &Followed<'_>, found: &mut Found) {
    for rule in &followed.rules {
        of_samples(LINT.code, followed, rule, found);
        // A rule that looks back over too little does so in all its parts.
        let mut is_told = false;
        let remembered = remembered_by(rule.query, |_| true);
        // What is recorded anew at each evaluation is remembered for as long as the range is empty.
        let by_itself = remembered_by(rule.query, |series| series.name() == Some(&rule.rule.name.value));
        for &node in &rule.parts {
            let Kind::Call { function, arguments } = &node.kind else { continue };
            let series = arguments.iter().find_map(|of| match &of.kind {
                Kind::Select(selector) => Some((of, selector, selector.range?)),
                _ => None,
            });
            let Some((of, selector, range)) = series.filter(|_| needed(function.name) == Some(TWO)) else {
                continue;
            };
            let is_short = apart(followed, of, TWO).is_some_and(|(apart, _)| range < f64::from(TWO) * apart);
            if !is_short && !is_told {
                is_told = !by_itself.contains(&node.id)
                    && of_jobs(followed, rule, (of, selector), range, found)
                    || !remembered.contains(&node.id)
                        && of_late_runs(followed, rule, (of, selector), range, found);
            }
        }
    }
}

/// Tells of a range that is too short for a run of each job. Returns whether it is.
fn of_jobs(
    followed: &Followed<'_>,
    rule: &RuleAt<'_>,
    (of, selector): (&Node, &Selector),
    range: f64,
    found: &mut Found,
) -> bool {
    let short = jobs_that_need_more(followed, selector, range, shortest_gap);
    let Some(rarest) = jobs::rarest(&short) else { return false };
    let gap = rarest.schedule().longest_gap().as_secs_f64();
    let others = match short.len() {
        1 => String::new(),
        number => format!(", and so are {} more", number - 1),
    };
    let message = format!(
        "this range of {} is mostly empty for jobs that are due more rarely: `{}` is due each {}{others}",
        shown(range),
        rarest.name().as_str(),
        shown(gap)
    );
    let hint = format!(
        "look back over at least an interval of each job, {} here, and better several; `jobwatch generate` writes rules that do",
        shown(gap)
    );
    found.part(LINT.code, rule, of, message, &hint);
    true
}

/// Tells of a range that holds a run of each job, but none at times: one that takes longer than the
/// run before ends more than an interval after it. Two intervals hold one, or what an execution may
/// take beside the interval. Returns whether the range is too short for that.
fn of_late_runs(
    followed: &Followed<'_>,
    rule: &RuleAt<'_>,
    (of, selector): (&Node, &Selector),
    range: f64,
    found: &mut Found,
) -> bool {
    let later = |job: &JobSpec| job.timeout().as_secs_f64().min(shortest_gap(job));
    let short = jobs_that_need_more(followed, selector, range, |job| shortest_gap(job) + later(job));
    let Some(rarest) = jobs::rarest(&short) else { return false };
    let message = format!(
        "this range of {} is empty at times: `{}` is due each {}, and a run may take {} longer than the one before",
        shown(range),
        rarest.name().as_str(),
        shown(shortest_gap(rarest)),
        shown(later(rarest))
    );
    let hint =
        format!("look back over two intervals of each job, {} here", shown(2.0 * shortest_gap(rarest)));
    found.part(LINT.code, rule, of, message, &hint);
    true
}

/// Returns the jobs whose runs a selector reads, if it does, and that need a longer range.
fn jobs_that_need_more<'f>(
    followed: &Followed<'f>,
    selector: &Selector,
    range: f64,
    needed: impl Fn(&JobSpec) -> f64,
) -> Vec<&'f JobSpec> {
    if !ADDED_BY_RUNS.contains(&selector.name().unwrap_or_default()) {
        return Vec::new();
    }
    let read = jobs::selected(followed.facts.models, selector);
    read.into_iter().filter(|job| range < needed(job)).collect()
}

fn shortest_gap(job: &JobSpec) -> f64 {
    job.schedule().shortest_gap().as_secs_f64()
}

/// Returns the parts of an expression in whose place what some series was last is taken where they
/// are empty.
fn remembered_by(query: &Node, series: impl Fn(&Selector) -> bool) -> HashSet<usize> {
    let is_series = |node: &Node| matches!(&node.kind, Kind::Select(selector) if series(selector));
    let is_memory = |node: &Node| match &node.kind {
        Kind::Call { function, arguments } => {
            function.name == "last_over_time" && arguments.iter().any(is_series)
        }
        _ => false,
    };
    let mut remembered = HashSet::new();
    for node in query.all() {
        let Kind::Binary { operator: Operator::Or, left, right, .. } = &node.kind else { continue };
        for (side, other) in [(left, right), (right, left)] {
            if other.all().into_iter().any(is_memory) {
                remembered.extend(side.all().into_iter().map(|part| part.id));
            }
        }
    }
    remembered
}
