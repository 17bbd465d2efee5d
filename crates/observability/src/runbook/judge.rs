//! Holds the sentence of a threshold against its alert.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use jobwatch_catalogue::Quantity;

use super::figure::Figure;
use super::sentence::{FORMS, sentence, spoken_for, spoken_time};
use super::statement::{Exception, Statement, read};
use super::token::Comparison;
use super::vocabulary::Kind;
use crate::alerts::{Alert, JobClass};
use crate::code::Code;
use crate::condition::Condition;

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

/// Every difference between a sentence and its alert.
pub(super) fn judge(text: &str, alert: &Alert) -> Vec<Difference> {
    let judge = Judge { text, alert };
    match read(text) {
        Err(span) => vec![judge.unreadable(span)],
        Ok(statement) => judge.statement(&statement),
    }
}

struct Judge<'a> {
    text: &'a str,
    alert: &'a Alert,
}

impl Judge<'_> {
    fn difference(&self, code: Code, span: Range<usize>, message: String, expected: String) -> Difference {
        let found = self.text.get(span.clone()).unwrap_or_default().to_owned();
        let hint = format!("write: {}", sentence(self.alert));
        Difference { code, span, message, expected, found, hint, job: None }
    }

    fn unreadable(&self, span: Range<usize>) -> Difference {
        let message = "the threshold is written in a form that is not understood".to_owned();
        let mut difference =
            self.difference(Code::RunbookThresholdUnreadable, span, message, sentence(self.alert));
        let forms: Vec<String> = FORMS.iter().map(|form| format!("`{form}`")).collect();
        difference.hint = format!("{}; the forms are {}", difference.hint, forms.join(", "));
        difference
    }

    fn statement(&self, statement: &Statement) -> Vec<Difference> {
        let kind = kind_of(self.alert.condition);
        // Percent for a rate is a wrong unit, not another condition.
        let failing = |kind| matches!(kind, Kind::FailureRate | Kind::FailureRatio);
        if statement.kind != kind && !(failing(statement.kind) && failing(kind)) {
            let message = format!("the runbook states another condition than {} tests", self.alert.name);
            return vec![self.difference(
                Code::RunbookConditionDiffers,
                0..self.text.len(),
                message,
                sentence(self.alert),
            )];
        }
        let mut differences = Vec::new();
        for (figure, expected) in statement.figures.iter().zip(figures(self.alert.condition)) {
            differences.extend(self.figure(figure, expected));
        }
        if let Condition::QueueGrowing { over: Quantity::Duration(over), .. } = self.alert.condition {
            differences.extend(self.time(statement.over.as_ref(), over, "the queue has to have grown over"));
        }
        differences.extend(self.time(
            statement.hold.as_ref(),
            self.alert.hold,
            "the condition has to hold for",
        ));
        let figures = self.figures_by_job();
        let exceptions = statement.exceptions.iter();
        differences.extend(exceptions.filter_map(|exception| self.exception(exception, &figures)));
        differences.extend(self.unstated(&statement.exceptions));
        differences
    }

    fn figure(&self, figure: &Figure, expected: Quantity) -> Option<Difference> {
        let name = self.alert.name;
        if !self.amounts_to(figure, expected) {
            let unit = figure.differs_in_unit_alone(expected) || figure.quantity.unit() != expected.unit();
            let (code, what) = match unit {
                true => (Code::RunbookUnitDiffers, "unit"),
                false => (Code::RunbookFigureDiffers, "figure"),
            };
            let message = format!("the runbook states another {what} than {name} tests");
            return Some(self.difference(
                code,
                figure.span.clone(),
                message,
                spoken_for(self.alert.condition, expected),
            ));
        }
        let may_be_unsaid = self.counts_from() || matches!(self.alert.condition, Condition::NoSuccess { .. });
        (!self.compares_alike(figure, expected, may_be_unsaid))
            .then(|| self.comparison(figure, &name.to_string()))
    }

    /// Whether the alert fires from its figure on, rather than above it.
    fn counts_from(&self) -> bool {
        matches!(self.alert.condition, Condition::ConsecutiveFailures { .. })
    }

    /// Whether a figure is the expected one. Of things that are counted, "more than two" and "at least three" are the same.
    fn amounts_to(&self, figure: &Figure, expected: Quantity) -> bool {
        let is_next = |number: u64| expected == Quantity::Count(number.saturating_add(1));
        figure.is_exact
            && match (figure.quantity, figure.comparison) {
                (Quantity::Count(number), Some(Comparison::More)) if self.counts_from() => {
                    is_next(number) || figure.quantity == expected
                }
                (quantity, _) => quantity == expected,
            }
    }

    /// Whether a figure that amounts to the expected one is compared as the alert compares it.
    fn compares_alike(&self, figure: &Figure, expected: Quantity, may_be_unsaid: bool) -> bool {
        match figure.comparison {
            Some(Comparison::More) => !self.counts_from() || figure.quantity != expected,
            Some(Comparison::AtLeast) => self.counts_from() || !matches!(expected, Quantity::Count(_)),
            Some(Comparison::Less | Comparison::AtMost) => false,
            None => may_be_unsaid,
        }
    }

    fn comparison(&self, figure: &Figure, what: &str) -> Difference {
        let expected = if self.counts_from() { Comparison::AtLeast } else { Comparison::More };
        let message = match figure.comparison {
            None => format!("the runbook does not say in which direction {what} compares"),
            Some(_) => format!("the runbook compares in another direction than {what}"),
        };
        let span = if figure.comparison.is_some() { &figure.comparison_span } else { &figure.span };
        self.difference(Code::RunbookComparisonDiffers, span.clone(), message, expected.as_str().to_owned())
    }

    fn time(&self, stated: Option<&Figure>, expected: u64, what: &str) -> Option<Difference> {
        let (span, message) = match stated {
            None if expected == 0 => return None,
            None => (
                self.text.len()..self.text.len(),
                format!("the runbook does not say that {what} {}", spoken_time(expected)),
            ),
            Some(figure)
                if expected > 0 && figure.is_exact && figure.quantity == Quantity::Duration(expected) =>
            {
                // "For at least five minutes" is meant as well, "for less than five minutes" is another promise.
                let is_other = matches!(figure.comparison, Some(Comparison::Less | Comparison::AtMost));
                return is_other.then(|| {
                    let message = format!("{what} {}, not less", spoken_time(expected));
                    self.difference(
                        Code::RunbookComparisonDiffers,
                        figure.comparison_span.clone(),
                        message,
                        "no comparison".to_owned(),
                    )
                });
            }
            Some(figure) if expected == 0 => {
                (figure.span.clone(), format!("{} does not wait before it fires", self.alert.name))
            }
            Some(figure) => (
                figure.span.clone(),
                format!("{what} {}, says the rule of {}", spoken_time(expected), self.alert.name),
            ),
        };
        let expected = if expected == 0 { "nothing".to_owned() } else { spoken_time(expected) };
        Some(self.difference(Code::RunbookDurationDiffers, span, message, expected))
    }

    /// The figure that holds for each job, by its name in small letters, as sentences are read.
    fn figures_by_job(&self) -> HashMap<String, Option<Quantity>> {
        let classes = self.alert.classes.iter();
        let figure = |class: &JobClass| class.condition.threshold();
        classes
            .flat_map(|class| class.jobs.iter().map(move |job| (job.as_str().to_lowercase(), figure(class))))
            .collect()
    }

    /// A figure that is stated for one job.
    fn exception(
        &self,
        exception: &Exception,
        figures: &HashMap<String, Option<Quantity>>,
    ) -> Option<Difference> {
        let expected = figures.get(&exception.job).copied().flatten();
        if let Some(expected) = expected
            && self.amounts_to(&exception.figure, expected)
        {
            if self.compares_alike(&exception.figure, expected, true) {
                return None;
            }
            let what = format!("{} for {}", self.alert.name, exception.job);
            let mut difference = self.comparison(&exception.figure, &what);
            difference.job = Some(exception.job.clone());
            return Some(difference);
        }
        let (message, expected) = match expected {
            Some(expected) => (
                format!(
                    "{} has another figure for {} than the runbook states",
                    self.alert.name, exception.job
                ),
                spoken_for(self.alert.condition, expected),
            ),
            None => {
                (format!("{} watches no job named {}", self.alert.name, exception.job), "nothing".to_owned())
            }
        };
        let mut difference =
            self.difference(Code::RunbookJobThresholdDiffers, exception.span.clone(), message, expected);
        difference.job = Some(exception.job.clone());
        Some(difference)
    }

    /// Figures of single jobs that the runbook does not state.
    fn unstated(&self, stated: &[Exception]) -> Vec<Difference> {
        let mut differences = Vec::new();
        let stated: HashSet<&str> = stated.iter().map(|exception| exception.job.as_str()).collect();
        for class in self.alert.exceptions() {
            let missing: Vec<&str> = class
                .jobs
                .iter()
                .map(AsRef::as_ref)
                .filter(|job: &&str| !stated.contains(job.to_lowercase().as_str()))
                .collect();
            let (Some(first), Some(figure)) = (missing.first(), class.condition.threshold()) else {
                continue;
            };
            let others = match missing.len() {
                1 => String::new(),
                number => format!(" and {} more", number - 1),
            };
            let message = format!(
                "{} has another figure for {first}{others}, which the runbook does not state",
                self.alert.name
            );
            let mut difference = self.difference(
                Code::RunbookJobThresholdUnstated,
                0..self.text.len(),
                message,
                spoken_for(self.alert.condition, figure),
            );
            difference.job = Some((*first).to_owned());
            differences.push(difference);
        }
        differences
    }
}

fn kind_of(condition: Condition) -> Kind {
    match condition {
        Condition::FailureRate { .. } => Kind::FailureRate,
        Condition::FailureRatio { .. } => Kind::FailureRatio,
        Condition::NoSuccess { .. } => Kind::NoSuccess,
        Condition::DurationP95 { .. } => Kind::DurationP95,
        Condition::QueueGrowing { .. } => Kind::QueueGrowing,
        Condition::QueueSize { .. } => Kind::QueueSize,
        Condition::ItemFailureRatio { .. } => Kind::ItemFailureRatio,
        Condition::ConsecutiveFailures { .. } => Kind::ConsecutiveFailures,
        Condition::Stuck { .. } => Kind::Stuck,
        Condition::MetricsAbsent => Kind::MetricsAbsent,
    }
}

/// The figures of a condition in the order in which a sentence states them.
fn figures(condition: Condition) -> Vec<Quantity> {
    match condition {
        Condition::QueueGrowing { above, growth, .. } => vec![above, growth],
        Condition::Stuck { .. } => Vec::new(),
        condition => condition.threshold().into_iter().collect(),
    }
}
