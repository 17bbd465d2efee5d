//! A plausible site, and what its visitors do to it. The same for the same seed, and on both
//! databases.

use std::fmt;

use chrono::{DateTime, Utc};
use reqwest::Url;
use sqlx::AssertSqlSafe;

use super::environment::{EMBEDDING_DIMENSIONS, EMBEDDING_MODEL};
use crate::stand_in::embeddings::embedding;
use crate::stand_in::twitch::GAMES;
use clipper_jobs::database::Database;

/// How old the oldest clip is, in seconds: thirty days.
const OLDEST: u64 = 30 * 86_400;

/// What visitors do each time: clips that they submit, and deliveries that fail.
const VISIT: (u64, u64) = (3, 4);

/// How many clips of so many are seen and voted for at each visit, and how many users of so many do
/// something: one.
const SHARE: u64 = 50;

/// How large a site is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) clips: u64,
    pub(super) users: u64,
    pub(super) deliveries: u64,
    /// The newest clips, which have no embedding yet.
    pub(super) without_embedding: u64,
}

impl Size {
    /// What belongs to so many clips.
    pub(super) fn of(clips: u64) -> Self {
        Self {
            clips,
            users: (clips / 2).max(20),
            deliveries: (clips / 10).clamp(50, 1_000),
            without_embedding: (clips / 5).clamp(1, 500),
        }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} clips and {} users", self.clips, self.users)
    }
}

/// Somebody who is to be told of what happens.
#[derive(Debug, Clone)]
pub(super) struct Subscription {
    pub(super) url: Url,
    pub(super) secret: &'static str,
    /// How many of a hundred deliveries are theirs.
    pub(super) share: u64,
}

/// A site in a database.
#[derive(Debug)]
pub(super) struct Site {
    database: Database,
    size: Size,
    seed: u64,
    subscriptions: Vec<Subscription>,
}

impl Site {
    /// Fills a database that has tables with nothing in them: all of it, or nothing.
    pub(super) async fn fill(
        database: &Database,
        size: Size,
        seed: u64,
        subscriptions: Vec<Subscription>,
        now: DateTime<Utc>,
    ) -> Result<Self, sqlx::Error> {
        let site = Self { database: database.clone(), size, seed, subscriptions };
        let Size { clips, users, deliveries, .. } = size;
        let mut statements = vec![
            site.clips(1, clips, &format!("{OLDEST} * ({clips} - n) / {clips}"), now),
            site.users(users, now),
            site.user_stats(),
            site.subscriptions(),
            site.deliveries(1, deliveries, now),
        ];
        statements.extend(GAMES.iter().map(|(game, name)| site.embeddings(game, name)));
        site.execute(statements).await?;
        Ok(site)
    }

    /// What happens on the site within a second: clips are seen, voted for and submitted, users do
    /// something, deliveries fail.
    pub(super) async fn visit(&self, number: u64, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
        let turn = number % SHARE;
        let after = |size, each| (size + number * each + 1, size + (number + 1) * each);
        let (first_clip, last_clip) = after(self.size.clips, VISIT.0);
        let (first_delivery, last_delivery) = after(self.size.deliveries, VISIT.1);
        self.execute(vec![
            format!(
                "UPDATE clips SET view_count = view_count + 40, comment_count = comment_count + id % 2, \
                 vote_score = vote_score + id % 5 - 1 WHERE id % {SHARE} = {turn}"
            ),
            format!(
                "UPDATE user_stats SET votes_cast = votes_cast + 10, comments = comments + 2 WHERE user_id % {SHARE} = {turn}"
            ),
            self.clips(first_clip, last_clip, "0", now),
            self.deliveries(first_delivery, last_delivery, now),
        ])
        .await
    }

