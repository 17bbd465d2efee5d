//! The parts of Twitch's Helix API that the jobs need, with a made-up world of games and clips. It
//! keeps to the contract beside the jobs' client, which says where Twitch documents it.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Url;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Moods, Server, lock};

/// The id that may ask.
pub const CLIENT_ID: &str = "clipper-demo";

/// Its secret.
pub const CLIENT_SECRET: &str = "demo-secret-hunter2";

/// The games, the most watched first. "Just Chatting" is not among the first ten.
pub const GAMES: [(&str, &str); 11] = [
    ("21779", "League of Legends"),
    ("32982", "Grand Theft Auto V"),
    ("516575", "VALORANT"),
    ("27471", "Minecraft"),
    ("33214", "Fortnite"),
    ("512710", "Call of Duty: Warzone"),
    ("32399", "Counter-Strike"),
    ("29595", "Dota 2"),
    ("511224", "Apex Legends"),
    ("743", "Chess"),
    ("509658", "Just Chatting"),
];

/// Of the clips of each game, those at these places modulo five are in another language.
const LANGUAGES: [&str; 5] = ["en", "de", "en-GB", "EN", "es"];

/// How many clips each game has.
const CLIPS: usize = 200;

/// Twitch.
#[derive(Debug)]
pub struct TwitchService {
    server: Server,
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    moods: Moods,
    /// Games whose clips cannot be had.
    broken: Mutex<Vec<String>>,
    /// Whether texts end with a NUL.
    spoilt: AtomicBool,
    seen: Mutex<Seen>,
}

#[derive(Debug)]
struct Seen {
    tokens: Vec<String>,
    granted: usize,
    token_lifetime: u32,
    limit: u32,
    used: u32,
    window: i64,
    requests: Vec<String>,
    views: i64,
    /// The clips' ages are counted from here.
    begun: DateTime<Utc>,
}

impl Default for Seen {
    fn default() -> Self {
        let (granted, token_lifetime, limit) = (0, 4_000_000, 800);
        let (used, window, views) = (0, 0, 0);
        let (tokens, requests, begun) = (Vec::new(), Vec::new(), Utc::now());
        Self { tokens, granted, token_lifetime, limit, used, window, requests, views, begun }
    }
}

impl TwitchService {
    /// Starts it.
    ///
    /// # Errors
    ///
    /// If the system has no port to give.
    pub async fn start() -> io::Result<Self> {
        let inner = Arc::new(Inner::default());
        let helix = Router::new()
            .route("/helix/games/top", get(top_games))
            .route("/helix/clips", get(clips))
            .layer(middleware::from_fn_with_state(inner.clone(), admit));
        let router = Router::new().route("/oauth2/token", post(token)).merge(helix).with_state(inner.clone());
        Ok(Self { server: Server::start(router).await?, inner })
    }

    /// Where it is: both where tokens are given and where the API is.
    pub fn url(&self) -> &Url {
        self.server.url()
    }

    /// The moods of its API. Tokens are always given.
    pub fn moods(&self) -> &Moods {
        &self.inner.moods
    }

    /// Has no clips of some games until told otherwise.
    pub fn break_games(&self, games: &[&str]) {
        *lock(&self.inner.broken) = games.iter().map(|game| (*game).to_owned()).collect();
    }

    /// Has the texts of every game and clip end with a NUL, but for what they are asked for by and
    /// sorted out by.
    pub fn spoil_texts(&self) {
        self.inner.spoilt.store(true, Ordering::Relaxed);
    }

    /// Forgets all tokens that were given.
    pub fn revoke_tokens(&self) {
        lock(&self.inner.seen).tokens.clear();
    }

    /// Gives tokens that expire after so many seconds.
    pub fn token_lifetime(&self, seconds: u32) {
        lock(&self.inner.seen).token_lifetime = seconds;
    }

    /// Answers so many requests in a window of two seconds, where Twitch itself counts by the
    /// minute.
    pub fn limit(&self, requests: u32) {
        lock(&self.inner.seen).limit = requests;
    }

