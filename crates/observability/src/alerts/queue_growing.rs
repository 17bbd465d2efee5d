//! `BackgroundJobQueueGrowing`: the queue is long and grows.

use std::time::Duration;

use jobwatch_catalogue::duration;
use jobwatch_catalogue::label::JOB_NAME;
use jobwatch_catalogue::metric::JOB_QUEUE_SIZE;
use jobwatch_catalogue::schedule::MAX_INTERVAL;

use super::groups::PAIRS;
use crate::definition::{
    ABOVE, AlertDefinition, AlertName, Comparison, Condition, Earlier, GROWTH, OVER, Operand, Parameter,
    SetBy, Texts, by_job,
};
use crate::job_class::ValueClass;
use crate::promql::{Expr, Operator, Selector};
use crate::quantity::{Quantity, WHOLE};
use crate::scenario::{Check, Course, Firing, Sample, Scenario, Series, Stage};
use crate::scope::WatchedJob;
use crate::sentence::words::{self, ITEMS, QUEUE};
use crate::sentence::{Blank, Form, Spoken, Stands};
use crate::series::QUEUE_SIZE;
use crate::severity::Severity;

const NAME: AlertName = AlertName::new("BackgroundJobQueueGrowing");
/// How often a queue grows again that nobody stops.
const JUMPS: u32 = 12;
/// For so many seconds Prometheus takes the last sample of a series for the present one.
const LOOKBACK_OF_PROMETHEUS: u64 = 300;

const LONG: Parameter = Parameter {
    key: ABOVE,
    default: Quantity::Count(100),
    most: None,
    may_be_zero: true,
    set_by: SetBy::CatalogueOrJob,
    series: "job_name:job_queue_size:growing_threshold",
    in_force: None,
    for_job: Parameter::same,
};
const GROWN_BY: Parameter = Parameter {
    key: GROWTH,
    default: Quantity::Ratio(500_000),
    most: None,
    may_be_zero: false,
    set_by: SetBy::CatalogueOrJob,
    series: "job_name:job_queue_size:growth_threshold",
    in_force: None,
    for_job: Parameter::same,
};
const GROWN_OVER: Parameter = Parameter {
    key: OVER,
    default: Quantity::Duration(TEN_MINUTES),
    most: Some(Quantity::Duration(MAX_INTERVAL.as_secs())),
    may_be_zero: false,
    set_by: SetBy::CatalogueOrJob,
    series: "job_name:job_queue_size:growth_seconds",
    in_force: None,
    for_job: Parameter::same,
};
const TEN_MINUTES: u64 = 600;
/// For how long before that a queue is looked at, in seconds: one that is as long as this between
/// two highs does not grow with the next.
const HOUR: u64 = 3_600;

/// The queue is long and grows.
pub const QUEUE_GROWING: AlertDefinition = AlertDefinition {
    name: NAME,
    severity: Severity::Warning,
    heading: "Queue Growing",
    group: PAIRS,
    hold: 0,
    watches: has_queue,
    value: QUEUE_SIZE,
    comparison: Comparison::Above,
    parameters: &[LONG, GROWN_BY, GROWN_OVER],
    earlier: Some(Earlier { ago: OVER, of: "the queue" }),
    inhibits: &[],
    condition: grown,
    labels: AlertDefinition::no_labels,
    out_of_reach: AlertDefinition::within_reach,
    takes: "more than {above}",
    exceeded_when_healthy: AlertDefinition::silent_when_healthy,
    texts: Texts {
        summary: "{job} falls behind: its queue grows",
        description: "{value} items wait for {job} (threshold: {threshold}), more than {growth} more than \
                      {over} ago.",
        fires: "{thresholds}, if that is more than {growth} more than {over} earlier",
    },
    panels: &["Queue Growth", "Job Queue Sizes"],
    form: Form {
        template: "Queue > {above} and growing by > {growth} over {over}",
        needs: &[QUEUE, words::GROWTH],
        allows: &[ITEMS],
        parameters: &[
            Blank { name: ABOVE, stands: Stands::Compared, spoken: Spoken::Plain },
            Blank { name: GROWTH, stands: Stands::ComparedAfter(words::GROWTH), spoken: Spoken::Plain },
            Blank {
                name: OVER,
                stands: Stands::Over { says: "the queue has to have grown over" },
                spoken: Spoken::Plain,
            },
        ],
        ..Form::ABOVE
    },
    scenarios,
    firing,
};

