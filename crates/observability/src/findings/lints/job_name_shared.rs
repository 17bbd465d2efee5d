//! Jobs of two catalogues with one name, where the rules of one read the series of both.

use std::collections::HashMap;

use jobwatch_catalogue::Catalogue;
use jobwatch_catalogue::label::NAMESPACE;

use crate::artifact::Origin;
use crate::findings::code::{Code, Level};
use crate::findings::finding::Finding;
use crate::findings::lint::{Lint, Subject};

pub(super) const LINT: Lint = Lint {
    code: Code {
        name: "job-name-shared",
        level: Level::Warning,
        summary: "The rules of a catalogue read a job of another catalogue that has the same name.",
        explanation: include_str!("../explanations/job-name-shared.md"),
    },
    run,
};

/// A finding names so many other catalogues.
const MOST_NAMED: usize = 3;

fn run(subject: &Subject<'_>) -> Vec<Finding> {
    let own = subject.model.catalogue();
    let mut others: HashMap<&str, Vec<&Catalogue>> = HashMap::new();
    for &other in subject.beside().iter().filter(|other| reads(own, other)) {
        for job in other.jobs().iter().filter(|job| job.enabled()) {
            others.entry(job.name().as_str()).or_default().push(other);
        }
    }
    let hint = match own.selector().is_empty() {
        true => format!(
            "add a label to `selector` that only the series of this service have, as in `selector: \
             {{namespace: {}}}`",
            own.namespace().unwrap_or("NAMESPACE")
        ),
        false => {
            "give the other catalogue a `selector` with another value of a label that this one has there"
                .to_owned()
        }
    };
    let shared = subject.model.jobs().iter().filter_map(|job| {
        let name = job.spec.name();
        let message = message(name.as_str(), others.get(name.as_str())?);
        Some(subject.about_job(LINT.code, None, name, message, &hint))
    });
    shared.collect()
}

/// Returns whether the rules of a catalogue read the series of another one's jobs: no label of its
/// selector is known to be another one there.
fn reads(own: &Catalogue, other: &Catalogue) -> bool {
    own.selector().iter().all(|(label, value)| {
        let known = other.selector().get(label).map(String::as_str);
        let known = known.or_else(|| other.namespace().filter(|_| label == NAMESPACE));
        known.is_none_or(|known| known == value)
    })
}

fn message(job: &str, others: &[&Catalogue]) -> String {
    let named: Vec<String> =
        others.iter().take(MOST_NAMED).map(|other| Origin::of(other).to_string()).collect();
    let more = match others.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let named = named.join(", ");
    format!("{job} is a job of {named}{more} as well, where the alerts of this catalogue watch it, too")
}
