//! Which files of rule tests there are, and what one of them says.

use std::time::Duration;

use insta::{assert_snapshot, with_settings};
use jobwatch_catalogue::{Catalogue, JobDraft, JobSpec};

use super::{MOST_JOBS, MOST_PROFILES};
use crate::artifact::Artifact;
use crate::generator::Generator;
use crate::model::Model;

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
        assert_eq!(Generator::new(&Model::new(&catalogue).unwrap()).notices(), notices);
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