/// Whether a job has a queue.
pub(super) fn has_queue(job: &WatchedJob<'_>) -> bool {
    job.spec.queue().is_some()
}

/// The queue is above the threshold, and above what it may have grown to.
fn grown(condition: &Condition<'_>) -> Expr {
    let value = Expr::from(condition.value());
    condition.exceeded().binary(Operator::And, value.binary(Operator::Greater, growth_limit(condition)))
}

/// Returns the length above which each queue counts as growing.
///
/// Multiplied, not divided: a queue that was empty has grown by any measure, and one that was not
/// there yet has not.
pub(crate) fn growth_limit(condition: &Condition<'_>) -> Expr {
    let earlier = earlier(condition);
    let one = || Expr::from(Quantity::Ratio(WHOLE));
    match condition.operand(&GROWN_BY) {
        Operand::Same(Quantity::Ratio(growth)) => {
            Expr::from(Quantity::Ratio(WHOLE.saturating_add(growth))).binary(Operator::Multiply, earlier)
        }
        Operand::Same(growth) => one().binary(Operator::Add, growth).binary(Operator::Multiply, earlier),
        Operand::ByJob(series) => {
            let factor = one().binary(Operator::Add, condition.scope.recorded(series));
            earlier.matched(Operator::Multiply, by_job(), factor)
        }
    }
}

/// Returns how long each queue was at most in the hour until the time that it has to have grown
/// over. A queue that swings is then compared with its last high, and has not grown. Expressions
/// look back by constants, so jobs that differ are read apart.
fn earlier(condition: &Condition<'_>) -> Expr {
    let ago = |quantity| match quantity {
        Quantity::Duration(seconds) => seconds,
        _ => TEN_MINUTES,
    };
    let highest = |queues: Selector, seconds| Expr::highest_over(queues.offset(seconds), HOUR);
    if let Operand::Same(over) = condition.operand(&GROWN_OVER) {
        return highest(condition.value(), ago(over));
    }
    let of = |class: &ValueClass| {
        let queues = condition.scope.recorded(condition.definition.value.name).one_of(JOB_NAME, &class.jobs);
        highest(queues, ago(class.value))
    };
    let values = condition.values(&GROWN_OVER);
    Expr::any(values.iter().map(of)).unwrap_or_else(|| highest(condition.value(), TEN_MINUTES))
}

fn scenarios(stage: &Stage<'_>) -> Vec<Scenario> {
    let Some(growing) = Growing::of(stage) else { return Vec::new() };
    let jumps = growing.jumps();
    let jumps = jumps.into_iter().map(|jump| growing.scenario(stage, jump));
    jumps.chain(growing.swings(stage)).chain(growing.swings_slowly(stage)).collect()
}

fn firing(stage: &Stage<'_>) -> Option<Firing> {
    let growing = Growing::of(stage).filter(Growing::can_fire)?;
    let before = growing.above.saturating_add(1);
    let factor = growing.growth.div_ceil(WHOLE).saturating_add(2);
    let after = before.saturating_mul(factor);
    let at = growing.jumps_at(stage);
    // It grows again each time that it is compared with what it has grown to.
    let lengths = (0..=JUMPS).map(|jump| after.saturating_mul(factor.saturating_pow(jump)));
    let jumps = (0..).map(|jump| at.saturating_add(growing.over.saturating_mul(jump))).zip(lengths);
    let samples = [(0, before)].into_iter().chain(jumps);
    let samples = samples.map(|(from, length)| (from, Sample::Value(length)));
    let series = [Series::held(JOB_QUEUE_SIZE.name, &[], samples)];
    let firing = Firing::new(NAME, stage.fires_at(NAME, at), after as f64, series).at_once();
    let course = Course::Multiplying { since: at, every: growing.over, by: factor, often: JUMPS };
    Some(firing.going_on(course).step_at_most(growing.longest_step(stage, true)))
}

