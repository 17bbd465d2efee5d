//! Jobs given with everything that belongs to them, in whatever shape they have.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use insta::assert_snapshot;
use jobwatch_runtime::{
    Catalogue, Job, JobDraft, JobError, JobSpec, Jobs, Outcome, Report, Request, RunContext, Runtime,
    RuntimeBuilder, Settings, job_names,
};

use crate::scene::{HOUR, MINUTE, Process, Scene, pass, start};

/// What the jobs of these tests share.
#[derive(Clone, Default)]
struct Shop {
    mails: Arc<AtomicU32>,
}

async fn send_mail(shop: Shop, _run: RunContext) -> Result<(), JobError> {
    shop.mails.fetch_add(1, Ordering::Relaxed);
    Ok(())
}

async fn count_mails(shop: Shop) -> Result<u64, JobError> {
    Ok(shop.mails.load(Ordering::Relaxed).into())
}

async fn clean_up(_run: RunContext) {}

fn on_stage(scene: &Scene, service: RuntimeBuilder) -> RuntimeBuilder {
    service
        .clock(scene.clock.clone())
        .store(scene.store.clone())
        .settings(Settings { start_delay: Duration::ZERO, ..Settings::default() })
}

#[tokio::test(start_paused = true)]
async fn a_service_whose_jobs_are_given_one_by_one_runs_them_with_what_they_share() {
    let (scene, shop) = (Scene::new(), Shop::default());
    let mails = JobSpec::every("send_mail", MINUTE).queue("mails");
    let registry = prometheus::Registry::new();
    let runtime = on_stage(&scene, Runtime::builder("shop"))
        .registry(&registry)
        .state(shop.clone())
        .job(mails, Job::new(send_mail).queue(count_mails))
        .job(JobSpec::every("clean_up", MINUTE), clean_up)
        .job(JobSpec::every("of_its_own", MINUTE), Job::with(shop.clone(), send_mail))
        .build()
        .unwrap();
    assert_eq!((runtime.catalogue().service(), runtime.catalogue().jobs().len()), ("shop", 3));
    let handle = runtime.handle();
    tokio::spawn(runtime.run_until(std::future::pending()));
    pass(10 * MINUTE + 3 * MINUTE / 4).await;
    assert_eq!(shop.mails.load(Ordering::Relaxed), 22);
    let last = handle.last_run("clean_up").await.unwrap().unwrap();
    assert_snapshot!(last.outcome, @"succeeded: 0 succeeded, 0 failed, 0 skipped");
    assert_eq!(handle.list().await.unwrap()[0].queue_size, Some(22));
}

