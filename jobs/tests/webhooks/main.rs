//! Deliveries to a receiver that answers as it likes, on both databases.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod site;

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use clipper_jobs::database::Database;
use clipper_jobs::webhooks::dead_letters::{self, Replayed, Selection};
use clipper_jobs::webhooks::{AddressRule, size};
use e2e::postgres::Postgres;
use tokio::net::TcpListener;

use crate::site::{Inbox, Site, received, receiver, report, sites};

#[tokio::test]
async fn what_becomes_of_a_delivery_follows_from_the_answer() {
    let (port, inbox) = receiver().await;
    let url = |answer: &str| format!("http://127.0.0.1:{port}/{answer}");
    for site in sites().await {
        inbox.lock().unwrap().clear();
        site.deliveries(1, &url("204"), true, 2, 0).await;
        site.deliveries(2, &url("500"), true, 1, 0).await;
        site.deliveries(3, &url("500"), true, 1, 4).await;
        site.deliveries(4, &url("404"), true, 1, 0).await;
        site.deliveries(5, &url("410"), true, 1, 0).await;
        site.deliveries(6, &url("307"), true, 1, 0).await;
        site.deliveries(7, &url("later"), true, 1, 0).await;
        site.deliveries(8, &url("200"), false, 1, 0).await;
        site.deliveries(9, "http://127.0.0.1:1/", true, 1, 0).await;
        site.deliveries(10, &url("large"), true, 1, 0).await;
        assert_eq!(size(&site.database).await.unwrap(), 11);
        assert_eq!(site.retry(AddressRule::Any).await, report(2, 8, 1));

        let waiting = site
            .rows(&["message_id", "attempts", "last_status_code"], "FROM webhook_deliveries ORDER BY id")
            .await;
        assert_eq!(
            waiting,
            ["msg_2_0 1 500", "msg_6_0 1 307", "msg_7_0 1 429", "msg_9_0 1 ", "msg_10_0 1 500"]
        );
        let dead = ["message_id", "attempts", "last_status_code", "last_error"];
        let dead = site.rows(&dead, "FROM webhook_dead_letters ORDER BY subscription_id").await;
        assert_eq!(
            dead,
            [
                "msg_3_0 5 500 500 Internal Server Error",
                "msg_4_0 1 404 404 Not Found",
                "msg_5_0 1 410 410 Gone",
                "msg_8_0 0  the subscription is not active",
            ]
        );
        let disabled = "FROM webhook_subscriptions WHERE disabled_reason IS NOT NULL";
        assert_eq!(site.rows(&["id", "disabled_reason"], disabled).await, ["5 410 Gone"]);
        let errors = site.rows(&["last_error"], "FROM webhook_deliveries ORDER BY id").await;
        assert!(errors[3].starts_with("cannot connect"), "{}", errors[3]);
        assert!(errors[4].len() < 300, "a receiver's answer is cut: {}", errors[4].len());

        // Nothing is due again yet, and nobody was asked twice.
        assert_eq!(site.retry(AddressRule::Any).await, report(0, 0, 0));
        assert!(inbox.lock().unwrap().values().all(|(times, _)| *times == 1));
        assert_eq!(inbox.lock().unwrap().len(), 9);
        let headers = inbox.lock().unwrap()["msg_1_0"].1.clone();
        assert!(headers["webhook-signature"].to_str().unwrap().starts_with("v1,"));
        assert_eq!(headers["content-type"], "application/json");
    }
}

