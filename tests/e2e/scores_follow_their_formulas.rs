use chrono::{DateTime, TimeDelta, Utc};
use clipper_jobs::database::{Address, Database};
use clipper_jobs::{hot_score, reputation, trending_score};
use e2e::postgres::Postgres;
use jobwatch_catalogue::JobName;
use jobwatch_runtime::{Report, RunContext};
use proptest::collection::vec;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use proptest::{prop_assert, prop_assert_eq, prop_oneof};
use sqlx::{AssertSqlSafe, Row};
use tempfile::TempDir;

/// A fresh database of each kind, which ends with this value.
struct Site {
    database: Database,
    _server: Option<Postgres>,
    _folder: Option<TempDir>,
}

async fn sites() -> [Site; 2] {
    let folder = tempfile::tempdir().unwrap();
    let address = Address::Sqlite(folder.path().join("clipper.sqlite"));
    let sqlite = Database::connect(&address).await.unwrap();
    let server = Postgres::start();
    let address: Address = server.url("test", "").parse().unwrap();
    let postgres = Database::connect(&address).await.unwrap();
    [
        Site { database: sqlite, _server: None, _folder: Some(folder) },
        Site { database: postgres, _server: Some(server), _folder: None },
    ]
}

impl Site {
    /// Does something that both databases understand, with `TIME(…)` for a moment in seconds since
    /// 1970.
    async fn execute(&self, sql: &str) {
        match &self.database {
            Database::Sqlite(pool) => {
                let sql = sql.replace("TIME(", "1000 * (");
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.unwrap();
            }
            Database::Postgres(pool) => {
                let sql = sql.replace("TIME(", "to_timestamp(");
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.unwrap();
            }
        }
    }

    /// The first column of a query, as numbers.
    async fn numbers(&self, sql: &'static str) -> Vec<f64> {
        let cast = format!("SELECT CAST(value AS double precision) AS value FROM ({sql}) AS found");
        match &self.database {
            Database::Sqlite(pool) => {
                let rows = sqlx::query(AssertSqlSafe(cast)).fetch_all(pool).await.unwrap();
                rows.iter().map(|row| row.get("value")).collect()
            }
            Database::Postgres(pool) => {
                let rows = sqlx::query(AssertSqlSafe(cast)).fetch_all(pool).await.unwrap();
                rows.iter().map(|row| row.get("value")).collect()
            }
        }
    }

    async fn number(&self, sql: &'static str) -> f64 {
        self.numbers(sql).await[0]
    }
}

fn run() -> RunContext {
    RunContext::detached(JobName::new("test").unwrap())
}

fn report(succeeded: u64, skipped: u64) -> Report {
    Report { succeeded, failed: 0, skipped }
}

fn now() -> DateTime<Utc> {
    "2026-03-01T10:00:00Z".parse().unwrap()
}

/// Votes and age in seconds of clips of all kinds: the same each time, and in no order.
fn clips() -> Vec<(i64, i64)> {
    let mut state: u64 = 42;
    let mut draw = |most: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((state >> 33) % most).unwrap()
    };
    let mut clips = vec![(0, 0), (1, 0), (-1, 0), (1_000_000, 400 * 86_400), (-1_000_000, 60)];
    clips.extend((0..495).map(|_| (draw(2_000) - 300, draw(60 * 86_400))));
    clips
}

async fn insert_clips(site: &Site, clips: &[(i64, i64)]) {
    let rows: Vec<String> = clips
        .iter()
        .zip(1..)
        .map(|((votes, age), id)| {
            let created = now().timestamp() - age;
            format!(
                "({id}, 'clip-{id}', 'https://clips.twitch.tv/{id}', 'A clip', 'b', 'B', {}, {votes}, {}, {}, TIME({created}), TIME({created}))",
                id * 3, id % 7, id % 5
            )
        })
        .collect();
    let columns = "id, twitch_clip_id, url, title, broadcaster_id, broadcaster_name, view_count, vote_score, \
                   comment_count, favorite_count, created_at, imported_at";
    site.execute(&format!("INSERT INTO clips ({columns}) VALUES {}", rows.join(", "))).await;
}

/// Whether clips are in the order of their hot scores, so many seconds after the moment that their
/// ages are of.
fn is_hot_order(ids: &[f64], clips: &[(i64, i64)], later: i64) -> bool {
    let score = |id: &f64| {
        let (votes, age) = clips[*id as usize - 1];
        let magnitude = (votes.abs().max(1) as f64).log10();
        votes.signum() as f64 * magnitude - (age + later) as f64 / 3_600.0 / 12.5
    };
    // Scores that differ in the last place only may change places.
    ids.windows(2).all(|pair| score(&pair[0]) >= score(&pair[1]) - 1e-9)
}

