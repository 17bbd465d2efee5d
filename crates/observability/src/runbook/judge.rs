//! Holds the sentence of a threshold against its alert.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

use jobwatch_catalogue::JobName;
use jobwatch_catalogue::problem::Problems;

use super::alert_view::{AlertView, JobGroup, Pace, Quantity};
use super::codes;
use super::expected::{Expectations, Expected, told};
use super::spoken::{spoken_group, spoken_threshold, spoken_time, spoken_value};
use super::statement::{Exception, Statement, read};
use super::tokenize::tokens;
use super::value::Value;
use crate::comparison::Comparison;
use crate::findings::Code;
use crate::sentence::Stands;

/// A longer text is not tried in the forms of other alerts: it is no sentence of any.
const LONGEST_OTHER: usize = 64 << 10;

/// A difference between a sentence and its alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) code: Code,
    /// The bytes of the sentence that differ.
    pub(super) span: Range<usize>,
    pub(super) message: String,
    pub(super) expected: String,
    pub(super) found: String,
    pub(super) hint: String,
    pub(super) job: Option<String>,
}

/// Returns the differences between a sentence and its alert, built up to a number.
///
/// The sentence is read in the form of its alert. One that reads in the form of another alert alone
/// states another condition.
pub(super) fn judge(
    text: &str,
    expected: &Expected<'_>,
    all: &Expectations<'_>,
    limit: usize,
) -> Problems<Difference> {
    let mut judge =
        Judge { text, expected, alert: &expected.alert, differences: Problems::with_limit(limit) };
    let tokens = tokens(text);
    match read(text, &tokens, expected.alert.form) {
        Ok(statement) => judge.statement(&statement),
        Err(span) => {
            let mut others = all.forms.iter().filter(|form| **form != expected.alert.form);
            if text.len() <= LONGEST_OTHER && others.any(|form| read(text, &tokens, form).is_ok()) {
                judge.other_condition();
            } else {
                judge.unreadable(span, &all.examples);
            }
        }
    }
    judge.differences
}

struct Judge<'a> {
    text: &'a str,
    expected: &'a Expected<'a>,
    alert: &'a AlertView<'a>,
    differences: Problems<Difference>,
}

impl<'a> Judge<'a> {
    fn difference(&self, code: Code, span: Range<usize>, message: String, expected: String) -> Difference {
        let found = told(self.text.get(span.clone()).unwrap_or_default());
        let hint = format!("write: {}", self.expected.told());
        Difference { code, span, message, expected, found, hint, job: None }
    }

    /// Builds a difference, if there is room for it.
    fn tell(&mut self, build: impl FnOnce(&Self) -> Difference) {
        if self.differences.room() > 0 {
            let difference = build(self);
            self.differences.add(|| difference);
        } else {
            self.differences.omit(1);
        }
    }

    fn other_condition(&mut self) {
        self.tell(|judge| {
            let message = format!("the runbook states another condition than {} tests", judge.alert.name);
            judge.difference(codes::CONDITION_DIFFERS, 0..judge.text.len(), message, judge.expected.told())
        });
    }

    fn unreadable(&mut self, span: Range<usize>, examples: &str) {
        self.tell(|judge| {
            let message = "the threshold is written in a form that is not understood".to_owned();
            let difference =
                judge.difference(codes::THRESHOLD_UNREADABLE, span, message, judge.expected.told());
            let hint = format!("{}; the forms are {examples}", difference.hint);
            Difference { hint, ..difference }
        });
    }

    fn statement(&mut self, statement: &Statement) {
        let mut is_for_each = false;
        for (place, (parameter, value)) in
            self.alert.form.parameters.iter().zip(&statement.values).enumerate()
        {
            let expected = self.alert.value(parameter.name);
            match (parameter.stands, expected, value) {
                (Stands::Over { says }, Some(Quantity::Duration(expected)), value) => {
                    self.time(value.as_ref(), expected, says);
                }
                // What each job has, or is measured by.
                (_, expected, Some(value))
                    if place == 0 && (expected.is_none() || value.relative.is_some()) =>
                {
                    is_for_each = true;
                    self.for_each(value, &statement.exceptions);
                }
                (_, Some(expected), Some(value)) => self.value(value, parameter.name, expected),
                _ => {}
            }
        }
        self.time(statement.hold.as_ref(), self.alert.hold, "the condition has to hold for");
        for (first, again) in &statement.restated {
            self.restated(first, again);
        }
        for exception in &statement.exceptions {
            self.exception(exception);
        }
        if !is_for_each {
            self.unstated(&statement.exceptions);
        }
    }

