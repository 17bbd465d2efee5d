//! Copies of a job on one Prometheus, in two clusters or on two hosts: each is judged on its own,
//! and none hides another.

use std::ops::RangeInclusive;
use std::time::Duration;

use e2e::exposed::{self, Exposes, Run, runs, series};
use e2e::generated::{files, model, rules};
use e2e::promtool;
use jobwatch_catalogue::yaml::Positions;
use jobwatch_catalogue::{Catalogue, CatalogueBuilder, JobDraft, JobSpec};
use jobwatch_observability::artifact::Artifact;
use jobwatch_observability::check as checks;
use jobwatch_observability::job_state::JobState;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
/// A scrape and an evaluation.
const STEP: u64 = 5 * MINUTE;
/// How long a simulation takes.
const END: u64 = 12 * HOUR;

/// A copy of the job: its labels, its runs, and from when until when its process is there.
struct Copy {
    labels: &'static str,
    runs: Vec<Run>,
    there: RangeInclusive<u64>,
}

fn quarterly() -> JobDraft {
    JobSpec::every("job", Duration::from_secs(15 * MINUTE)).timeout(Duration::from_secs(10 * MINUTE))
}

fn due() -> Vec<u64> {
    (1..=END / (15 * MINUTE)).map(|number| number * 15 * MINUTE).collect()
}

fn copy(labels: &'static str, succeeds: impl Fn(u64) -> bool) -> Copy {
    Copy { labels, runs: runs(due().into_iter(), succeeds), there: 0..=END }
}

fn exposed_by(copy: &Copy) -> String {
    let labels = format!("job_name=\"job\", {}", copy.labels);
    series(&labels, &copy.runs, &due(), Exposes::DueTimes(10 * MINUTE), copy.there.clone(), STEP, 0)
}

/// What escalates goes on for as long as what it is about: see
/// `an_escalation_is_of_the_copy_that_needs_it`.
const NO_ESCALATION: &str = "alertname!=\"BackgroundJobUnresolved\"";

/// Lets Prometheus see these copies, and checks which alerts fire at some moments: all of them, as
/// `alert label=value`.
#[track_caller]
fn check(catalogue: CatalogueBuilder, label: &str, copies: &[Copy], all: &[(u64, &[&str])]) {
    let catalogue = catalogue.build().unwrap();
    let series: String = copies.iter().map(exposed_by).collect();
    let sample = |alert: &&str| {
        let (alert, value) = alert.split_once(' ').unwrap();
        let value = value.strip_prefix(label).and_then(|value| value.strip_prefix('=')).unwrap();
        format!("{{labels: '{{alertname=\"{alert}\", {label}=\"{value}\"}}', value: 1}}")
    };
    let expected = |(at, firing): &(u64, &[&str])| {
        let samples: Vec<String> = firing.iter().map(sample).collect();
        let firing =
            format!("count by (alertname, {label}) (ALERTS{{alertstate=\"firing\", {NO_ESCALATION}}})");
        (firing, *at, samples.join(", "))
    };
    exposed::check(&catalogue, STEP, &series, &all.iter().map(expected).collect::<Vec<_>>());
}

fn clusters() -> CatalogueBuilder {
    Catalogue::builder("shop").grouping_label("cluster").job(quarterly())
}

const ABSENT: &str = "BackgroundJobMetricsAbsent cluster=eu";

#[test]
fn a_dead_cluster_is_not_hidden_by_a_living_one() {
    let dies = Copy { there: 0..=3 * HOUR, ..copy("cluster=\"eu\"", |_| true) };
    let copies = [dies, copy("cluster=\"us\"", |_| true)];
    check(
        clusters(),
        "cluster",
        &copies,
        &[(3 * HOUR, &[]), (3 * HOUR + 20 * MINUTE, &[ABSENT]), (11 * HOUR, &[ABSENT])],
    );
}

