//! Ranges that hold fewer samples than a function needs.

use crate::findings::Code;
use crate::quantity::Quantity;
use crate::query::{Kind, Node, Selector, seconds};
use crate::rule_lint::lint::Found;
use crate::rule_lint::rule_set::{Followed, RuleAt};

/// How many samples a function needs that tells how far they differ.
pub(super) const TWO: u8 = 2;

/// Returns how many samples of a range a function needs to say what it is asked for. `None` if it
/// takes no range.
pub(super) fn needed(function: &str) -> Option<u8> {
    match function {
        "rate"
        | "irate"
        | "increase"
        | "delta"
        | "idelta"
        | "deriv"
        | "predict_linear"
        | "changes"
        | "resets"
        | "stddev_over_time"
        | "stdvar_over_time"
        | "mad_over_time"
        | "holt_winters"
        | "double_exponential_smoothing" => Some(TWO),
        other if other.ends_with("_over_time") => Some(1),
        _ => None,
    }
}

/// Tells of ranges that often hold fewer samples than they have to.
pub(super) fn of_samples(code: Code, followed: &Followed<'_>, rule: &RuleAt<'_>, found: &mut Found) {
    for &node in &rule.parts {
        let Kind::Call { function, arguments } = &node.kind else { continue };
        let Some(needed) = needed(function.name) else { continue };
        let Some((of, range)) = arguments.iter().find_map(|of| Some((of, range(of)?))) else { continue };
        let Some((apart, because)) = apart(followed, of, needed) else { continue };
        if range >= f64::from(needed) * apart {
            continue;
        }
        let holds = match needed {
            TWO => "often holds a single sample, where two are needed",
            _ => "often holds no sample",
        };
        let message = format!("this range of {} {holds}: {because} each {}", shown(range), shown(apart));
        let least = shown(f64::from(TWO) * apart);
        let hint = format!("take at least {least}, and better twice as much");
        found.part(code, rule, of, message, &hint);
    }
}

fn range(of: &Node) -> Option<f64> {
    match &of.kind {
        Kind::Select(selector) => selector.range,
        Kind::Subquery { range, .. } => Some(*range),
        _ => None,
    }
}

/// Returns how many seconds lie between two samples of what a range is taken of, and what happens
/// so often. `None` if nobody knows.
pub(super) fn apart(followed: &Followed<'_>, of: &Node, needed: u8) -> Option<(f64, &'static str)> {
    match &of.kind {
        Kind::Select(selector) => Some(match recorded_each(followed, selector) {
            Some(interval) => (interval, "this series is recorded"),
            None => (followed.facts.scrape_interval.as_secs_f64(), "series are scraped"),
        }),
        Kind::Subquery { of, step, .. } => {
            let evaluated = step.map(|step| (step, "this expression is evaluated"));
            // Evaluated more often than it is scraped, a series says the same again.
            let scraped = of.all().into_iter().filter(|part| {
                needed == TWO && matches!(part.kind, Kind::Select(Selector { range: None, .. }))
            });
            let apart = scraped.filter_map(|part| apart(followed, part, needed)).chain(evaluated);
            apart.max_by(|a, b| a.0.total_cmp(&b.0))
        }
        _ => None,
    }
}

/// Returns how often a series is recorded, where all who do say so.
fn recorded_each(followed: &Followed<'_>, selector: &Selector) -> Option<f64> {
    // Those who record one name are alike; the first of them speak for all.
    const ASKED: usize = 10;
    let recording = followed.recorded_by.get(selector.name()?)?;
    let interval = |number: &usize| {
        let group = followed.groups[followed.rules[*number].group];
        seconds(&group.interval.as_ref()?.value).filter(|seconds| *seconds > 0.0)
    };
    let intervals: Option<Vec<f64>> = recording.iter().take(ASKED).map(interval).collect();
    intervals?.into_iter().reduce(f64::min)
}

/// Shows a time for a message.
pub(super) fn shown(seconds: f64) -> String {
    match seconds {
        whole if whole >= 1.0 => Quantity::Duration(whole as u64).to_string(),
        less => format!("{} ms", less * 1_000.0),
    }
}