#[tokio::test]
async fn nothing_is_sent_into_our_own_network() {
    let (port, inbox) = receiver().await;
    let addresses =
        ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "[::1]", "[::ffff:127.0.0.1]"];
    let names = ["localhost", "LOCALHOST"];
    for site in sites().await {
        for (host, subscription) in addresses.iter().chain(&names).zip(1..) {
            site.deliveries(subscription, &format!("http://{host}:{port}/200"), true, 1, 0).await;
        }
        let all = addresses.len() + names.len();
        assert_eq!(site.retry(AddressRule::Public).await, report(0, all as u64, 0));
        assert!(inbox.lock().unwrap().is_empty());
        let dead = site.rows(&["last_error"], "FROM webhook_dead_letters").await;
        assert_eq!(dead.len(), addresses.len());
        assert!(dead.iter().all(|error| error.ends_with(" is not on the public internet")), "{dead:?}");
        // What a name means may change.
        let waiting = site.rows(&["last_error"], "FROM webhook_deliveries").await;
        assert_eq!(waiting.len(), names.len());
        assert!(
            waiting.iter().all(|error| error.contains("which is not on the public internet")),
            "{waiting:?}"
        );
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_into_our_own_network_or_anywhere() {
    let (port, inbox) = receiver().await;
    for site in sites().await {
        inbox.lock().unwrap().clear();
        for (status, subscription) in [301, 302, 303, 307, 308].into_iter().zip(1..) {
            let url = format!("http://127.0.0.1:{port}/{status}");
            site.deliveries(subscription, &url, true, 1, 0).await;
        }
        assert_eq!(site.retry(AddressRule::Any).await, report(0, 5, 0));
        let waiting = site.rows(&["last_status_code"], "FROM webhook_deliveries ORDER BY id").await;
        assert_eq!(waiting, ["301", "302", "303", "307", "308"]);
        assert!(inbox.lock().unwrap().values().all(|(times, _)| *times == 1));
    }
}

#[tokio::test]
async fn a_receiver_that_never_answers_does_not_hold_up_the_others() {
    let (port, inbox) = receiver().await;
    let site = Site::new(None).await;
    // Another name for the same machine is another host.
    site.deliveries(1, &format!("http://127.0.0.2:{port}/hang"), true, 1, 0).await;
    let slow = TcpListener::bind("127.0.0.2:0").await.unwrap();
    let hang = format!("http://127.0.0.2:{}/", slow.local_addr().unwrap().port());
    site.execute(&format!("UPDATE webhook_subscriptions SET url = '{hang}' WHERE id = 1")).await;
    site.deliveries(2, &format!("http://127.0.0.1:{port}/200"), true, 60, 0).await;
    let begun = Instant::now();
    let run = tokio::spawn(async move { site.retry(AddressRule::Any).await });
    while inbox.lock().unwrap().len() < 60 {
        assert!(begun.elapsed() < Duration::from_secs(8), "{}", inbox.lock().unwrap().len());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(run.await.unwrap(), report(60, 1, 0));
    drop(slow);
}

/// However much is due for it, and however long it has been.
#[tokio::test]
async fn a_backlog_of_a_receiver_that_never_answers_does_not_hold_up_the_others() {
    let (port, inbox) = receiver().await;
    let slow = TcpListener::bind("127.0.0.2:0").await.unwrap();
    let hang = format!("http://127.0.0.2:{}/", slow.local_addr().unwrap().port());
    for site in sites().await {
        inbox.lock().unwrap().clear();
        site.deliveries(1, &hang, true, 1_100, 0).await;
        site.deliveries(2, &format!("http://127.0.0.1:{port}/200"), true, 150, 0).await;
        let everything = async {
            while inbox.lock().unwrap().len() < 150 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::select! {
            report = site.retry(AddressRule::Any) => panic!("nobody waited for the slow one: {report:?}"),
            () = tokio::time::sleep(Duration::from_secs(8)) => panic!("{} came", inbox.lock().unwrap().len()),
            () = everything => {}
        }
        let claimed =
            site.rows(&["id"], "FROM webhook_deliveries WHERE subscription_id = 1 AND claim IS NOT NULL");
        assert_eq!(claimed.await.len(), 100, "no more is claimed for a host than it can be given");
    }
}

#[tokio::test]
async fn a_host_that_only_fails_is_left_alone_and_its_deliveries_wait() {
    let (port, inbox) = receiver().await;
    for site in sites().await {
        inbox.lock().unwrap().clear();
        site.deliveries(1, &format!("http://127.0.0.1:{port}/500"), true, 40, 0).await;
        let found = site.retry(AddressRule::Any).await;
        let asked = u64::try_from(inbox.lock().unwrap().len()).unwrap();
        // Six that fail, and those that were under way at the same time.
        assert!((6..=9).contains(&asked), "{asked}");
        assert_eq!(found, report(0, asked, 40 - asked));
        let attempts = site
            .rows(&["attempts", "count(*)"], "FROM webhook_deliveries GROUP BY attempts ORDER BY attempts")
            .await;
        assert_eq!(attempts, [format!("0 {}", 40 - asked), format!("1 {asked}")]);
        // They are not due again at once.
        assert_eq!(site.retry(AddressRule::Any).await, report(0, 0, 0));
    }
}

#[tokio::test]
async fn a_dead_letter_is_replayed_as_the_same_message() {
    let (port, inbox) = receiver().await;
    for site in sites().await {
        inbox.lock().unwrap().clear();
        site.deliveries(1, &format!("http://127.0.0.1:{port}/404"), true, 2, 0).await;
        site.deliveries(2, &format!("http://127.0.0.1:{port}/410"), true, 1, 0).await;
        assert_eq!(site.retry(AddressRule::Any).await, report(0, 3, 0));
        let command = |arguments: &[&str]| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_clipper-jobs"));
            command.args(["webhooks", "dead-letters"]).args(arguments).env("DATABASE_URL", &site.address);
            let output = command.current_dir(site.folder.path()).output().unwrap();
            assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
            (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
        };
        let (code, list) = command(&["list"]);
        assert_eq!((code, list.lines().count()), (0, 4), "{list}");
        assert!(list.lines().all(|line| line.len() <= 100) && list.contains("404 Not Found"), "{list}");

        site.execute(&format!(
            "UPDATE webhook_subscriptions SET url = 'http://127.0.0.1:{port}/200' WHERE id = 1"
        ))
        .await;
        assert_eq!(command(&["replay", "1"]), (0, "1 are due again\n".to_owned()));
        let left = "1 are due again\n1 stay: their subscriptions are not active; activate them first\n";
        assert_eq!(command(&["replay", "--all"]), (0, left.to_owned()));
        let unknown = "0 are due again\n2 are not there: `list` shows those that there are\n";
        assert_eq!(command(&["replay", "99", "98", "99"]), (1, unknown.to_owned()));
        assert_eq!(site.retry(AddressRule::Any).await, report(2, 0, 0));
        assert_eq!(inbox.lock().unwrap()["msg_1_0"].0, 2);
        let (code, list) = command(&["list"]);
        assert_eq!((code, list.lines().count()), (0, 2), "{list}");
    }
}

#[tokio::test]
async fn the_queue_is_counted_up_to_a_bound() {
    for site in sites().await {
        site.deliveries(1, "http://127.0.0.1:1/", true, 9_999, 0).await;
        assert_eq!(size(&site.database).await.unwrap(), 9_999);
        site.more_deliveries(1, 9_999..10_050, 0).await;
        assert_eq!(size(&site.database).await.unwrap(), 10_000);
    }
}

/// Whom a message was for, and how often it was given up.
const DEATHS: &str = "FROM webhook_dead_letters GROUP BY message_id ORDER BY message_id";

#[tokio::test]
async fn a_message_that_is_enqueued_again_after_it_died_is_delivered() {
    let (port, inbox) = receiver().await;
    for site in sites().await {
        inbox.lock().unwrap().clear();
        site.deliveries(1, &format!("http://127.0.0.1:{port}/404"), true, 2, 0).await;
        site.deliveries(2, &format!("http://127.0.0.1:{port}/200"), false, 1, 0).await;
        assert_eq!(site.retry(AddressRule::Any).await, report(0, 2, 1));
        // The receiver takes the first again; the others die once more, each in its way.
        site.execute(&format!(
            "UPDATE webhook_subscriptions SET url = 'http://127.0.0.1:{port}/200' WHERE id = 1"
        ))
        .await;
        site.more_deliveries(1, 0..1, 0).await;
        site.more_deliveries(2, 0..1, 0).await;
        site.deliveries(3, &format!("http://127.0.0.1:{port}/404"), true, 1, 0).await;
        assert_eq!(site.retry(AddressRule::Any).await, report(1, 1, 1));
        assert_eq!(inbox.lock().unwrap()["msg_1_0"].0, 2);
        let deaths = site.rows(&["message_id", "count(*)"], DEATHS).await;
        assert_eq!(deaths, ["msg_1_0 1", "msg_1_1 1", "msg_2_0 2", "msg_3_0 1"]);
        assert_eq!(site.retry(AddressRule::Any).await, report(0, 0, 0));
        assert_eq!(size(&site.database).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn a_message_may_die_again_and_again_and_each_time_is_kept() {
    let (port, inbox) = receiver().await;
    for site in sites().await {
        inbox.lock().unwrap().clear();
        site.deliveries(1, &format!("http://127.0.0.1:{port}/404"), true, 1, 0).await;
        for times in 1..=3 {
            assert_eq!(site.retry(AddressRule::Any).await, report(0, 1, 0));
            assert_eq!(inbox.lock().unwrap()["msg_1_0"].0, times);
            assert_eq!(site.rows(&["count(*)"], DEATHS).await, [times.to_string()]);
            site.more_deliveries(1, 0..1, 0).await;
        }
        // One is due already, of which the letters are no reason to send it twice or not at all.
        let replay = async |selection| dead_letters::replay(&site.database, &selection).await.unwrap();
        let replayed = |due, due_already| Replayed { due, due_already, ..Replayed::default() };
        assert_eq!(replay(Selection::All).await, replayed(0, 3));
        assert_eq!(size(&site.database).await.unwrap(), 1);
        site.execute("DELETE FROM webhook_deliveries").await;
        site.deliveries(2, &format!("http://127.0.0.1:{port}/404"), true, 1, 0).await;
        site.execute("UPDATE webhook_deliveries SET payload = 'waits'").await;
        // Of several letters of one message, one becomes a delivery, and the others stay.
        assert_eq!(replay(Selection::All).await, replayed(1, 2));
        assert_eq!(site.rows(&["id"], "FROM webhook_dead_letters ORDER BY id").await, ["1", "2"]);
        let waiting = site.rows(&["message_id", "attempts"], "FROM webhook_deliveries ORDER BY id").await;
        assert_eq!(waiting, ["msg_2_0 0", "msg_1_0 0"]);
        assert_eq!(replay(Selection::Ids(vec![1])).await, replayed(0, 1));
    }
}

/// Two replay the same letters while the site enqueues one of the messages: each is due once, and
/// the letter of the one that is enqueued stays.
#[tokio::test]
async fn what_is_enqueued_while_it_is_replayed_is_due_once_and_no_letter_is_lost() {
    let site = Site::new(Some(Postgres::start())).await;
    site.deliveries(1, "http://127.0.0.1:1/", false, 50, 0).await;
    assert_eq!(site.retry(AddressRule::Any).await, report(0, 0, 50));
    site.execute("UPDATE webhook_subscriptions SET is_active = (1 = 1)").await;
    let Database::Postgres(connections) = &site.database else { unreachable!() };
    let mut enqueuing = connections.begin().await.unwrap();
    let enqueue = "INSERT INTO webhook_deliveries (message_id, subscription_id, event_type, payload, next_attempt_at, created_at)
                   VALUES ('msg_1_0', 1, 'clip.created', '{}', now(), now())";
    sqlx::query(enqueue).execute(&mut *enqueuing).await.unwrap();
    let replay = || dead_letters::replay(&site.database, &Selection::All);
    let both_wait = async {
        let waiting = "FROM pg_stat_activity WHERE wait_event_type = 'Lock' HAVING count(*) = 2";
        while site.rows(&["count(*)"], waiting).await.is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        enqueuing.commit().await.unwrap();
    };
    let (one, two, ()) = tokio::join!(replay(), replay(), both_wait);
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!(one.due + two.due, 49);
    assert_eq!(size(&site.database).await.unwrap(), 50);
    assert_eq!(site.rows(&["message_id"], "FROM webhook_dead_letters").await, ["msg_1_0"]);
}

/// The database's clock is a day off that of this process, and is right.
#[tokio::test]
async fn what_is_due_and_for_how_long_it_is_claimed_the_clock_of_the_database_says() {
    let (port, _) = receiver().await;
    for offset in ["1 day", "-1 day"] {
        let site = Site::new(Some(Postgres::start())).await;
        site.execute(&format!(
            "CREATE SCHEMA skewed;
             CREATE FUNCTION skewed.now() RETURNS timestamptz LANGUAGE sql STABLE
             AS $$ SELECT pg_catalog.now() + interval '{offset}' $$;
             ALTER DATABASE postgres SET search_path = skewed, pg_catalog, public"
        ))
        .await;
        let skewed = site.reconnected().await;
        skewed.deliveries(1, &format!("http://127.0.0.1:{port}/500"), true, 1, 0).await;
        skewed.deliveries(2, &format!("http://127.0.0.1:{port}/404"), true, 1, 0).await;
        skewed.deliveries(3, "http://127.0.0.1:1/", false, 1, 0).await;
        skewed.deliveries(4, &format!("http://127.0.0.1:{port}/200"), true, 1, 0).await;
        let later = "UPDATE webhook_deliveries SET next_attempt_at = NOW + interval '1 hour' WHERE subscription_id = 4";
        skewed.execute(later).await;
        assert_eq!(skewed.retry(AddressRule::Any).await, report(0, 2, 1));
        let soon = "FROM webhook_deliveries WHERE subscription_id = 1 \
                    AND next_attempt_at BETWEEN now() + interval '20 s' AND now() + interval '40 s'";
        assert_eq!(skewed.rows(&["message_id"], soon).await, ["msg_1_0"]);
        let died = "FROM webhook_dead_letters WHERE abs(extract(epoch FROM now() - died_at)) < 60";
        assert_eq!(skewed.rows(&["count(*)"], died).await, ["2"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_never_deliver_the_same_message() {
    let (port, inbox) = receiver().await;
    for site in sites().await {
        inbox.lock().unwrap().clear();
        site.deliveries(1, &format!("http://127.0.0.1:{port}/200"), true, 300, 0).await;
        let (one, two) = tokio::join!(site.retry(AddressRule::Any), site.retry(AddressRule::Any));
        assert_eq!(one.succeeded + two.succeeded, 300);
        assert_eq!(inbox.lock().unwrap().values().map(|(times, _)| *times).collect::<Vec<_>>(), [1; 300]);
        assert_eq!(size(&site.database).await.unwrap(), 0);
    }
}

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
