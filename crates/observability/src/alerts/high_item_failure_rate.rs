//! `BackgroundJobHighItemFailureRate`: the failure ratio of the items is above its threshold.

use jobwatch_catalogue::label::{ItemStatus, RunStatus, STATUS};
use jobwatch_catalogue::metric::JOB_ITEMS_PROCESSED_TOTAL;

use super::critical_failure_rate::above_the_whole;
use super::groups::ITEM_GROUP;
use crate::definition::{ABOVE, AlertDefinition, AlertName, Comparison, Condition, Parameter, SetBy, Texts};
use crate::lookback::Lookback;
use crate::promql::{Expr, Matching, Operator};
use crate::quantity::{self, Quantity};
use crate::scenario::{
    Check, Firing, Sample, Scenario, Series, Stage, THOUSAND, of_another_catalogue, of_others, part_above,
    part_below,
};
use crate::scope::WatchedJob;
use crate::sentence::Form;
use crate::sentence::words::{FAILURE, ITEMS};
use crate::series::{FAILED_ITEM_RATIO, FAILED_ITEMS};
use crate::severity::Severity;

const NAME: AlertName = AlertName::new("BackgroundJobHighItemFailureRate");
const NONE: Quantity = Quantity::Count(0);
/// How many of the ten items of an execution fail where nearly all do.
const NINE: u64 = 9;
/// How many of them fail where half do: an execution succeeds all the same.
const FIVE: u64 = 5;
/// One in two, in millionths.
const ONE_OF_TWO: u64 = 500_000;
/// A step, in seconds, at which a job that is due more often is still seen to run.
const FIVE_MINUTES: u64 = 300;

/// The failure ratio of the items is above its threshold.
pub const HIGH_ITEM_FAILURE_RATE: AlertDefinition = AlertDefinition {
    name: NAME,
    severity: Severity::Warning,
    heading: "High Item Failure Rate",
    group: ITEM_GROUP,
    hold: 15 * 60,
    watches: has_items,
    value: FAILED_ITEM_RATIO,
    comparison: Comparison::Above,
    parameters: &[Parameter {
        key: ABOVE,
        default: Quantity::Ratio(200_000),
        most: Some(Quantity::Ratio(quantity::WHOLE)),
        may_be_zero: true,
        set_by: SetBy::CatalogueOrJob,
        series: "job_name:job_items_failed:ratio_threshold",
        in_force: None,
        for_job: Parameter::same,
    }],
    earlier: None,
    inhibits: &[],
    condition: many_fail_still,
    labels: AlertDefinition::no_labels,
    out_of_reach: above_the_whole,
    takes: "more than {above}",
    exceeded_when_healthy: AlertDefinition::silent_when_healthy,
    texts: Texts {
        summary: "{job} fails for many of its items",
        description: "{value} of the items that {job} attempted failed, over the last {window} (threshold: \
                      {threshold}).",
        fires: "{thresholds}",
    },
    panels: &["Failure Ratio of Items"],
    form: Form { template: "> {above} item failure rate", needs: &[ITEMS, FAILURE], ..Form::ABOVE },
    scenarios,
    firing,
};

fn has_items(job: &WatchedJob<'_>) -> bool {
    job.spec.items().is_some()
}

/// The ratio is above the threshold, unless none failed lately.
fn many_fail_still(condition: &Condition<'_>) -> Expr {
    let exceeded = condition.exceeded();
    if !condition.any_job(|job| Lookback::of_items(job).is_some()) {
        return exceeded;
    }
    let none_failed = Expr::from(condition.scope.recorded(FAILED_ITEMS.name)).binary(Operator::Equal, NONE);
    exceeded.matched(Operator::Unless, Matching::on(condition.scope.group_by()), none_failed)
}

fn scenarios(stage: &Stage<'_>) -> Vec<Scenario> {
    let Some(above) = stage.millionths(NAME, ABOVE) else { return Vec::new() };
    let silent = || vec![Check::silent(stage.fires_at(NAME, stage.step()) + stage.step(), NAME)];
    let onset = || Check::onset(stage, NAME, stage.step());
    let above_it = part_above(above).map(|failing| share("items-above", failing, above).check(onset()));
    let below_it = part_below(above).map(|failing| share("items-below", failing, above).check(silent()));
    let longest_step = stage.step_for_rates(Lookback::Long);
    let mut all: Vec<Scenario> = above_it.into_iter().chain(below_it).collect();
    if above < quantity::WHOLE {
        all.extend(third_fails(stage));
        all.extend(recovers(stage, above));
        all.extend(rests(stage, above));
    }
    all.into_iter().map(|scenario| scenario.step_at_most(longest_step)).collect()
}

fn firing(stage: &Stage<'_>) -> Option<Firing> {
    stage.millionths(NAME, ABOVE).filter(|&above| above < quantity::WHOLE)?;
    let at = stage.fires_at(NAME, stage.step());
    let series = [items(ItemStatus::Failed, THOUSAND)];
    let none_of_others = of_others(stage, FAILED_ITEMS.name, &[], 0).into_iter();
    let none_of_others = none_of_others.filter(|_| Lookback::of_items(stage.job()).is_some());
    let firing = Firing::new(NAME, at, 1.0, series).beside(none_of_others);
    Some(firing.step_at_most(stage.step_for_rates(Lookback::Long)))
}

