//! Jobs that are due by the calendar, in the calendar of their own: what a process exposes is
//! worked out from a list of its runs, and Prometheus says which alerts fire when.
//!
//! A simulation starts at 1970-01-01 00:00 UTC, which was a Thursday.

use std::time::Duration;

use e2e::exposed::{self, Exposes, Run, runs, series};
use e2e::generated::files;
use e2e::promtool;
use jobwatch_catalogue::{Catalogue, JobDraft, JobSpec, ThresholdOverride};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
/// A scrape and an evaluation.
const STEP: u64 = 15 * MINUTE;

/// Thursday is the first day.
const FRIDAY: u64 = DAY;
const SATURDAY: u64 = 2 * DAY;
const MONDAY: u64 = 4 * DAY;
const TUESDAY: u64 = 5 * DAY;
const THURSDAY: u64 = 7 * DAY;

fn office() -> JobDraft {
    JobSpec::cron("job", "*/15 8-17 * * 1-5", "UTC").timeout(Duration::from_secs(10 * MINUTE))
}

/// The due times of [`office`] until a moment.
fn office_hours(until: u64) -> impl Iterator<Item = u64> {
    let is_due = |at: &u64| {
        let (weekday, hour) = ((at / DAY + 4) % 7, at % DAY / HOUR);
        (1..=5).contains(&weekday) && (8..18).contains(&hour)
    };
    (0..until / (15 * MINUTE)).map(|number| number * 15 * MINUTE).filter(is_due)
}

/// The same, all of which succeed, and some of which take so many seconds.
fn slow_runs(due: &[u64], seconds: u64, is_slow: impl Fn(u64) -> bool) -> Vec<Run> {
    let seconds = |due| if is_slow(due) { seconds } else { 30 };
    let run = |&due| Run { end: due + seconds(due), succeeded: true, seconds: seconds(due) };
    due.iter().map(run).collect()
}