#[test]
fn what_is_wrong_in_one_cluster_is_told_of_that_one_alone() {
    let copies = [copy("cluster=\"eu\"", |_| false), copy("cluster=\"us\"", |_| true)];
    check(
        clusters(),
        "cluster",
        &copies,
        &[(
            5 * HOUR,
            &[
                "BackgroundJobCriticalFailureRate cluster=eu",
                "BackgroundJobNotRunning cluster=eu",
                "BackgroundJobConsecutiveFailures cluster=eu",
            ],
        )],
    );
}

/// What the dashboard shows of each copy, and of a job that exposes nothing.
#[test]
fn the_state_of_each_copy_is_recorded() {
    let copies = [copy("cluster=\"eu\"", |_| false), copy("cluster=\"us\"", |_| true)];
    let catalogue = clusters().job(JobSpec::every("gone", Duration::from_secs(HOUR))).build().unwrap();
    let series: String = copies.iter().map(exposed_by).collect();
    let state = |state: JobState| {
        let count = format!("count by (job_name, cluster) (job_name:job_state:info == {})", state.number());
        move |samples: &str| (count.clone(), 5 * HOUR, samples.to_owned())
    };
    let expected = [
        state(JobState::Broken)("{labels: '{job_name=\"job\", cluster=\"eu\"}', value: 1}"),
        state(JobState::Succeeding)("{labels: '{job_name=\"job\", cluster=\"us\"}', value: 1}"),
        state(JobState::Silent)("{labels: '{job_name=\"gone\"}', value: 1}"),
        ("count(job_name:job_state:info)".to_owned(), 5 * HOUR, "{value: 3}".to_owned()),
    ];
    exposed::check(&catalogue, STEP, &series, &expected);
}

/// It stops in one cluster, whose process is there all the same, and goes on in the other.
#[test]
fn a_job_that_stops_in_one_cluster_is_overdue_there() {
    let mut stops = copy("cluster=\"eu\"", |_| true);
    stops.runs.retain(|run| run.end < 3 * HOUR);
    check(
        clusters(),
        "cluster",
        &[stops, copy("cluster=\"us\"", |_| true)],
        &[
            (3 * HOUR, &[]),
            (3 * HOUR + 25 * MINUTE, &["BackgroundJobOverdue cluster=eu"]),
            (6 * HOUR, &["BackgroundJobNotRunning cluster=eu"]),
        ],
    );
}

/// The job is overdue in one cluster, and later not running: nobody has resolved either.
#[test]
fn an_escalation_is_of_the_copy_that_needs_it() {
    let mut stops = copy("cluster=\"eu\"", |_| true);
    stops.runs.retain(|run| run.end < 3 * HOUR);
    let copies = [stops, copy("cluster=\"us\"", |_| true)];
    let series: String = copies.iter().map(exposed_by).collect();
    let escalated = |of: &str| format!("{{labels: '{{escalates=\"{of}\", cluster=\"eu\"}}', value: 1}}");
    let firing = "count by (escalates, cluster) \
         (ALERTS{alertstate=\"firing\", alertname=\"BackgroundJobUnresolved\"})";
    let both = ["BackgroundJobOverdue", "BackgroundJobNotRunning"].map(escalated).join(", ");
    exposed::check(
        &clusters().build().unwrap(),
        STEP,
        &series,
        &[
            (firing.to_owned(), 3 * HOUR + 25 * MINUTE, String::new()),
            (firing.to_owned(), 4 * HOUR, escalated("BackgroundJobOverdue")),
            (firing.to_owned(), 6 * HOUR, both),
        ],
    );
}

