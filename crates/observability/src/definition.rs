//! What an alert is, whatever the catalogue: its name, condition, thresholds, texts and scenarios.

use jobwatch_catalogue::label::JOB_NAME;
use std::collections::HashSet;

use jobwatch_catalogue::{Catalogue, JobName, JobSpec};

pub use crate::alert_name::AlertName;
pub use crate::comparison::Comparison;
use crate::job_class::{JobClass, ValueClass};
pub use crate::parameter::{ABOVE, AT_LEAST, GROWTH, OVER, TIMEOUT};
use crate::promql::{Expr, Matching, Operator, Selector};
use crate::quantity::{Quantity, Unit};
use crate::scenario::{Firing, Scenario, Stage};
use crate::scope::{Scope, WatchedJob};
use crate::sentence::Form;
use crate::series::RecordedSeries;
use crate::severity::Severity;

/// What an alert is, whatever the catalogue. Each of the standard ones is a constant in a file of
/// its own in [`crate::alerts`]; others may be defined anywhere.
#[derive(Debug)]
pub struct AlertDefinition {
    /// Its name.
    pub name: AlertName,
    /// How urgent it is.
    pub severity: Severity,
    /// The heading of its section in the runbook, where the team has no other; the anchor of
    /// `runbook_url` follows it.
    pub heading: &'static str,
    /// The group that its rule stands in.
    pub group: AlertGroup,
    /// For how many seconds the condition has to hold before the alert fires, unless a catalogue
    /// says otherwise.
    pub hold: u64,
    /// Whether there is anything to watch about a job.
    pub watches: fn(&WatchedJob<'_>) -> bool,
    /// The series whose value is tested, and drawn on the alert's panels.
    pub value: RecordedSeries,
    /// How the value is compared with the threshold.
    pub comparison: Comparison,
    /// What the condition depends on. The first is the threshold that the value is compared with.
    pub parameters: &'static [Parameter],
    /// How its condition compares the value with an earlier one. `None` if it does not.
    pub earlier: Option<Earlier>,
    /// The alerts about the same job that nobody need be told of while this one fires: those that
    /// say less.
    pub inhibits: &'static [AlertName],
    /// What the rule tests; [`exceeded`] for most.
    pub condition: fn(&Condition<'_>) -> Expr,
    /// Labels that its rule adds because the tested series lacks them.
    pub labels: fn(&Catalogue) -> Vec<(&'static str, String)>,
    /// Why a job can never reach a threshold. Returns `None` if it can.
    pub out_of_reach: fn(Quantity, &JobSpec) -> Option<OutOfReach>,
    /// What it takes to fire, with parameters in braces: "it takes executions of more than
    /// {above}".
    pub takes: &'static str,
    /// How a job with which nothing is wrong exceeds a threshold. Returns `None` if it does not.
    pub exceeded_when_healthy: fn(Quantity, &JobSpec) -> Option<String>,
    /// What it says when it fires.
    pub texts: Texts,
    /// The titles of the panels that draw its value and its threshold, its main panel first.
    pub panels: &'static [&'static str],
    /// The sentence about its condition in a runbook.
    pub form: Form,
    /// What has to make it fire and what must not, for one job. Empty for a job that it does not
    /// watch.
    pub scenarios: fn(&Stage<'_>) -> Vec<Scenario>,
    /// What makes it fire for one job, to hold what it says against what it should say. `None` if
    /// nothing can.
    pub firing: fn(&Stage<'_>) -> Option<Firing>,
}

/// A group of alerts in the rule file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlertGroup {
    /// What its name ends with, behind the catalogue's; empty for the main group.
    pub suffix: &'static str,
    /// What it is, for whoever reads the file.
    pub comment: &'static str,
}

/// A number that an alert's condition depends on.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// The key by which a catalogue sets it: `above`, `at_least`.
    pub key: &'static str,
    /// Its unit, and its value where nobody says otherwise.
    pub default: Quantity,
    /// The largest value that it may be set to. `None` for the largest that is measured of its
    /// unit: ten years, a thousand times the whole, a million a second, a million million things.
    pub most: Option<Quantity>,
    /// Whether it may be set to zero.
    pub may_be_zero: bool,
    /// Who may set it.
    pub set_by: SetBy,
    /// The name of the series that records it where it differs by job.
    pub series: &'static str,
    /// The recorded series of the value in force, where a process exposes it: it overrules the
    /// catalogue's, because the environment may have changed it. `None` if processes do not tell.
    pub in_force: Option<&'static RecordedSeries>,
    /// Its value for a job that the catalogue sets none for, from the value that holds for all.
    pub for_job: fn(Quantity, &JobSpec) -> Quantity,
}

/// How a condition compares a value with an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Earlier {
    /// The key of the parameter that says how long ago that was.
    pub ago: &'static str,
    /// What the value is, in a sentence: "the queue".
    pub of: &'static str,
}

/// Who may set a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetBy {
    /// The catalogue, for all jobs or for one.
    CatalogueOrJob,
    /// The catalogue, for all jobs alone.
    Catalogue,
    /// Nobody: it follows from the job.
    Nobody,
}