#[tokio::test]
async fn the_hot_rank_orders_clips_as_the_formula_does_and_unchanged_clips_stay_unwritten() {
    for site in sites().await {
        insert_clips(&site, &clips()).await;
        site.execute("UPDATE clips SET is_hidden = (1 = 1) WHERE id = 10; UPDATE clips SET is_removed = (1 = 1) WHERE id = 11").await;
        let refresh = async || hot_score::refresh(&site.database, 7, &run()).await.unwrap();
        assert_eq!(refresh().await, report(498, 0));
        assert_eq!(site.number("SELECT count(*) AS value FROM clips WHERE hot_rank IS NULL").await, 2.0);

        let ranked = site
            .numbers("SELECT id AS value FROM clips WHERE hot_rank IS NOT NULL ORDER BY hot_rank DESC")
            .await;
        assert!(is_hot_order(&ranked, &clips(), 0));

        assert_eq!(refresh().await, report(0, 498));
        site.execute("UPDATE clips SET vote_score = vote_score + 1 WHERE id > 480 AND id <= 485").await;
        // A vote that changes nothing: one for a clip that had none.
        assert_eq!(refresh().await, report(5, 493));
    }
}

#[test]
fn whatever_the_votes_and_ages_the_hot_rank_orders_as_the_formula_does_at_any_moment() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    // Few votes are as frequent as many, for that is where the formula bends.
    let votes = prop_oneof![-3_i64..=3, -2_000_i64..2_000, -1_000_000_000_i64..1_000_000_000];
    // Within some days, votes and age outweigh each other.
    let ages = prop_oneof![0_i64..4 * 86_400, 0_i64..10 * 365 * 86_400];
    let clips = vec((votes, ages), 1..40);
    for site in runtime.block_on(sites()) {
        let mut runner = TestRunner::new_with_rng(
            Config { cases: 48, ..Config::default() },
            TestRng::deterministic_rng(RngAlgorithm::ChaCha),
        );
        let order = |(clips, later): (Vec<(i64, i64)>, i64)| {
            let ranked = runtime.block_on(async {
                site.execute("DELETE FROM clips").await;
                insert_clips(&site, &clips).await;
                let written = hot_score::refresh(&site.database, 7, &run()).await.unwrap();
                assert_eq!(written, report(clips.len() as u64, 0));
                site.numbers("SELECT id AS value FROM clips ORDER BY hot_rank DESC").await
            });
            prop_assert_eq!(ranked.len(), clips.len());
            prop_assert!(is_hot_order(&ranked, &clips, later), "{:?}", ranked);
            Ok(())
        };
        runner.run(&(clips.clone(), 0_i64..100 * 365 * 86_400), order).unwrap();
    }
}

/// Votes and the seconds from the beginning of 2020 to the creation, with the rank worked out by
/// hand.
const HOT: [(i64, i64, f64); 10] = [
    (0, 0, 0.0),
    (1, 0, 0.0),
    (-1, 0, 0.0),
    (10, 0, 1.0),
    (-10, 0, -1.0),
    // 12.5 hours are worth ten times as many votes.
    (10, 45_000, 2.0),
    (100, 0, 2.0),
    (-1_000, 360_000, 5.0),
    (1_000_000, -45_000, 5.0),
    // log10(2) + 0.5
    (2, 22_500, 0.801_029_995_663_981_2),
];

#[tokio::test]
async fn hot_ranks_are_those_worked_out_by_hand() {
    for site in sites().await {
        let beginning: DateTime<Utc> = "2020-01-01T00:00:00Z".parse().unwrap();
        let clips = HOT.map(|(votes, since, _)| (votes, (now() - beginning).num_seconds() - since));
        insert_clips(&site, &clips).await;
        hot_score::refresh(&site.database, 3, &run()).await.unwrap();
        let found = site.numbers("SELECT hot_rank AS value FROM clips ORDER BY id").await;
        for ((votes, since, expected), found) in HOT.iter().zip(found) {
            assert!((found - expected).abs() < 1e-12, "{votes} votes, {since} s: {found}, not {expected}");
        }
    }
}

