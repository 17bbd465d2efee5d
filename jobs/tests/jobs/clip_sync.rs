//! Clips from a Twitch that behaves as the real one does, on its good and on its bad days.

use std::time::Duration;

use chrono::Utc;
use clipper_jobs::clip_sync::{Wanted, sync};
use clipper_jobs::database::Database;
use clipper_jobs::remote::Patience;
use clipper_jobs::twitch::{Credentials, Twitch};
use clipper_stage::stand_in::Mood;
use clipper_stage::stand_in::twitch::{CLIENT_ID, CLIENT_SECRET, GAMES, TwitchService};
use jobwatch_runtime::{JobError, Report, RunContext};

use crate::site::{Site, report, run_of};

/// Of each other game five clips in English are wanted, of "Just Chatting" fifty. Of five clips in
/// a row three are in English.
const WANTED: u64 = 10 * 5 + 50;

fn credentials(service: &TwitchService, secret: &str) -> Credentials {
    Credentials {
        client_id: CLIENT_ID.to_owned(),
        client_secret: secret.to_owned(),
        auth_url: service.url().clone(),
        api_url: service.url().clone(),
    }
}

impl Site {
    pub(crate) fn twitch(&self, service: &TwitchService) -> Twitch {
        let patience = Patience {
            timeout: Duration::from_secs(2),
            first_wait: Duration::from_millis(5),
            pause: Duration::from_millis(300),
        };
        Twitch::new(credentials(service, CLIENT_SECRET), patience, self.cache.clone()).unwrap()
    }

    async fn sync(&self, twitch: &Twitch) -> Result<Report, JobError> {
        self.sync_as(twitch, &run_of("clip_sync")).await
    }

    async fn sync_as(&self, twitch: &Twitch, run: &RunContext) -> Result<Report, JobError> {
        sync(&self.database, &self.cache, twitch, &Wanted::default(), Utc::now(), run).await
    }

    async fn clips(&self) -> u64 {
        self.number("SELECT count(*) FROM clips").await.unsigned_abs()
    }
}

#[tokio::test]
async fn wanted_clips_are_inserted_once_and_their_views_kept_up() {
    for site in Site::on_each().await {
        let service = TwitchService::start().await.unwrap();
        let twitch = site.twitch(&service);
        // Before the fifth clip in English of five come two others; before the fiftieth,
        // thirty-three.
        assert_eq!(site.sync(&twitch).await, Ok(report(WANTED, 0, 10 * 3 + 33)));
        assert_eq!(site.clips().await, WANTED);
        let count = async |condition: &str| {
            site.number(&format!("SELECT count(*) FROM clips WHERE {condition}")).await.unsigned_abs()
        };
        assert_eq!(count("game_id = '509658' AND game_name = 'Just Chatting'").await, 50);
        assert_eq!(count("language NOT IN ('en', 'en-GB', 'EN')").await, 0);
        let views = "SELECT view_count FROM clips WHERE twitch_clip_id = '743-0'";
        assert_eq!(site.number(views).await, 10_000);

        site.execute("UPDATE clips SET vote_score = 7, is_hidden = (id = 1)").await;
        service.watch(42);
        assert_eq!(site.sync(&twitch).await, Ok(report(WANTED, 0, 63)));
        assert_eq!((site.clips().await, site.number(views).await), (WANTED, 10_042));
        assert_eq!(count("vote_score = 7").await, WANTED, "what the site has done is left alone");
        assert_eq!(count("is_hidden").await, 1);
        assert_eq!(service.tokens_granted(), 1);
        assert!(service.requests().iter().all(|request| !request.contains(CLIENT_SECRET)));
    }
}

#[tokio::test]
async fn what_is_read_is_what_twitch_sent() {
    for site in Site::on_each().await {
        let service = TwitchService::start().await.unwrap();
        site.sync(&site.twitch(&service)).await.unwrap();
        let query = "SELECT url || ' ' || title || ' ' || broadcaster_id || ' ' || broadcaster_name || ' ' || creator_name \
                     || ' ' || language || ' ' || CAST(duration_seconds AS text) \
                     FROM clips WHERE twitch_clip_id = '743-2'";
        let found: String = match &site.database {
            Database::Sqlite(pool) => sqlx::query_scalar(query).fetch_one(pool).await.unwrap(),
            Database::Postgres(pool) => sqlx::query_scalar(query).fetch_one(pool).await.unwrap(),
        };
        let expected = "https://clips.twitch.tv/743-2 Chess: moment 2 2 streamer_2 viewer_2 en-GB 30";
        assert_eq!(found.trim_end_matches(".0"), expected);
        let age = match &site.database {
            Database::Sqlite(_) => {
                "SELECT (imported_at - created_at) / 60000 FROM clips WHERE twitch_clip_id = '743-2'"
            }
            Database::Postgres(_) => {
                "SELECT floor(extract(epoch FROM imported_at - created_at) / 60)::bigint FROM clips \
                 WHERE twitch_clip_id = '743-2'"
            }
        };
        assert_eq!(site.number(age).await, 19);
    }
}