    /// A threshold that has to be that of each job, but for those that are named.
    fn for_each(&mut self, value: &Value, named: &[Exception]) {
        let (alert, named) = (self.alert, self.by_group(named));
        let is_named = |at: usize, job: &JobName| named.get(&at).is_some_and(|jobs| jobs.contains(job));
        let groups = alert.groups.iter().enumerate();
        let mut left = groups.filter_map(|(at, group)| {
            Some((group, group.threshold?, group.jobs.iter().find(|job| !is_named(at, job))?))
        });
        let wrong =
            left.clone().find(|(group, threshold, _)| !self.amounts_to(&value.at(group.pace), *threshold));
        let name = alert.name;
        if let Some((_, threshold, job)) = wrong {
            self.tell(|judge| {
                let message = format!("the runbook states another threshold than {name} tests for {job}");
                let expected = spoken_threshold(judge.alert, threshold);
                let code = codes::THRESHOLD_DIFFERS;
                let difference = judge.difference(code, value.span.clone(), message, expected);
                Difference { job: Some(job.to_string()), ..difference }
            });
        } else if let Some((group, threshold, _)) = left.next()
            && !self.compares_alike(&value.at(group.pace), threshold, alert.form.comparison_may_be_unsaid)
        {
            self.tell(|judge| judge.comparison(value, name));
        }
    }

    /// A value that is told once more, as in "300 seconds (5 minutes)".
    fn restated(&mut self, first: &Value, again: &Value) {
        let is_same = |pace: Pace| {
            let (first, again) = (first.at(pace), again.at(pace));
            first.quantity == again.quantity && first.is_exact && again.is_exact
        };
        let compares_alike = again.comparison.is_none() || again.comparison == first.comparison;
        let mut groups = self.alert.groups.iter().filter(|group| !group.is_exception);
        let is_relative = first.relative.is_some() || again.relative.is_some();
        let is_right = match is_relative {
            true => groups.all(|group| is_same(group.pace)),
            false => first.quantity == again.quantity && first.is_exact && again.is_exact,
        };
        if !is_right || !compares_alike {
            self.tell(|judge| {
                let said = judge.text.get(first.span.clone()).unwrap_or_default();
                let span = again.comparison_span.start.min(again.span.start)..again.span.end;
                let again = judge.text.get(span.clone()).unwrap_or_default();
                let message = format!("`{again}` is not the same as `{said}` before it");
                judge.difference(codes::THRESHOLD_DIFFERS, span, message, said.to_owned())
            });
        }
    }

    fn value(&mut self, value: &Value, parameter: &str, expected: Quantity) {
        let name = self.alert.name;
        if !self.amounts_to(value, expected) {
            let unit = value.differs_in_unit_alone(expected) || value.quantity.unit() != expected.unit();
            let (code, what) = match unit {
                true => (codes::UNIT_DIFFERS, "unit"),
                false => (codes::THRESHOLD_DIFFERS, "threshold"),
            };
            self.tell(|judge| {
                let message = format!("the runbook states another {what} than {name} tests");
                let expected = spoken_value(judge.alert, parameter, expected);
                judge.difference(code, value.span.clone(), message, expected)
            });
        } else if !self.compares_alike(value, expected, self.alert.form.comparison_may_be_unsaid) {
            self.tell(|judge| judge.comparison(value, name));
        }
    }

