//! Which files of rule tests there are, and what one of them says.

use std::time::Duration;

use insta::{assert_snapshot, with_settings};
use jobwatch_catalogue::metric::JOB_QUEUE_SIZE;
use jobwatch_catalogue::{Catalogue, JobDraft, JobSpec};

use super::{MOST_JOBS, MOST_PROFILES, Tested};
use crate::alerts::critical_queue_size::CRITICAL_QUEUE_SIZE;
use crate::alerts::high_duration::HIGH_DURATION;
use crate::artifact::Artifact;
use crate::definition::{AlertDefinition, AlertName, Parameter};
use crate::generator::Generator;
use crate::model::Model;
use crate::quantity::Quantity;
use crate::scenario::{Check, Sample, Scenario, Series, Stage};
use crate::series::{DURATION_P95, RecordedSeries};

fn job(name: &str, minutes: u64) -> JobDraft {
    JobSpec::every(name, Duration::from_secs(60 * minutes))
}

/// The rule tests of a catalogue with these jobs.
fn files(jobs: impl IntoIterator<Item = JobDraft>) -> Vec<Artifact> {
    let builder = jobs.into_iter().fold(Catalogue::builder("shop"), |builder, job| builder.job(job));
    let catalogue = builder.build().unwrap();
    let mut files = Generator::new(&Model::new(&catalogue).unwrap()).files().unwrap();
    files.retain(|file| file.path.as_str().starts_with("alerts/tests/"));
    files
}

fn paths(jobs: impl IntoIterator<Item = JobDraft>) -> Vec<String> {
    files(jobs).into_iter().map(|file| file.path.to_string()).collect()
}

#[test]
fn jobs_that_are_alike_share_their_tests() {
    let queued = job("third", 5).queue("mails");
    assert_eq!(
        paths([job("first", 5), job("second", 5), queued, job("off", 9).enabled(false)]),
        [
            "alerts/tests/background-jobs.first.late.yaml",
            "alerts/tests/background-jobs.first.runs.yaml",
            "alerts/tests/background-jobs.first.states.yaml",
            "alerts/tests/background-jobs.third.late.yaml",
            "alerts/tests/background-jobs.third.runs.yaml",
            "alerts/tests/background-jobs.third.states.yaml",
        ]
    );
}

#[test]
fn the_number_of_files_is_bounded() {
    let many = (1..100).map(|number| job(&format!("job_{number}"), number));
    assert_eq!(paths(many).len(), 3 * MOST_PROFILES);
}

#[test]
fn there_are_no_tests_of_more_jobs_than_promtool_takes_and_that_is_said() {
    let check = |number: usize, tests: usize, notices: &[&str]| {
        let jobs = || (0..number).map(|number| job(&format!("job_{number}"), 5));
        assert_eq!(files(jobs()).len(), tests);
        let builder = jobs().fold(Catalogue::builder("shop"), |builder, job| builder.job(job));
        let catalogue = builder.build().unwrap();
        let model = Model::new(&catalogue).unwrap();
        assert_eq!(Generator::new(&model).notices(&[]), notices);
    };
    check(MOST_JOBS, 3, &[]);
    check(
        MOST_JOBS + 1,
        0,
        &[
            "3001 jobs are more than promtool can test: rule tests are written for up to 3000 jobs of a catalogue",
        ],
    );
}

#[test]
fn what_is_seen_at_once_is_tested_like_this() {
    let files = files([job("send-mails", 5).queue("mails")]);
    let states = files.iter().find(|file| file.path.as_str().ends_with(".states.yaml")).unwrap();
    with_settings!({ omit_expression => true }, { assert_snapshot!(states.text) });
}

#[test]
fn jobs_whose_names_differ_in_case_alone_have_files_of_different_names() {
    let jobs = [job("a", 5), job("A", 10), job("a-2", 20), job("A-2", 30)];
    let mut paths = paths(jobs);
    paths.retain(|path| path.ends_with(".runs.yaml"));
    assert_eq!(
        paths,
        [
            "alerts/tests/background-jobs.A-2-3.runs.yaml",
            "alerts/tests/background-jobs.A-2.runs.yaml",
            "alerts/tests/background-jobs.a-2-2.runs.yaml",
            "alerts/tests/background-jobs.a.runs.yaml",
        ]
    );
}