    /// Has every clip seen so many more times.
    pub fn watch(&self, views: i64) {
        lock(&self.inner.seen).views += views;
    }

    /// How many tokens were given.
    pub fn tokens_granted(&self) -> usize {
        lock(&self.inner.seen).granted
    }

    /// The paths with queries that were asked for since this was last called.
    pub fn requests(&self) -> Vec<String> {
        std::mem::take(&mut lock(&self.inner.seen).requests)
    }
}

async fn token(State(inner): State<Arc<Inner>>, Form(form): Form<BTreeMap<String, String>>) -> Response {
    let field = |name: &str| form.get(name).map(String::as_str);
    if field("grant_type") != Some("client_credentials") || field("client_id") != Some(CLIENT_ID) {
        return refuse_token(StatusCode::BAD_REQUEST, "invalid client");
    }
    if field("client_secret") != Some(CLIENT_SECRET) {
        return refuse_token(StatusCode::FORBIDDEN, "invalid client secret");
    }
    let mut seen = lock(&inner.seen);
    seen.granted += 1;
    let token = format!("demo-token-{}", seen.granted);
    seen.tokens.push(token.clone());
    answer(&json!({"access_token": token, "expires_in": seen.token_lifetime, "token_type": "bearer"}))
}

/// What comes before every answer of the API: moods, the token, the limit.
async fn admit(State(inner): State<Arc<Inner>>, request: Request, next: Next) -> Response {
    lock(&inner.seen).requests.push(request.uri().to_string());
    if let Some(answer) = inner.moods.answer().await {
        return answer;
    }
    if !is_known(&inner, request.headers()) {
        return error(StatusCode::UNAUTHORIZED, "Invalid OAuth token");
    }
    let (limit, remaining, reset) = {
        let mut seen = lock(&inner.seen);
        let window = Utc::now().timestamp() / 2;
        if seen.window != window {
            (seen.window, seen.used) = (window, 0);
        }
        seen.used += 1;
        (seen.limit, i64::from(seen.limit) - i64::from(seen.used), (window + 1) * 2)
    };
    let mut response = if remaining < 0 {
        error(StatusCode::TOO_MANY_REQUESTS, "Too Many Requests")
    } else {
        next.run(request).await
    };
    for (name, value) in [
        ("ratelimit-limit", limit.into()),
        ("ratelimit-remaining", remaining.max(0)),
        ("ratelimit-reset", reset),
    ] {
        response.headers_mut().insert(name, HeaderValue::from(value));
    }
    response
}

fn is_known(inner: &Inner, headers: &HeaderMap) -> bool {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let token = header("authorization").strip_prefix("Bearer ").unwrap_or_default();
    header("client-id") == CLIENT_ID && lock(&inner.seen).tokens.iter().any(|known| known == token)
}

#[derive(Deserialize)]
struct First {
    #[serde(default = "twenty")]
    first: usize,
}

fn twenty() -> usize {
    20
}

async fn top_games(State(inner): State<Arc<Inner>>, query: Result<Query<First>, QueryRejection>) -> Response {
    let Some(Query(First { first })) = query.ok().filter(|query| (1..=100).contains(&query.first)) else {
        return error(
            StatusCode::BAD_REQUEST,
            "The parameter \"first\" was malformed: the value must be between 1 and 100",
        );
    };
    let game = |(id, name): &(&str, &str)| {
        let box_art = format!("https://static-cdn.jtvnw.net/ttv-boxart/{id}-{{width}}x{{height}}.jpg");
        json!({"id": id, "name": name, "box_art_url": box_art, "igdb_id": ""})
    };
    let mut games: Vec<Value> = GAMES.iter().take(first).map(game).collect();
    spoil(&inner, &mut games, &["name"]);
    answer(&json!({"data": games, "pagination": {"cursor": "eyJzIjo"}}))
}

#[derive(Deserialize)]
struct ClipsQuery {
    game_id: String,
    started_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
    #[serde(default = "twenty")]
    first: usize,
    after: Option<String>,
}