/// A label that tells copies apart is added to the scrape configuration while the process runs:
/// what had none is not gone.
#[test]
fn a_label_that_is_added_makes_nothing_gone() {
    let well = |labels: &'static str, there| Copy { there, ..copy(labels, |_| true) };
    let added = [well("host=\"a\"", 0..=3 * HOUR), well("host=\"a\", cluster=\"eu\"", 3 * HOUR..=END)];
    check(clusters(), "cluster", &added, &[(3 * HOUR + 30 * MINUTE, &[]), (11 * HOUR, &[])]);
    // The same for the namespace; and when the process dies after it, that is told, once.
    let namespaced = [
        well("cluster=\"eu\"", 0..=3 * HOUR),
        well("cluster=\"eu\", namespace=\"shop\"", 3 * HOUR..=6 * HOUR),
        well("cluster=\"us\", namespace=\"shop\"", 0..=END),
    ];
    let expected: [(u64, &[&str]); 3] =
        [(3 * HOUR + 30 * MINUTE, &[]), (6 * HOUR, &[]), (6 * HOUR + 30 * MINUTE, &[ABSENT])];
    check(clusters().namespace("shop"), "cluster", &namespaced, &expected);
}

/// A job that runs on two hosts by intention fails on one of them, always.
#[test]
fn a_job_of_each_host_is_judged_host_by_host() {
    let copies = || [copy("host=\"a\"", |_| true), copy("host=\"b\"", |_| false)];
    let by_host = Catalogue::builder("shop").job(quarterly().grouping_label("host"));
    let told: &[&str] = &[
        "BackgroundJobCriticalFailureRate host=b",
        "BackgroundJobNotRunning host=b",
        "BackgroundJobConsecutiveFailures host=b",
    ];
    check(by_host, "host", &copies(), &[(10 * HOUR, told)]);
    // Without that word the processes are replicas of one, of which one is out of date.
    check(Catalogue::builder("shop").job(quarterly()), "host", &copies(), &[(10 * HOUR, &[])]);
}

#[test]
fn the_rule_tests_of_copies_hold_and_notice_what_mixes_them() {
    let shop = || Catalogue::builder("shop");
    let hourly = JobSpec::every("of_each_host", Duration::from_secs(HOUR)).grouping_label("host");
    let nightly = JobSpec::cron("of_each_instance", "0 2 * * *", "UTC").grouping_label("instance");
    let of_cluster = shop().grouping_label("cluster").job(quarterly().items("things").queue("things"));
    for (catalogue, label) in [
        (of_cluster, Some("cluster")),
        (shop().grouping_label("cluster").job(hourly), Some("host")),
        (shop().grouping_label("cluster").job(nightly), None),
    ] {
        let catalogue = catalogue.build().unwrap();
        let findings = checks::check(&model(&catalogue), &Positions::default(), None);
        assert!(findings.iter().all(|finding| finding.code.name != "expression-invalid"), "{findings:#?}");
        let generated = files(&catalogue);
        let verdicts = promtool::test_rules(&generated);
        let failed: Vec<_> = verdicts.iter().filter(|verdict| !verdict.passed).collect();
        assert!(verdicts.len() >= 2 && failed.is_empty(), "{failed:#?}");
        if let Some(label) = label {
            mixed_copies_are_noticed(&generated, label);
        }
    }
}

/// Takes a label out of all that the rules group and match by, and sees that some test fails.
#[track_caller]
fn mixed_copies_are_noticed(generated: &[Artifact], label: &str) {
    let mut mixed = rules(generated).clone();
    mixed.text = mixed.text.replace(&format!("{label}, "), "").replace(&format!(", {label})"), ")");
    assert!(promtool::check_rules(&[mixed.clone()]).iter().all(|verdict| verdict.passed), "{label}");
    let mut tests: Vec<&Artifact> =
        generated.iter().filter(|file| file.path.as_str().starts_with("alerts/tests/")).collect();
    // Those of states take the least time, and one that fails is enough.
    tests.sort_by_key(|file| !file.path.as_str().ends_with(".states.yaml"));
    let fails = |test: &&Artifact| {
        let verdicts = promtool::test_rules(&[mixed.clone(), (*test).clone()]);
        verdicts.iter().any(|verdict| !verdict.passed)
    };
    assert!(tests.iter().any(fails), "nobody noticed that {label} is gone");
}
