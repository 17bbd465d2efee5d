//! How each signal is computed from the metrics of the contract.

use jobwatch_catalogue::label::{ItemStatus, JOB_NAME, LE, NAMESPACE, RunStatus, STATUS};
use jobwatch_catalogue::metric::{
    JOB_CONSECUTIVE_FAILURES, JOB_EXECUTION_DURATION_SECONDS, JOB_EXECUTION_TOTAL,
    JOB_FIRST_SCHEDULED_TIMESTAMP_SECONDS, JOB_IN_PROGRESS_SINCE_TIMESTAMP_SECONDS,
    JOB_ITEMS_PROCESSED_TOTAL, JOB_LAST_SUCCESS_TIMESTAMP_SECONDS, JOB_QUEUE_SIZE,
    JOB_SCHEDULE_INTERVAL_SECONDS, Metric,
};
use jobwatch_catalogue::{Catalogue, JobName, JobSpec, Quantity};

use super::{BY, SPAN, Signal, Span, WINDOW, WindowClass, window_of, windows};
use crate::promql::{Aggregation, Expr, Matching, Operator, Selector, Window};

const ZERO: Quantity = Quantity::Count(0);
const P95: Quantity = Quantity::Ratio(950_000);

/// How long a timestamp is remembered that a restarted process no longer exposes, in seconds.
pub(crate) const MEMORY: u64 = 3_600;

/// A recording rule for a signal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedSignal {
    /// The signal.
    pub signal: Signal,
    /// Labels that the rule adds, besides that of the catalogue.
    pub labels: Vec<(&'static str, String)>,
    /// The expression.
    pub expression: Expr,
}

/// The rules that record every signal of a catalogue, in an order in which each reads only those before it.
///
/// A catalogue whose jobs are all disabled has none, and one without queues has none about queues.
pub fn signals(catalogue: &Catalogue) -> Vec<RecordedSignal> {
    let recorder = Recorder::new(catalogue);
    if recorder.jobs.is_empty() {
        return Vec::new();
    }
    Signal::ALL.into_iter().flat_map(|signal| recorder.record(signal)).collect()
}

struct Recorder<'a> {
    catalogue: &'a Catalogue,
    jobs: Vec<JobName>,
    short: Vec<WindowClass>,
    long: Vec<WindowClass>,
}

impl<'a> Recorder<'a> {
    fn new(catalogue: &'a Catalogue) -> Self {
        Self {
            catalogue,
            jobs: names(catalogue, |_| true),
            short: windows(catalogue, Span::Short, |_| true),
            long: windows(catalogue, Span::Long, |_| true),
        }
    }

    fn record(&self, signal: Signal) -> Vec<RecordedSignal> {
        let one = |expression| vec![RecordedSignal { signal, labels: Vec::new(), expression }];
        match signal {
            Signal::Catalogued => self.each_job(signal),
            Signal::ScheduleInterval => {
                one(Expr::from(self.metric(&JOB_SCHEDULE_INTERVAL_SECONDS)).aggregate(Aggregation::Max, &BY))
            }
            Signal::FailedExecutionRate => each_window(signal, &self.short, |class| {
                Expr::rate(self.failed(class), over(class)).aggregate(Aggregation::Sum, &BY)
            }),
            Signal::Executions => self.both_spans(signal, |class| self.executions(class)),
            Signal::FailedExecutions => self.both_spans(signal, |class| self.failed_executions(class)),
            Signal::FailedExecutionRatio => one(self.failed_execution_ratio()),
            Signal::FailedItemRatio => {
                let with_items = windows(self.catalogue, Span::Long, |job| job.items().is_some());
                each_window(signal, &with_items, |class| self.failed_item_ratio(class))
            }
            Signal::DurationP95 => each_window(signal, &self.long, |class| self.duration_p95(class)),
            Signal::LastSuccess => one(self.last_success()),
            Signal::FirstScheduled => one(self.first_scheduled()),
            Signal::TimeSinceLastSuccess => one(self.time_since_last_success()),
            Signal::ConsecutiveFailures => one(self.consecutive_failures()),
            Signal::QueueSize => match names(self.catalogue, |job| job.queue().is_some()).as_slice() {
                [] => Vec::new(),
                jobs => one(Expr::from(Selector::metric(&JOB_QUEUE_SIZE, self.catalogue, jobs))
                    .aggregate(Aggregation::Max, &BY)),
            },
            Signal::InProgress => one(Expr::Time.binary(
                Operator::Subtract,
                positive(self.metric(&JOB_IN_PROGRESS_SINCE_TIMESTAMP_SECONDS))
                    .aggregate(Aggregation::Min, &BY),
            )),
        }
    }