/// Views, votes, comments, favourites and age in seconds, with the score worked out by hand.
const TRENDING: [([i64; 5], f64); 9] = [
    ([0, 0, 0, 0, 0], 0.0),
    ([1, 0, 0, 0, 3_600], 1.0),
    ([0, 1, 0, 0, 3_600], 2.0),
    ([0, 0, 1, 0, 3_600], 3.0),
    ([0, 0, 0, 1, 3_600], 2.0),
    // 100 + 20 + 15 + 4, over two hours; and over the first hour, which counts as a whole one.
    ([100, 10, 5, 2, 7_200], 69.5),
    ([100, 10, 5, 2, 1_800], 139.0),
    ([3, -10, 0, 0, 14_400], -4.25),
    ([1_000, 0, 0, 0, 1_440_000], 2.5),
];

#[tokio::test]
async fn trending_scores_are_those_worked_out_by_hand() {
    for site in sites().await {
        insert_clips(&site, &TRENDING.map(|([_, votes, _, _, age], _)| (votes, age))).await;
        for (([views, _, comments, favourites, _], _), id) in TRENDING.iter().zip(1..) {
            site.execute(&format!(
                "UPDATE clips SET view_count = {views}, comment_count = {comments}, favorite_count = {favourites}
                 WHERE id = {id}"
            ))
            .await;
        }
        trending_score::refresh(&site.database, 4, now(), &run()).await.unwrap();
        let found = site.numbers("SELECT trending_score AS value FROM clips ORDER BY id").await;
        assert_eq!(found, TRENDING.map(|(_, score)| score));
    }
}

#[tokio::test]
async fn the_trending_score_is_engagement_for_each_hour_and_old_clips_stay_unwritten() {
    for site in sites().await {
        insert_clips(&site, &clips()).await;
        let refresh = async |at| trending_score::refresh(&site.database, 100, at, &run()).await.unwrap();
        assert_eq!(refresh(now()).await, report(500, 0));
        let found = site.numbers("SELECT trending_score AS value FROM clips ORDER BY id").await;
        for ((score, (votes, age)), id) in found.iter().zip(clips()).zip(1_i64..) {
            let engagement = id * 3 + 2 * votes + 3 * (id % 7) + 2 * (id % 5);
            let expected = engagement as f64 / (age as f64 / 3_600.0).max(1.0);
            assert!(
                (score - expected).abs() <= 1e-9 * expected.abs().max(1.0),
                "clip {id}: {score}, not {expected}"
            );
        }
        assert_eq!(refresh(now()).await, report(0, 500));
        // An hour later, only clips that are younger than a hundred hours have changed by one in a
        // hundred.
        let later = refresh(now() + TimeDelta::hours(1)).await;
        let young = clips().iter().filter(|(_, age)| *age < 99 * 3_600).count() as u64;
        assert!(
            later.succeeded <= young + 2 && later.succeeded > young / 2,
            "{later:?}, {young} young clips"
        );
    }
}

#[tokio::test]
async fn reputations_follow_from_what_users_did() {
    for site in sites().await {
        let created = |days: i64| now().timestamp() - days * 86_400;
        site.execute(&format!(
            "INSERT INTO users (id, name, karma, created_at, is_banned) VALUES
                (1, 'new', 0, TIME({}), (1 = 0)), (2, 'star', 12000, TIME({}), (1 = 0)),
                (3, 'banned', 12000, TIME({}), (1 = 1)), (4, 'silent', 250, TIME({}), (1 = 0));
             INSERT INTO user_stats (user_id, comments, votes_cast, clips_submitted, correct_reports, incorrect_reports, days_active)
             VALUES (1, 99, 999, 49, 0, 0, 3), (2, 100, 1000, 50, 3, 1, 200), (3, 500, 5000, 500, 9, 0, 900);",
            created(0), created(365), created(900), created(36),
        ))
        .await;
        let refresh = async |at| reputation::refresh(&site.database, 2, at, &run()).await.unwrap();
        assert_eq!(refresh(now()).await, report(3, 0));
        let trust = "SELECT coalesce(trust_score, -1) AS value FROM user_stats ORDER BY user_id";
        // 1: 0 + 0 + 0 + min(9.9 + 9.99 + 0.6, 20). 2: 20 + 40 + 15 + 20. 4: 2 + 1.
        assert_eq!(site.numbers(trust).await, [20.0, 95.0, -1.0, 3.0]);
        let engagement = "SELECT coalesce(engagement_score, -1) AS value FROM user_stats ORDER BY user_id";
        assert_eq!(site.numbers(engagement).await, [1451.0, 2050.0, -1.0, 0.0]);
        let badges = "SELECT user_id AS value FROM user_badges ORDER BY user_id, badge";
        assert_eq!(site.numbers(badges).await, [2.0; 6]);
        let history = "SELECT count(*) AS value FROM trust_score_history";
        assert_eq!(site.number(history).await, 3.0);

        // Nothing changes: nothing is written, no badge is awarded again, and the history stays as
        // it is.
        assert_eq!(refresh(now()).await, report(0, 3));
        assert_eq!((site.number(history).await, site.numbers(badges).await.len()), (3.0, 6));

        // Two runs at once award a badge once.
        site.execute("UPDATE user_stats SET comments = 100 WHERE user_id = 1").await;
        let (one, two) = tokio::join!(refresh(now()), refresh(now()));
        assert_eq!(one.succeeded + two.succeeded, 1);
        assert_eq!(site.numbers(badges).await.len(), 7);
    }
}