    fn clips(&self, first: u64, last: u64, age: &str, now: DateTime<Utc>) -> String {
        let numbers = numbers(first, last);
        let games: Vec<String> =
            (0..).zip(GAMES).map(|(place, (id, name))| format!("({place}, '{id}', '{name}')")).collect();
        let (games, number) = (games.join(", "), GAMES.len());
        // Some games have most of the clips, and a few clips most of the views.
        let game = format!("{} % (1 + {})", self.drawn(1, 10_000), self.drawn(2, number as u64));
        let [broadcaster, creator, opening, ending] =
            [(3, 200), (4, 900), (5, 6), (6, 6)].map(|(what, below)| self.drawn(what, below));
        let language = self.drawn(7, 8);
        let views = format!("20 + 2000000 / (1 + {})", self.drawn(8, 20_000));
        let votes = format!("{} - 6 + 2000 / (1 + {})", self.drawn(9, 30), self.drawn(10, 500));
        let [comments, favourites, length] =
            [(11, 25), (12, 15), (13, 56)].map(|(what, below)| self.drawn(what, below));
        let age = format!("{age} + 900 + {}", self.drawn(14, 3_600));
        let created = self.ago(&age, now);
        let imported = self.ago(&format!("{age} - {}", self.drawn(15, 900)), now);
        let shown = self.drawn(16, 100);
        format!(
            "{numbers},
             games (place, game_id, game_name) AS (VALUES {games}),
             openings (place, opening) AS (VALUES (0, 'An unbelievable'), (1, 'The last'), (2, 'A perfect'),
                 (3, 'Nobody expected this'), (4, 'The luckiest'), (5, 'Another')),
             endings (place, ending) AS (VALUES (0, 'comeback'), (1, 'escape'), (2, 'shot'), (3, 'mistake'),
                 (4, 'answer'), (5, 'save'))
             INSERT INTO clips (twitch_clip_id, url, title, broadcaster_id, broadcaster_name, creator_id, creator_name,
                 game_id, game_name, language, thumbnail_url, duration_seconds, view_count, vote_score, comment_count,
                 favorite_count, created_at, imported_at, is_removed, is_hidden)
             SELECT 'site-' || n, 'https://clips.twitch.tv/site-' || n,
                 opening || ' ' || ending || ' ' || n,
                 '' || {broadcaster}, 'streamer_' || {broadcaster}, '' || {creator}, 'viewer_' || {creator},
                 game_id, game_name, CASE {language} WHEN 0 THEN 'en-GB' ELSE 'en' END,
                 'https://clips-media-assets2.twitch.tv/site-' || n || '.jpg', 5.0 + {length},
                 {views}, {votes}, {comments}, {favourites}, {created}, {imported}, {shown} = 0, {shown} = 1
             FROM numbers
             JOIN games ON games.place = {game}
             JOIN openings ON openings.place = {opening}
             JOIN endings ON endings.place = {ending}
             ORDER BY n"
        )
    }

    fn users(&self, last: u64, now: DateTime<Utc>) -> String {
        let numbers = numbers(1, last);
        let karma = format!(
            "CASE WHEN {rank} = 0 THEN 10000 + {much} WHEN {rank} < 6 THEN 1000 + {much} / 4 ELSE {much} / 20 END",
            rank = self.drawn(21, 50),
            much = self.drawn(22, 18_000),
        );
        let created = self.ago(&format!("3600 + 86400 * {}", self.drawn(23, 1_500)), now);
        let banned = self.drawn(24, 100);
        format!(
            "{numbers} INSERT INTO users (name, karma, created_at, is_banned)
             SELECT 'viewer_' || n, {karma}, {created}, {banned} = 0 FROM numbers ORDER BY n"
        )
    }

    fn user_stats(&self) -> String {
        let drawn = [(31, 150), (32, 1_200), (33, 60), (34, 20), (35, 5), (36, 200)];
        let drawn = drawn.map(|(what, below)| self.drawn(what, below)).join(", ");
        format!(
            "INSERT INTO user_stats (user_id, comments, votes_cast, clips_submitted, correct_reports, incorrect_reports, days_active)
             SELECT n, {drawn} FROM (SELECT id AS n FROM users) AS numbers"
        )
    }

    fn subscriptions(&self) -> String {
        let rows: Vec<String> = (1..)
            .zip(&self.subscriptions)
            .map(|(id, Subscription { url, secret, .. })| {
                format!("({id}, '{url}', '{secret}', 'clip.created')")
            })
            .collect();
        format!("INSERT INTO webhook_subscriptions (id, url, secret, event_types) VALUES {}", rows.join(", "))
    }