/// The alert's parameters.
struct Growing {
    above: u64,
    growth: u64,
    over: u64,
    hold: u64,
}

/// A queue that jumps from one length to another.
struct Jump {
    name: &'static str,
    says: String,
    before: Option<u64>,
    after: u64,
    fires: bool,
}

impl Growing {
    fn of(stage: &Stage<'_>) -> Option<Self> {
        Some(Self {
            above: stage.count(NAME, ABOVE)?,
            growth: stage.millionths(NAME, GROWTH)?,
            over: stage.seconds(NAME, OVER)?,
            hold: stage.hold(NAME),
        })
    }

    /// A jump is seen for as long as the comparison looks back. An alert that has to hold for
    /// longer misses it.
    fn can_fire(&self) -> bool {
        self.hold < self.over
    }

    fn jumps_at(&self, stage: &Stage<'_>) -> u64 {
        stage.step_from(self.over) + stage.step()
    }

    fn jumps(&self) -> Vec<Jump> {
        let Self { above, growth, over, .. } = *self;
        let ago = duration::format(Duration::from_secs(over));
        let by = Quantity::Ratio(growth);
        let longer = above.saturating_add(1);
        let long = above.max(1).saturating_mul(2);
        let most = largest_outgrown(longer, growth);
        let jump = |name, says, before, after, fires| Jump { name, says, before, after, fires };
        let mut jumps = vec![
            jump(
                "queue-not-long",
                format!("The queue grows from nothing to {above}, which is not above {above}."),
                Some(0),
                above,
                false,
            ),
            jump(
                "queue-from-nothing",
                format!("The queue grows from nothing to {long}."),
                Some(0),
                long,
                true,
            ),
            jump(
                "queue-not-grown-enough",
                format!("The queue grows by no more than {by}."),
                Some(most.map_or(0, |most| most.saturating_add(1))),
                longer,
                false,
            ),
            jump(
                "queue-unknown-before",
                format!("The queue is long, and nobody knows how long it was {ago} ago."),
                None,
                long,
                false,
            ),
        ];
        jumps.extend(most.map(|most| {
            let says = format!("The queue is above {above} and has grown by more than {by} within {ago}.");
            jump("queue-grown", says, Some(most), longer, true)
        }));
        jumps.retain(|jump| self.can_fire() || !jump.fires);
        jumps
    }

    fn scenario(&self, stage: &Stage<'_>, jump: Jump) -> Scenario {
        let at = self.jumps_at(stage);
        // The first step at which what was so long ago is the length after the jump.
        let forgotten = stage.step_from(at + self.over);
        let last = forgotten - stage.step();
        let fires = stage.fires_at(NAME, at);
        let mut checks = Vec::new();
        if jump.fires {
            checks.extend(Check::onset(stage, NAME, at));
            checks.extend((fires < last).then(|| Check::fires(last, NAME)));
            checks.push(Check::silent(forgotten, NAME));
        } else {
            checks.extend([fires, last].map(|at| Check::silent(at, NAME)));
        }
        Scenario::new(jump.name, jump.says)
            .series([queue(at, jump.before, jump.after)])
            .check(checks)
            .at_once()
            .step_at_most(self.longest_step(stage, jump.fires))
    }

    /// A queue that is just above the threshold at every other step, and well below it in between.
    /// `None` where it would have to be below nothing.
    fn swings(&self, stage: &Stage<'_>) -> Option<Scenario> {
        let high = self.above.saturating_add(1);
        let low = largest_outgrown(high, self.growth)?;
        let steps = |number: u64| number * stage.step();
        let until = stage.step_from(self.jumps_at(stage) + 2 * self.over) + steps(2);
        let samples = (0..=until / stage.step())
            .map(|step| (steps(step), Sample::Value(if step % 2 == 0 { high } else { low })));
        let moments = (2..=until / stage.step()).filter(|step| step % 2 == 0).map(steps);
        let moments = moments.filter(|moment| *moment >= 2 * self.over);
        Some(
            Scenario::new("queue-swings", format!("The queue swings between {low} and {high}."))
                .series([Series::held(JOB_QUEUE_SIZE.name, &[], samples)])
                .check(moments.map(|at| Check::silent(at, NAME)))
                .at_once()
                .step_at_most((self.over / 4).min(HOUR / 4)),
        )
    }

