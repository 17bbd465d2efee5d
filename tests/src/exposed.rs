//! What a process exposes about a job, worked out from a list of its runs and due times: apart from
//! the runtime and from the generator, for whoever wants to know what Prometheus makes of it.

use std::fmt::Write as _;
use std::ops::RangeInclusive;

use jobwatch_catalogue::Catalogue;
use jobwatch_observability::artifact::Artifact;
use jobwatch_observability::text::FilePath;
use jobwatch_observability::views::Views;

use crate::generated::{model, rule_file};
use crate::promtool;

/// A run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// When it ended, in seconds.
    pub end: u64,
    /// Whether it succeeded.
    pub succeeded: bool,
    /// How many seconds it took.
    pub seconds: u64,
}

/// Returns a run of a minute for each of some due times, which succeeds if a condition says so.
pub fn runs(due: impl Iterator<Item = u64>, succeeds: impl Fn(u64) -> bool) -> Vec<Run> {
    let run = |due| Run { end: due + 60, succeeded: succeeds(due), seconds: 60 };
    due.map(run).collect()
}

/// The bounds of the buckets that durations are counted in, in seconds.
const BOUNDS: [u64; 5] = [60, 300, 600, 900, 1800];

/// What a process exposes besides the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exposes {
    /// Nothing.
    Contract,
    /// The due times and the failures in a row as well, with this timeout.
    DueTimes(u64),
}

/// A replica's clock: how many seconds it is ahead of that of Prometheus, or behind if negative.
pub type Skew = i64;

/// Returns the input series of promtool for a job with these labels, runs and due times, from a
/// process that is there for a while, sampled at every step. The process works by a clock of its
/// own: all times are by that clock, but for `there`.
pub fn series(
    labels: &str,
    runs: &[Run],
    due: &[u64],
    exposes: Exposes,
    there: RangeInclusive<u64>,
    step: u64,
    skew: Skew,
) -> String {
    let steps = || (0..=there.end() / step).map(|number| number * step);
    let ended = |now: u64| {
        let own = now.saturating_add_signed(skew);
        runs.iter().filter(move |run| run.end <= own)
    };
    let succeeded = |now: u64| ended(now).filter(|run| run.succeeded);
    let mut text = String::new();
    let mut add = |name: &str, further: &str, value: &dyn Fn(u64) -> u64| {
        let sample = |now| if there.contains(&now) { value(now).to_string() } else { "_".to_owned() };
        let values: Vec<String> = steps().map(sample).collect();
        let _ = writeln!(
            text,
            "      - {{series: '{name}{{{labels}{further}}}', values: '{}'}}",
            values.join(" ")
        );
    };
    add("job_execution_total", ", status=\"success\"", &|now| succeeded(now).count() as u64);
    add("job_execution_total", ", status=\"failed\"", &|now| {
        (ended(now).count() - succeeded(now).count()) as u64
    });
    let buckets = "job_execution_duration_seconds_bucket";
    for bound in BOUNDS {
        let within = |now: u64| ended(now).filter(|run| run.seconds <= bound).count() as u64;
        add(buckets, &format!(", le=\"{bound}\""), &within);
    }
    add(buckets, ", le=\"+Inf\"", &|now| ended(now).count() as u64);
    let last_success = |now: u64| succeeded(now).next_back().map_or(0, |run| run.end);
    add("job_last_success_timestamp_seconds", "", &last_success);
    if let Exposes::DueTimes(timeout) = exposes {
        add("job_success_due_timestamp_seconds", "", &|now| {
            due.iter().copied().find(|due| *due > last_success(now)).unwrap_or(0)
        });
        add("job_timeout_seconds", "", &|_| timeout);
        add("job_consecutive_failures", "", &|now| {
            ended(now).rev().take_while(|run| !run.succeeded).count() as u64
        });
    }
    text
}

/// An expression, when it is looked at, and the samples that it has then, as promtool writes them.
pub type Expected = (String, u64, String);

/// Returns the question whether an alert fires at a moment, and the answer that is expected.
pub fn asked(alert: &str, at: u64, fires: bool) -> Expected {
    let expression = format!("count(ALERTS{{alertname=\"{alert}\", alertstate=\"firing\"}})");
    (expression, at, if fires { "{labels: '{}', value: 1}".to_owned() } else { String::new() })
}

/// Lets Prometheus evaluate the rules of a catalogue over some input series, at every step, and
/// checks what it sees.
///
/// # Panics
///
/// When it sees anything else.
#[track_caller]
pub fn check(catalogue: &Catalogue, step: u64, series: &str, expected: &[Expected]) {
    check_scraped(catalogue, step, step, series, expected);
}

/// The same where processes are scraped in steps of their own.
///
/// # Panics
///
/// When Prometheus sees anything else.
#[track_caller]
pub fn check_scraped(catalogue: &Catalogue, scrape: u64, step: u64, series: &str, expected: &[Expected]) {
    let groups = Views::new(&model(catalogue), &[]).groups;
    let groups: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
    let mut text = format!(
        "rule_files: [../{name}.rules.yaml]\nevaluation_interval: {step}s\ngroup_eval_order: \
         [{groups}]\ntests:\n  - interval: {scrape}s\n    input_series:\n{series}    promql_expr_test:\n",
        name = catalogue.name(),
        groups = groups.join(", "),
    );
    for (expression, at, samples) in expected {
        let _ =
            writeln!(text, "      - {{expr: '{expression}', eval_time: {at}s, exp_samples: [{samples}]}}");
    }
    let test = Artifact { path: FilePath::new("alerts/tests", "exposed.yaml"), text };
    let verdicts = promtool::test_rules(&[rule_file(catalogue), test]);
    assert!(!verdicts.is_empty() && verdicts.iter().all(|verdict| verdict.passed), "{verdicts:#?}");
}