/// A share of the items fails. Five times as many are skipped, which were not attempted.
fn share(name: &'static str, failing: u64, above: u64) -> Scenario {
    let says = format!(
        "{failing} of {THOUSAND} attempted items fail, where {} may; five times as many are skipped.",
        Quantity::Ratio(above)
    );
    Scenario::new(name, says).series([
        items(ItemStatus::Failed, failing),
        items(ItemStatus::Success, THOUSAND - failing),
        items(ItemStatus::Skipped, 5 * THOUSAND),
    ])
}

/// Two items fail, which are too few to tell, and a third in the next execution.
fn third_fails(stage: &Stage<'_>) -> Option<Scenario> {
    let ends = |run: u64| stage.step_from(stage.first_run() + run * stage.interval());
    if stage.fires_at(NAME, ends(1)) + stage.step() >= ends(0) + stage.lookback(Lookback::Long) {
        return None;
    }
    let says = "Both items of an execution fail, and the only one of the next. It takes three to tell.";
    Some(
        Scenario::new("third-item-fails", says)
            .series([counted(ItemStatus::Failed, [(ends(0), 2), (ends(1), 3)])])
            .check(Check::onset(stage, NAME, ends(1)))
            .step_at_most(stage.interval().max(FIVE_MINUTES)),
    )
}

/// Half of the items of some executions fail, and none of those of the next ones. The share of what
/// failed is above the threshold still when it is known that they have recovered.
fn recovers(stage: &Stage<'_>, above: u64) -> Option<Scenario> {
    let lately = stage.lookback(Lookback::of_items(stage.job())?);
    let (interval, duration) = (stage.interval(), stage.usual_duration());
    let settled = stage.step_from(lately) + stage.step();
    let well = settled / interval;
    let bad = stage.hold(NAME).div_ceil(interval) + 2 * (well + 1);
    let remembered = bad.min(stage.lookback(Lookback::Long).saturating_sub(settled) / interval);
    if remembered * ONE_OF_TWO / (remembered + well + 1) <= above {
        return None;
    }
    let success = RunStatus::Success;
    let runs = stage.runs().then(bad, duration, success).failing_items(FIVE).then_always(duration, success);
    let ends = |run: u64| stage.step_from(stage.first_run() + run * interval + duration);
    let last = ends(bad - 1);
    let seen = last + lately / stage.step() * stage.step();
    let before = seen.saturating_sub(2 * stage.step()).max(last);
    let says = "Half of the items of some executions fail, and none of those of the next ones.";
    Some(
        Scenario::new("items-recover", says)
            .process(stage.process(runs))
            .check([
                Check::fires(stage.fires_at(NAME, ends(0)), NAME),
                Check::fires(last, NAME),
                Check::fires(before, NAME),
                Check::silent(last + settled, NAME),
            ])
            .step_at_most(lately / 6),
    )
}

/// The same job attempts nothing any more, while its items fail and when they have recovered. The
/// share of what failed is above the threshold all the time.
fn rests(stage: &Stage<'_>, above: u64) -> Vec<Scenario> {
    let Some(lookback) = Lookback::of_items(stage.job()) else { return Vec::new() };
    let [lately, long] = [lookback, Lookback::Long].map(|lookback| stage.lookback(lookback));
    let step = stage.step();
    let ends = |run: u64| stage.step_from(stage.first_run() + run * stage.interval());
    let settled = stage.step_from(lately) + step;
    let resting = |last: u64| stage.fires_at(NAME, ends(last) + settled);
    if above >= ONE_OF_TWO || resting(2) + step >= ends(0) + long {
        return Vec::new();
    }
    let failed = || counted(ItemStatus::Failed, [(ends(0), NINE)]);
    let succeeded = |ends: &[u64]| counted(ItemStatus::Success, ends.iter().copied().zip(1..));
    const RECOVERED: &str = "items-recover-and-rest";
    let of_another = of_another_catalogue(stage, RECOVERED, FAILED_ITEMS.name, &[], THOUSAND);
    let says = "Nearly all items of an execution fail";
    let both = [
        Scenario::new("items-fail-and-are-skipped", format!("{says}, and then all are skipped."))
            .series([failed(), succeeded(&[ends(0)]), items(ItemStatus::Skipped, THOUSAND)])
            .check([
                Check::fires(resting(0), NAME),
                Check::silent(stage.step_from(ends(0) + long) + 2 * step, NAME),
            ]),
        Scenario::new(RECOVERED, format!("{says}, those of two succeed, and then the job rests."))
            .series([failed(), succeeded(&[0, 1, 2].map(ends))])
            .beside([of_another])
            .check([
                Check::fires(stage.fires_at(NAME, ends(0)), NAME),
                Check::silent(ends(0) + settled, NAME),
                Check::silent(resting(2), NAME),
            ]),
    ];
    both.map(|scenario| scenario.step_at_most(stage.memory().min(lately / 6))).into()
}

fn items(status: ItemStatus, by: u64) -> Series {
    Series::growing(JOB_ITEMS_PROCESSED_TOTAL.name, &[(STATUS, status.as_str())], by)
}

/// Items as they are counted from each moment on, and none before.
fn counted(status: ItemStatus, counts: impl IntoIterator<Item = (u64, u64)>) -> Series {
    let samples = [(0, 0)].into_iter().chain(counts).map(|(from, count)| (from, Sample::Value(count)));
    Series::held(JOB_ITEMS_PROCESSED_TOTAL.name, &[(STATUS, status.as_str())], samples)
}
