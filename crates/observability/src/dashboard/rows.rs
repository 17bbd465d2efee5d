//! Which panels there are, in the order in which somebody on call reads them.

use jobwatch_catalogue::label::{JOB_NAME, REASON, STATUS};
use jobwatch_catalogue::{AlertName, JobSpec};

use super::Row;
use super::board::Board;
use super::describe;
use super::limits;
use super::panel::{Link, Panel, Purpose, Query, Scale, Visual};
use super::tables;
use crate::alerts::Alert;
use crate::promql::Expr;
use crate::promql::check::Measure;

const HALF: u32 = 12;
pub(super) const FULL: u32 = 24;
pub(super) const HEIGHT: u32 = 8;

/// Every row of the dashboard.
pub(super) fn rows(board: &Board<'_>) -> Vec<Row> {
    if !board.has(|_| true) {
        return Vec::new();
    }
    let mut slow = vec![duration(board)];
    if board.has(|job| job.queue().is_some()) {
        slow.extend([queue_sizes(board), queue_growth(board)]);
    }
    let mut rows = vec![
        Row {
            title: "Right now",
            panels: vec![tables::firing(board), success_rate(board), overview(board), tables::details(board)],
        },
        Row {
            title: "Failing",
            panels: vec![failure_rate(board), failed_part(board), failures_in_a_row(board), runs(board)],
        },
        Row {
            title: "Late, stuck or silent",
            panels: vec![last_success(board), running(board), silent(board), skipped(board)],
        },
        Row { title: "Slow or backed up", panels: slow },
    ];
    if board.has(|job: &JobSpec| job.items().is_some()) {
        rows.push(Row { title: "Items", panels: vec![items(board), failed_items(board)] });
    }
    rows
}

/// A panel on its way: what all panels have in common is said once, in [`Draft::build`].
pub(super) struct Draft {
    pub(super) title: &'static str,
    pub(super) sentences: &'static str,
    pub(super) measure: Measure,
    pub(super) visual: Visual,
    pub(super) alerts: &'static [AlertName],
    pub(super) no_value: &'static str,
    pub(super) width: u32,
}

impl Draft {
    /// The panel with these queries and no threshold.
    pub(super) fn build(self, board: &Board<'_>, queries: Vec<Query>) -> Panel {
        let alerts: Vec<&Alert> = self.alerts.iter().filter_map(|&name| board.alert(name)).collect();
        let is_by_job = queries.iter().any(|query| query.legend.contains(&label(JOB_NAME)));
        let is_cut = board.is_large() && is_by_job && !matches!(self.visual, Visual::Table(_));
        Panel {
            title: self.title,
            description: describe::panel(self.sentences, is_cut, &alerts, board.catalogue),
            measure: self.measure,
            visual: self.visual,
            queries,
            lines: Vec::new(),
            alerts: alerts.iter().map(|alert| alert.name).collect(),
            links: alerts.iter().map(|alert| describe::section(alert, board.catalogue)).collect(),
            no_value: self.no_value,
            width: self.width,
            height: HEIGHT,
        }
    }

    /// The panel of the signal that its alerts test, with all of their thresholds.
    fn plot(self, board: &Board<'_>) -> Panel {
        let alerts: Vec<&Alert> = self.alerts.iter().filter_map(|&name| board.alert(name)).collect();
        let mut queries: Vec<Query> =
            alerts.first().map(|alert| limits::values(board, alert)).into_iter().collect();
        queries.extend(alerts.iter().flat_map(|alert| limits::limits(board, alert)));
        Panel { lines: limits::lines(&alerts), ..self.build(board, queries) }
    }
}

pub(super) fn value(expression: Expr, legend: &str) -> Query {
    Query { expression, legend: legend.to_owned(), purpose: Purpose::Value }
}

fn label(label: &str) -> String {
    format!("{{{{{label}}}}}")
}

