//! Expressions that break a rule of the language or of the series that they read: a mistake of a
//! definition, not of the catalogue.

use crate::findings::code::{Code, Level};
use crate::findings::finding::Finding;
use crate::findings::lint::{Lint, Subject};
use crate::promql::infer;

pub(super) const LINT: Lint = Lint {
    code: Code {
        name: "expression-invalid",
        level: Level::Error,
        summary: "A generated expression breaks a rule of its metrics.",
        explanation: include_str!("../explanations/expression-invalid.md"),
    },
    run,
};

const HINT: &str = "correct the definition, or report this if it is a standard one";

fn run(subject: &Subject<'_>) -> Vec<Finding> {
    let model = subject.model;
    let recorded = model.recordings().map(|rule| (None, rule.series, &rule.expression));
    let alerts = model
        .alerts()
        .iter()
        .filter_map(|alert| Some((Some(alert.name()), alert.name().as_str(), alert.expression.as_ref()?)));
    recorded
        .chain(alerts)
        .filter_map(|(alert, name, expression)| {
            let error = infer(expression, model.schema()).err()?;
            let message = format!("the expression of {name} is wrong: {error}");
            Some(subject.finding(LINT.code, alert, None, "jobs", message, HINT))
        })
        .collect()
}
