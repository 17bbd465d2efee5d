//! The dashboard: what somebody on call looks at, from what fires down to single figures.
//!
//! Panels read the recorded signals that the rules read, through the same selectors, and draw a line where a rule has its
//! threshold. A panel about each job stays readable however many jobs there are: it draws those nearest to their limits.

mod board;
mod describe;
mod limits;
mod panel;
mod render;
mod rows;
mod tables;
#[cfg(test)]
mod tests;

use jobwatch_catalogue::Catalogue;
use jobwatch_catalogue::label::{JOB_NAME, NAMESPACE};

use crate::artifact::{Artifact, RenderError};
use crate::promql::{Expr, Selector};
use crate::signals::Signal;

pub use board::JobState;
pub use panel::{Column, ColumnKind, Exception, Field, Line, Link, Panel, Purpose, Query, Scale, Visual};

/// A dashboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dashboard {
    /// The title.
    pub title: String,
    /// The identifier in links to it: the catalogue's name.
    pub uid: String,
    /// What it is, and that it is generated.
    pub description: String,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Where to go on from it.
    pub links: Vec<Link>,
    /// What can be chosen at its top, besides the data source.
    pub variables: Vec<Variable>,
    /// What marks the time during which an alert was firing.
    pub firing: Expr,
    /// Its rows, from top to bottom.
    pub rows: Vec<Row>,
}

/// A choice at the top of the dashboard, filled from the values of a label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// The name that expressions use.
    pub name: &'static str,
    /// What stands beside the choice.
    pub label: &'static str,
    /// What is chosen.
    pub description: &'static str,
    /// The series that are asked for the values.
    pub series: Selector,
    /// The label whose values there are.
    pub values_of: &'static str,
    /// The regular expression that stands for all of them.
    pub all: &'static str,
}

/// Panels under a heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The heading.
    pub title: &'static str,
    /// The panels, from left to right and from top to bottom.
    pub panels: Vec<Panel>,
}

impl Dashboard {
    /// Every panel, from top to bottom.
    pub fn panels(&self) -> impl Iterator<Item = &Panel> {
        self.rows.iter().flat_map(|row| &row.panels)
    }
}

/// The dashboard of a catalogue.
///
/// Panels about queues or items are there if a job has some. Without an enabled job there is nothing to show, and no row.
pub fn dashboard(catalogue: &Catalogue) -> Dashboard {
    let board = board::Board::new(catalogue);
    let runbook = Link { title: "Runbook".to_owned(), url: catalogue.runbook_url().to_owned() };
    Dashboard {
        title: catalogue.title().to_owned(),
        uid: catalogue.name().to_owned(),
        description: describe::dashboard(catalogue),
        tags: vec!["background-jobs".to_owned(), "jobwatch".to_owned(), catalogue.service().to_owned()],
        links: vec![runbook],
        variables: variables(catalogue),
        firing: board.firing(),
        rows: rows::rows(&board),
    }
}

/// The path of the dashboard of a catalogue.
pub fn path(catalogue: &Catalogue) -> String {
    format!("dashboards/{}.json", catalogue.name())
}

/// The dashboard of a catalogue as Grafana imports it.
///
/// # Errors
///
/// [`RenderError`] if the JSON writer refuses a text.
pub fn artifact(catalogue: &Catalogue) -> Result<Artifact, RenderError> {
    let path = path(catalogue);
    match render::render(&dashboard(catalogue)) {
        Ok(text) => Ok(Artifact { path, text }),
        Err(source) => Err(RenderError { path, source: Box::new(source) }),
    }
}

fn variables(catalogue: &Catalogue) -> Vec<Variable> {
    vec![
        Variable {
            name: NAMESPACE,
            label: "Namespace",
            description: "Where the jobs run. All of them include processes without a namespace.",
            series: Selector::signal(Signal::FirstScheduled, catalogue),
            values_of: NAMESPACE,
            // Not `.+`, which a series without the label would not match.
            all: ".*",
        },
        Variable {
            name: JOB_NAME,
            label: "Job",
            description: "The jobs of the catalogue, whether they run or not.",
            series: Selector::signal(Signal::Catalogued, catalogue),
            values_of: JOB_NAME,
            all: ".+",
        },
    ]
}
