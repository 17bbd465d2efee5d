//! The token that opens the API.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use jobwatch_runtime::JobError;
use reqwest::StatusCode;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use super::credentials::Credentials;
use super::seal::Seal;
use crate::cache::Cache;
use crate::remote::Remote;

/// So long before it expires, a token is replaced.
const MARGIN: TimeDelta = TimeDelta::minutes(5);

/// The longest answer that is read, in bytes.
const LONGEST: usize = 64 << 10;

/// A token, and one replacement at a time.
#[derive(Default)]
pub(super) struct Token(Mutex<Option<Known>>);

#[derive(Clone, Serialize, Deserialize)]
struct Known {
    text: String,
    until: DateTime<Utc>,
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    expires_in: u32,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(***)")
    }
}

impl Token {
    /// A token that is good for a while, and not the one that was refused: the one in use, another
    /// replica's, or a new one.
    pub(super) async fn get(
        &self,
        remote: &Remote,
        credentials: &Credentials,
        cache: &Cache,
        refused: Option<&str>,
    ) -> Result<String, JobError> {
        let is_good =
            |known: &Known| known.until > Utc::now() + MARGIN && Some(known.text.as_str()) != refused;
        let mut known = self.0.lock().await;
        if let Some(known) = known.as_ref().filter(|known| is_good(known)) {
            return Ok(known.text.clone());
        }
        // An application has one token at a time, whichever address it is asked for at.
        let key = format!("twitch-token:{}:{}", credentials.client_id, credentials.auth_url);
        // It opens the API to whoever reads the cache, or a copy of it.
        let seal = Seal::new(&credentials.client_secret);
        let sealed = cache.get(std::slice::from_ref(&key)).await?.remove(&key);
        let opened = seal.as_ref().zip(sealed).and_then(|(seal, sealed)| seal.open(&key, &sealed));
        let shared: Option<Known> = opened.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let found = match shared.filter(|known| is_good(known)) {
            Some(shared) => shared,
            None => {
                let new = grant(remote, credentials).await?;
                let lifetime = (new.until - Utc::now()).to_std().unwrap_or_default();
                // A struct of a text and a moment always becomes JSON.
                let bytes = serde_json::to_vec(&new).unwrap_or_default();
                if let Some(sealed) = seal.and_then(|seal| seal.close(&key, &bytes)) {
                    cache.put(&BTreeMap::from([(key, sealed)]), lifetime).await?;
                }
                new
            }
        };
        let text = found.text.clone();
        *known = Some(found);
        Ok(text)
    }
}

/// Asks for a token, by the client credentials grant. The secret goes in the body, and never in a
/// URL.
async fn grant(remote: &Remote, credentials: &Credentials) -> Result<Known, JobError> {
    let url = format!("{}/oauth2/token", credentials.auth_url.as_str().trim_end_matches('/'));
    let form = [
        ("client_id", credentials.client_id.as_str()),
        ("client_secret", credentials.client_secret.as_str()),
        ("grant_type", "client_credentials"),
    ];
    let again = |problem: String| JobError::retryable(format!("Twitch gives no token: {problem}"));
    let answer = remote.send(remote.http().post(url).form(&form), LONGEST).await;
    let answer = answer.map_err(|failure| again(format!("it {failure}")))?;
    match answer.status {
        StatusCode::OK => match serde_json::from_slice::<Granted>(&answer.body) {
            Ok(Granted { access_token, expires_in }) => {
                let until = Utc::now() + TimeDelta::seconds(expires_in.into());
                Ok(Known { text: access_token, until })
            }
            // What it says instead may hold what must not be told.
            Err(_) => Err(again("its answer is none".to_owned())),
        },
        StatusCode::TOO_MANY_REQUESTS => Err(again("too many requests".to_owned())),
        status => Err(JobError::permanent(format!(
            "Twitch gives no token: {status}; see to TWITCH_CLIENT_ID and TWITCH_CLIENT_SECRET"
        ))),
    }
}
