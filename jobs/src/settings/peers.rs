//! Whom the jobs speak to.

use std::num::NonZeroU32;

use reqwest::Url;

use super::reader::Reader;
use crate::cache::RedisAddress;
use crate::clip_sync::Wanted;
use crate::embeddings::Service;
use crate::search::SearchService;
use crate::twitch::Credentials;

/// What is not set, although a job needs it.
pub(super) type Missing = &'static str;

/// Who asks Twitch, or what is missing to know it.
pub(super) fn twitch(reader: &mut Reader<'_>) -> Result<Credentials, Missing> {
    let client_id = reader.optional("TWITCH_CLIENT_ID", "the id of the application", text, Clone::clone);
    let client_secret = reader.secret("TWITCH_CLIENT_SECRET");
    let mut url = |variable, default: &str| {
        let expected = "an address without user and password, as `https://api.twitch.tv`";
        reader.parsed(variable, default, expected, http_url, Url::to_string)
    };
    let auth_url = url("TWITCH_AUTH_URL", "https://id.twitch.tv/");
    let api_url = url("TWITCH_API_URL", "https://api.twitch.tv/");
    match (client_id, client_secret, auth_url.zip(api_url)) {
        (Some(client_id), Some(client_secret), Some((auth_url, api_url))) => {
            Ok(Credentials { client_id, client_secret, auth_url, api_url })
        }
        (None, None, _) => Err("TWITCH_CLIENT_ID and TWITCH_CLIENT_SECRET are not set"),
        (None, ..) => Err("TWITCH_CLIENT_ID is not set"),
        (_, None, _) => Err("TWITCH_CLIENT_SECRET is not set"),
        (.., None) => Err("TWITCH_AUTH_URL or TWITCH_API_URL cannot be used"),
    }
}

/// Which clips are wanted from Twitch.
pub(super) fn wanted(reader: &mut Reader<'_>) -> Wanted {
    let Wanted { language, just_chatting, others } = Wanted::default();
    let is_language = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_lowercase());
    let chosen = reader.parsed(
        "CLIP_SYNC_LANGUAGE",
        &language,
        "a language of two letters, as `en`",
        |text| is_language(text).then(|| text.to_owned()),
        Clone::clone,
    );
    let mut number = |variable, default: u32| {
        let accept = |text: &str| text.parse().ok().filter(|number| (1..=500).contains(number));
        reader.parsed(variable, &default.to_string(), "a number from 1 to 500", accept, u32::to_string)
    };
    Wanted {
        just_chatting: number("CLIP_SYNC_JUST_CHATTING", just_chatting).unwrap_or(just_chatting),
        others: number("CLIP_SYNC_OTHERS", others).unwrap_or(others),
        language: chosen.unwrap_or(language),
    }
}

/// Where embeddings are computed, or what is missing to know it.
pub(super) fn embeddings(reader: &mut Reader<'_>) -> Result<Service, Missing> {
    let base_url = reader.optional(
        "EMBEDDING_BASE_URL",
        "an address without user and password, as `https://api.openai.com`",
        http_url,
        Url::to_string,
    );
    let key = reader.secret("EMBEDDING_API_KEY");
    let model =
        reader.parsed("EMBEDDING_MODEL", "text-embedding-3-small", "the name of a model", text, Clone::clone);
    let dimensions = reader.parsed(
        "EMBEDDING_DIMENSIONS",
        "768",
        "a number from 1 to 16000",
        |text| text.parse().ok().filter(|number| (1..=16_000).contains(number)),
        u32::to_string,
    );
    let requests_per_minute = reader.parsed(
        "EMBEDDING_REQUESTS_PER_MINUTE",
        "500",
        "a number from 1 to 100000",
        |text| text.parse().ok().filter(|number: &NonZeroU32| number.get() <= 100_000),
        NonZeroU32::to_string,
    );
    let how = model.zip(dimensions).zip(requests_per_minute);
    match (base_url, key, how) {
        (Some(base_url), Some(key), Some(((model, dimensions), requests_per_minute))) => {
            Ok(Service { base_url, key, model, dimensions, requests_per_minute })
        }
        (None, None, _) => Err("EMBEDDING_BASE_URL and EMBEDDING_API_KEY are not set"),
        (None, ..) => Err("EMBEDDING_BASE_URL is not set"),
        (_, None, _) => Err("EMBEDDING_API_KEY is not set"),
        (.., None) => Err("a setting of the embeddings cannot be used"),
    }
}

/// Where embeddings are indexed, if an address is set. Without embeddings there is nothing to
/// index.
pub(super) fn search(reader: &mut Reader<'_>, embeddings: Option<&Service>) -> Option<SearchService> {
    let url = reader.optional(
        "OPENSEARCH_URL",
        "an address without user and password, as `https://search:9200`",
        http_url,
        Url::to_string,
    );
    let index = reader.parsed(
        "OPENSEARCH_INDEX",
        "clips",
        "small letters, digits, `-` and `_`, beginning with a letter",
        |text| is_index(text).then(|| text.to_owned()),
        Clone::clone,
    );
    let user = reader.optional("OPENSEARCH_USERNAME", "the name of a user", text, Clone::clone);
    let password = reader.secret("OPENSEARCH_PASSWORD");
    if user.is_some() != password.is_some() {
        let (missing, set) = match user {
            Some(_) => ("OPENSEARCH_PASSWORD", "OPENSEARCH_USERNAME"),
            None => ("OPENSEARCH_USERNAME", "OPENSEARCH_PASSWORD"),
        };
        reader.problem(missing, None, &format!("it is missing beside {set}"));
    }
    let dimensions = embeddings?.dimensions;
    let login = user.zip(password);
    Some(SearchService { url: url?, index: index?, dimensions, login })
}

/// Where Redis is, if an address is set.
pub(super) fn redis(reader: &mut Reader<'_>) -> Option<RedisAddress> {
    reader.secret_of(
        "REDIS_URL",
        "not set",
        "`redis://:PASSWORD@HOST:PORT`, or `rediss://…` for TLS",
        |text| text.parse().ok(),
        RedisAddress::to_string,
    )
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
