//! Over how long recorded rates look back at each job.

use std::collections::{HashMap, HashSet};

use jobwatch_catalogue::JobSpec;
use jobwatch_catalogue::label::JOB_NAME;

use crate::definition::AlertName;
use crate::findings::lint::Subject;
use crate::model::{Alert, Model};
use crate::promql::{Expr, MatcherValue, RangeFunction, Selector, Window};

/// A window of one job, and the recorded series that is taken over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct JobWindow {
    pub(super) seconds: u64,
    pub(super) series: &'static str,
}

/// The windows of one job. The shortest is the longest there can be where each series remembers
/// itself what it told last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Windows {
    pub(super) shortest: JobWindow,
    pub(super) longest: JobWindow,
}

/// Returns the watched jobs that rates look back at, in the catalogue's order.
pub(super) fn of_jobs<'a>(subject: &Subject<'a>) -> Vec<(&'a JobSpec, Windows)> {
    let mut windows: HashMap<&str, Windows> = HashMap::new();
    for rule in subject.model.recorded() {
        let mut remembers = false;
        rule.expression.walk(&mut |part| {
            if let Expr::Select(selector) | Expr::Range { selector, .. } = part {
                remembers |= selector.series == rule.series;
            }
        });
        rule.expression.walk(&mut |part| {
            let Expr::Range {
                function: RangeFunction::Rate | RangeFunction::Increase,
                selector,
                window: Window::Seconds(seconds),
            } = part
            else {
                return;
            };
            let window = JobWindow { seconds: *seconds, series: rule.series };
            // What a series remembers itself is told by no window.
            let short = JobWindow { seconds: if remembers { u64::MAX } else { window.seconds }, ..window };
            for job in jobs(selector) {
                let known = windows.entry(job).or_insert(Windows { shortest: short, longest: window });
                if short.seconds < known.shortest.seconds {
                    known.shortest = short;
                }
                if window.seconds > known.longest.seconds {
                    known.longest = window;
                }
            }
        });
    }
    let jobs = subject.model.jobs().iter();
    jobs.filter_map(|job| Some((job.spec, *windows.get(job.spec.name().as_str())?))).collect()
}

/// Returns the jobs that a selector reads.
fn jobs(selector: &Selector) -> impl Iterator<Item = &String> {
    let matchers = selector.matchers.iter().filter(|matcher| matcher.label == JOB_NAME);
    matchers.flat_map(|matcher| match &matcher.value {
        MatcherValue::Equal(job) => std::slice::from_ref(job),
        MatcherValue::OneOf(jobs) => jobs,
        MatcherValue::NoneOf(_) | MatcherValue::Variable(_) | MatcherValue::VariableOrNone(_) => &[],
    })
}

/// Which alerts depend on which recorded series.
pub(super) struct Readers<'a> {
    model: &'a Model<'a>,
    by_series: HashMap<&'static str, Vec<&'a Alert>>,
}

impl<'a> Readers<'a> {
    pub(super) fn new(model: &'a Model<'a>) -> Self {
        Self { model, by_series: HashMap::new() }
    }

    /// Returns the first alert about a job whose value is a recorded series or follows from it.
    /// `None` if there is none.
    pub(super) fn first(&mut self, series: &'static str, job: &JobSpec) -> Option<AlertName> {
        let model = self.model;
        let mut alerts = self.by_series.entry(series).or_insert_with(|| readers(model, series)).iter();
        alerts.find(|alert| alert.watches(job.name())).map(|alert| alert.name())
    }
}

fn readers<'a>(model: &'a Model<'a>, series: &'static str) -> Vec<&'a Alert> {
    let mut known = HashSet::from([series]);
    for rule in model.recorded() {
        let mut follows = false;
        rule.expression.walk(&mut |part| {
            if let Expr::Select(selector) | Expr::Range { selector, .. } = part {
                follows |= known.contains(selector.series);
            }
        });
        if follows {
            known.insert(rule.series);
        }
    }
    model.alerts().iter().filter(|alert| known.contains(alert.definition.value.name)).collect()
}