const ONE: AlertDefinition =
    AlertDefinition { name: AlertName::new("One"), scenarios: two_of_a_name, ..CRITICAL_QUEUE_SIZE };
const OTHER: AlertDefinition =
    AlertDefinition { name: AlertName::new("Other"), scenarios: one_more, ..CRITICAL_QUEUE_SIZE };

/// A scenario of the name that all here have.
fn scenario(stage: &Stage<'_>, says: &str, queue: u64) -> Scenario {
    let queue = Series::held(JOB_QUEUE_SIZE.name, &[], [(0, Sample::Value(queue))]);
    let silent = Check::silent(stage.step(), CRITICAL_QUEUE_SIZE.name);
    Scenario::new("mine", says).series([queue]).check([silent]).at_once()
}

fn two_of_a_name(stage: &Stage<'_>) -> Vec<Scenario> {
    vec![scenario(stage, "The first.", 1), scenario(stage, "The second.", 2)]
}

fn one_more(stage: &Stage<'_>) -> Vec<Scenario> {
    vec![scenario(stage, "The third.", 3), scenario(stage, "The first again.", 1)]
}

#[test]
fn scenarios_of_one_name_in_which_different_things_happen_are_all_tested() {
    let catalogue = Catalogue::builder("shop").job(job("send-mails", 5).queue("mails")).build().unwrap();
    let model = Model::builder(&catalogue).alert(&ONE).alert(&OTHER).build().unwrap();
    let files = Generator::new(&model).files().unwrap();
    let states = files.iter().find(|file| file.path.as_str().ends_with(".states.yaml")).unwrap();
    let said: Vec<&str> =
        states.text.lines().map(str::trim).filter(|line| line.starts_with("# The ")).collect();
    let of_these = ["# The first.", "# The second.", "# The third.", "# The first again."];
    let count = |says: &str| said.iter().filter(|line| **line == says).count();
    // Each is told above its series and above its checks.
    assert_eq!(of_these.map(count), [2, 2, 2, 0], "{said:?}");
    let names: Vec<&str> = states.text.lines().filter(|line| line.contains("mine")).collect();
    assert_snapshot!(names.join("\n"), @r#"
          series: 'job_queue_size{namespace="mine", instance="replica-a", job_name="send-mails"}'
          expr: 'count by (alertname) (ALERTS{alertname="BackgroundJobCriticalQueueSize", alertstate="firing", namespace="mine", job_name="send-mails"})'
    - name: "seen at once: mine"
          series: 'job_queue_size{namespace="mine", instance="replica-a", job_name="send-mails"}'
          expr: 'count by (alertname) (ALERTS{alertname="BackgroundJobCriticalQueueSize", alertstate="firing", namespace="mine", job_name="send-mails"})'
    - name: "seen at once: mine"
          series: 'job_queue_size{namespace="mine", instance="replica-a", job_name="send-mails"}'
          expr: 'count by (alertname) (ALERTS{alertname="BackgroundJobCriticalQueueSize", alertstate="firing", namespace="mine", job_name="send-mails"})'
    "#);
}

const OWN_DURATION: RecordedSeries =
    RecordedSeries { name: "job_name:job_execution_duration_seconds:own", ..DURATION_P95 };
static STRICT: AlertDefinition = AlertDefinition {
    name: AlertName::new("Strict"),
    value: OWN_DURATION,
    parameters: &[Parameter { default: Quantity::Duration(2), ..HIGH_DURATION.parameters[0] }],
    ..HIGH_DURATION
};

#[test]
fn runs_are_so_short_that_no_alert_about_their_duration_minds_whichever_series_it_reads() {
    let catalogue = Catalogue::builder("shop").job(job("a", 60).timeout(Duration::from_secs(600))).build();
    let catalogue = catalogue.unwrap();
    let usual = |model: &Model<'_>| {
        let setting = Tested { model }.setting(model.jobs()[0]);
        Stage::new(&setting, 60).usual_duration()
    };
    assert_eq!(usual(&Model::new(&catalogue).unwrap()), 10);
    let model = Model::builder(&catalogue).series(&OWN_DURATION).alert(&STRICT).build().unwrap();
    assert_eq!(usual(&model), 1);
}
