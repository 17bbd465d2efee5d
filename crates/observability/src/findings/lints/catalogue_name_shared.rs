//! Catalogues of one name.

use crate::artifact::Origin;
use crate::findings::code::{Code, Level};
use crate::findings::finding::Finding;
use crate::findings::lint::{Lint, Subject};

pub(super) const LINT: Lint = Lint {
    code: Code {
        name: "catalogue-name-shared",
        level: Level::Error,
        summary: "Two catalogues have the same name.",
        explanation: include_str!("../explanations/catalogue-name-shared.md"),
    },
    run,
};

const HINT: &str = "give each catalogue a `name` of its own";

fn run(subject: &Subject<'_>) -> Vec<Finding> {
    let own = subject.model.catalogue();
    let Some(other) = subject.beside().iter().find(|other| other.name() == own.name()) else {
        return Vec::new();
    };
    let message = format!("another catalogue has the name of this one: {}", Origin::of(other));
    vec![subject.finding(LINT.code, None, None, "name", message, HINT)]
}
