//! What the builder refuses.

use std::time::Duration;

use insta::assert_snapshot;
use jobwatch_catalogue::JobSpec;
use jobwatch_runtime::{Job, RuntimeBuilder, Settings};
use prometheus::{IntGauge, Registry};

use crate::scene::{MINUTE, Scene, ok};

fn refused(builder: RuntimeBuilder) -> String {
    match builder.build() {
        Ok(_) => "built".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn what_does_not_fit_the_catalogue_is_named_all_at_once() {
    let rt = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let _guard = rt.enter();
    let jobs = [
        JobSpec::every("without_body", MINUTE),
        JobSpec::every("uncounted", MINUTE).queue("things"),
        JobSpec::every("plain", MINUTE),
        JobSpec::every("disabled", MINUTE).enabled(false),
    ];
    let builder = Scene::new()
        .builder(jobs)
        .job("uncounted", Job::new(async |_| ok()).timeout(Duration::MAX).lease(MINUTE / 60))
        .job("plain", async |_| ok())
        .job("plain", Job::new(async |_| ok()).queue(async || 1).timeout(Duration::ZERO))
        .job("misspelt", async |_| ok());
    assert_snapshot!(refused(builder), @r#"
    the runtime does not fit its catalogue:
    - `plain` is given a body twice
    - `without_body` has no body: add `.job("without_body", …)`, or disable it
    - `uncounted` has a queue that nothing counts: give it a `Job::new(…).queue(…)`
    - `uncounted` may take too long: give it a timeout of at most a year
    - `uncounted` has too short a lease: a lease of 1 s is too short for a store that may take 5 s to answer: it has to be at least three times as long
    - `plain` has no queue in the catalogue: say there what waits in it
    - `plain` may not take any time: give it a timeout above zero
    - `misspelt` is given a body, and is not in the catalogue, which has without_body, uncounted, plain, disabled: add it there, or say here when it is due, by `JobSpec::every("misspelt", …)`
    "#);
}

#[test]
fn jobs_that_one_variable_would_configure_are_refused() {
    let builder = Scene::new().builder(["send-bill", "send.bill"].map(|name| JobSpec::every(name, MINUTE)));
    let builder = builder.job("send-bill", async |_| ok()).job("send.bill", async |_| ok());
    assert_snapshot!(refused(builder), @r#"
    the catalogue cannot be run:
    - `send-bill` and `send.bill` are both configured by `SEND_BILL_TIMEOUT`: rename one of the jobs
    "#);
}

#[test]
fn a_registry_that_holds_a_metric_of_that_name_is_refused() {
    let registry = Registry::new();
    registry.register(Box::new(IntGauge::new("job_queue_size", "theirs").unwrap())).unwrap();
    let builder = Scene::new().builder([JobSpec::every("job", MINUTE)]).job("job", async |_| ok());
    assert_snapshot!(refused(builder.registry(&registry)), @"cannot register the metric job_queue_size: Duplicate metrics collector registration attempted; use a registry that does not hold it yet");
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    let check = |settings| {
        let builder = Scene::new().builder([JobSpec::every("job", MINUTE)]).job("job", async |_| ok());
        refused(builder.settings(settings))
    };
    let second = Duration::from_secs(1);
    assert_snapshot!(check(Settings { lease: 14 * second, ..Settings::default() }), @"a lease of 14 s is too short for a store that may take 5 s to answer: it has to be at least three times as long");
    assert_snapshot!(check(Settings { store_timeout: Duration::ZERO, ..Settings::default() }), @"the timeout of the store has to be more than nothing");
    assert_snapshot!(check(Settings { drain: Duration::MAX, ..Settings::default() }), @"the time that runs have at a shutdown is too long: at most a year");
    assert_eq!(check(Settings { lease: 15 * second, ..Settings::default() }), "built");
}