    fn metric(&self, metric: &'static Metric) -> Selector {
        Selector::metric(metric, self.catalogue, &self.jobs)
    }

    fn signal(&self, signal: Signal) -> Selector {
        Selector::signal(signal, self.catalogue)
    }

    fn each_job(&self, signal: Signal) -> Vec<RecordedSignal> {
        let record = |job: &JobName| RecordedSignal {
            signal,
            labels: vec![(JOB_NAME, job.to_string())],
            expression: Expr::Vector(Quantity::Count(1)),
        };
        self.jobs.iter().map(record).collect()
    }

    /// The counts over the short windows, where a job has a window of its own for that, and over the long ones.
    fn both_spans(&self, signal: Signal, expression: impl Fn(&WindowClass) -> Expr) -> Vec<RecordedSignal> {
        let differs = |job: &JobSpec| window_of(job, Span::Short) != window_of(job, Span::Long);
        let short = windows(self.catalogue, Span::Short, differs);
        [(Span::Short, &short), (Span::Long, &self.long)]
            .into_iter()
            .flat_map(|(span, classes)| {
                each_window(signal, classes, &expression).into_iter().map(move |mut rule| {
                    rule.labels.insert(0, (SPAN, span.as_str().to_owned()));
                    rule
                })
            })
            .collect()
    }

    fn failed(&self, class: &WindowClass) -> Selector {
        Selector::metric(&JOB_EXECUTION_TOTAL, self.catalogue, &class.jobs)
            .equal(STATUS, RunStatus::Failed.as_str())
    }

    fn executions(&self, class: &WindowClass) -> Expr {
        let executions = Selector::metric(&JOB_EXECUTION_TOTAL, self.catalogue, &class.jobs);
        Expr::increase(executions, over(class)).aggregate(Aggregation::Sum, &BY)
    }

    /// A process that exposes no series of failures before the first has failed in nothing.
    fn failed_executions(&self, class: &WindowClass) -> Expr {
        let none = Expr::from(ZERO).binary(Operator::Multiply, self.executions(class));
        Expr::increase(self.failed(class), over(class))
            .aggregate(Aggregation::Sum, &BY)
            .binary(Operator::Or, none)
    }

    fn failed_execution_ratio(&self) -> Expr {
        let ratio = |span: Span, more_than: Quantity| {
            let counted = |signal| self.signal(signal).equal(SPAN, span.as_str());
            Expr::from(counted(Signal::FailedExecutions)).binary(
                Operator::Divide,
                Expr::from(counted(Signal::Executions)).binary(Operator::Greater, more_than),
            )
        };
        // An increase is extrapolated, so that three executions may count as a little less.
        ratio(Span::Short, Quantity::Count(2))
            .matched(Operator::Or, Matching::On(BY.to_vec()), ratio(Span::Long, ZERO))
            .aggregate(Aggregation::Sum, &BY)
    }

    fn failed_item_ratio(&self, class: &WindowClass) -> Expr {
        let items = || Selector::metric(&JOB_ITEMS_PROCESSED_TOTAL, self.catalogue, &class.jobs);
        let rate =
            |selector| Expr::rate(selector, Window::Seconds(class.window)).aggregate(Aggregation::Sum, &BY);
        let failed = rate(items().equal(STATUS, ItemStatus::Failed.as_str()));
        let attempted =
            rate(items().one_of(STATUS, &[ItemStatus::Failed.as_str(), ItemStatus::Success.as_str()]));
        failed.binary(Operator::Divide, attempted.binary(Operator::Greater, ZERO))
    }

