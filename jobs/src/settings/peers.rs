//! Whom the jobs speak to.

use std::num::NonZeroU32;

use reqwest::Url;

use super::reader::Reader;
use super::table;
use crate::cache::RedisAddress;
use crate::clip_sync::Wanted;
use crate::embeddings::Service;
use crate::search::SearchService;
use crate::twitch::Credentials;

/// What is not set, although a job needs it.
pub(super) type Missing = &'static str;

/// Who asks Twitch, or what is missing to know it.
pub(super) fn twitch(reader: &mut Reader<'_>) -> Result<Credentials, Missing> {
    let client_id = reader.optional(&table::TWITCH_CLIENT_ID, text, Clone::clone);
    let client_secret = reader.secret(&table::TWITCH_CLIENT_SECRET);
    let auth_url = reader.parsed(&table::TWITCH_AUTH_URL, http_url, Url::to_string);
    let api_url = reader.parsed(&table::TWITCH_API_URL, http_url, Url::to_string);
    match (client_id, client_secret) {
        (Some(client_id), Some(client_secret)) => {
            Ok(Credentials { client_id, client_secret, auth_url, api_url })
        }
        (None, None) => Err("TWITCH_CLIENT_ID and TWITCH_CLIENT_SECRET are not set"),
        (None, _) => Err("TWITCH_CLIENT_ID is not set"),
        (_, None) => Err("TWITCH_CLIENT_SECRET is not set"),
    }
}

/// Which clips are wanted from Twitch.
pub(super) fn wanted(reader: &mut Reader<'_>) -> Wanted {
    let is_language = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_lowercase());
    Wanted {
        language: reader.parsed(
            &table::CLIP_SYNC_LANGUAGE,
            |text| is_language(text).then(|| text.to_owned()),
            Clone::clone,
        ),
        just_chatting: reader.parsed(
            &table::CLIP_SYNC_JUST_CHATTING,
            |text| table::CLIP_SYNC_JUST_CHATTING.accepts.number(text),
            u32::to_string,
        ),
        others: reader.parsed(
            &table::CLIP_SYNC_OTHERS,
            |text| table::CLIP_SYNC_OTHERS.accepts.number(text),
            u32::to_string,
        ),
    }
}

/// Where embeddings are computed, or what is missing to know it.
pub(super) fn embeddings(reader: &mut Reader<'_>) -> Result<Service, Missing> {
    let base_url = reader.optional(&table::EMBEDDING_BASE_URL, http_url, Url::to_string);
    let key = reader.secret(&table::EMBEDDING_API_KEY);
    let model = reader.parsed(&table::EMBEDDING_MODEL, text, Clone::clone);
    let dimensions = reader.parsed(
        &table::EMBEDDING_DIMENSIONS,
        |text| table::EMBEDDING_DIMENSIONS.accepts.number(text),
        u32::to_string,
    );
    let requests_per_minute = reader.parsed(
        &table::EMBEDDING_REQUESTS,
        |text| table::EMBEDDING_REQUESTS.accepts.number(text).and_then(NonZeroU32::new),
        NonZeroU32::to_string,
    );
    match (base_url, key) {
        (Some(base_url), Some(key)) => Ok(Service { base_url, key, model, dimensions, requests_per_minute }),
        (None, None) => Err("EMBEDDING_BASE_URL and EMBEDDING_API_KEY are not set"),
        (None, _) => Err("EMBEDDING_BASE_URL is not set"),
        (_, None) => Err("EMBEDDING_API_KEY is not set"),
    }
}

/// Where embeddings are indexed, if an address is set. Without embeddings there is nothing to
/// index.
pub(super) fn search(reader: &mut Reader<'_>, embeddings: Option<&Service>) -> Option<SearchService> {
    let url = reader.optional(&table::OPENSEARCH_URL, http_url, Url::to_string);
    let index =
        reader.parsed(&table::OPENSEARCH_INDEX, |text| is_index(text).then(|| text.to_owned()), Clone::clone);
    let user = reader.optional(&table::OPENSEARCH_USERNAME, text, Clone::clone);
    let password = reader.secret(&table::OPENSEARCH_PASSWORD);
    if user.is_some() != password.is_some() {
        let (missing, set) = match user {
            Some(_) => (table::OPENSEARCH_PASSWORD, table::OPENSEARCH_USERNAME),
            None => (table::OPENSEARCH_USERNAME, table::OPENSEARCH_PASSWORD),
        };
        reader.problem(missing.variable, None, &format!("it is missing beside {}", set.variable));
    }
    let dimensions = embeddings?.dimensions;
    Some(SearchService { url: url?, index, dimensions, login: user.zip(password) })
}

/// Where Redis is, if an address is set.
pub(super) fn redis(reader: &mut Reader<'_>) -> Option<RedisAddress> {
    reader.secret_of(&table::REDIS_URL, str::parse::<RedisAddress>, RedisAddress::to_string)
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// An address that is written in the log and in the settings: it must hold no secret.
fn http_url(text: &str) -> Option<Url> {
    let url = text.parse::<Url>().ok()?;
    let has_login = !url.username().is_empty() || url.password().is_some();
    (matches!(url.scheme(), "http" | "https") && !has_login).then_some(url)
}

fn is_index(text: &str) -> bool {
    let is_plain =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
    text.len() <= 255
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(is_plain)
}
