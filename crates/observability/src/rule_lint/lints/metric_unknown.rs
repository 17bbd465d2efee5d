//! Series that nobody exposes.

use jobwatch_catalogue::metric::Metric;
use jobwatch_catalogue::suggestion::nearest;

use crate::findings::{Code, Level};
use crate::query::Kind;
use crate::rule_lint::lint::{Found, RuleLint};
use crate::rule_lint::rule_set::Followed;

pub(super) const LINT: RuleLint = RuleLint {
    code: Code {
        name: "rule-metric-unknown",
        level: Level::Warning,
        summary: "A series is read that no catalogued job exposes and no rule records.",
        explanation: include_str!("../explanations/rule-metric-unknown.md"),
    },
    run,
};

/// What the recorded series of jobs begin with.
pub(super) const RECORDED: &str = "job_name:";

fn run(followed: &Followed<'_>, found: &mut Found) {
    let models = followed.facts.models;
    if models.is_empty() {
        return;
    }
    let exposed: Vec<&str> = Metric::all().map(|metric| metric.name).collect();
    let recorded: Vec<&str> = models
        .iter()
        .flat_map(|model| model.recorded().iter().chain(model.thresholds()))
        .map(|rule| rule.series)
        .collect();
    for rule in &followed.rules {
        for &node in &rule.parts {
            let Kind::Select(selector) = &node.kind else { continue };
            let Some(name) = selector.name() else { continue };
            let is_known = followed.facts.series(name).is_some() || followed.recorded_by.contains_key(name);
            if is_known || is_part_of_histogram(name) {
                continue;
            }
            // Of other series a catalogue knows nothing: only what is meant to be one of its own
            // is looked at.
            let (near, message) = if name.starts_with(RECORDED) {
                (nearest(name, recorded.iter().copied()), "no rule records")
            } else if name.starts_with("job_") && !name.contains(':') {
                match nearest(name, exposed.iter().copied()) {
                    Some(near) => (Some(near), "no job of the catalogue exposes"),
                    None => continue,
                }
            } else {
                continue;
            };
            let hint = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`jobwatch generate` writes the rules that record series of jobs".to_owned(),
            };
            found.part(LINT.code, rule, node, format!("there is no series `{name}`: {message} it"), &hint);
        }
    }
}

/// Returns whether a series counts or sums up what a histogram observes.
fn is_part_of_histogram(name: &str) -> bool {
    let histogram = name.strip_suffix("_count").or_else(|| name.strip_suffix("_sum"));
    histogram.is_some_and(|base| Metric::all().any(|metric| metric.name == base))
}
