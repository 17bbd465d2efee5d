//! What becomes of messages that died.

use std::process::Command;
use std::time::Duration;

use clipper_jobs::database::Database;
use clipper_jobs::webhooks::dead_letters::{self, Replayed, Selection};
use clipper_jobs::webhooks::{AddressRule, size};
use e2e::postgres::Postgres;
use jobwatch_catalogue::text::is_control;

use crate::site::{ESCAPES, Site, receiver, report, sites};

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

/// Whoever is on call reads them on a terminal.
#[tokio::test]
async fn a_receiver_writes_nothing_to_a_terminal_that_acts_there() {
    let (port, _) = receiver().await;
    for site in sites().await {
        site.deliveries(1, &format!("http://127.0.0.1:{port}/escapes"), true, 1, 0).await;
        assert_eq!(site.retry(AddressRule::Any).await, report(0, 1, 0));
        let kept = site.rows(&["last_error"], "FROM webhook_dead_letters").await;
        let replaced = "\u{fffd}[2J\u{fffd}]0;pwned\u{fffd}\u{fffd}31mall is well\u{fffd}\u{fffd}";
        assert_eq!(kept, [format!("404 Not Found: {replaced}")]);
        // So may have been kept by another release, or enqueued by the site.
        let hostile = ESCAPES.replace('\0', "");
        site.execute(&format!(
            "UPDATE webhook_dead_letters SET last_error = '{hostile}', event_type = '{hostile}'"
        ))
        .await;
        let mut list = Command::new(env!("CARGO_BIN_EXE_clipper-jobs"));
        list.args(["webhooks", "dead-letters", "list"]).env("DATABASE_URL", &site.address);
        let output = list.current_dir(site.folder.path()).output().unwrap();
        let shown = String::from_utf8(output.stdout).unwrap();
        assert_eq!(shown.lines().count(), 2, "{shown:?}");
        assert_eq!(shown.matches("]0;pwned").count(), 2, "{shown:?}");
        assert!(!shown.contains(|c: char| c != '\n' && is_control(c) && c != '\u{fffd}'), "{shown:?}");
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
