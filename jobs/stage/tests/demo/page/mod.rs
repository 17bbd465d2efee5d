//! The page for people, in a browser, against the running demo.

mod browser;
mod many;

use std::path::Path;

use browser::{Browser, ENTER, ESCAPE, TAB};

use super::{Demo, JOBS};

/// What opens a demo.
const TOKEN: &str = "demo";

impl Demo {
    fn page(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port())
    }

    /// A demo that answers, with what its page needs.
    async fn with_page(arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let demo = Self::start(arguments, variables);
        demo.wait_for("job_execution_total", 0.0).await;
        demo
    }
}

/// The names of the jobs that the list shows.
const SHOWN: &str =
    "[...document.querySelectorAll('.job:not([hidden]) .name')].map(node => node.textContent)";

/// How wide the page is more than the window.
const TOO_WIDE: &str = "document.documentElement.scrollWidth - window.innerWidth";

/// How often the list has been asked for.
const ASKED: &str =
    "performance.getEntriesByType('resource').filter(entry => entry.name.endsWith('/admin/jobs')).length";

#[tokio::test]
async fn the_page_asks_for_the_token_keeps_it_in_the_tab_and_shows_the_jobs() {
    let demo = Demo::with_page(&["--fail", "trending_score_refresh=error"], &[]).await;
    let browser = Browser::open(&demo.page()).await;
    assert!(browser.read::<String>("location.href").await.ends_with("/admin/ui"));
    browser.sign_in("wrong").await;
    browser.wait_for("document.getElementById('token-problem').textContent !== ''").await;
    assert!(browser.text("#token-problem").await.starts_with("send the admin token"));
    assert!(!browser.read::<bool>("sessionStorage.length > 0").await, "a wrong token is not kept");
    browser.sign_in(TOKEN).await;
    browser.wait_for(&format!("{SHOWN}.length === {}", JOBS.len())).await;
    let mut shown: Vec<String> = browser.read(SHOWN).await;
    let mut jobs = JOBS;
    shown.sort();
    jobs.sort_unstable();
    assert_eq!(shown, jobs);
    assert_eq!(browser.text("#service").await, "clipper");
    let row = "#job-trending_score_refresh";
    browser.wait_for(&format!("document.querySelector('{row}').dataset.state === 'failing'")).await;
    assert!(browser.text(&format!("{row} .failures")).await.contains("in a row"));
    assert!(browser.text(&format!("{row} .last-message")).await.contains("made to fail by --fail"));
    browser.wait_for(&format!("document.querySelectorAll('{row} .strip .failed').length > 0")).await;
    browser.wait_for("document.querySelector('#job-webhook_retry .queue-size').textContent !== ''").await;

    let kept = "[sessionStorage.length, localStorage.length, document.cookie.length]";
    assert_eq!(browser.read::<[usize; 3]>(kept).await, [1, 0, 0]);
    browser.reload().await;
    browser.wait_for(&format!("{SHOWN}.length === {}", JOBS.len())).await;
    browser.click("#leave").await;
    browser.wait_for("document.activeElement.id === 'token'").await;
    assert_eq!(browser.read::<[usize; 3]>(kept).await, [0, 0, 0]);
    assert!(!browser.read::<bool>("document.querySelector('.job') !== null").await);
    browser.quit(&["401 (Unauthorized)"]).await;
}

#[tokio::test]
async fn the_page_works_from_the_keyboard_on_a_phone_and_in_the_dark() {
    let demo = Demo::with_page(&[], &[]).await;
    let browser = Browser::open(&demo.page()).await;
    browser.sign_in(TOKEN).await;
    browser.wait_for(&format!("{SHOWN}.length === {}", JOBS.len())).await;

    browser.type_text("/").await;
    browser.type_text("clip Twitch").await;
    browser.wait_for(&format!("{SHOWN}.join() === 'clip_sync'")).await;
    assert_eq!(browser.text("#found").await, "1 of 6 jobs");
    // Past the choice of states to the only job, and open it.
    browser.type_text(&TAB.to_string().repeat(6)).await;
    assert_eq!(browser.read::<String>("document.activeElement.textContent").await, "clip_sync");
    let outline = "getComputedStyle(document.activeElement).outlineStyle";
    assert_eq!(browser.read::<String>(outline).await, "solid");
    browser.type_text(" ").await;
    browser.wait_for("document.querySelector('#job-clip_sync .runs tbody tr') !== null").await;
    // Lists come in meanwhile, and what has the focus keeps it.
    browser.read::<bool>("(window.before = document.activeElement) !== null").await;
    let asked: usize = browser.read(ASKED).await;
    browser.wait_for(&format!("{ASKED} >= {}", asked + 2)).await;
    assert!(browser.read::<bool>("document.activeElement === window.before").await);
    browser.type_text("/").await;
    browser.type_text(&ESCAPE.to_string()).await;
    browser.wait_for(&format!("{SHOWN}.length === {}", JOBS.len())).await;

    let background = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)";
    assert!(browser.read::<Vec<u8>>(background).await.iter().all(|part| *part > 200));
    browser.prefer("dark").await;
    assert!(browser.read::<Vec<u8>>(background).await.iter().all(|part| *part < 60));
    for width in [320, 360, 768] {
        browser.size(width, 700).await;
        browser.wait_for(&format!("window.innerWidth === {width}")).await;
        assert!(browser.read::<i64>(TOO_WIDE).await <= 0, "{width}");
    }
    browser.size(360, 700).await;
    browser.click("#job-clip_sync .pause").await;
    browser.wait_for("document.querySelector('#job-clip_sync .answer').textContent !== ''").await;
    browser.quit(&[]).await;
}