#[test]
fn jobs_that_make_no_catalogue_are_refused() {
    let twice = Runtime::builder("shop")
        .job(JobSpec::every("job", MINUTE), clean_up)
        .job(JobSpec::every("job", HOUR), clean_up);
    let error = twice.build().err().unwrap();
    assert_snapshot!(error, @"
    the catalogue cannot be used
      jobs[1].name: two jobs are named `job`: the other is job 1; give each its own name
    ");
    let catalogue = Catalogue::builder("shop").job(JobSpec::every("job", MINUTE)).build().unwrap();
    let unknown = Runtime::builder(catalogue).job("job", clean_up).job("another", clean_up);
    assert_snapshot!(unknown.build().err().unwrap(), @r#"
    the runtime does not fit its catalogue:
    - `another` is given a body, and is not in the catalogue, which has job: add it there, or say here when it is due, by `JobSpec::every("another", …)`
    "#);
}

#[tokio::test(start_paused = true)]
async fn a_catalogue_and_jobs_in_code_are_one() {
    let (scene, shop) = (Scene::new(), Shop::default());
    let mails = JobSpec::every("send_mail", MINUTE).items("mails").queue("mails to send");
    let catalogue = Catalogue::builder("shop").owner("crew").job(mails.clone()).build().unwrap();
    let registry = prometheus::Registry::new();
    let runtime = on_stage(&scene, Runtime::builder(catalogue))
        .registry(&registry)
        .state(shop.clone())
        .job(mails, Job::new(send_mail).queue(count_mails))
        .job(JobSpec::every("count", 2 * MINUTE).summary("Counts.").owner("post"), send_mail)
        .build()
        .unwrap();
    let added = runtime.catalogue().job("count").unwrap();
    assert_eq!(runtime.catalogue().owner_of(added), Some("post"));
    let handle = runtime.handle();
    tokio::spawn(runtime.run_until(std::future::pending()));
    pass(4 * MINUTE + MINUTE / 2).await;
    assert_eq!(shop.mails.load(Ordering::Relaxed), 5 + 3);
    let exposed = prometheus::TextEncoder::new().encode_to_string(&registry.gather()).unwrap();
    let runs = "job_execution_total{job_name=\"count\",status=\"success\"} 3\n";
    assert!(exposed.contains(runs), "{exposed}");
    let listed = handle.list().await.unwrap();
    assert_eq!(listed.iter().map(|job| job.spec.summary()).collect::<Vec<_>>(), ["", "Counts."]);
}

#[test]
fn a_job_that_is_something_else_in_the_catalogue_and_in_code_is_refused() {
    let mails = JobSpec::every("send_mail", 5 * MINUTE).items("mails");
    let catalogue = Catalogue::builder("shop").job(mails).build().unwrap();
    let other = JobSpec::every("send_mail", MINUTE).items("mails").queue("letters");
    let error = Runtime::builder(catalogue).job(other, clean_up).build().err().unwrap();
    assert_snapshot!(error, @r#"
    the catalogue and the code differ:
    - `send_mail` differs in `schedule`: `every 5m` in the catalogue, `every 1m` in code; write the same in both, or leave it out in code, where the name alone, `.job("send_mail", …)`, takes everything from the catalogue
    - `send_mail` differs in `queue`: nothing in the catalogue, `letters` in code; write the same in both, or leave it out in code, where the name alone, `.job("send_mail", …)`, takes everything from the catalogue
    "#);
}

#[test]
fn a_catalogue_on_its_way_is_treated_as_one_that_is_built() {
    let on_its_way = || Catalogue::builder("shop").job(JobSpec::every("send_mail", MINUTE).items("mails"));
    let told = |draft: JobDraft| {
        let of = |jobs: Jobs| {
            let built =
                Runtime::builder(jobs).job(draft.clone(), clean_up).job("send_mail", clean_up).build();
            built.map(|runtime| runtime.catalogue().clone()).map_err(|error| error.to_string())
        };
        let told = of(on_its_way().into());
        assert_eq!(told, of(on_its_way().build().unwrap().into()));
        told.map(|catalogue| catalogue.jobs().iter().map(|job| job.name().to_string()).collect::<Vec<_>>())
    };
    assert_eq!(
        told(JobSpec::every("clean_up", HOUR)),
        Ok(vec!["send_mail".to_owned(), "clean_up".to_owned()])
    );
    // The same job, which stands in code once more: what is wrong is its second body alone.
    assert_snapshot!(told(JobSpec::every("send_mail", MINUTE)).unwrap_err(), @"
    the runtime does not fit its catalogue:
    - `send_mail` is given a body twice
    ");
    assert_snapshot!(told(JobSpec::every("send_mail", HOUR)).unwrap_err(), @r#"
    the catalogue and the code differ:
    - `send_mail` differs in `schedule`: `every 1m` in the catalogue, `every 1h` in code; write the same in both, or leave it out in code, where the name alone, `.job("send_mail", …)`, takes everything from the catalogue
    "#);
}

job_names! {
    enum ShopJob {
        SendMail = "send_mail",
        CleanUp = "clean_up",
    }
}

#[test]
fn an_enum_of_jobs_and_its_catalogue_are_held_against_each_other() {
    let job = |name| match name {
        ShopJob::SendMail => Job::new(async |_: RunContext| {}),
        ShopJob::CleanUp => Job::disabled("there is nothing to clean up"),
    };
    let catalogue = |names: &[&str]| {
        let jobs = names.iter().map(|name| JobSpec::every(*name, MINUTE));
        jobs.fold(Catalogue::builder("shop"), |builder, job| builder.job(job)).build().unwrap()
    };
    let built = |names: &[&str]| {
        Runtime::builder(catalogue(names)).jobs(ShopJob::ALL.map(|name| (name, job(name)))).build()
    };
    assert!(built(&["send_mail", "clean_up"]).is_ok());
    assert_snapshot!(built(&["send_mail", "added"]).err().unwrap(), @r#"
    the runtime does not fit its catalogue:
    - `added` has no body: add `.job("added", …)`, or disable it
    - `clean_up` is given a body, and is not in the catalogue, which has send_mail, added: add it there, or say here when it is due, by `JobSpec::every("clean_up", …)`
    "#);
}

fn hourly(scene: &Scene, job: Job) -> Process {
    start(scene.builder([JobSpec::every("job", HOUR).timeout(20 * MINUTE)]).job("job", job))
}

#[tokio::test(start_paused = true)]
async fn whoever_asks_for_a_run_can_wait_for_its_end() {
    let scene = Scene::new();
    let process = hourly(
        &scene,
        Job::new(async |run: RunContext| {
            tokio::select! {
                () = tokio::time::sleep(MINUTE) => Ok(Report::items(run.token())),
                () = run.cancelled() => Err(JobError::Cancelled),
            }
        }),
    );
    pass(2 * MINUTE).await;
    let (handle, before) = (&process.handle, tokio::time::Instant::now());
    let run = handle.trigger_and_wait("job", Request::default()).await.unwrap();
    assert_eq!((run.outcome, before.elapsed().as_secs()), (Outcome::Succeeded(Report::items(2)), 60));

    let id = handle.trigger("job").await.unwrap();
    let (ended, cancelled) = tokio::join!(handle.wait(&id), handle.cancel("job"));
    cancelled.unwrap();
    assert_snapshot!(ended.unwrap().outcome, @"interrupted: cancelled");

    let other = start(scene.builder([JobSpec::every("job", HOUR)]).job("job", clean_up));
    let id = handle.trigger("job").await.unwrap();
    let (here, there) = tokio::join!(handle.wait(&id), other.handle.wait(&id));
    assert_eq!(here.unwrap(), there.unwrap(), "a run elsewhere can be waited for, too");
    let never = jobwatch_runtime::RunId { token: 99, ..id };
    assert_snapshot!(handle.wait(&never).await.unwrap_err(), @"nothing is known of the run job:99");
}

/// In real time, with real threads.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_blocks_has_a_thread_of_its_own_and_its_run_is_over_when_that_is() {
    static AT_WORK: AtomicU32 = AtomicU32::new(0);
    let moment = Duration::from_millis(50);
    let body = move |run: RunContext| {
        assert_eq!(AT_WORK.fetch_add(1, Ordering::SeqCst), 0, "one run at a time");
        // It hears of the cancellation, and takes its time.
        while !run.is_cancelled() {
            std::thread::sleep(moment / 10);
        }
        std::thread::sleep(6 * moment);
        AT_WORK.fetch_sub(1, Ordering::SeqCst);
    };
    let settings = Settings {
        start_delay: Duration::ZERO,
        grace: moment,
        jitter: Duration::ZERO,
        ..Settings::default()
    };
    let runtime = Runtime::builder("shop")
        .job(JobSpec::every("job", HOUR), Job::blocking(body))
        .settings(settings)
        .build()
        .unwrap();
    let handle = runtime.handle();
    let running = tokio::spawn(runtime.run_until(std::future::pending()));
    for _ in 0..2 {
        let id = loop {
            // The first run is due as soon as the runtime has begun.
            match handle.trigger("job").await {
                Ok(id) => break id,
                Err(jobwatch_runtime::RequestError::AlreadyRunning(lease)) => break lease.run(),
                Err(_) => tokio::task::yield_now().await,
            }
        };
        handle.cancel("job").await.unwrap();
        let ended = handle.wait(&id).await.unwrap();
        assert_eq!(AT_WORK.load(Ordering::SeqCst), 0, "{ended:?}");
    }
    handle.shutdown();
    running.await.unwrap();
}

#[tokio::test]
async fn what_blocks_answers_and_panics_as_any_body() {
    let runtime = Runtime::builder("shop")
        .state(7_u64)
        .job(JobSpec::every("counts", HOUR), Job::blocking(|items: u64, _: RunContext| Report::items(items)))
        .job(
            JobSpec::every("panics", HOUR),
            Job::blocking(|_: RunContext| -> Result<(), JobError> { panic!("no") }),
        )
        .settings(Settings { start_delay: HOUR, ..Settings::default() })
        .build()
        .unwrap();
    let handle = runtime.handle();
    tokio::spawn(runtime.run_until(std::future::pending()));
    let outcome = async |job: &str| {
        // Until the runtime has asked the store about its jobs.
        loop {
            match handle.trigger_and_wait(job, Request::default()).await {
                Ok(run) => return run.outcome.to_string(),
                Err(_) => tokio::task::yield_now().await,
            }
        }
    };
    assert_eq!(outcome("counts").await, "succeeded: 7 succeeded, 0 failed, 0 skipped");
    assert_eq!(outcome("panics").await, "failed: panic: no");
}
