//! A panel on its way: what all panels have in common is said once, here.

use jobwatch_catalogue::label::JOB_NAME;

use super::board::Board;
use super::describe;
use super::links;
use super::panel::{Panel, Purpose, Query, Visual};
use super::thresholds;
use crate::model::Alert;
use crate::promql::{Expr, infer};
use crate::quantity::Unit;

/// Half of the dashboard's width, in the columns of its grid.
pub const HALF: u32 = 12;
/// The dashboard's width, in the columns of its grid.
pub const FULL: u32 = 24;
const HEIGHT: u32 = 8;

/// What is particular to a panel. Which alerts it draws follows from its title.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The title.
    pub title: &'static str,
    /// What it shows.
    pub sentences: &'static str,
    /// What its values measure.
    pub unit: Unit,
    /// How it shows them.
    pub visual: Visual,
    /// What it says where there is nothing to show.
    pub no_value: &'static str,
    /// The width, in the columns of the grid.
    pub width: u32,
}

impl Draft {
    /// Returns the panel with these queries and without thresholds.
    pub fn build(self, board: &Board<'_>, mut queries: Vec<Query>) -> Panel {
        for query in &mut queries {
            query.legend = of_copies(board, query);
        }
        let alerts = board.alerts_on(self.title);
        let by_job = format!("{{{{{JOB_NAME}}}}}");
        let is_by_job = queries.iter().any(|query| query.legend.contains(&by_job));
        let is_cut = board.is_large() && is_by_job && !matches!(self.visual, Visual::Table(_));
        Panel {
            title: self.title,
            description: describe::panel(self.sentences, is_cut, &alerts, board.model()),
            unit: self.unit,
            visual: self.visual,
            queries,
            lines: Vec::new(),
            alerts: alerts.iter().map(|alert| alert.name()).collect(),
            links: alerts.iter().flat_map(|alert| links::of_alert(alert, board.model())).collect(),
            no_value: self.no_value,
            width: self.width,
            height: HEIGHT,
        }
    }

    /// Returns the panel of the series that its alerts test, with all of their thresholds. What an
    /// alert tests that is switched off is shown without any.
    pub fn plot(self, board: &Board<'_>) -> Panel {
        self.plot_with(board, None)
    }

    /// The same with a further query.
    pub(super) fn plot_with(self, board: &Board<'_>, further: Option<Query>) -> Panel {
        let alerts: Vec<&Alert> = board.alerts_on(self.title);
        let values = board.plotted_on(self.title).map(|alert| thresholds::values(board, alert));
        let dashed = alerts.iter().filter_map(|alert| thresholds::dashed(board, alert));
        let queries = values.into_iter().chain(dashed).chain(further).collect();
        Panel { lines: thresholds::lines(&alerts), ..self.build(board, queries) }
    }
}

/// Returns the legend of a query, which tells copies of a job apart by the labels that it yields.
fn of_copies(board: &Board<'_>, query: &Query) -> String {
    let found = infer(&query.expression, board.model().schema()).ok().and_then(|found| found.labels);
    let labels = board.labels_of_copies();
    let labels = labels.filter(|label| found.as_ref().is_some_and(|found| found.free.contains(*label)));
    let job = format!("{{{{{JOB_NAME}}}}}");
    let copy = labels.fold(job.clone(), |copy, label| format!("{copy} {{{{{label}}}}}"));
    query.legend.replace(&job, &copy)
}

/// Returns a query whose values are drawn, with a legend that has its labels in double braces.
pub fn value(expression: Expr, legend: &str) -> Query {
    Query { expression, legend: legend.to_owned(), purpose: Purpose::Value }
}