/// Why a job can never reach a threshold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutOfReach {
    /// The highest value that the job can reach, to find out which of several comes nearest.
    pub highest: u64,
    /// What keeps the job from it, after the job's name: "is stopped after 15m".
    pub because: String,
}

/// What an alert says when it fires. In braces: `job`, `value`, `window`, `threshold`, and the keys
/// of its parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Texts {
    /// In a few words.
    pub summary: &'static str,
    /// In a sentence, with value and threshold.
    pub description: &'static str,
    /// When it fires, behind "fires" on its panels. There, `thresholds` stands for what the value
    /// is compared with, by job where jobs differ.
    pub fires: &'static str,
}

/// A parameter as an expression reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operand {
    /// It is the same for all jobs.
    Same(Quantity),
    /// It differs by job: the recorded series that has it.
    ByJob(&'static str),
}

/// What the expression of an alert is made of.
#[derive(Debug)]
pub struct Condition<'a> {
    /// The watched jobs of the catalogue.
    pub scope: &'a Scope<'a>,
    /// The alert.
    pub definition: &'static AlertDefinition,
    /// Its parameters, in the order of [`AlertDefinition::parameters`].
    pub operands: &'a [Operand],
    /// The jobs that it watches. Never empty.
    pub jobs: &'a [JobName],
    /// Those of them that set the threshold themselves.
    pub own: &'a [JobName],
    /// The jobs that it would watch if it were not switched off for them.
    pub off: &'a [JobName],
    /// Whether it is to escalate, which it does whether or not another alert says it better.
    pub escalates: bool,
    /// Its parameters by job.
    pub(crate) classes: &'a [JobClass],
}

impl Parameter {
    /// Returns the largest value that it may be set to: by default beyond anything that is
    /// measured, and within what a sample holds exactly.
    pub fn largest(&self) -> Quantity {
        self.most.unwrap_or_else(|| match self.default.unit() {
            Unit::PerSecond => Quantity::PerSecond(1_000_000 * 1_000_000),
            Unit::Ratio => Quantity::Ratio(1_000 * 1_000_000),
            Unit::Seconds | Unit::Timestamp => Quantity::Duration(10 * 365 * 86_400),
            Unit::Count | Unit::Number => Quantity::Count(1_000_000_000_000),
        })
    }

    /// Returns the value that holds for all: the job has no other.
    pub const fn same(stated: Quantity, _: &JobSpec) -> Quantity {
        stated
    }
}

impl AlertDefinition {
    /// Returns `true`: every job is watched.
    pub const fn every_job(_: &WatchedJob<'_>) -> bool {
        true
    }

    /// Returns no label.
    pub const fn no_labels(_: &Catalogue) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// Returns `None`: every threshold can be reached.
    pub const fn within_reach(_: Quantity, _: &JobSpec) -> Option<OutOfReach> {
        None
    }

    /// Returns `None`: a healthy job exceeds no threshold.
    pub const fn silent_when_healthy(_: Quantity, _: &JobSpec) -> Option<String> {
        None
    }
}