#[tokio::test]
async fn a_nul_in_any_text_is_replaced_and_fails_nothing() {
    for site in Site::on_each().await {
        let service = TwitchService::start().await.unwrap();
        service.spoil_texts();
        assert_eq!(site.sync(&site.twitch(&service)).await, Ok(report(WANTED, 0, 63)));
        let texts = ["twitch_clip_id", "url", "title", "broadcaster_id", "broadcaster_name", "creator_id"];
        for column in texts.iter().chain(&["creator_name", "thumbnail_url", "game_name"]) {
            let ends = format!("SELECT count(*) FROM clips WHERE {column} LIKE '%\u{fffd}'");
            // "Just Chatting" has its name from here.
            let expected = if *column == "game_name" { WANTED - 50 } else { WANTED };
            assert_eq!(site.number(&ends).await.unsigned_abs(), expected, "{column}");
        }
    }
}

#[tokio::test]
async fn one_token_serves_all_replicas_and_is_replaced_when_it_is_refused_or_runs_out() {
    let site = Site::on_sqlite().await;
    let service = TwitchService::start().await.unwrap();
    let (first, second) = (site.twitch(&service), site.twitch(&service));
    site.sync(&first).await.unwrap();
    site.sync(&second).await.unwrap();
    assert_eq!(service.tokens_granted(), 1);

    service.revoke_tokens();
    assert_eq!(site.sync(&first).await, Ok(report(WANTED, 0, 63)));
    assert_eq!(service.tokens_granted(), 2);
    assert_eq!(site.sync(&second).await, Ok(report(WANTED, 0, 63)), "it learns of the new one");
    assert_eq!(service.tokens_granted(), 2);

    // A token that is good for less than five minutes is not used again.
    service.revoke_tokens();
    service.token_lifetime(299);
    site.sync(&first).await.unwrap();
    let granted = service.tokens_granted();
    site.sync(&first).await.unwrap();
    assert!(service.tokens_granted() > granted);
}

#[tokio::test]
async fn a_token_is_sealed_where_replicas_share_it() {
    for site in Site::on_each().await {
        let service = TwitchService::start().await.unwrap();
        // As a release has left it that did not seal.
        let key = format!("twitch-token:{CLIENT_ID}:{}", service.url());
        let later = match &site.database {
            Database::Sqlite(_) => "32472144000000",
            Database::Postgres(_) => "'2999-01-01'",
        };
        let plain = r#"{"text":"demo-token-7","until":"2999-01-01T00:00:00Z"}"#;
        site.execute(&format!(
            "INSERT INTO cache (key, value, expires_at) VALUES ('{key}', CAST('{plain}' AS BYTES), {later})"
        ))
        .await;
        site.sync(&site.twitch(&service)).await.unwrap();
        site.sync(&site.twitch(&service)).await.unwrap();
        assert_eq!(service.tokens_granted(), 1, "it is shared");
        let query = "SELECT value FROM cache";
        let values: Vec<Vec<u8>> = match &site.database {
            Database::Sqlite(pool) => sqlx::query_scalar(query).fetch_all(pool).await.unwrap(),
            Database::Postgres(pool) => sqlx::query_scalar(query).fetch_all(pool).await.unwrap(),
        };
        assert_eq!(values.len(), 1);
        assert!(!String::from_utf8_lossy(&values[0]).contains("token"));
    }
}

#[tokio::test]
async fn many_requests_at_once_ask_for_one_token() {
    let site = Site::on_sqlite().await;
    let service = TwitchService::start().await.unwrap();
    let twitch = site.twitch(&service);
    let run = run_of("clip_sync");
    let all: Vec<_> = (0..8).map(|_| site.sync_as(&twitch, &run)).collect();
    for ended in futures_util::future::join_all(all).await {
        ended.unwrap();
    }
    assert_eq!((service.tokens_granted(), site.clips().await), (1, WANTED));
}

#[tokio::test]
async fn what_passes_is_tried_again_within_the_run() {
    let site = Site::on_sqlite().await;
    let service = TwitchService::start().await.unwrap();
    let twitch = site.twitch(&service);
    for mood in [
        Mood::Fails(500),
        Mood::Fails(503),
        Mood::Garbage,
        Mood::BrokenOff,
        Mood::Endless,
        Mood::Silent,
        Mood::Trickling,
    ] {
        service.moods().next(&[mood]);
        assert_eq!(site.sync(&twitch).await, Ok(report(WANTED, 0, 63)), "{mood:?}");
    }
}

