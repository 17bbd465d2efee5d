//! Errors that end a body, of whatever kind its author likes.

use insta::assert_snapshot;
use jobwatch_runtime::outcome::Failure;
use jobwatch_runtime::{BoxError, Job, JobBody, JobError, JobSpec, Outcome, Report, Retry, RunContext};

use crate::scene::{HOUR, MINUTE, Scene, pass, start};

#[derive(Debug, thiserror::Error)]
#[error("the mail cannot be sent")]
struct NotSent(#[source] std::num::ParseIntError);

fn sent(number: &str) -> Result<u32, NotSent> {
    number.parse().map_err(NotSent)
}

#[tokio::test(start_paused = true)]
async fn an_error_that_ends_a_body_is_told_with_its_sources() {
    let scene = Scene::new();
    let process = scene.minutely(async |_| {
        sent("3")?;
        sent("three")?;
        Ok(Report::items(1))
    });
    pass(MINUTE / 2).await;
    let last = process.handle.last_run("job").await.unwrap().unwrap();
    assert_snapshot!(last.outcome, @"failed: the mail cannot be sent: invalid digit found in string");
    let Outcome::Failed(Failure::Error(error)) = last.outcome else { panic!("{:?}", last.outcome) };
    assert!(error.source().unwrap().is::<NotSent>());
}

/// How the run of a body ended that fails at once.
async fn outcome<Args>(body: impl JobBody<(), Args>) -> Outcome {
    let scene = Scene::new();
    let process = start(scene.builder([JobSpec::every("job", HOUR)]).job("job", Job::new(body)));
    pass(MINUTE).await;
    process.handle.last_run("job").await.unwrap().unwrap().outcome
}

fn in_vain() -> anyhow::Result<u64> {
    Err(anyhow::Error::new(sent("three").unwrap_err()).context("the shop is closed"))
}

fn boxed() -> Result<u64, BoxError> {
    Err("nobody answers".into())
}

#[tokio::test(start_paused = true)]
async fn a_body_fails_with_whatever_error_its_author_likes() {
    const IN_VAIN: &str =
        "failed: the shop is closed: the mail cannot be sent: invalid digit found in string";
    let anyhow = async |_: RunContext| -> anyhow::Result<()> {
        boxed().map_err(anyhow::Error::from_boxed).or_else(|_| in_vain())?;
        Ok(())
    };
    assert_eq!(outcome(anyhow).await.to_string(), IN_VAIN);
    let any = async |_: RunContext| -> Result<Report, BoxError> { Ok(Report::items(in_vain()?)) };
    assert_eq!(outcome(any).await.to_string(), IN_VAIN);
    let one = async |_: RunContext| -> Result<(), NotSent> { sent("three").map(drop) };
    let told = "failed: the mail cannot be sent: invalid digit found in string";
    assert_eq!(outcome(one).await.to_string(), told);
    let text = async |_: RunContext| -> Result<(), String> { Err("no luck".to_owned()) };
    assert_eq!(outcome(text).await.to_string(), "failed: no luck");
    // `?` takes all of them.
    for number in 0..4 {
        let fails = move || -> Result<(), JobError> {
            match number {
                0 => drop(in_vain()?),
                1 => drop(boxed()?),
                2 => drop(sent("three")?),
                _ => Err("no luck")?,
            }
            Ok(())
        };
        let ours = move |_: RunContext| async move { fails() };
        let expected = [IN_VAIN, "failed: nobody answers", told, "failed: no luck"][number];
        assert_eq!(outcome(ours).await.to_string(), expected);
    }
    // What trying again does not help with stays that.
    let permanent = async |_: RunContext| -> Result<(), BoxError> {
        let key = || -> Result<(), JobError> { Err(JobError::permanent("no key")) };
        key().map_err(JobError::into_boxed)?;
        Ok(())
    };
    assert_eq!(outcome(permanent).await, Outcome::Failed(Failure::Error(JobError::permanent("no key"))));
}

#[cfg(any(feature = "postgres", feature = "sqlite"))]
#[tokio::test(start_paused = true)]
async fn a_body_fails_with_the_error_of_its_database() {
    use jobwatch_runtime::sqlx::Error;
    let database = async |_: RunContext| -> Result<(), Error> { Err(Error::RowNotFound) };
    let told = Error::RowNotFound.to_string();
    assert_eq!(outcome(database).await.to_string(), format!("failed: {told}"));
}

/// An error that panics whenever anybody looks at it, and when nobody does any more.
#[derive(Debug)]
struct Nasty;

impl std::fmt::Display for Nasty {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::panic::panic_any("no words")
    }
}

impl std::error::Error for Nasty {}

impl Drop for Nasty {
    fn drop(&mut self) {
        std::panic::panic_any("it does not go")
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_that_panics_when_it_is_told_or_dropped_is_a_failure_of_its_run_alone() {
    let scene = Scene::new();
    let jobs = ["nasty", "other"].map(|name| JobSpec::every(name, MINUTE));
    let nasty = async |_: RunContext| -> Result<(), Nasty> { Err(Nasty) };
    let process = start(
        scene
            .builder(jobs)
            .job("nasty", Job::new(nasty).retry(Retry::times(1)))
            .job("other", async |_: RunContext| {}),
    );
    // Longer than what is remembered: the oldest runs are forgotten.
    pass(2 * HOUR + MINUTE / 2).await;
    assert!(process.handle.readiness().is_ready());
    assert_eq!(process.counts(), "nasty failed 121\nnasty failures in a row 121\nother success 121\n");
    let listed = process.handle.list().await.unwrap();
    let outcomes = listed.into_iter().map(|job| job.last_run.unwrap().outcome.to_string());
    assert_snapshot!(outcomes.collect::<Vec<_>>().join("\n"), @"
    failed: an error that panics when it is told: no words
    succeeded: 0 succeeded, 0 failed, 0 skipped
    ");
    assert!(process.shut_down().await.is_clean());
}
