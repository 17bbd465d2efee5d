//! Labels and values that no series has.

use jobwatch_catalogue::JobSpec;
use jobwatch_catalogue::label::JOB_NAME;
use jobwatch_catalogue::metric::{JOB_ITEMS_PROCESSED_TOTAL, JOB_QUEUE_SIZE, Metric};
use jobwatch_catalogue::suggestion::misspelt;

use super::label_grouped;
use crate::findings::{Code, Level};
use crate::promql::{LabelSchema, SeriesSchema};
use crate::query::{Kind, MatchOperator, Matcher, Selector};
use crate::rule_lint::jobs;
use crate::rule_lint::lint::{Found, RuleLint};
use crate::rule_lint::regex::alternatives;
use crate::rule_lint::rule_set::{Followed, RuleAt};

pub(super) const LINT: RuleLint = RuleLint {
    code: Code {
        name: "rule-label-unknown",
        level: Level::Warning,
        summary: "A label or a value is read that the series of catalogued jobs do not have.",
        explanation: include_str!("../explanations/rule-label-unknown.md"),
    },
    run,
};

fn run(followed: &Followed<'_>, found: &mut Found) {
    if followed.facts.models.is_empty() {
        return;
    }
    for rule in &followed.rules {
        for &node in &rule.parts {
            label_grouped::run(LINT.code, followed, rule, node, found);
            let Kind::Select(selector) = &node.kind else { continue };
            let schema = selector.name().and_then(|name| Some((name, followed.facts.series(name)?)));
            let Some((name, schema)) = schema else { continue };
            for matcher in selector.matchers.iter().filter(|matcher| matcher.label != "__name__") {
                let at = At { rule, name, matcher };
                match matcher.label.as_str() {
                    JOB_NAME => of_job(followed, &at, selector, found),
                    _ => of_label(&at, schema, found),
                }
            }
        }
    }
}

/// Where a label is read.
struct At<'r, 's> {
    rule: &'r RuleAt<'s>,
    /// The series.
    name: &'r str,
    matcher: &'r Matcher,
}

impl At<'_, '_> {
    /// Adds a finding about it.
    fn tell(&self, message: String, hint: &str, found: &mut Found) {
        found.span(LINT.code, self.rule, &self.matcher.span, message, hint);
    }

    /// Returns the values that are asked for, or ruled out. Empty if they cannot be told.
    fn values(&self) -> Vec<String> {
        match self.matcher.operator {
            MatchOperator::Equal | MatchOperator::NotEqual => vec![self.matcher.value.clone()],
            MatchOperator::Matches | MatchOperator::MatchesNot => {
                alternatives(&self.matcher.value).unwrap_or_default()
            }
        }
    }

    /// Returns whether series without the label are left out.
    fn needs_label(&self) -> bool {
        let is_positive = matches!(self.matcher.operator, MatchOperator::Equal | MatchOperator::Matches);
        let values = self.values();
        is_positive && !values.is_empty() && !values.iter().any(String::is_empty)
    }
}

fn of_label(at: &At<'_, '_>, schema: &SeriesSchema, found: &mut Found) {
    let (name, label) = (at.name, at.matcher.label.as_str());
    let known = label_grouped::known(&[schema]);
    let Some(LabelSchema { values, .. }) = schema.labels.iter().find(|known| known.name == label) else {
        // Targets may have labels that nobody here knows of. One that is like a known one is meant
        // to be it, and one that jobs give to other series alone is no target's.
        let is_of_others = schema.is_scraped && Metric::all().any(|other| other.labels.contains(&label));
        if is_of_others && at.needs_label() {
            let hint = format!("its labels are {}", known.join(", "));
            at.tell(format!("`{name}` has no label `{label}`"), &hint, found);
        } else if let Some(near) = misspelt(label, known.iter().copied()).filter(|_| !known.contains(&label))
        {
            at.tell(format!("`{name}` has no label `{label}`"), &format!("did you mean `{near}`?"), found);
        }
        return;
    };
    let Some(values) = values else { return };
    let unknown = |value: &String| !value.is_empty() && !values.contains(&value.as_str());
    let Some(value) = at.values().into_iter().find(unknown) else { return };
    let hint = format!("it is one of {}", values.join(", "));
    at.tell(format!("`{label}` of `{name}` is never `{value}`"), &hint, found);
}

/// Other catalogues may have jobs, too: one that is like a known one is meant to be it.
fn of_job(followed: &Followed<'_>, at: &At<'_, '_>, selector: &Selector, found: &mut Found) {
    let jobs = || followed.facts.models.iter().flat_map(|model| model.catalogue().jobs());
    for value in at.values() {
        if value.is_empty() || jobs().any(|job| job.name().as_str() == value) {
            continue;
        }
        if let Some(near) = misspelt(&value, jobs().map(|job| job.name().as_str())) {
            at.tell(format!("there is no job `{value}`"), &format!("did you mean `{near}`?"), found);
            return;
        }
    }
    let has: (fn(&JobSpec) -> bool, &str) = match at.name {
        name if name == JOB_QUEUE_SIZE.name => (|job| job.queue().is_some(), "queue"),
        name if name == JOB_ITEMS_PROCESSED_TOTAL.name => (|job| job.items().is_some(), "items"),
        _ => return,
    };
    let read = jobs::selected(followed.facts.models, selector);
    let is_told = at.needs_label() && at.values().len() == read.len();
    if let Some(first) = read.first().filter(|_| is_told && !read.iter().any(|job| (has.0)(job))) {
        let message = format!("`{}` is not there: `{}` has no {}", at.name, first.name().as_str(), has.1);
        let hint = format!("name a job that has some, or say in the catalogue that it has: `{}: …`", has.1);
        at.tell(message, &hint, found);
    }
}
