//! The stand-in for Twitch keeps to the contract that Twitch documents, and the jobs ask for
//! nothing else.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::collections::{BTreeMap, BTreeSet};

use chrono::Utc;
use clipper_jobs::cache::Cache;
use clipper_jobs::clip_sync::{Wanted, sync};
use clipper_jobs::database::{Address, Database};
use clipper_jobs::remote::Patience;
use clipper_jobs::twitch::{Credentials, Twitch};
use clipper_stage::stand_in::twitch::{CLIENT_ID, CLIENT_SECRET, TwitchService};
use jobwatch_catalogue::JobName;
use jobwatch_runtime::RunContext;
use reqwest::{Client, Response};
use serde::Deserialize;
use serde_json::Value;

type Texts = BTreeMap<String, String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Contract {
    sources: Vec<String>,
    token: TokenEndpoint,
    api: Api,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenEndpoint {
    method: String,
    path: String,
    form: Vec<String>,
    answer: Texts,
    error: Texts,
    wrong: Vec<Wrong>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Api {
    headers: Vec<String>,
    without_header: u16,
    answer_headers: Vec<String>,
    answer: Texts,
    error: Texts,
    endpoints: Vec<Endpoint>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Endpoint {
    method: String,
    path: String,
    required: Texts,
    optional: Texts,
    row: Texts,
    wrong: Vec<Wrong>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wrong {
    field: String,
    value: String,
    status: u16,
}

fn contract() -> Contract {
    serde_yaml::from_str(include_str!("../../src/twitch/contract.yaml")).unwrap()
}

fn client() -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().build().unwrap()
}

/// An object has the fields of the contract, with their types, and no others.
#[track_caller]
fn check_fields(found: &Value, expected: &Texts, what: &str) {
    let found = found.as_object().unwrap_or_else(|| panic!("{what}: {found}"));
    let names: BTreeSet<&String> = found.keys().collect();
    assert_eq!(names, expected.keys().collect(), "{what}");
    for (name, value) in found {
        let kind = match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        assert!(expected[name].split(" or ").any(|one| one == kind), "{what}: {name} is a {kind}");
    }
}

/// An answer of a status, as JSON.
async fn answered(answer: Response, status: u16, what: &str) -> Value {
    assert_eq!(answer.status().as_u16(), status, "{what}");
    serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_else(|error| panic!("{what}: {error}"))
}

async fn token(service: &TwitchService, endpoint: &TokenEndpoint, wrong: Option<&Wrong>) -> Response {
    let right = |field: &str| match field {
        "client_id" => CLIENT_ID,
        "client_secret" => CLIENT_SECRET,
        _ => "client_credentials",
    };
    let value = |field: &String| {
        let wrong = wrong.filter(|wrong| wrong.field == *field);
        (field.clone(), wrong.map_or_else(|| right(field).to_owned(), |wrong| wrong.value.clone()))
    };
    let form: Texts = endpoint.form.iter().map(value).collect();
    assert_eq!(endpoint.method, "POST");
    client().post(service.url().join(&endpoint.path).unwrap()).form(&form).send().await.unwrap()
}

/// Asks for an endpoint with some parameters, but for one of the headers.
async fn ask(
    service: &TwitchService,
    token: &str,
    endpoint: &Endpoint,
    query: &Texts,
    without: &str,
) -> Response {
    assert_eq!(endpoint.method, "GET");
    let mut request = client().get(service.url().join(&endpoint.path).unwrap()).query(query);
    for header in contract().api.headers.iter().filter(|header| *header != without) {
        let value = if header == "Authorization" { format!("Bearer {token}") } else { CLIENT_ID.to_owned() };
        request = request.header(header, value);
    }
    request.send().await.unwrap()
}

#[tokio::test]
async fn the_stand_in_answers_as_the_contract_says() {
    let (service, Contract { sources, token: grant, api }) =
        (TwitchService::start().await.unwrap(), contract());
    assert!(sources.iter().all(|source| source.starts_with("https://dev.twitch.tv/docs/")));
    for wrong in &grant.wrong {
        let what = format!("{} of {}", wrong.field, wrong.value);
        let error = answered(token(&service, &grant, Some(wrong)).await, wrong.status, &what).await;
        check_fields(&error, &grant.error, &what);
    }
    let granted = answered(token(&service, &grant, None).await, 200, &grant.path).await;
    check_fields(&granted, &grant.answer, &grant.path);
    let token = granted["access_token"].as_str().unwrap();

    for endpoint in &api.endpoints {
        let what = &endpoint.path;
        let mut all = endpoint.required.clone();
        all.extend(endpoint.optional.clone().into_iter().filter(|(_, value)| !value.is_empty()));
        for query in [&endpoint.required, &all] {
            let answer = ask(&service, token, endpoint, query, "").await;
            for header in &api.answer_headers {
                assert!(answer.headers().contains_key(header), "{what}: {header}");
            }
            let answer = answered(answer, 200, what).await;
            check_fields(&answer, &api.answer, what);
            let rows = answer["data"].as_array().unwrap();
            assert!(!rows.is_empty() && (query.len() < 2 || rows.len() == 5), "{what}: {}", rows.len());
            for row in rows {
                check_fields(row, &endpoint.row, what);
            }
        }
        for header in &api.headers {
            let answer = ask(&service, token, endpoint, &all, header).await;
            let what = format!("{what} without {header}");
            check_fields(&answered(answer, api.without_header, &what).await, &api.error, &what);
        }
        for Wrong { field, value, status } in &endpoint.wrong {
            let mut query = all.clone();
            query.insert(field.clone(), value.clone());
            let what = format!("{what}: {field} of {value}");
            let answer = ask(&service, token, endpoint, &query, "").await;
            check_fields(&answered(answer, *status, &what).await, &api.error, &what);
        }
    }
    service.limit(0);
    let answer = ask(&service, token, &api.endpoints[0], &Texts::new(), "").await;
    check_fields(&answered(answer, 429, "no points left").await, &api.error, "no points left");
}

#[tokio::test]
async fn the_jobs_ask_for_what_the_contract_has() {
    let (service, folder) = (TwitchService::start().await.unwrap(), tempfile::tempdir().unwrap());
    let address = Address::Sqlite(folder.path().join("clipper.sqlite"));
    let database = Database::connect(&address).await.unwrap();
    let cache = Cache::Table(database.clone());
    let credentials = Credentials {
        client_id: CLIENT_ID.to_owned(),
        client_secret: CLIENT_SECRET.to_owned(),
        auth_url: service.url().clone(),
        api_url: service.url().clone(),
    };
    let twitch = Twitch::new(credentials, Patience::default(), cache.clone()).unwrap();
    let run = RunContext::detached(JobName::new("clip_sync").unwrap());
    // So many that there is more than one page.
    let wanted = Wanted { just_chatting: 100, ..Wanted::default() };
    sync(&database, &cache, &twitch, &wanted, Utc::now(), &run).await.unwrap();
    let (requests, api) = (service.requests(), contract().api);
    let mut asked = BTreeSet::new();
    for request in &requests {
        let url = service.url().join(request).unwrap();
        let endpoint = api.endpoints.iter().find(|endpoint| endpoint.path == url.path());
        let endpoint = endpoint.unwrap_or_else(|| panic!("{request} is not in the contract"));
        let names: BTreeSet<String> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
        for name in &names {
            let is_known = endpoint.required.contains_key(name) || endpoint.optional.contains_key(name);
            assert!(is_known, "{name} of {request} is not in the contract");
        }
        assert!(endpoint.required.keys().all(|name| names.contains(name)), "{request}");
        asked.extend(names.into_iter().map(|name| format!("{} {name}", endpoint.path)));
    }
    let clips =
        ["after", "ended_at", "first", "game_id", "started_at"].map(|name| format!("/helix/clips {name}"));
    assert_eq!(asked, clips.into_iter().chain(["/helix/games/top first".to_owned()]).collect());
}