async fn clips(
    State(inner): State<Arc<Inner>>,
    query: Result<Query<ClipsQuery>, QueryRejection>,
) -> Response {
    let is_in_order = |query: &ClipsQuery| match (query.started_at, query.ended_at) {
        (Some(started), Some(ended)) => started < ended,
        _ => true,
    };
    let is_sound = |query: &Query<ClipsQuery>| {
        !query.game_id.is_empty() && (1..=100).contains(&query.first) && is_in_order(query)
    };
    let Some(Query(query)) = query.ok().filter(is_sound) else {
        return error(StatusCode::BAD_REQUEST, "Malformed query params");
    };
    if lock(&inner.broken).contains(&query.game_id) {
        return error(StatusCode::INTERNAL_SERVER_ERROR, "");
    }
    let begin = match query.after.as_deref().map(|cursor| cursor.strip_prefix("at-")?.parse().ok()) {
        None => 0,
        Some(Some(place)) => place,
        Some(None) => return error(StatusCode::BAD_REQUEST, "The parameter \"after\" was malformed"),
    };
    let Some((_, game)) = GAMES.iter().find(|(id, _)| *id == query.game_id) else {
        return answer(&json!({"data": [], "pagination": {}}));
    };
    let (views, begun) = {
        let seen = lock(&inner.seen);
        (seen.views, seen.begun)
    };
    let end = (begin + query.first).min(CLIPS);
    let mut data: Vec<Value> =
        (begin..end).map(|place| clip(&query.game_id, game, place, begun, views)).collect();
    spoil(&inner, &mut data, &TEXTS);
    let cursor = if end < CLIPS { format!("at-{end}") } else { String::new() };
    answer(&json!({"data": data, "pagination": {"cursor": cursor}}))
}

/// The fields of a clip that are texts.
const TEXTS: [&str; 8] = [
    "id",
    "url",
    "broadcaster_id",
    "broadcaster_name",
    "creator_id",
    "creator_name",
    "title",
    "thumbnail_url",
];

fn spoil(inner: &Inner, rows: &mut [Value], fields: &[&str]) {
    if !inner.spoilt.load(Ordering::Relaxed) {
        return;
    }
    for row in rows {
        for field in fields {
            if let Value::String(text) = &mut row[*field] {
                text.push('\0');
            }
        }
    }
}

/// A clip, the most seen ones first. It follows from the game and the place.
fn clip(game_id: &str, game: &str, place: usize, begun: DateTime<Utc>, views: i64) -> Value {
    let age = TimeDelta::minutes(i64::try_from(place * 7 + 5).unwrap_or(0));
    let broadcaster = place % 17;
    json!({
        "id": format!("{game_id}-{place}"),
        "url": format!("https://clips.twitch.tv/{game_id}-{place}"),
        "embed_url": format!("https://clips.twitch.tv/embed?clip={game_id}-{place}"),
        "broadcaster_id": broadcaster.to_string(),
        "broadcaster_name": format!("streamer_{broadcaster}"),
        "creator_id": (1_000 + place % 29).to_string(),
        "creator_name": format!("viewer_{}", place % 29),
        "video_id": "",
        "game_id": game_id,
        "language": LANGUAGES[place % LANGUAGES.len()],
        "title": format!("{game}: moment {place}"),
        "view_count": i64::try_from((CLIPS - place) * 50).unwrap_or(0) + views,
        "created_at": (begun - age).format("%FT%TZ").to_string(),
        "thumbnail_url": format!("https://clips-media-assets2.twitch.tv/{game_id}-{place}.jpg"),
        "duration": 30.0,
        "vod_offset": null,
        "is_featured": false,
    })
}

fn answer(body: &Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

/// Where tokens are given, errors have no name.
fn refuse_token(status: StatusCode, message: &str) -> Response {
    let body = json!({"status": status.as_u16(), "message": message});
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

fn error(status: StatusCode, message: &str) -> Response {
    let reason = status.canonical_reason().unwrap_or_default();
    let body = json!({"error": reason, "status": status.as_u16(), "message": message});
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}