#[tokio::test]
async fn the_limit_is_kept_to() {
    let site = Site::on_sqlite().await;
    let service = TwitchService::start().await.unwrap();
    service.limit(5);
    assert_eq!(site.sync(&site.twitch(&service)).await, Ok(report(WANTED, 0, 63)));
    // One page of eleven games, and the games: nobody was refused, since what is left is looked at
    // before each request.
    assert_eq!(service.requests().len(), 12);
    service.moods().next(&[Mood::Busy(1)]);
    service.limit(800);
    assert_eq!(site.sync(&site.twitch(&service)).await, Ok(report(WANTED, 0, 63)));
}

#[tokio::test]
async fn a_game_that_fails_is_one_failed_item_and_the_others_are_kept() {
    for site in Site::on_each().await {
        let service = TwitchService::start().await.unwrap();
        let twitch = site.twitch(&service);
        service.break_games(&["743"]);
        assert_eq!(site.sync(&twitch).await, Ok(report(WANTED - 5, 1, 60)));
        let all = GAMES.map(|(id, _)| id);
        service.break_games(&all);
        let error = site.sync(&twitch).await.unwrap_err();
        assert!(matches!(error, JobError::Retryable(_)), "{error}");
        assert_eq!(site.clips().await, WANTED - 5);
    }
}

#[tokio::test]
async fn a_twitch_that_only_fails_fails_the_run_and_is_left_alone_for_a_while() {
    let site = Site::on_sqlite().await;
    let service = TwitchService::start().await.unwrap();
    let twitch = site.twitch(&service);
    service.moods().lasting(Some(Mood::Fails(500)));
    let error = site.sync(&twitch).await.unwrap_err().to_string();
    assert_eq!(error, "Twitch has no /helix/games/top: it fails: 500 Internal Server Error");
    let error = site.sync(&twitch).await.unwrap_err().to_string();
    assert_eq!(error, "Twitch only fails, and is left alone for up to 0 s");
    let asked = service.requests().len();
    // It was asked for a token, too.
    assert_eq!(asked, 5, "nothing is asked of it any more");
    assert_eq!(twitch.health().trouble().as_deref(), Some("Twitch fails: 500 Internal Server Error"));
    service.moods().lasting(None);
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(site.sync(&twitch).await, Ok(report(WANTED, 0, 63)));
    assert_eq!(twitch.health().trouble(), None);
}

#[tokio::test]
async fn a_secret_that_is_refused_is_not_tried_again_and_never_told() {
    let site = Site::on_sqlite().await;
    let service = TwitchService::start().await.unwrap();
    let credentials = credentials(&service, "wrong-hunter3");
    let twitch = Twitch::new(credentials, Patience::default(), site.cache.clone()).unwrap();
    let error = site.sync(&twitch).await.unwrap_err();
    assert!(matches!(error, JobError::Permanent(_)), "{error}");
    assert!(!format!("{error} {twitch:?}").contains("hunter3"));
    assert_eq!(service.requests(), [] as [String; 0]);
}

#[tokio::test]
async fn a_run_that_was_cut_short_is_gone_on_with_where_it_stopped() {
    for site in Site::on_each().await {
        let service = TwitchService::start().await.unwrap();
        let twitch = site.twitch(&service);
        let wanted = Wanted { just_chatting: 100, others: 1, ..Wanted::default() };
        let sync = async || {
            sync(&site.database, &site.cache, &twitch, &wanted, Utc::now(), &run_of("clip_sync")).await
        };
        // The games, ten of them, and the first page of "Just Chatting": then Twitch goes away.
        service.moods().next(&[Mood::Slow(Duration::ZERO); 12]);
        service.moods().lasting(Some(Mood::Fails(503)));
        assert_eq!(sync().await.unwrap().failed, 1);
        assert_eq!(site.clips().await, 10 + 60, "the first page is kept");
        service.moods().lasting(None);
        tokio::time::sleep(Duration::from_millis(600)).await;
        service.requests();
        assert_eq!(sync().await.unwrap().failed, 0);
        assert_eq!(site.clips().await, 10 + 100);
        let pages = service.requests().into_iter().filter(|request| request.contains("509658"));
        let pages: Vec<String> = pages.collect();
        assert!(matches!(&pages[..], [page] if page.contains("after=at-100")), "{pages:?}");
        // The next one begins at the beginning.
        sync().await.unwrap();
        assert!(service.requests().iter().filter(|request| request.contains("509658")).count() == 2);
    }
}