    /// A queue that is just above the threshold for long, and well below it for as long. `None`
    /// where it would have to be below nothing.
    fn swings_slowly(&self, stage: &Stage<'_>) -> Option<Scenario> {
        const SWINGS: u64 = 3;
        let high = self.above.saturating_add(1);
        let low = largest_outgrown(high, self.growth)?;
        let half = stage.step_from(HOUR / 2);
        let lengths = [high, low].into_iter().cycle().take(2 * SWINGS as usize + 1);
        let samples = (0..).map(|number| number * half).zip(lengths);
        let samples = samples.map(|(from, length)| (from, Sample::Value(length)));
        let rises = (1..=SWINGS).map(|number| stage.fires_at(NAME, 2 * number * half));
        let says = format!("The queue is {high} for half an hour, then {low} for as long, and so on.");
        Some(
            Scenario::new("queue-swings-slowly", says)
                .series([Series::held(JOB_QUEUE_SIZE.name, &[], samples)])
                .check(rises.map(|at| Check::silent(at, NAME)))
                .at_once()
                .step_at_most(HOUR / 4),
        )
    }

    /// The longest step at which the jump is seen. What was so long ago has to be at a step, or
    /// shortly after one.
    fn longest_step(&self, stage: &Stage<'_>, fires: bool) -> u64 {
        let seen = if fires { self.over.saturating_sub(self.hold).saturating_sub(1) } else { u64::MAX };
        let met = self.over.is_multiple_of(stage.step());
        if met { seen } else { seen.min(LOOKBACK_OF_PROMETHEUS) }
    }
}

fn queue(jumps_at: u64, before: Option<u64>, after: u64) -> Series {
    let before = before.map(|before| (0, Sample::Value(before)));
    let samples = before.into_iter().chain([(jumps_at, Sample::Value(after))]);
    Series::held(JOB_QUEUE_SIZE.name, &[], samples)
}

/// Returns the longest earlier queue that `now` exceeds by more than `growth`. `None` if there is
/// none.
fn largest_outgrown(now: u64, growth: u64) -> Option<u64> {
    let factor = u128::from(WHOLE) + u128::from(growth);
    let largest = (u128::from(now) * u128::from(WHOLE)).div_ceil(factor).checked_sub(1)?;
    u64::try_from(largest).ok()
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use jobwatch_catalogue::{Catalogue, JobSpec};

    use super::*;
    use crate::model::Model;

    /// The same alert without the parameters that say what growth is.
    const LONG_ALONE: AlertDefinition =
        AlertDefinition { name: AlertName::new("LongAlone"), parameters: &[LONG], ..QUEUE_GROWING };

    #[test]
    fn a_parameter_that_is_not_there_leaves_the_condition_whole() {
        let job = JobSpec::every("a", Duration::from_secs(60)).queue("things");
        let catalogue = Catalogue::builder("test").job(job).build().unwrap();
        let model = Model::builder(&catalogue).alert(&LONG_ALONE).build().unwrap();
        let tested = |name: AlertName| model.alert(name).unwrap().expression.clone().unwrap().to_string();
        assert_eq!(tested(LONG_ALONE.name), tested(NAME));
        assert_snapshot!(tested(NAME), @r#"
        job_name:job_queue_size:max{catalogue="background-jobs"} > 100
        and
        (
          job_name:job_queue_size:max{catalogue="background-jobs"}
          >
          1.5 * max_over_time(job_name:job_queue_size:max{catalogue="background-jobs"}[1h] offset 10m)
        )
        "#);
    }

    #[test]
    fn the_largest_queue_that_was_outgrown_is_just_below_the_limit() {
        assert_eq!(largest_outgrown(101, 500_000), Some(67));
        assert_eq!(largest_outgrown(150, 500_000), Some(99));
        assert_eq!(largest_outgrown(0, 500_000), None);
    }
}
