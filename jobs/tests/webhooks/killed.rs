//! Processes that are killed lose no delivery.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use clipper_jobs::webhooks::size;
use e2e::postgres::Postgres;

use crate::site::{Inbox, Site, received, receiver, sites};

/// Waits until something more than before has come in, and then a while that differs from round to
/// round.
async fn wait_for_more(inbox: &Inbox, before: u32, round: u32, child: &mut Child) {
    let begun = Instant::now();
    while received(inbox) == before {
        assert!(child.try_wait().unwrap().is_none(), "the process has ended");
        assert!(begun.elapsed() < Duration::from_secs(60), "nothing was delivered");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    tokio::time::sleep(Duration::from_millis(u64::from(round * 37 % 120))).await;
}

/// A process on a site's database.
fn process(site: &Site, arguments: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clipper-jobs"));
    command.args(arguments).current_dir(site.folder.path()).env("DATABASE_URL", &site.address);
    command.env("WEBHOOK_RETRY_ALLOW_PRIVATE_ADDRESSES", "true").env("WEBHOOK_RETRY_INTERVAL", "1s");
    command.env("START_DELAY", "1s").env("PORT", "0");
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// In each round a process is killed at another moment; then the time passes in which nobody may
/// take over what it had claimed.
async fn check_killed(site: Site) {
    const ROUNDS: u32 = 30;
    const EACH: u32 = 25;
    let (port, inbox) = receiver().await;
    site.deliveries(1, &format!("http://127.0.0.1:{port}/slow"), true, 1, 0).await;
    let mut interrupted = 0;
    for round in 1..=ROUNDS {
        site.more_deliveries(1, round * EACH..(round + 1) * EACH, 0).await;
        let before = received(&inbox);
        let mut child = process(&site, &["run", "webhook_retry"]);
        wait_for_more(&inbox, before, round, &mut child).await;
        child.kill().unwrap();
        child.wait().unwrap();
        let claimed = site.rows(&["id"], "FROM webhook_deliveries WHERE claim IS NOT NULL").await;
        interrupted += u32::from(!claimed.is_empty());
        site.end_claims().await;
    }
    assert!(interrupted > ROUNDS / 2, "{interrupted} rounds were killed while delivering");
    let mut last = process(&site, &["run", "webhook_retry"]);
    while last.try_wait().unwrap().is_none() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(last.wait().unwrap().success());
    check_delivered(&site, &inbox, ROUNDS, 1 + ROUNDS * EACH).await;
}

/// Everything has come in, and hardly anything twice. The receiver refuses what comes again under
/// another id.
async fn check_delivered(site: &Site, inbox: &Inbox, rounds: u32, all: u32) {
    assert_eq!(size(&site.database).await.unwrap(), 0);
    assert_eq!(site.rows(&["last_error"], "FROM webhook_dead_letters").await, [] as [String; 0]);
    let inbox = inbox.lock().unwrap();
    assert_eq!(inbox.len() as u32, all, "a message was lost");
    let twice = inbox.values().filter(|(times, _)| *times > 1).count() as u32;
    // What was under way when a round was killed may come again.
    assert!(twice <= rounds * 16, "{twice}");
}

/// Two services share the deliveries, and one after the other is killed and started anew. What it
/// held is free at once: for whoever comes first, also while the other is at work.
#[tokio::test(flavor = "multi_thread")]
async fn no_delivery_is_lost_by_two_services_one_of_which_is_killed_again_and_again() {
    const ROUNDS: u32 = 24;
    const EACH: u32 = 40;
    let site = Site::new(Some(Postgres::start())).await;
    let (port, inbox) = receiver().await;
    site.deliveries(1, &format!("http://127.0.0.1:{port}/slow"), true, 1, 0).await;
    let mut services = [process(&site, &["serve"]), process(&site, &["serve"])];
    for round in 1..=ROUNDS {
        let before = received(&inbox);
        site.more_deliveries(1, round * EACH..(round + 1) * EACH, 0).await;
        let victim = &mut services[round as usize % 2];
        wait_for_more(&inbox, before, round, victim).await;
        victim.kill().unwrap();
        victim.wait().unwrap();
        site.end_claims().await;
        *victim = process(&site, &["serve"]);
    }
    let begun = Instant::now();
    while size(&site.database).await.unwrap() > 0 && begun.elapsed() < Duration::from_secs(60) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    for service in &mut services {
        service.kill().unwrap();
        service.wait().unwrap();
    }
    check_delivered(&site, &inbox, ROUNDS, 1 + ROUNDS * EACH).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_delivery_is_lost_by_processes_that_are_killed_hundreds_of_times() {
    let mut checks = Vec::new();
    for _ in 0..4 {
        checks.extend(sites().await.map(|site| tokio::spawn(check_killed(site))));
    }
    for check in checks {
        check.await.unwrap();
    }
}