/// Lets Prometheus see these runs, and checks which of some alerts fire at some moments.
#[track_caller]
fn check(job: JobDraft, exposes: Exposes, due: &[u64], runs: &[Run], expected: &[(u64, &str, bool)]) {
    let catalogue = Catalogue::builder("shop").job(job).build().unwrap();
    let until = expected.iter().map(|(at, ..)| *at).max().unwrap();
    let series = series(r#"job_name="job""#, runs, due, exposes, 0..=until, STEP, 0);
    let asked = expected.iter().map(|(at, alert, fires)| exposed::asked(alert, *at, *fires));
    exposed::check(&catalogue, STEP, &series, &asked.collect::<Vec<_>>());
}

const FAILURE_RATE: &str = "BackgroundJobCriticalFailureRate";
const NOT_RUNNING: &str = "BackgroundJobNotRunning";
const OVERDUE: &str = "BackgroundJobOverdue";
const ITEMS: &str = "BackgroundJobHighItemFailureRate";

/// It fails on Friday afternoon, and nobody looks before Monday: the page comes within two hours,
/// and stays until the job has succeeded twice.
#[test]
fn a_job_in_working_hours_that_fails_is_told_within_them_and_until_it_has_recovered() {
    let due: Vec<u64> = office_hours(MONDAY + 18 * HOUR).collect();
    let fails = FRIDAY + 14 * HOUR..SATURDAY;
    let runs = runs(due.iter().copied(), |due| !fails.contains(&due));
    check(
        office(),
        Exposes::Contract,
        &due,
        &runs,
        &[
            (FRIDAY + 13 * HOUR, FAILURE_RATE, false),
            (FRIDAY + 15 * HOUR + 30 * MINUTE, FAILURE_RATE, true),
            (FRIDAY + 22 * HOUR, FAILURE_RATE, true),
            (SATURDAY + 12 * HOUR, FAILURE_RATE, true),
            (MONDAY + 7 * HOUR, FAILURE_RATE, true),
            (MONDAY + 8 * HOUR + 30 * MINUTE, FAILURE_RATE, false),
            (MONDAY + 12 * HOUR, FAILURE_RATE, false),
        ],
    );
}

/// Each run takes nearly all of an hour, so that no five intervals hold three of them: what they
/// told last is not kept while the job goes on.
#[test]
fn a_job_in_working_hours_whose_slow_runs_fail_is_told_the_same_day() {
    let starts = office_hours(FRIDAY + 18 * HOUR).filter(|due| due % HOUR == 0 && *due >= 15 * HOUR);
    let run = |due| Run { end: due + 55 * MINUTE, succeeded: due < FRIDAY, seconds: 55 * MINUTE };
    let due: Vec<u64> = office_hours(FRIDAY + 18 * HOUR).collect();
    check(
        office().timeout(Duration::from_secs(HOUR)),
        Exposes::Contract,
        &due,
        &starts.map(run).collect::<Vec<_>>(),
        &[(FRIDAY + 9 * HOUR, FAILURE_RATE, false), (FRIDAY + 14 * HOUR, FAILURE_RATE, true)],
    );
}

#[test]
fn a_job_in_working_hours_that_is_well_is_not_late_after_a_weekend() {
    let due: Vec<u64> = office_hours(TUESDAY).collect();
    let runs = runs(due.iter().copied(), |_| true);
    let silent = |at| [FAILURE_RATE, NOT_RUNNING, OVERDUE].map(|alert| (at, alert, false));
    let moments = [SATURDAY + 12 * HOUR, MONDAY + 7 * HOUR + 45 * MINUTE, MONDAY + 8 * HOUR, TUESDAY - HOUR];
    let expected: Vec<_> = moments.into_iter().flat_map(silent).collect();
    check(office(), Exposes::Contract, &due, &runs, &expected);
    check(office(), Exposes::DueTimes(10 * MINUTE), &due, &runs, &expected);
}

/// It stops on Monday at nine: whoever knows the due times is told within half an hour, anybody
/// within the working week.
#[test]
fn a_job_in_working_hours_that_stops_is_told_within_the_week() {
    let due: Vec<u64> = office_hours(THURSDAY + DAY).collect();
    let runs = runs(due.iter().copied().filter(|due| *due < MONDAY + 9 * HOUR), |_| true);
    check(
        office(),
        Exposes::Contract,
        &due,
        &runs,
        &[(THURSDAY + 8 * HOUR + 45 * MINUTE, NOT_RUNNING, false), (THURSDAY + 9 * HOUR, NOT_RUNNING, true)],
    );
    check(
        office(),
        Exposes::DueTimes(10 * MINUTE),
        &due,
        &runs,
        &[
            (MONDAY + 9 * HOUR + 15 * MINUTE, OVERDUE, false),
            (MONDAY + 9 * HOUR + 30 * MINUTE, OVERDUE, true),
            (TUESDAY + 3 * HOUR, OVERDUE, true),
            (THURSDAY + 9 * HOUR, OVERDUE, false),
            (THURSDAY + 9 * HOUR, NOT_RUNNING, true),
        ],
    );
}

/// A nightly backup fails, or is not started: somebody is told the same night. It succeeds in the
/// next one, and the alert ends.
#[test]
fn a_nightly_job_without_success_is_told_the_same_night() {
    let nightly = || JobSpec::cron("job", "0 2 * * *", "UTC").timeout(Duration::from_secs(HOUR));
    let due: Vec<u64> = (0..5).map(|night| night * DAY + 2 * HOUR).collect();
    let bad = FRIDAY + 2 * HOUR;
    let fails = runs(due.iter().copied(), |due| due != bad);
    let is_not_started = runs(due.iter().copied().filter(|due| *due != bad), |_| true);
    for runs in [fails, is_not_started] {
        check(
            nightly(),
            Exposes::DueTimes(HOUR),
            &due,
            &runs,
            &[
                (FRIDAY + 2 * HOUR, OVERDUE, false),
                (FRIDAY + 3 * HOUR, OVERDUE, false),
                (FRIDAY + 3 * HOUR + 30 * MINUTE, OVERDUE, true),
                (SATURDAY + HOUR, OVERDUE, true),
                (SATURDAY + 2 * HOUR + 15 * MINUTE, OVERDUE, false),
                (SATURDAY + 12 * HOUR, NOT_RUNNING, false),
                (SATURDAY + 12 * HOUR, FAILURE_RATE, false),
            ],
        );
    }
}

/// The hour that a clock skips in spring makes a gap of 23 hours, the one it repeats in autumn one
/// of 25: neither night is called late, and a failure after either is told the same night.
#[test]
fn a_change_of_clocks_makes_no_job_late() {
    let nightly = || JobSpec::cron("job", "30 4 * * *", "Europe/Berlin").timeout(Duration::from_secs(HOUR));
    for gap in [23 * HOUR, 25 * HOUR] {
        let (first, change) = (3 * HOUR, 3 * HOUR + DAY);
        let due = [first, change, change + gap, change + gap + DAY, change + gap + 2 * DAY];
        let bad = due[3];
        let runs = runs(due.into_iter(), |due| due != bad);
        let silent = |at| [FAILURE_RATE, NOT_RUNNING, OVERDUE].map(|alert| (at, alert, false));
        let moments = [change + gap - 15 * MINUTE, change + gap + 15 * MINUTE, bad, bad + HOUR];
        let mut expected: Vec<_> = moments.into_iter().flat_map(silent).collect();
        expected.extend([(bad + HOUR + 30 * MINUTE, OVERDUE, true), (due[4] + 30 * MINUTE, OVERDUE, false)]);
        check(nightly(), Exposes::DueTimes(HOUR), &due, &runs, &expected);
    }
}

/// What the rule tests of each kind of calendar show, Prometheus sees: of a job each night, each
/// week, each month, in working hours, every ten seconds, by two expressions; with thresholds of
/// their own, and at first deployment, as every rule test begins. Each is alone in its catalogue:
/// the rules of many jobs are longer, and take Prometheus several times as long.
#[test]
fn the_rule_tests_of_every_kind_of_calendar_hold() {
    let above = |value: &str| ThresholdOverride::new().set("above", value);
    let hours = |hours: u64| Duration::from_secs(hours * HOUR);
    let own = JobSpec::cron("own", "0 2 * * *", "America/New_York")
        .timeout(hours(1))
        .threshold(NOT_RUNNING, above("26h"))
        .threshold("BackgroundJobCriticallyStale", above("30h"))
        .threshold(OVERDUE, above("10m"));
    let jobs = [
        JobSpec::cron("nightly", "0 2 * * *", "UTC").timeout(hours(1)),
        JobSpec::cron("weekly", "0 2 * * 1", "UTC").timeout(hours(2)),
        JobSpec::cron("monthly", "0 2 1 * *", "UTC").timeout(hours(2)),
        office().items("things"),
        JobSpec::cron("ten_seconds", "*/10 * * * * *", "UTC").timeout(Duration::from_secs(60)),
        JobSpec::crons("two", ["0 2 * * 1-5", "0 4 * * 0,6"], "Europe/Berlin").timeout(hours(1)),
        own,
    ];
    for job in jobs {
        let catalogue = Catalogue::builder("shop").job(job).build().unwrap();
        let verdicts = promtool::test_rules(&files(&catalogue));
        let failed: Vec<_> = verdicts.iter().filter(|verdict| !verdict.passed).collect();
        assert!(verdicts.len() >= 2 && failed.is_empty(), "{failed:#?}");
    }
}

const SLOW: &str = "BackgroundJobCriticalDuration";

/// The long window of a job in working hours holds days: a slow hour is over when the job has been
/// quick for half an hour.
#[test]
fn a_slow_hour_of_a_job_in_working_hours_is_over_the_same_morning() {
    let due: Vec<u64> = office_hours(TUESDAY + 9 * HOUR).collect();
    let slow = MONDAY + 8 * HOUR..MONDAY + 9 * HOUR;
    check(
        office().timeout(Duration::from_secs(14 * MINUTE)),
        Exposes::Contract,
        &due,
        &slow_runs(&due, 700, |due| slow.contains(&due)),
        &[
            (MONDAY + 9 * HOUR + 15 * MINUTE, SLOW, true),
            (MONDAY + 9 * HOUR + 45 * MINUTE, SLOW, false),
            (MONDAY + 17 * HOUR, SLOW, false),
            (TUESDAY, SLOW, false),
            (TUESDAY + 8 * HOUR + 45 * MINUTE, SLOW, false),
        ],
    );
}

/// However long it is until the next run is due, and however long samples are kept: a slow run is
/// over with a quick one that somebody asks for.
#[test]
fn a_slow_run_of_a_rare_job_is_over_with_a_quick_one_by_hand() {
    let (due, by_hand) = (2 * HOUR, 4 * HOUR);
    let expected = [
        (3 * HOUR, SLOW, true),
        (by_hand - 15 * MINUTE, SLOW, true),
        (by_hand + 45 * MINUTE, SLOW, false),
        (7 * HOUR + 45 * MINUTE, SLOW, false),
        (20 * HOUR, SLOW, false),
    ];
    // Each six hours, each night, each week, each month. The first is due again before the end.
    for expression in ["0 2,8,14,20 * * *", "0 2 * * *", "0 2 * * 4", "0 2 1 * *"] {
        let job = || JobSpec::cron("job", expression, "UTC").timeout(Duration::from_secs(2 * HOUR));
        let again: &[u64] = if expression.contains(',') { &[8 * HOUR, 14 * HOUR, 20 * HOUR] } else { &[] };
        let all_due = [&[due], again].concat();
        let run = [&[due, by_hand], again].concat();
        for exposes in [Exposes::Contract, Exposes::DueTimes(2 * HOUR)] {
            check(job(), exposes, &all_due, &slow_runs(&run, 800, |at| at == due), &expected);
        }
    }
}

/// The same of a process whose runs have all been slow: a bucket that was empty so far is
/// extrapolated less than the others where the first scrape in a window is not just at its start.
#[test]
fn a_quick_run_is_seen_whatever_the_process_has_done_before() {
    let (due, by_hand, scrape) = (2 * HOUR, 4 * HOUR, 70);
    let job = JobSpec::cron("job", "0 2,8,14,20 * * *", "UTC").timeout(Duration::from_secs(2 * HOUR));
    let catalogue = Catalogue::builder("shop").job(job).build().unwrap();
    let runs = slow_runs(&[due, by_hand], 800, |at| at == due);
    for exposes in [Exposes::Contract, Exposes::DueTimes(2 * HOUR)] {
        let series = series(r#"job_name="job""#, &runs, &[due], exposes, 0..=8 * HOUR, scrape, 0);
        let expected = [(3 * HOUR, true), (by_hand + 10 * MINUTE, false), (7 * HOUR, false)];
        let expected = expected.map(|(at, fires)| exposed::asked(SLOW, at, fires));
        exposed::check_scraped(&catalogue, scrape, MINUTE, &series, &expected);
    }
}

/// A job is due twice in a row each night: the shortest time between two due times says nothing of
/// how rarely it is due.
#[test]
fn a_job_that_is_due_twice_a_night_has_recovered_after_one_good_night() {
    let nightly = || JobSpec::cron("job", "0,10 3 * * *", "UTC").timeout(Duration::from_secs(10 * MINUTE));
    let at = |night: u64, minute: u64| night * DAY + 3 * HOUR + minute * MINUTE;
    let due: Vec<u64> = (0..7).flat_map(|night| [at(night, 0), at(night, 10)]).collect();
    let is_slow = |due| due == at(4, 0);
    let slow = |moment, fires| (moment, "BackgroundJobHighDuration", fires);
    check(
        nightly(),
        Exposes::Contract,
        &due,
        &slow_runs(&due, 400, is_slow),
        &[
            slow(at(4, 45), true),
            slow(at(4, 12 * 60), true),
            slow(at(5, 45), false),
            slow(at(5, 12 * 60), false),
            slow(at(6, 45), false),
        ],
    );
    let fails = at(2, 0)..at(5, 0);
    let failures = |moment, fires| (moment, FAILURE_RATE, fires);
    check(
        nightly(),
        Exposes::Contract,
        &due,
        &runs(due.iter().copied(), |due| !fails.contains(&due)),
        &[
            failures(at(4, 12 * 60), true),
            failures(at(5, 45), false),
            failures(at(5, 12 * 60), false),
            failures(at(6, 45), false),
        ],
    );
}

/// A page about a slow run ends with the next quick one, and does not come back while the job
/// rests: at the weekend, at night, or when a run comes late.
#[test]
fn a_slow_run_that_is_over_pages_nobody_in_the_rest_after_it() {
    let weekdays = || JobSpec::cron("job", "0 3 * * 1-5", "UTC").timeout(Duration::from_secs(HOUR));
    let at_three = |day: u64| day * DAY + 3 * HOUR;
    let due = [0, 1, 4, 5, 6, 7, 8, 11].map(at_three);
    let runs = slow_runs(&due, 800, |due| due == at_three(7));
    let after = |from: u64, hours: u64| (from + hours * HOUR, SLOW);
    let fires = |(at, alert): (u64, &'static str)| (at, alert, true);
    let silent = |(at, alert): (u64, &'static str)| (at, alert, false);
    check(
        weekdays(),
        Exposes::Contract,
        &due,
        &runs,
        &[
            fires(after(at_three(7), 2)),
            silent(after(at_three(8), 1)),
            silent(after(at_three(8), 20)),
            silent(after(at_three(9), 1)),
            silent(after(at_three(10), 12)),
        ],
    );
    let office = || JobSpec::cron("job", "0 9-17 * * *", "UTC").timeout(Duration::from_secs(30 * MINUTE));
    let due: Vec<u64> = (0..3).flat_map(|day| (9..18).map(move |hour| day * DAY + hour * HOUR)).collect();
    let runs = slow_runs(&due, 700, |due| due == DAY + 15 * HOUR);
    check(
        office(),
        Exposes::Contract,
        &due,
        &runs,
        &[
            fires((DAY + 15 * HOUR + 45 * MINUTE, SLOW)),
            silent((DAY + 16 * HOUR + 15 * MINUTE, SLOW)),
            silent((DAY + 18 * HOUR + 45 * MINUTE, SLOW)),
            silent((2 * DAY, SLOW)),
            silent((2 * DAY + 8 * HOUR + 45 * MINUTE, SLOW)),
        ],
    );
    let nightly = || JobSpec::cron("job", "0 3 * * *", "UTC").timeout(Duration::from_secs(HOUR));
    let late = at_three(7) + 50 * MINUTE;
    let due = [0, 1, 2, 3, 4, 5, 6].map(at_three).into_iter().chain([late]).collect::<Vec<_>>();
    let runs = slow_runs(&due, 800, |due| due == at_three(5));
    check(
        nightly(),
        Exposes::Contract,
        &due,
        &runs,
        &[
            fires(after(at_three(5), 2)),
            silent(after(at_three(6), 1)),
            silent((at_three(7) + 15 * MINUTE, SLOW)),
            silent((at_three(7) + 45 * MINUTE, SLOW)),
            silent(after(at_three(7), 3)),
        ],
    );
}

/// It fails for three nights, and succeeds in two: that is over, at the weekend as well.
#[test]
fn failures_that_are_over_page_nobody_in_the_rest_after_them() {
    let weekdays = || JobSpec::cron("job", "0 3 * * 1-5", "UTC").timeout(Duration::from_secs(HOUR));
    let at_three = |day: u64| day * DAY + 3 * HOUR;
    let due = [0, 1, 4, 5, 6, 7, 8, 11].map(at_three);
    let runs = runs(due.into_iter(), |due| !(at_three(4)..=at_three(6)).contains(&due));
    check(
        weekdays(),
        Exposes::Contract,
        &due,
        &runs,
        &[
            (at_three(6) + HOUR, FAILURE_RATE, true),
            (at_three(8) + 3 * HOUR, FAILURE_RATE, false),
            (at_three(9) + HOUR, FAILURE_RATE, false),
            (at_three(10) + 2 * HOUR, FAILURE_RATE, false),
            (at_three(11) - HOUR, FAILURE_RATE, false),
        ],
    );
    // What is not over goes on through the weekend.
    let runs = exposed::runs(due.into_iter(), |due| due < at_three(4));
    let on = [at_three(6) + HOUR, at_three(8) + HOUR, at_three(9) + HOUR, at_three(10) + 12 * HOUR];
    check(weekdays(), Exposes::Contract, &due, &runs, &on.map(|at| (at, FAILURE_RATE, true)));
}

/// A threshold that was written down for all jobs holds for each that can keep it.
#[test]
fn a_threshold_for_all_jobs_is_the_threshold_where_it_can_be() {
    let above = |value: &str| ThresholdOverride::new().set("above", value);
    let catalogue = Catalogue::builder("shop")
        .threshold(NOT_RUNNING, above("26h"))
        .threshold("BackgroundJobCriticallyStale", above("30h"))
        .job(JobSpec::cron("nightly", "0 2 * * *", "UTC").timeout(Duration::from_secs(HOUR)))
        .job(JobSpec::cron("weekly", "0 2 * * 1", "UTC").timeout(Duration::from_secs(HOUR)))
        .build()
        .unwrap();
    let model = e2e::generated::model(&catalogue);
    let threshold = |alert: &str, job: usize| {
        let alert = model.alerts().iter().find(|found| found.name().as_str() == alert).unwrap();
        alert.threshold(catalogue.jobs()[job].name()).unwrap().to_string()
    };
    assert_eq!((threshold(NOT_RUNNING, 0), threshold(NOT_RUNNING, 1)), ("26h".into(), "15d".into()));
    assert_eq!(threshold("BackgroundJobCriticallyStale", 0), "30h");
    let verdicts = promtool::test_rules(&files(&catalogue));
    assert!(verdicts.iter().all(|verdict| verdict.passed), "{verdicts:#?}");
}

/// Lets Prometheus see how many of a hundred items of each run of [`office`] fail, each of which
/// takes a minute, and checks at some moments whether the alert about items fires.
#[track_caller]
fn check_items(failed: impl Fn(u64) -> u64, expected: &[(u64, bool)]) {
    let until = expected.iter().map(|(at, _)| *at).max().unwrap();
    let counted = |status: &str, of: &dyn Fn(u64) -> u64| {
        let ended = |now: u64| office_hours(until).filter(move |due| due + MINUTE <= now);
        let values = (0..=until / STEP).map(|step| ended(step * STEP).map(of).sum::<u64>().to_string());
        let labels = format!(r#"job_name="job", status="{status}""#);
        let values = values.collect::<Vec<_>>().join(" ");
        format!("      - {{series: 'job_items_processed_total{{{labels}}}', values: '{values}'}}\n")
    };
    let series = [counted("failed", &failed), counted("success", &|due| 100 - failed(due))].concat();
    let asked = expected.iter().map(|(at, fires)| exposed::asked(ITEMS, *at, *fires));
    let catalogue = Catalogue::builder("shop").job(office().items("things")).build().unwrap();
    exposed::check(&catalogue, STEP, &series, &asked.collect::<Vec<_>>());
}

/// Items that failed in the morning are over in the afternoon, and at night nobody is told of them
/// again. Of those that failed in the afternoon nothing new is known until the next morning.
#[test]
fn items_of_a_job_in_working_hours_fail_until_others_do_not() {
    let hours = |day: u64, from: u64, until: u64| day + from * HOUR..day + until * HOUR;
    let all_in = |during: std::ops::Range<u64>| move |due: u64| if during.contains(&due) { 100 } else { 0 };
    check_items(
        all_in(hours(MONDAY, 8, 14)),
        &[
            (MONDAY + 14 * HOUR, true),
            (MONDAY + 15 * HOUR, false),
            (MONDAY + 17 * HOUR, false),
            (MONDAY + 20 * HOUR, false),
            (TUESDAY + 4 * HOUR, false),
            (TUESDAY + 9 * HOUR, false),
        ],
    );
    check_items(
        all_in(hours(MONDAY, 12, 18)),
        &[
            (MONDAY + 17 * HOUR, true),
            (MONDAY + 20 * HOUR, true),
            (TUESDAY + 8 * HOUR, true),
            (TUESDAY + 9 * HOUR, false),
        ],
    );
    let always = [12, 20, 28, 33, 40].map(|hours| (MONDAY + hours * HOUR, true));
    check_items(|_| 30, &always);
}
