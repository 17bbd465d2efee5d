//! What a panel is, before it becomes Grafana's JSON.

use jobwatch_catalogue::JobName;

use crate::definition::AlertName;
use crate::promql::Expr;
use crate::quantity::{Quantity, Unit};
use crate::severity::Severity;

/// A panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Panel {
    /// The title.
    pub title: &'static str,
    /// What it shows, and which alerts fire about it, in Markdown.
    pub description: String,
    /// What its values measure.
    pub unit: Unit,
    /// How it shows them.
    pub visual: Visual,
    /// What it asks Prometheus.
    pub queries: Vec<Query>,
    /// Thresholds that are drawn across the panel, ascending.
    pub lines: Vec<Line>,
    /// The alerts whose expression it plots.
    pub alerts: Vec<AlertName>,
    /// The sections of the runbook that it belongs to.
    pub links: Vec<Link>,
    /// What it says where there is nothing to show.
    pub no_value: &'static str,
    /// The width, in the 24 columns of the grid.
    pub width: u32,
    /// The height, in the rows of the grid.
    pub height: u32,
}

/// How a panel shows values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Visual {
    /// Lines over time.
    Lines(Scale),
    /// Counts of each hour, on top of each other.
    Bars,
    /// Values of each hour in which there are any, as points.
    Points,
    /// How many values of each hour were how large, as a map of colours, from the buckets of a
    /// histogram of seconds.
    Heatmap,
    /// One number, which is coloured like alerts of some severity unless there is nothing to count.
    /// `None` for a number that says nothing about good or bad.
    Tile(Option<Severity>),
    /// The state of each job over time, as [`crate::job_state::JobState`] numbers them.
    States,
    /// One bar for each job: a part of a whole, better the fuller. The panel's lines are about the
    /// part that is missing.
    Gauge(Vec<Exception>),
    /// A row for each job or alert.
    Table(Vec<Column>),
}

/// How far apart values are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// By their difference.
    Linear,
    /// From zero to one.
    Whole,
    /// By their ratio, but linear below a value, so that a minute and a day are told apart in one
    /// panel.
    Logarithmic {
        /// That value.
        linear_below: u32,
    },
}

/// A query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// What is asked.
    pub expression: Expr,
    /// The name of each series, with its labels in double braces.
    pub legend: String,
    /// What it is drawn as.
    pub purpose: Purpose,
}

/// What a query is drawn as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Values.
    Value,
    /// The threshold of an alert, for jobs that have another than the stated one: dashed.
    Threshold(Severity),
}

/// A threshold across a panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// The alert that it is the threshold of.
    pub alert: AlertName,
    /// How urgent that is, which decides the colour.
    pub severity: Severity,
    /// Where it is.
    pub value: Quantity,
}

/// Jobs that have a threshold of their own in a panel that has a bar for each job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// How urgent it is.
    pub severity: Severity,
    /// The threshold.
    pub value: Quantity,
    /// The jobs.
    pub jobs: Vec<JobName>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Where its values come from.
    pub field: Field,
    /// The heading.
    pub title: String,
    /// What they are.
    pub kind: ColumnKind,
    /// Where a click on a value leads. `${__value.raw}` stands for the value.
    pub links: Vec<Link>,
}

/// Where the values of a column come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// A label.
    Label(String),
    /// The value of the query with this index.
    Value(usize),
}

/// What the values of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// A text.
    Text,
    /// How urgent an alert is.
    Severity,
    /// A [`crate::job_state::JobState`].
    State,
    /// A value.
    Value(Unit),
}

/// A link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What it says.
    pub title: String,
    /// Where it leads.
    pub url: String,
}