    /// Deliveries that failed once: most of them for the receiver that is well now.
    fn deliveries(&self, first: u64, last: u64, now: DateTime<Utc>) -> String {
        let numbers = numbers(first, last);
        // Spread, so that a few of them in a row are not all for the same.
        let place = "n * 37 % 100";
        let mut below = 0;
        let cases = (1..).zip(&self.subscriptions).map(|(id, subscription)| {
            below += subscription.share;
            format!(" WHEN {place} < {below} THEN {id}")
        });
        let cases: String = cases.collect();
        let (created, due) =
            (self.ago(&format!("60 + {}", self.drawn(41, 600)), now), self.ago(&self.drawn(42, 20), now));
        format!(
            "{numbers}
             INSERT INTO webhook_deliveries (message_id, subscription_id, event_type, payload, attempts, next_attempt_at,
                 last_status_code, last_error, created_at)
             SELECT 'msg_' || n, subscription.id, 'clip.created', '{{\"type\": \"clip.created\", \"data\": {{\"clip\": ' || n || '}}}}',
                 1, {due}, 503, '503 Service Unavailable', {created}
             FROM numbers
             JOIN webhook_subscriptions AS subscription
                 ON subscription.id = CASE{cases} END
             WHERE subscription.is_active
             ORDER BY n"
        )
    }

    /// Clips that are not new have embeddings: those of a game share one, which is as good as any
    /// other where nobody searches.
    fn embeddings(&self, game: &str, name: &str) -> String {
        let numbers = embedding(name, EMBEDDING_DIMENSIONS.into());
        let vector = match self.database {
            Database::Sqlite(_) => {
                let bytes = numbers.iter().flat_map(|number| number.to_le_bytes());
                format!("x'{}'", bytes.map(|byte| format!("{byte:02x}")).collect::<String>())
            }
            Database::Postgres(_) => {
                let numbers: Vec<String> = numbers.iter().map(f32::to_string).collect();
                format!("'{{{}}}'::real[]", numbers.join(", "))
            }
        };
        let last = self.size.clips - self.size.without_embedding;
        format!(
            "UPDATE clips SET embedding = {vector}, embedding_model = '{EMBEDDING_MODEL}', embedding_generated_at = imported_at
             WHERE game_id = '{game}' AND id <= {last}"
        )
    }

    /// A number that looks like chance and follows from `n`, the seed and what it is for.
    fn drawn(&self, what: u64, below: u64) -> String {
        let shift = (self.seed % 1_000_003 * 31_337 + what * 104_729) % 999_983;
        let mixed = format!("((n * 7919 + {shift}) % 999983)");
        format!("({mixed} * {mixed} % 1000003 % {below})")
    }

    /// The moment so many seconds ago.
    fn ago(&self, seconds: &str, now: DateTime<Utc>) -> String {
        match self.database {
            Database::Sqlite(_) => format!("({} - 1000 * ({seconds}))", now.timestamp_millis()),
            Database::Postgres(_) => {
                format!("(to_timestamp({}) - make_interval(secs => ({seconds})))", now.timestamp())
            }
        }
    }

    /// All of them, or none.
    async fn execute(&self, statements: Vec<String>) -> Result<(), sqlx::Error> {
        match &self.database {
            Database::Sqlite(pool) => {
                let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
                for statement in statements {
                    sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *transaction).await?;
                }
                transaction.commit().await
            }
            Database::Postgres(pool) => {
                let mut transaction = pool.begin().await?;
                for statement in statements {
                    sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *transaction).await?;
                }
                transaction.commit().await
            }
        }
    }
}

/// The numbers from one to another, as `n` of `numbers`.
fn numbers(first: u64, last: u64) -> String {
    format!(
        "WITH RECURSIVE numbers (n) AS (SELECT CAST({first} AS bigint) UNION ALL SELECT n + 1 FROM numbers WHERE n < {last})"
    )
}

#[cfg(test)]
mod tests {
    use e2e::postgres::Postgres;
    use tempfile::TempDir;

    use super::*;