/// Age in days, karma, comments, votes, clips, correct and incorrect reports and days active;
/// trust, engagement and the number of badges, worked out by hand.
const REPUTATIONS: [([i64; 8], [f64; 3]); 16] = [
    ([0, 0, 0, 0, 0, 0, 0, 0], [0.0, 0.0, 0.0]),
    ([9, 0, 0, 0, 0, 0, 0, 0], [0.5, 0.0, 0.0]),
    ([364, 0, 0, 0, 0, 0, 0, 0], [20.0, 0.0, 0.0]),
    ([365, 999, 0, 0, 0, 0, 0, 0], [24.0, 0.0, 1.0]),
    ([0, 1_000, 0, 0, 0, 0, 0, 0], [4.0, 0.0, 1.0]),
    ([0, 5_000, 0, 0, 0, 0, 0, 0], [20.0, 0.0, 1.0]),
    ([0, 9_999, 0, 0, 0, 0, 0, 0], [40.0, 0.0, 1.0]),
    ([0, 1_000_000, 0, 0, 0, 0, 0, 0], [40.0, 0.0, 2.0]),
    // A third of 20; none.
    ([0, 0, 0, 0, 0, 1, 2, 0], [6.7, 0.0, 0.0]),
    ([0, 0, 0, 0, 0, 0, 5, 0], [0.0, 0.0, 0.0]),
    ([0, 0, 1, 0, 0, 0, 0, 0], [0.1, 2.0, 0.0]),
    ([0, 0, 0, 4, 0, 0, 0, 0], [0.0, 4.0, 0.0]),
    ([0, 0, 0, 0, 1, 0, 0, 1], [0.2, 8.0, 0.0]),
    ([0, 0, 99, 999, 49, 0, 0, 0], [19.9, 1_442.0, 0.0]),
    ([0, 0, 100, 1_000, 50, 0, 0, 1], [20.0, 1_453.0, 3.0]),
    ([900, 20_000, 500, 5_000, 100, 9, 0, 900], [100.0, 9_200.0, 6.0]),
];

#[tokio::test]
async fn reputations_are_those_worked_out_by_hand() {
    for site in sites().await {
        for (([days, karma, comments, votes, clips, correct, incorrect, active], _), id) in
            REPUTATIONS.iter().zip(1..)
        {
            let created = now().timestamp() - days * 86_400;
            site.execute(&format!(
                "INSERT INTO users (id, name, karma, created_at) VALUES ({id}, 'user-{id}', {karma}, TIME({created}));
                 INSERT INTO user_stats (user_id, comments, votes_cast, clips_submitted, correct_reports, incorrect_reports, days_active)
                 VALUES ({id}, {comments}, {votes}, {clips}, {correct}, {incorrect}, {active});"
            ))
            .await;
        }
        reputation::refresh(&site.database, 4, now(), &run()).await.unwrap();
        let trust = site.numbers("SELECT trust_score AS value FROM user_stats ORDER BY user_id").await;
        assert_eq!(trust, REPUTATIONS.map(|(_, [trust, ..])| trust));
        let engagement =
            site.numbers("SELECT engagement_score AS value FROM user_stats ORDER BY user_id").await;
        assert_eq!(engagement, REPUTATIONS.map(|(_, [_, engagement, _])| engagement));
        let badges =
            "SELECT (SELECT count(*) FROM user_badges AS badges WHERE badges.user_id = users.id) AS value
                      FROM users ORDER BY id";
        assert_eq!(site.numbers(badges).await, REPUTATIONS.map(|(_, [.., badges])| badges));
    }
}

#[tokio::test]
async fn a_database_that_a_later_version_has_written_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let address = Address::Sqlite(folder.path().join("clipper.sqlite"));
    let Database::Sqlite(pool) = Database::connect(&address).await.unwrap() else { unreachable!() };
    sqlx::query("PRAGMA user_version = 9").execute(&pool).await.unwrap();
    let refused = Database::connect(&address).await.unwrap_err().to_string();
    assert_eq!(refused, "the tables are of version 9, and this service knows 1: update it");
}
