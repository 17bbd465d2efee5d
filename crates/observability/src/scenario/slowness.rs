//! Runs that take long. For alerts that compare the 95th percentile of the duration with their
//! threshold.

use jobwatch_catalogue::label::{LE, RunStatus};
use jobwatch_catalogue::metric::{DURATION_BUCKETS_SECONDS, JOB_EXECUTION_DURATION_SECONDS_BUCKET};

use super::described::{Check, Scenario};
use super::firing::Firing;
use super::job_life::slow;
use super::neighbour::of_others;
use super::process::{bound_label, bucket_of};
use super::series::Series;
use super::stage::{ABOVE, Stage};
use crate::alert_name::AlertName;
use crate::lookback::Lookback;
use crate::quantity::Quantity;
use crate::series::DURATION_LAST;

/// Of a hundred runs, so many more or fewer than five decide on which side of a bound the 95th
/// percentile lies.
const MANY: u64 = 6;
const FEW: u64 = 4;

/// Longer than an alert about slow runs waits before it fires, in seconds, so that its scenarios
/// are those of the others.
const LONG_ENOUGH: u64 = 20 * 60;

/// The names of an alert's scenarios: just above its threshold, and just below.
pub struct Sides {
    /// The scenario just above.
    pub above: &'static str,
    /// The scenario just below.
    pub below: &'static str,
}

/// Returns the scenarios of an alert about the 95th percentile. None if it does not watch the job.
pub fn sides_of_p95(stage: &Stage<'_>, alert: AlertName, names: &Sides) -> Vec<Scenario> {
    let Some(seconds) = stage.seconds(alert, ABOVE) else { return Vec::new() };
    let threshold = Quantity::Duration(seconds);
    let onset = Check::onset(stage, alert, stage.step());
    let fires = stage.fires_at(alert, stage.step());
    let mut all = Vec::new();
    if let Some(longer) = bound_above(seconds) {
        let says = format!("{MANY} of 100 executions take longer than {threshold}.");
        all.push(Scenario::new(names.above, says).series(buckets(longer - 1, longer, MANY)).check(onset));
    }
    let longest = DURATION_BUCKETS_SECONDS.partition_point(|&bound| bound <= seconds as f64);
    if let Some(shorter) = longest.checked_sub(1) {
        let says = format!("{FEW} of 100 executions take longer than {threshold}.");
        all.push(
            Scenario::new(names.below, says)
                .series(buckets(shorter, shorter + 1, FEW))
                .check([Check::silent(fires + stage.step(), alert)]),
        );
    }
    let (scenario, end) = slow(stage);
    all.push(scenario.except(alert).check(nearly_timed_out(stage, alert, seconds, end)));
    all.extend(one_slow_run(stage, alert, seconds));
    all.extend(slow_for_a_while(stage, alert, seconds));
    all.extend(quick_by_hand(stage, alert, seconds));
    let longest_step = stage.step_for_rates(Lookback::Long);
    all.into_iter().map(|scenario| scenario.step_at_most(longest_step)).collect()
}

/// Returns what makes an alert about the 95th percentile fire. `None` if it does not watch the job,
/// or if its threshold is beyond what the buckets can tell.
pub fn firing(stage: &Stage<'_>, alert: AlertName) -> Option<Firing> {
    let seconds = stage.seconds(alert, ABOVE)?;
    let top = DURATION_BUCKETS_SECONDS.len();
    let highest = DURATION_BUCKETS_SECONDS.last().copied().filter(|&highest| (seconds as f64) < highest)?;
    let series = [bucket(top - 1, 0), bucket(top, 1)];
    let at = stage.fires_at(alert, stage.step());
    let is_judged_by_last = Lookback::Last.suits(stage.job());
    let quick = is_judged_by_last.then(|| of_others(stage, DURATION_LAST.name, &[], 0));
    let firing = Firing::new(alert, at, highest, series).beside(quick.into_iter().flatten());
    Some(firing.step_at_most(stage.step_for_rates(Lookback::Long)))
}

/// Returns what an alert makes of runs that nearly time out, where the buckets can tell, and where
/// there is a run to be seen at all times.
fn nearly_timed_out(stage: &Stage<'_>, alert: AlertName, seconds: u64, at: u64) -> Option<Check> {
    if !stage.holds_two_executions() {
        return None;
    }
    let bucket = bucket_of(stage.nearly_timeout());
    let shortest = bucket.checked_sub(1).and_then(bound).unwrap_or(0.0);
    let longest = bound(bucket).unwrap_or(shortest);
    if shortest >= seconds as f64 && bound(bucket).is_some() {
        let three_runs = stage.first_run() + 3 * stage.cycle(stage.nearly_timeout());
        return Some(Check::fires(at.max(stage.fires_at(alert, stage.step_from(three_runs))), alert));
    }
    (longest <= seconds as f64).then(|| Check::silent(at, alert))
}