fn success_rate(board: &Board<'_>) -> Panel {
    let succeeded = Board::succeeded(board.largest(board.failed_ratio()));
    let critical = board.alert(AlertName::BackgroundJobCriticalFailureRate);
    let panel = Draft {
        title: "Job Success Rate",
        sentences: "The part of each job's latest executions that succeeded. A rare job is looked back upon for as long as it \
                    takes to see several executions.",
        measure: Measure::Ratio,
        visual: Visual::Gauge(critical.map(limits::exceptions).unwrap_or_default()),
        alerts: &[AlertName::BackgroundJobCriticalFailureRate],
        no_value: "Nothing has run yet",
        width: HALF,
    }
    .build(board, vec![value(succeeded, &label(JOB_NAME))]);
    Panel { lines: limits::lines(critical.as_slice()), ..panel }
}

fn overview(board: &Board<'_>) -> Panel {
    Draft {
        title: "Job Execution Status Overview",
        sentences: "How each job has been doing: whether its executions succeed, fail in part or for the most part, or whether \
                    it has not succeeded for too long.",
        measure: Measure::Number,
        visual: Visual::States,
        alerts: &[AlertName::BackgroundJobCriticalFailureRate, AlertName::BackgroundJobNotRunning],
        no_value: "No rules have been evaluated for this catalogue",
        width: FULL,
    }
    .build(board, vec![value(board.largest(board.state()), &label(JOB_NAME))])
}

fn failure_rate(board: &Board<'_>) -> Panel {
    Draft {
        title: "Failure Rate by Job",
        sentences: "Failed executions a second, over a window that holds several executions of the job.",
        measure: Measure::PerSecond,
        visual: Visual::Lines(Scale::Linear),
        alerts: &[AlertName::BackgroundJobFailing],
        no_value: "Nothing has run yet",
        width: HALF,
    }
    .plot(board)
}

fn failed_part(board: &Board<'_>) -> Panel {
    Draft {
        title: "Failed Part of Executions",
        sentences: "Failed executions as a part of all that ended, over the job's latest executions.",
        measure: Measure::Ratio,
        visual: Visual::Lines(Scale::Whole),
        alerts: &[AlertName::BackgroundJobCriticalFailureRate],
        no_value: "Nothing has run yet",
        width: HALF,
    }
    .plot(board)
}

fn failures_in_a_row(board: &Board<'_>) -> Panel {
    Draft {
        title: "Failures in a Row",
        sentences: "Executions that failed since the last one that succeeded. This notices a rare job that keeps failing.",
        measure: Measure::Count,
        visual: Visual::Lines(Scale::Linear),
        alerts: &[AlertName::BackgroundJobConsecutiveFailures],
        no_value: "Not exposed: needs Jobwatch's runtime",
        width: HALF,
    }
    .plot(board)
}

fn runs(board: &Board<'_>) -> Panel {
    Draft {
        title: "Runs Over Time",
        sentences: "Executions that ended in each hour, or in each step of a longer time range, by job and status.",
        measure: Measure::Count,
        visual: Visual::Bars,
        alerts: &[],
        no_value: "Nothing has run yet",
        width: HALF,
    }
    .build(board, vec![value(board.executions(), &format!("{} {}", label(JOB_NAME), label(STATUS)))])
}

fn last_success(board: &Board<'_>) -> Panel {
    Draft {
        title: "Time Since Last Success",
        sentences: "How long ago each job last succeeded, counted from when it was first scheduled if it never has. The lines \
                    stand where the rules have them; a job whose interval the environment made longer gets two of those \
                    intervals.",
        measure: Measure::Seconds,
        visual: Visual::Lines(Scale::Logarithmic { linear_below: 60 }),
        alerts: &[AlertName::BackgroundJobNotRunning, AlertName::BackgroundJobCriticallyStale],
        no_value: "No job is exposed",
        width: HALF,
    }
    .plot(board)
}

fn running(board: &Board<'_>) -> Panel {
    Draft {
        title: "Running Now",
        sentences: "How long each execution in progress has taken, and how long it may take. An execution that ends between \
                    two scrapes is not seen.",
        measure: Measure::Seconds,
        visual: Visual::Lines(Scale::Logarithmic { linear_below: 60 }),
        alerts: &[AlertName::BackgroundJobStuck],
        no_value: "Nothing is running",
        width: HALF,
    }
    .plot(board)
}