    /// Returns whether a value is the expected one. Of things that are counted, "more than two" and
    /// "at least three" are the same.
    fn amounts_to(&self, value: &Value, expected: Quantity) -> bool {
        let counts_from_here = self.alert.comparison == Comparison::AtLeast;
        value.is_exact
            && match (value.quantity, value.comparison) {
                (Quantity::Count(number), Some(Comparison::Above)) if counts_from_here => {
                    expected == Quantity::Count(number.saturating_add(1)) || value.quantity == expected
                }
                (quantity, _) => quantity == expected,
            }
    }

    /// Returns whether a value that amounts to the expected one is compared as the alert compares
    /// it. No time that is measured meets a threshold exactly, so that "above" and "at least" are
    /// the same; of things that are counted, and of the shares of them, they are not.
    fn compares_alike(&self, value: &Value, expected: Quantity, may_be_unsaid: bool) -> bool {
        let own = self.alert.comparison;
        match value.comparison {
            None => may_be_unsaid,
            Some(stated) if !stated.has_direction_of(own) => false,
            Some(stated) if stated.includes_threshold() == own.includes_threshold() => true,
            // "More than two" for "at least three" amounts to it by another number.
            Some(_) => {
                !matches!(expected, Quantity::Count(_) | Quantity::Ratio(_)) || value.quantity != expected
            }
        }
    }

    fn comparison(&self, value: &Value, what: &str) -> Difference {
        let message = match value.comparison {
            None => format!("the runbook does not say in which direction {what} compares"),
            Some(_) => format!("the runbook compares in another direction than {what}"),
        };
        let span = if value.comparison.is_some() { &value.comparison_span } else { &value.span };
        let expected = self.alert.comparison.as_str().to_owned();
        self.difference(codes::COMPARISON_DIFFERS, span.clone(), message, expected)
    }

    /// A time that has to pass. Zero means that none has to.
    fn time(&mut self, stated: Option<&Value>, expected: u64, what: &str) {
        let resolved =
            stated.map(|value| self.alert.pace().map_or(Cow::Borrowed(value), |pace| value.at(pace)));
        let stated = resolved.as_deref();
        let spoken = if expected == 0 { "nothing".to_owned() } else { spoken_time(expected) };
        let (span, message) = match stated {
            None if expected == 0 => return,
            None => {
                (self.text.len()..self.text.len(), format!("the runbook does not say that {what} {spoken}"))
            }
            Some(value)
                if expected > 0 && value.is_exact && value.quantity == Quantity::Duration(expected) =>
            {
                // "For at least five minutes" is meant as well, "for less than five minutes" is
                // another promise.
                if matches!(value.comparison, Some(Comparison::Below | Comparison::AtMost)) {
                    self.tell(|judge| {
                        judge.difference(
                            codes::COMPARISON_DIFFERS,
                            value.comparison_span.clone(),
                            format!("{what} {spoken}, not less"),
                            "no comparison".to_owned(),
                        )
                    });
                }
                return;
            }
            Some(value) if expected == 0 => {
                (value.span.clone(), format!("{} does not wait before it fires", self.alert.name))
            }
            Some(value) => {
                (value.span.clone(), format!("{what} {spoken}, says the rule of {}", self.alert.name))
            }
        };
        self.tell(|judge| judge.difference(codes::DURATION_DIFFERS, span, message, spoken));
    }

    /// What is stated for one job.
    fn exception(&mut self, exception: &Exception) {
        let alert = self.alert;
        let named = alert.job(&exception.job).map(|(group, job)| (&alert.groups[group], job.to_string()));
        let Some((group, job)) = named.filter(|(group, _)| group.threshold.is_some()) else {
            self.tell(|judge| {
                let message = format!("{} watches no job named {}", alert.name, exception.job);
                judge.of_job(exception, message, "nothing".to_owned(), exception.job.clone())
            });
            return;
        };
        if let Some(hold) = &exception.hold {
            self.time(Some(hold), alert.hold, "the condition has to hold for");
        }
        for (place, value) in exception.values.iter().enumerate() {
            let (Some(value), Some(expected)) = (value, alert.parameter_of(group, place)) else { continue };
            let at_pace = value.at(group.pace);
            if !self.amounts_to(&at_pace, expected) {
                self.tell(|judge| {
                    let name = alert.name;
                    let message = format!("{name} has another threshold for {job} than the runbook states");
                    judge.of_job(exception, message, spoken_of(alert, group), job.clone())
                });
                return;
            }
            if !self.compares_alike(&at_pace, expected, true) {
                self.tell(|judge| {
                    let difference = judge.comparison(value, &format!("{} for {job}", alert.name));
                    Difference { job: Some(job.clone()), ..difference }
                });
            }
        }
    }

