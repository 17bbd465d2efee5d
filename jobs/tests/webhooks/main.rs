//! Deliveries to a receiver that answers as it likes, on both databases.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod dead_letters;
mod killed;
mod site;

use std::time::{Duration, Instant};

use clipper_jobs::webhooks::{AddressRule, size};
use e2e::postgres::Postgres;
use tokio::net::TcpListener;

use crate::site::{Site, receiver, report, sites};

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
async fn the_queue_is_counted_up_to_a_bound() {
    for site in sites().await {
        site.deliveries(1, "http://127.0.0.1:1/", true, 9_999, 0).await;
        assert_eq!(size(&site.database).await.unwrap(), 9_999);
        site.more_deliveries(1, 9_999..10_050, 0).await;
        assert_eq!(size(&site.database).await.unwrap(), 10_000);
    }
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