/// One run of a job that is due rarely is slow, and the next one is quick again. `None` where the
/// buckets cannot tell, or where the alert waits for longer than it takes to the next run.
fn one_slow_run(stage: &Stage<'_>, alert: AlertName, seconds: u64) -> Option<Scenario> {
    let (slow, quick, interval) = (stage.nearly_timeout(), stage.usual_duration(), stage.interval());
    let is_slow = bound(bucket_of(slow).checked_sub(1)?)? >= seconds as f64;
    bound(bucket_of(slow))?;
    let is_quick = bound(bucket_of(quick))? <= seconds as f64;
    let ends = stage.first_run() + 2 * interval + slow;
    let fires = stage.fires_at(alert, stage.step_from(ends));
    let next = stage.first_run() + 3 * interval;
    if !(is_slow && is_quick && Lookback::Last.suits(stage.job()) && fires < next) {
        return None;
    }
    let runs = stage
        .runs()
        .then(2, quick, RunStatus::Success)
        .then(1, slow, RunStatus::Success)
        .then_always(quick, RunStatus::Success);
    let says = "One execution takes nearly all the time it may, and the next one is quick again.";
    let clears = stage.step_from(ends + interval) + 2 * stage.step();
    let checks = [Check::fires(fires, alert), Check::silent(clears, alert)];
    let later = stage.step_from(next + interval + quick) + 2 * stage.step();
    Some(
        Scenario::new("one-slow-run", says)
            .process(stage.process(runs))
            .check(checks)
            .check([Check::silent(clears.max(later), alert)])
            .step_at_most(interval / 4),
    )
}

/// A job that is due often is slow for long enough, and then quick again: its long window still
/// holds the slow runs when it has been quick for half an hour. `None` where the buckets cannot
/// tell.
fn slow_for_a_while(stage: &Stage<'_>, alert: AlertName, seconds: u64) -> Option<Scenario> {
    let (slow, quick, interval) = (stage.nearly_timeout(), stage.usual_duration(), stage.interval());
    let is_slow = bound(bucket_of(slow).checked_sub(1)?)? >= seconds as f64;
    bound(bucket_of(slow))?;
    let is_quick = bound(bucket_of(quick))? <= seconds as f64;
    let quick_for = stage.lookback(Lookback::Last);
    let (cycle, first) = (stage.cycle(slow), stage.first_run() + 2 * interval);
    if !(is_slow && is_quick && Lookback::Last.suits(stage.job()) && interval < quick_for) {
        return None;
    }
    let number = (stage.hold(alert).max(LONG_ENOUGH) + 2 * stage.step()).div_ceil(cycle) + 1;
    let runs = stage
        .runs()
        .then(2, quick, RunStatus::Success)
        .then(number, slow, RunStatus::Success)
        .then_always(quick, RunStatus::Success);
    let ends = stage.step_from(first + (number - 1) * cycle + slow);
    let is_quick_again = ends + quick_for + 2 * stage.step();
    let checks = [Check::fires(ends, alert), Check::silent(is_quick_again, alert)];
    let says = "Executions take nearly all the time they may for a while, and are quick again.";
    Some(
        Scenario::new("slow-for-a-while", says)
            .process(stage.process(runs))
            .check(checks)
            .step_at_most(quick_for / 6),
    )
}

/// One run of a job that is due rarely is slow, and one that somebody asks for is quick, long
/// before the next is due. `None` where the buckets cannot tell, or where the next is due too soon.
fn quick_by_hand(stage: &Stage<'_>, alert: AlertName, seconds: u64) -> Option<Scenario> {
    let (slow, quick) = (stage.nearly_timeout(), stage.usual_duration());
    let is_slow = bound(bucket_of(slow).checked_sub(1)?)? >= seconds as f64;
    bound(bucket_of(slow))?;
    let is_quick = bound(bucket_of(quick))? <= seconds as f64;
    let quick_for = stage.lookback(Lookback::Last);
    let longest_step = quick_for / 3;
    let is_before_the_next =
        slow + stage.hold(alert) + quick + quick_for + 5 * longest_step < stage.interval();
    if !(is_slow && is_quick && Lookback::Interval.suits(stage.job()) && is_before_the_next) {
        return None;
    }
    let fires = stage.fires_at(alert, stage.step_from(stage.first_run() + slow));
    let by_hand = fires + stage.step();
    let clears = stage.step_from(by_hand + quick + quick_for) + 2 * stage.step();
    let runs = stage
        .runs()
        .then(1, slow, RunStatus::Success)
        .triggered(by_hand, quick, RunStatus::Success)
        .resumed(by_hand + quick)
        .then_always(quick, RunStatus::Success);
    let checks = [Check::fires(fires, alert), Check::silent(clears, alert)];
    let says = "One execution takes nearly all the time it may, and one that somebody asks for is quick.";
    Some(
        Scenario::new("quick-by-hand", says)
            .process(stage.process(runs))
            .check(checks)
            .step_at_most(longest_step),
    )
}

fn bound(index: usize) -> Option<f64> {
    DURATION_BUCKETS_SECONDS.get(index).copied()
}

/// Returns the place of the bound that is longer than all those which a run just above the
/// threshold may fall below.
fn bound_above(seconds: u64) -> Option<usize> {
    let longer = DURATION_BUCKETS_SECONDS.partition_point(|&bound| bound < seconds as f64) + 1;
    (longer < DURATION_BUCKETS_SECONDS.len()).then_some(longer)
}

/// Runs, of a hundred of which so many are longer than one bound and no longer than another.
fn buckets(shorter: usize, longer: usize, many: u64) -> Vec<Series> {
    let mut all = vec![bucket(shorter, 100 - many), bucket(longer, 100)];
    if longer < DURATION_BUCKETS_SECONDS.len() {
        all.push(bucket(DURATION_BUCKETS_SECONDS.len(), 100));
    }
    all
}

fn bucket(bound: usize, by: u64) -> Series {
    Series::growing(JOB_EXECUTION_DURATION_SECONDS_BUCKET, &[(LE, bound_label(bound))], by)
}