    fn of_job(&self, exception: &Exception, message: String, expected: String, job: String) -> Difference {
        let code = codes::JOB_THRESHOLD_DIFFERS;
        Difference { job: Some(job), ..self.difference(code, exception.span.clone(), message, expected) }
    }

    /// Returns whether a sentence states all in which a group of jobs differs from the others.
    fn says_all(&self, exception: &Exception, group: &JobGroup) -> bool {
        let is_stated = |place: usize| exception.values.get(place).is_some_and(Option::is_some);
        let names = self.alert.form.parameters.iter().map(|parameter| parameter.name);
        let mut others =
            names.enumerate().filter(|(_, name)| group.others.iter().any(|(own, _)| own == name));
        (!group.has_own_threshold || is_stated(0)) && others.all(|(place, _)| is_stated(place))
    }

    /// Returns the jobs of which a sentence states all that is different, by their group.
    fn by_group(&self, stated: &[Exception]) -> HashMap<usize, HashSet<&'a JobName>> {
        let mut by_group: HashMap<usize, HashSet<&JobName>> = HashMap::new();
        for exception in stated {
            if let Some((group, job)) = self.alert.job(&exception.job)
                && self.says_all(exception, &self.alert.groups[group])
            {
                by_group.entry(group).or_default().insert(job);
            }
        }
        by_group
    }

    /// Thresholds of single jobs that the runbook does not state.
    fn unstated(&mut self, stated: &[Exception]) {
        let by_group = self.by_group(stated);
        let missing = |at: usize, group: &JobGroup| {
            group.jobs.len().saturating_sub(by_group.get(&at).map_or(0, HashSet::len))
        };
        if self.differences.room() == 0 {
            // No group is gone through that the sentence does not speak of.
            let stated = by_group.keys().map(|at| (*at, &self.alert.groups[*at]));
            let complete = stated.filter(|(at, group)| group.is_exception && missing(*at, group) == 0);
            self.differences.omit(self.alert.exception_count.saturating_sub(complete.count()));
            return;
        }
        for (at, group) in self.alert.exceptions() {
            let missing = missing(at, group);
            let is_stated = |job: &JobName| by_group.get(&at).is_some_and(|jobs| jobs.contains(job));
            let first = group.jobs.iter().find(|job| !is_stated(job)).filter(|_| missing > 0);
            let Some(first) = first else { continue };
            let others = missing - 1;
            self.tell(|judge| {
                let others = if others == 0 { String::new() } else { format!(" and {others} more") };
                let name = judge.alert.name;
                // What somebody wrote down is contradicted; what follows from the job is left out.
                let (code, message) = match group.is_set {
                    true => (
                        codes::JOB_THRESHOLD_DIFFERS,
                        format!("the catalogue sets another threshold of {name} for {first}{others} than the runbook states"),
                    ),
                    false => (
                        codes::JOB_THRESHOLD_UNSTATED,
                        format!("{name} has another threshold for {first}{others}, which the runbook does not state"),
                    ),
                };
                let expected = spoken_of(judge.alert, group);
                let difference = judge.difference(code, 0..judge.text.len(), message, expected);
                Difference { job: Some(first.to_string()), ..difference }
            });
        }
    }
}

/// Returns what is expected of a group of jobs: its threshold, or all in which it differs.
fn spoken_of(alert: &AlertView<'_>, group: &JobGroup) -> String {
    match group.threshold.filter(|_| group.others.is_empty()) {
        Some(threshold) => spoken_threshold(alert, threshold),
        None => spoken_group(alert, group),
    }
}
