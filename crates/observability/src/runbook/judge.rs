//! Holds the sentence of a threshold against its alert.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use jobwatch_catalogue::Quantity;

use super::figure::Figure;
use super::sentence::{FORMS, sentence, spoken_for, spoken_time};
use super::statement::{Exception, Kind, Statement, read};
use super::token::Comparison;
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
        let counts = matches!(expected, Quantity::Count(_));
        let from = matches!(self.alert.condition, Condition::ConsecutiveFailures { .. });
        // Of things that are counted, "more than two" and "at least three" are the same.
        let quantity = match (figure.quantity, figure.comparison) {
            (Quantity::Count(number), Some(Comparison::More)) if from => Quantity::Count(number + 1),
            (quantity, _) => quantity,
        };
        if quantity != expected {
            let unit = figure.differs_in_unit_alone(expected) || quantity.unit() != expected.unit();
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
        let tolerated = match figure.comparison {
            Some(Comparison::More) => true,
            Some(Comparison::AtLeast) => from || !counts,
            Some(Comparison::Less | Comparison::AtMost) => false,
            None => from || matches!(self.alert.condition, Condition::NoSuccess { .. }),
        };
        if tolerated {
            return None;
        }
        let expected = if from { Comparison::AtLeast } else { Comparison::More };
        let message = match figure.comparison {
            None => format!("the runbook does not say in which direction {name} compares"),
            Some(_) => format!("the runbook compares in another direction than {name}"),
        };
        let span = if figure.comparison.is_some() { &figure.comparison_span } else { &figure.span };
        Some(self.difference(
            Code::RunbookComparisonDiffers,
            span.clone(),
            message,
            expected.as_str().to_owned(),
        ))
    }

    fn time(&self, stated: Option<&Figure>, expected: u64, what: &str) -> Option<Difference> {
        let (span, message) = match stated {
            None if expected == 0 => return None,
            None => (
                self.text.len()..self.text.len(),
                format!("the runbook does not say that {what} {}", spoken_time(expected)),
            ),
            Some(figure) if figure.quantity == Quantity::Duration(expected) && expected > 0 => return None,
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
        if expected == Some(exception.figure.quantity) {
            return None;
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