    fn duration_p95(&self, class: &WindowClass) -> Expr {
        let buckets =
            Selector::metric(&JOB_EXECUTION_DURATION_SECONDS, self.catalogue, &class.jobs).buckets();
        Expr::rate(buckets, over(class)).aggregate(Aggregation::Sum, &[NAMESPACE, JOB_NAME, LE]).quantile(P95)
    }

    fn last_success(&self) -> Expr {
        positive(self.metric(&JOB_LAST_SUCCESS_TIMESTAMP_SECONDS))
            .aggregate(Aggregation::Max, &BY)
            .binary(Operator::Or, self.remembered(Signal::LastSuccess, Aggregation::Max))
    }

    fn first_scheduled(&self) -> Expr {
        let first_seen = Expr::Time.binary(
            Operator::Multiply,
            Expr::from(self.metric(&JOB_EXECUTION_TOTAL)).aggregate(Aggregation::Group, &BY),
        );
        positive(self.metric(&JOB_FIRST_SCHEDULED_TIMESTAMP_SECONDS))
            .aggregate(Aggregation::Min, &BY)
            .binary(Operator::Or, self.remembered(Signal::FirstScheduled, Aggregation::Min))
            .binary(Operator::Or, first_seen)
    }

    /// What the signal was before, for jobs that are exposed at all.
    fn remembered(&self, signal: Signal, operation: Aggregation) -> Expr {
        let exposed = Expr::from(self.metric(&JOB_EXECUTION_TOTAL)).aggregate(Aggregation::Group, &BY);
        Expr::last_over(self.signal(signal), MEMORY).aggregate(operation, &BY).binary(Operator::And, exposed)
    }

    fn time_since_last_success(&self) -> Expr {
        let since = Expr::from(self.signal(Signal::LastSuccess))
            .binary(Operator::Or, self.signal(Signal::FirstScheduled));
        let disabled = Expr::from(self.signal(Signal::ScheduleInterval)).binary(Operator::Equal, ZERO);
        Expr::Time.binary(Operator::Subtract, since).binary(Operator::Unless, disabled)
    }

    /// A replica that knows of an older success than another has not run the job since, so its count is out of date.
    fn consecutive_failures(&self) -> Expr {
        let out_of_date = Expr::from(self.metric(&JOB_LAST_SUCCESS_TIMESTAMP_SECONDS)).matched(
            Operator::Less,
            Matching::OnManyToOne(BY.to_vec()),
            self.signal(Signal::LastSuccess),
        );
        Expr::from(self.metric(&JOB_CONSECUTIVE_FAILURES))
            .binary(Operator::Unless, out_of_date)
            .aggregate(Aggregation::Max, &BY)
    }
}

fn names(catalogue: &Catalogue, picked: impl Fn(&JobSpec) -> bool) -> Vec<JobName> {
    catalogue.jobs().iter().filter(|job| job.enabled() && picked(job)).map(|job| job.name().clone()).collect()
}

fn each_window(
    signal: Signal,
    classes: &[WindowClass],
    expression: impl Fn(&WindowClass) -> Expr,
) -> Vec<RecordedSignal> {
    let record = |class: &WindowClass| RecordedSignal {
        signal,
        labels: vec![(WINDOW, Window::Seconds(class.window).to_string())],
        expression: expression(class),
    };
    classes.iter().map(record).collect()
}

fn over(class: &WindowClass) -> Window {
    Window::Seconds(class.window)
}

/// Only values above zero: a timestamp of zero means "never", and a rate of zero cannot be divided by.
fn positive(selector: Selector) -> Expr {
    Expr::from(selector).binary(Operator::Greater, ZERO)
}
