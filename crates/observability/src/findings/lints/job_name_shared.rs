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
    let hint = hint(own);
    let shared = subject.model.jobs().iter().filter_map(|job| {
        let name = job.spec.name();
        let message = message(name.as_str(), others.get(name.as_str())?);
        Some(subject.about_job(LINT.code, None, name, message, &hint))
    });
    shared.collect()
}

/// Returns whether the rules of a catalogue read the series of another one's jobs: no label that
/// they select by is known to be another one there.
fn reads(own: &Catalogue, other: &Catalogue) -> bool {
    let known = |label: &str| {
        let selected = other.selector().get(label).map(String::as_str);
        selected.or_else(|| other.namespace().filter(|_| label == NAMESPACE))
    };
    let scope = own.namespace().filter(|_| !own.selector().contains_key(NAMESPACE));
    let selected = own.selector().iter().map(|(label, value)| (label.as_str(), value.as_str()));
    let mut selected = selected.chain(scope.map(|namespace| (NAMESPACE, namespace)));
    selected.all(|(label, value)| known(label).is_none_or(|known| known == value))
}

/// What tells the series of two catalogues apart.
fn hint(own: &Catalogue) -> String {
    if own.namespace().is_none() && own.selector().is_empty() {
        return "name the `namespace` of the service in both catalogues, or in `selector` a label that \
                only its series have"
            .to_owned();
    }
    "name in the other catalogue the `namespace` of its service, or in the `selector` of both a label by \
     which their series differ"
        .to_owned()
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