    const SIZE: Size = Size { clips: 400, users: 120, deliveries: 200, without_embedding: 40 };

    /// What a filled database holds, in numbers that are the same on both databases.
    const FINGERPRINT: [&str; 6] = [
        "SELECT count(*) || ' clips, ' || sum(view_count) || ' views, ' || sum(vote_score) || ' votes, ' \
         || sum(comment_count) || ' comments, ' || sum(length(title)) || ' letters' FROM clips",
        "SELECT sum(CASE WHEN is_removed OR is_hidden THEN 1 ELSE 0 END) || ' not shown, ' \
         || sum(CASE WHEN embedding IS NULL THEN 1 ELSE 0 END) || ' without embedding' FROM clips",
        "SELECT count(*) || ' users, ' || sum(karma) || ' karma, ' || sum(CASE WHEN is_banned THEN 1 ELSE 0 END) || ' banned' \
         FROM users",
        "SELECT sum(comments) || ' ' || sum(votes_cast) || ' ' || sum(clips_submitted) || ' ' || sum(correct_reports) || ' ' \
         || sum(incorrect_reports) || ' ' || sum(days_active) FROM user_stats",
        "SELECT count(*) || ' deliveries, ' || sum(subscription_id) || ' in all' FROM webhook_deliveries",
        "SELECT count(*) || ' in the future' FROM clips WHERE created_at > imported_at",
    ];

    async fn connect(address: &str) -> Database {
        let database = Database::open(&address.parse().unwrap(), 2).await.unwrap();
        database.migrate().await.unwrap();
        database
    }

    async fn sqlite() -> (Database, TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let database = connect(&format!("sqlite:{}", folder.path().join("site.sqlite").display())).await;
        (database, folder)
    }

    async fn fill(database: &Database, size: Size, seed: u64) -> Site {
        let subscription = |share| {
            let url = format!("http://127.0.0.1:{share}/").parse().unwrap();
            Subscription { url, secret: "secret", share }
        };
        let now = "2026-03-01T10:00:00Z".parse().unwrap();
        Site::fill(database, size, seed, vec![subscription(70), subscription(30)], now).await.unwrap()
    }

    async fn fingerprint(database: &Database) -> String {
        let mut lines = Vec::new();
        for query in FINGERPRINT {
            let line: String = match database {
                Database::Sqlite(pool) => sqlx::query_scalar(query).fetch_one(pool).await.unwrap(),
                Database::Postgres(pool) => sqlx::query_scalar(query).fetch_one(pool).await.unwrap(),
            };
            lines.push(line);
        }
        lines.join("\n")
    }

    #[tokio::test]
    async fn a_site_is_the_same_for_the_same_seed_on_both_databases() {
        let (first, _folder) = sqlite().await;
        fill(&first, SIZE, 1).await;
        let found = fingerprint(&first).await;
        insta::assert_snapshot!(found, @"
        400 clips, 654763 views, 13786 votes, 4790 comments, 8841 letters
        12 not shown, 40 without embedding
        120 users, 142559 karma, 1 banned
        9888 68680 3489 1255 248 12331
        200 deliveries, 260 in all
        0 in the future
        ");
        let server = Postgres::start();
        let second = connect(&server.url("site", "")).await;
        fill(&second, SIZE, 1).await;
        assert_eq!(fingerprint(&second).await, found);
        let (third, _folder) = sqlite().await;
        fill(&third, SIZE, 2).await;
        assert_ne!(fingerprint(&third).await, found);
    }

    #[tokio::test]
    async fn the_smallest_site_is_one_too_and_is_visited() {
        let (database, _folder) = sqlite().await;
        let site = fill(&database, Size::of(1), u64::MAX).await;
        for second in 0..120 {
            site.visit(second, Utc::now()).await.unwrap();
        }
        let Database::Sqlite(pool) = &database else { unreachable!() };
        let count = async |table: &str| {
            let query = AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
            sqlx::query_scalar::<_, u64>(query).fetch_one(pool).await.unwrap()
        };
        assert_eq!(count("clips").await, 1 + 120 * VISIT.0);
        assert_eq!(count("webhook_deliveries").await, 50 + 120 * VISIT.1);
    }
}
