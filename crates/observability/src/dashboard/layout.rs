//! The dashboard as a whole.

use jobwatch_catalogue::label::{JOB_NAME, NAMESPACE};

use super::board::Board;
use super::describe;
use super::links;
use super::panel::{Link, Panel};
use super::panels::{ONE_JOB, PanelFunction, STANDARD};
use crate::model::Model;
use crate::promql::{Expr, Selector};
use crate::series::{CATALOGUED, FIRST_SCHEDULED};

/// A dashboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dashboard {
    /// The title.
    pub title: String,
    /// The identifier in links to it.
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
    /// When processes started: what marks restarts and deploys.
    pub started: Expr,
    /// Its rows, from top to bottom.
    pub rows: Vec<Row>,
}

/// A choice at the top of the dashboard, filled from the values of a label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// The name that expressions use.
    pub name: String,
    /// What stands beside the choice.
    pub label: String,
    /// What is chosen.
    pub description: String,
    /// The series that are asked for the values.
    pub series: Selector,
    /// The label whose values there are.
    pub values_of: String,
    /// The regular expression that stands for all of them.
    pub all: &'static str,
}

/// Panels under a heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The heading.
    pub title: &'static str,
    /// Whether its panels are seen only when somebody opens it.
    pub is_closed: bool,
    /// The variable for each chosen value of which the row is there once.
    pub repeated_by: Option<&'static str>,
    /// The panels, from left to right and from top to bottom.
    pub panels: Vec<Panel>,
}

/// A word that all dashboards have which are made here.
pub const TAG: &str = "jobwatch";

/// How many rows are open: what is wrong, and what fails. The others are opened by whoever needs
/// them, and ask Prometheus nothing before.
const OPEN_ROWS: usize = 2;

impl Dashboard {
    /// The dashboard of a model with the standard panels.
    ///
    /// Panels about queues or items are there if a job has some. Without an enabled job there is
    /// nothing to show, and no row.
    pub fn new(model: &Model<'_>) -> Self {
        Self::with_panels(model, &[])
    }

    /// The same with further panels, each with the title of the row that it stands in. A row that
    /// is not there yet is added at the end.
    pub fn with_panels(model: &Model<'_>, panels: &[(&'static str, PanelFunction)]) -> Self {
        let board = Board::new(model);
        let catalogue = model.catalogue();
        Self {
            title: catalogue.title().to_owned(),
            uid: catalogue.dashboard_uid().to_owned(),
            description: describe::dashboard(model),
            tags: vec!["background-jobs".to_owned(), TAG.to_owned(), catalogue.service().to_owned()],
            links: vec![links::runbook(model)],
            variables: variables(model),
            firing: board.firing(),
            started: board.started(),
            rows: rows(&board, panels),
        }
    }

    /// Returns every panel, from top to bottom.
    pub fn panels(&self) -> impl Iterator<Item = &Panel> {
        self.rows.iter().flat_map(|row| &row.panels)
    }
}

fn rows(board: &Board<'_>, further: &[(&'static str, PanelFunction)]) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    if board.model().jobs().is_empty() {
        return rows;
    }
    for &(title, panels) in STANDARD {
        let panels = panels.iter().filter_map(|panel| panel(board)).collect();
        rows.push(Row { title, is_closed: false, repeated_by: None, panels });
    }
    for (title, panel) in further {
        let Some(panel) = panel(board) else { continue };
        match rows.iter_mut().find(|row| row.title == *title) {
            Some(row) => row.panels.push(panel),
            None => rows.push(Row { title, is_closed: false, repeated_by: None, panels: vec![panel] }),
        }
    }
    let panels = ONE_JOB.iter().filter_map(|panel| panel(board)).collect();
    rows.push(Row { title: "Job: $job_name", is_closed: true, repeated_by: Some(JOB_NAME), panels });
    rows.retain(|row| !row.panels.is_empty());
    for row in rows.iter_mut().skip(OPEN_ROWS) {
        row.is_closed = true;
    }
    rows
}

fn variables(model: &Model<'_>) -> Vec<Variable> {
    let of_copies = |name: &str, label: String, description: String| Variable {
        name: name.to_owned(),
        label,
        description,
        series: model.scope().recorded(FIRST_SCHEDULED.name),
        values_of: name.to_owned(),
        // Not `.+`, which a series without the label would not match.
        all: ".*",
    };
    let grouping = model.scope().grouping_labels().iter().map(|&label| {
        let title = describe::label(label);
        let description =
            format!("Copies of jobs are told apart by `{label}`. All of them include processes without it.");
        of_copies(label, title, description)
    });
    let namespace = "Where the jobs run. All of them include processes without a namespace.".to_owned();
    let job = Variable {
        name: JOB_NAME.to_owned(),
        label: "Job".to_owned(),
        description: "The jobs of the catalogue, whether they run or not.".to_owned(),
        series: model.scope().recorded(CATALOGUED.name),
        values_of: JOB_NAME.to_owned(),
        all: ".+",
    };
    grouping.chain([of_copies(NAMESPACE, "Namespace".to_owned(), namespace), job]).collect()
}
