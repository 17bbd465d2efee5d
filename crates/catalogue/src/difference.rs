//! A job that is in the catalogue and in code, and what the two say about it.

use crate::catalogue::{Catalogue, OWNER};
use crate::duration;
use crate::job::{JobDraft, JobSpec};
use crate::job_name::JobName;
use crate::problem::CatalogueError;
use crate::threshold::ThresholdOverride;

/// The code says something about a job of the catalogue that the catalogue does not say.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{job}` differs in `{field}`: {in_catalogue} in the catalogue, {in_code} in code; write the same in \
     both, or leave it out in code, where the name alone, `.job(\"{job}\", …)`, takes everything from the \
     catalogue"
)]
#[non_exhaustive]
pub struct Difference {
    /// The job.
    pub job: JobName,
    /// What differs: the key of the catalogue, or `schedule`.
    pub field: String,
    /// What the catalogue says, for people.
    pub in_catalogue: String,
    /// What the code says, for people.
    pub in_code: String,
}

/// Why jobs cannot be added to a catalogue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AdditionError {
    /// With them, it is no catalogue.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// Jobs that it has already are something else in code.
    #[error("the catalogue and the code differ:\n{}", .0.iter().map(|difference| format!("- {difference}")).collect::<Vec<_>>().join("\n"))]
    Differences(Vec<Difference>),
}

/// Returns in what a job in code says something else than the catalogue. What the code leaves out
/// is what the catalogue says. `checked` is what became of the draft.
pub(crate) fn differences(
    catalogue: &Catalogue,
    known: &JobSpec,
    draft: &JobDraft,
    checked: &JobSpec,
) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut differ = |field: &str, in_catalogue: String, in_code: String| {
        let job = known.name.clone();
        found.push(Difference { job, field: field.to_owned(), in_catalogue, in_code });
    };
    if known.schedule != checked.schedule {
        differ("schedule", quoted(&known.schedule.to_string()), quoted(&checked.schedule.to_string()));
    }
    if !checked.summary.is_empty() && known.summary != checked.summary {
        differ("summary", quoted(&known.summary), quoted(&checked.summary));
    }
    if draft.interval_variable.is_some() && known.interval_variable != checked.interval_variable {
        differ("interval_variable", quoted(&known.interval_variable), quoted(&checked.interval_variable));
    }
    if draft.timeout.is_some() && known.timeout != checked.timeout {
        differ("timeout", duration::format(known.timeout), duration::format(checked.timeout));
    }
    for (field, known, said) in
        [("items", &known.items, &checked.items), ("queue", &known.queue, &checked.queue)]
    {
        if said.is_some() && known != said {
            differ(field, optional(known.as_deref()), optional(said.as_deref()));
        }
    }
    if draft.enabled.is_some() && known.enabled != checked.enabled {
        differ("enabled", known.enabled.to_string(), checked.enabled.to_string());
    }
    for (label, value) in &checked.labels {
        let of_known = catalogue.label_of(known, label);
        if of_known != Some(value) {
            let is_owner = draft.owner.is_some() && label == OWNER;
            let field = if is_owner { OWNER.to_owned() } else { format!("labels.{label}") };
            differ(&field, optional(of_known), quoted(value));
        }
    }
    let grouped: Vec<&str> = catalogue.grouping_labels_of(known).collect();
    if checked.grouping_labels.iter().any(|label| !grouped.contains(&label.as_str())) {
        differ("grouping_labels", list(&grouped), list(&checked.grouping_labels));
    }
    for (alert, set) in &checked.thresholds {
        let of_known = known.thresholds.get(alert).or_else(|| catalogue.thresholds.get(alert));
        if of_known != Some(set) {
            differ(&format!("alerts.{alert}"), of_known.map_or_else(nothing, settings), settings(set));
        }
    }
    found
}

fn quoted(text: &str) -> String {
    format!("`{text}`")
}

fn nothing() -> String {
    "nothing".to_owned()
}

fn optional(text: Option<&str>) -> String {
    text.map_or_else(nothing, quoted)
}

fn list(texts: &[impl AsRef<str>]) -> String {
    if texts.is_empty() {
        return nothing();
    }
    texts.iter().map(|text| quoted(text.as_ref())).collect::<Vec<_>>().join(", ")
}

fn settings(set: &ThresholdOverride) -> String {
    let switched = match set.is_on() {
        Some(false) => "off",
        _ => "on",
    };
    let values = set.iter().map(|(key, value)| format!(", `{key}: {value}`"));
    format!("{switched}{}", values.collect::<String>())
}
