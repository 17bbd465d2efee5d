//! The page with many jobs, whose authors mean it ill.

use std::time::Duration;

use jobwatch_runtime::http::{AdminToken, AdminTokens, Limits, admin, serve};
use jobwatch_runtime::{JobError, JobSpec, RunContext, Runtime, Settings};
use tokio::net::TcpListener;

use super::browser::Browser;
use super::{SHOWN, TOO_WIDE};

const JOBS: usize = 500;

/// What would be run if it were markup, and is long.
const HOSTILE: &str = "<img src=x onerror=window.hacked=1><script>window.hacked=1</script> \
    aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/// Serves many jobs, of which every hundredth fails, and answers where.
async fn served() -> String {
    let mut runtime = Runtime::builder("many");
    for number in 0..JOBS {
        let spec = JobSpec::every(format!("job_{number:03}"), Duration::from_secs(5));
        runtime = runtime.job(spec.summary(HOSTILE), move |_: RunContext| async move {
            if number % 100 == 0 { Err(JobError::permanent(HOSTILE)) } else { Ok(()) }
        });
    }
    let settings = Settings { start_delay: Duration::ZERO, ..Settings::default() };
    let runtime = runtime.settings(settings).build().unwrap();
    let tokens = AdminTokens::from(AdminToken::new("secret")).with_list("bob:read:staple").unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/admin/ui", listener.local_addr().unwrap());
    tokio::spawn(serve(listener, admin(runtime.handle(), tokens), Limits::default()));
    tokio::spawn(runtime.run_until(std::future::pending()));
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_jobs_are_shown_found_and_harmless() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let browser = Browser::open(&served().await).await;
    browser.sign_in("staple").await;
    browser.wait_for(&format!("{SHOWN}.length === {JOBS}")).await;
    browser.wait_for("document.querySelector('#only-failing .count').textContent === '5'").await;
    assert_eq!(browser.text("#caller-text").await, "bob, may only read");
    let may = "document.querySelector('.trigger').getAttribute('aria-disabled')";
    assert_eq!(browser.read::<Option<String>>(may).await.as_deref(), Some("true"));

    // Only the history of what can be seen is asked for.
    browser.wait_for("document.querySelectorAll('#job-job_000 .strip i').length > 0").await;
    let details =
        "performance.getEntriesByType('resource').filter(entry => entry.name.includes('/jobs/')).length";
    let asked: usize = browser.read(details).await;
    assert!((1..100).contains(&asked), "{asked}");

    browser.click("#only-failing").await;
    let failing = ["job_000", "job_100", "job_200", "job_300", "job_400"];
    browser.wait_for(&format!("{SHOWN}.join() === '{}'", failing.join(","))).await;
    browser.type_text("/").await;
    browser.type_text("job_40").await;
    browser.wait_for(&format!("{SHOWN}.join() === 'job_400'")).await;
    browser.click("#job-job_400 .name").await;
    browser.wait_for("document.querySelector('#job-job_400 .runs tbody tr') !== null").await;
    assert!(browser.text("#job-job_400 .last-message").await.contains("<img src=x"), "it is a text");
    assert!(browser.text("#job-job_400 .runs").await.contains("<script>"));
    assert!(browser.read::<bool>("window.hacked === undefined && !document.querySelector('main img')").await);

    browser.size(360, 700).await;
    browser.wait_for("window.innerWidth === 360").await;
    assert!(browser.read::<i64>(TOO_WIDE).await <= 0);
    browser.quit(&[]).await;
}