#[tokio::test]
async fn the_page_triggers_pauses_resumes_and_cancels_and_says_what_was_answered() {
    let (row, hung) = ("#job-reputation_tasks", "#job-clip_sync");
    let variables = [("REPUTATION_TASKS_INTERVAL", "1h"), ("CLIP_SYNC_TIMEOUT", "10m")];
    let demo = Demo::with_page(&["--fail", "clip_sync=hang"], &variables).await;
    let browser = Browser::open(&demo.page()).await;
    browser.sign_in(TOKEN).await;
    let text = |selector: &str| format!("document.querySelector('{selector}')?.textContent");
    let answer = format!("{row} .answer");
    browser.wait_for(&format!("{}?.includes('ago')", text(&format!("{row} .last-time")))).await;

    browser.click(&format!("{row} .name")).await;
    browser.wait_for(&format!("document.querySelectorAll('{row} .runs tbody tr').length === 1")).await;
    // Whoever changes their mind has triggered nothing.
    browser.click(&format!("{row} .trigger")).await;
    browser.wait_for("document.activeElement.className === 'reason'").await;
    browser.type_text(&format!("not this{ESCAPE}")).await;
    browser.wait_for("document.activeElement.className === 'trigger'").await;
    browser.type_text(" ").await;
    browser.wait_for("document.activeElement.value === ''").await;
    browser.type_text(&format!("a <b>late</b> import{ENTER}")).await;
    browser.wait_for(&format!("{} === 'the run reputation_tasks:2 has begun'", text(&answer))).await;
    browser.wait_for("document.activeElement.className === 'trigger'").await;
    browser.wait_for(&format!("document.querySelectorAll('{row} .runs tbody tr').length === 2")).await;
    let told = browser.text(&format!("{row} .runs tbody tr")).await;
    assert!(told.contains("asked for: a <b>late</b> import"), "{told}");
    browser.wait_for(&format!("document.querySelectorAll('{row} .strip i').length === 2")).await;
    // Nobody has to say why.
    browser.size(360, 700).await;
    browser.click(&format!("{row} .trigger")).await;
    assert!(browser.read::<i64>(TOO_WIDE).await <= 0);
    browser.click(&format!("{row} .why .primary")).await;
    browser.size(1200, 800).await;
    browser.wait_for(&format!("document.querySelectorAll('{row} .runs tbody tr').length === 3")).await;
    assert!(!browser.text(&format!("{row} .runs tbody tr")).await.contains("asked for:"));
    let said = text("#announced");
    browser.wait_for(&format!("{said} === 'reputation_tasks: the run reputation_tasks:3 has begun'")).await;

    browser.click(&format!("{row} .pause")).await;
    browser.wait_for(&format!("document.querySelector('{row}').dataset.state === 'paused'")).await;
    assert_eq!(browser.text(&answer).await, "paused");
    assert_eq!(browser.text(&format!("{row} .next-time")).await, "—");
    let focused = "document.activeElement.textContent";
    browser.wait_for(&format!("{focused} === 'Resume'")).await;
    browser.type_text(" ").await;
    browser.wait_for(&format!("document.querySelector('{row}').dataset.state === 'ok'")).await;
    assert_eq!(browser.text(&answer).await, "resumed");
    browser.wait_for(&format!("{focused} === 'Pause'")).await;

    browser.wait_for(&format!("{}?.startsWith('running for')", text(&format!("{hung} .running")))).await;
    browser.click(&format!("{hung} .cancel")).await;
    browser.wait_for(&format!("{} === 'stopping'", text(&format!("{hung} .answer")))).await;
    let message = text(&format!("{hung} .last-message"));
    browser.wait_for(&format!("{message} === 'interrupted: cancelled'")).await;
    browser.quit(&[]).await;
}

/// With `SCREENSHOT=new`, the picture of the README is taken anew: after half a minute, which fills
/// the histories.
#[tokio::test]
async fn the_readme_shows_the_page() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/images/jobs.png");
    if std::env::var_os("SCREENSHOT").is_some_and(|wish| wish == "new") {
        let faults = ["--fail", "trending_score_refresh=error", "--fail", "clip_sync=slow"];
        let intervals = [("REPUTATION_TASKS_INTERVAL", "2s"), ("CLIP_SYNC_INTERVAL", "5s")];
        let demo = Demo::with_page(&faults, &intervals).await;
        let browser = Browser::open(&demo.page()).await;
        browser.sign_in(TOKEN).await;
        demo.wait_for(r#"job_execution_total{job_name="webhook_retry",status="success"}"#, 14.0).await;
        browser.click("#job-reputation_tasks .pause").await;
        browser.wait_for("document.querySelector('#job-clip_sync .running').textContent !== ''").await;
        browser.size(1200, 940).await;
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, browser.picture().await).unwrap();
        browser.quit(&[]).await;
    }
    let picture = std::fs::read(&path).unwrap();
    assert!(picture.starts_with(b"\x89PNG") && picture.len() < 150_000, "{} bytes", picture.len());
    let readme = include_str!("../../../../../README.md");
    assert!(readme.contains("(docs/images/jobs.png)"), "the README shows it");
}