fn silent(board: &Board<'_>) -> Panel {
    let absent = board.tested(AlertName::BackgroundJobMetricsAbsent).map(|absent| board.largest(absent));
    Draft {
        title: "Jobs Without Metrics",
        sentences: "Jobs of the catalogue that Prometheus has no series of: the process is gone or is not scraped, or the job \
                    is not registered. All other panels are silent about such a job.",
        measure: Measure::Number,
        visual: Visual::Lines(Scale::Whole),
        alerts: &[AlertName::BackgroundJobMetricsAbsent],
        no_value: "Every job exposes metrics",
        width: HALF,
    }
    .build(board, absent.map(|absent| value(absent, &label(JOB_NAME))).into_iter().collect())
}

fn skipped(board: &Board<'_>) -> Panel {
    Draft {
        title: "Due Times Skipped by Reason",
        sentences: "Due times that did not become an execution in each hour. `lease_held` is usual with several replicas; \
                    `overlap` means that executions take longer than the interval.",
        measure: Measure::Count,
        visual: Visual::Bars,
        alerts: &[],
        no_value: "Nothing was skipped",
        width: HALF,
    }
    .build(board, vec![value(board.skipped(), &label(REASON))])
}

fn duration(board: &Board<'_>) -> Panel {
    Draft {
        title: "Job Duration (P95)",
        sentences: "The duration that 95 of 100 executions stay below, over a window that holds several executions.",
        measure: Measure::Seconds,
        visual: Visual::Lines(Scale::Logarithmic { linear_below: 1 }),
        alerts: &[AlertName::BackgroundJobHighDuration, AlertName::BackgroundJobCriticalDuration],
        no_value: "Nothing has run yet",
        width: FULL,
    }
    .plot(board)
}

fn queue_sizes(board: &Board<'_>) -> Panel {
    Draft {
        title: "Job Queue Sizes",
        sentences: "What waits for each job that has a queue.",
        measure: Measure::Count,
        visual: Visual::Lines(Scale::Logarithmic { linear_below: 10 }),
        alerts: &[AlertName::BackgroundJobCriticalQueueSize, AlertName::BackgroundJobQueueGrowing],
        no_value: "No queue is exposed",
        width: HALF,
    }
    .plot(board)
}

fn queue_growth(board: &Board<'_>) -> Panel {
    let growing = board.alert(AlertName::BackgroundJobQueueGrowing);
    let panel = Draft {
        title: "Queue Growth",
        sentences: "Each queue, and dashed what it would be if it had grown by just as much as it may. A queue that is above \
                    both its dashed line and the threshold grows too fast.",
        measure: Measure::Count,
        visual: Visual::Lines(Scale::Logarithmic { linear_below: 10 }),
        alerts: &[AlertName::BackgroundJobQueueGrowing],
        no_value: "No queue is exposed",
        width: HALF,
    }
    .plot(board);
    let growth = growing.and_then(|alert| limits::growth(board, alert));
    Panel { queries: panel.queries.iter().cloned().chain(growth).collect(), ..panel }
}

fn items(board: &Board<'_>) -> Panel {
    Draft {
        title: "Items by Job and Status",
        sentences: "Items that were handled a second. Skipped items needed nothing and count as no attempt.",
        measure: Measure::PerSecond,
        visual: Visual::Lines(Scale::Linear),
        alerts: &[],
        no_value: "No items were handled",
        width: HALF,
    }
    .build(board, vec![value(board.items(), &format!("{} {}", label(JOB_NAME), label(STATUS)))])
}

fn failed_items(board: &Board<'_>) -> Panel {
    Draft {
        title: "Failed Part of Items",
        sentences: "Failed items as a part of those that were attempted.",
        measure: Measure::Ratio,
        visual: Visual::Lines(Scale::Whole),
        alerts: &[AlertName::BackgroundJobHighItemFailureRate],
        no_value: "No items were attempted",
        width: HALF,
    }
    .plot(board)
}

/// Links to the section of every alert.
pub(super) fn sections(board: &Board<'_>) -> Vec<Link> {
    board.alerts().map(|alert| describe::section(alert, board.catalogue)).collect()
}