impl Condition<'_> {
    /// Returns the value that is tested, of the jobs that the alert is not switched off for.
    pub fn value(&self) -> Selector {
        self.scope.recorded(self.definition.value.name).none_of(JOB_NAME, self.off)
    }

    /// Returns whether any of the jobs that it watches is like this.
    pub fn any_job(&self, is: impl Fn(&JobSpec) -> bool) -> bool {
        self.specs().any(is)
    }

    /// Returns the jobs that it watches, in the catalogue's order.
    pub fn specs(&self) -> impl Iterator<Item = &JobSpec> {
        let watched: HashSet<&JobName> = self.jobs.iter().collect();
        self.scope.jobs().iter().map(|job| job.spec).filter(move |job| watched.contains(job.name()))
    }

    /// Returns the test that the value exceeds the threshold, the one in force where it is known:
    /// what most alerts test.
    pub fn exceeded(&self) -> Expr {
        let Some(&threshold) = self.operands.first() else { return self.value().into() };
        let operator = match self.definition.comparison {
            Comparison::Above => Operator::Greater,
            Comparison::AtLeast => Operator::GreaterOrEqual,
            Comparison::Below => Operator::Less,
            Comparison::AtMost => Operator::LessOrEqual,
        };
        let by_catalogue = self.compared(self.value().into(), operator, threshold);
        let Some(series) = self.definition.parameters.first().and_then(|threshold| threshold.in_force) else {
            return by_catalogue;
        };
        let in_force = || self.scope.recorded(series.name);
        let by_process = Expr::from(self.value()).binary(operator, in_force());
        by_process.or(by_catalogue.binary(Operator::Unless, in_force()))
    }

    /// Returns a parameter as the expression reads it. One that the alert does not have is at its
    /// default, so that no condition loses a part of it.
    pub fn operand(&self, parameter: &Parameter) -> Operand {
        let place = self.definition.parameters.iter().position(|own| own.key == parameter.key);
        let operand = place.and_then(|place| self.operands.get(place).copied());
        operand.unwrap_or(Operand::Same(parameter.default))
    }

    /// Returns the values of a parameter, ascending, each with the jobs that it holds for. None of
    /// a parameter that the alert does not have.
    pub fn values(&self, parameter: &Parameter) -> Vec<ValueClass> {
        let place = self.definition.parameters.iter().position(|own| own.key == parameter.key);
        place.map(|place| ValueClass::of(self.classes, place)).unwrap_or_default()
    }

    /// Returns the comparison of a value with a parameter: with each job's own where jobs differ.
    pub fn compared(&self, value: Expr, operator: Operator, operand: Operand) -> Expr {
        match operand {
            Operand::Same(quantity) => value.binary(operator, quantity),
            Operand::ByJob(series) => value.matched(operator, by_job(), self.scope.recorded(series)),
        }
    }
}

/// Returns the test that the value of an alert exceeds its threshold: what most alerts test.
pub fn exceeded(condition: &Condition<'_>) -> Expr {
    condition.exceeded()
}

/// Returns how values of a job, in any namespace, are matched with the one value of its parameter.
pub fn by_job() -> Matching {
    Matching::on_many_to_one(&[JOB_NAME])
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use insta::assert_snapshot;

    use super::*;
    use crate::alerts::critical_queue_size::CRITICAL_QUEUE_SIZE;
    use crate::generator::Generator;
    use crate::model::Model;

    const AT_LEAST: AlertDefinition = AlertDefinition {
        name: AlertName::new("AtLeast"),
        comparison: Comparison::AtLeast,
        ..CRITICAL_QUEUE_SIZE
    };
    const BELOW: AlertDefinition = AlertDefinition {
        name: AlertName::new("Below"),
        comparison: Comparison::Below,
        ..CRITICAL_QUEUE_SIZE
    };
    const AT_MOST: AlertDefinition = AlertDefinition {
        name: AlertName::new("AtMost"),
        comparison: Comparison::AtMost,
        ..CRITICAL_QUEUE_SIZE
    };

    #[test]
    fn an_alert_may_fire_on_either_side_of_its_threshold() {
        let job = JobSpec::every("a", Duration::from_secs(60)).queue("things");
        let catalogue = Catalogue::builder("test").job(job).build().unwrap();
        let builder = Model::builder(&catalogue).alert(&AT_LEAST).alert(&BELOW).alert(&AT_MOST);
        let model = builder.build().unwrap();
        let tested = |name: AlertName| model.alert(name).unwrap().expression.clone().unwrap().to_string();
        assert_snapshot!(tested(CRITICAL_QUEUE_SIZE.name), @r#"job_name:job_queue_size:max{catalogue="background-jobs"} > 1000"#);
        assert_snapshot!(tested(AT_LEAST.name), @r#"job_name:job_queue_size:max{catalogue="background-jobs"} >= 1000"#);
        assert_snapshot!(tested(BELOW.name), @r#"job_name:job_queue_size:max{catalogue="background-jobs"} < 1000"#);
        assert_snapshot!(tested(AT_MOST.name), @r#"job_name:job_queue_size:max{catalogue="background-jobs"} <= 1000"#);
        let files = Generator::new(&model).files().unwrap();
        let dashboard = files.iter().find(|file| file.path.as_str().starts_with("dashboards/")).unwrap();
        for fires in ["fires above 1000", "fires from 1000", "fires below 1000", "fires up to 1000"] {
            assert!(dashboard.text.contains(fires), "{fires}");
        }
    }
}
