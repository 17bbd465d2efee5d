//! One attempt to deliver.

use std::error::Error;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{Client, StatusCode, Url};
use sha2::{Digest, Sha256};

use super::address::{AddressRule, GuardedResolver};
use super::limits::{ATTEMPTS, TIMEOUT};
use super::queue::Delivery;
use super::signature::sign;
use crate::plain::{self, one_line};

/// How much of a receiver's answer is read, in bytes.
const BODY: usize = 10 * 1_024;

/// How much of it is kept with the error, in characters.
const EXCERPT: usize = 200;

/// The wait after the first attempt, and the longest.
const WAITS: (TimeDelta, TimeDelta) = (TimeDelta::seconds(30), TimeDelta::hours(1));

/// The longest that a receiver may ask to be left alone.
const LONGEST_RETRY_AFTER: TimeDelta = TimeDelta::hours(24);

/// Sends messages to their receivers.
#[derive(Debug, Clone)]
pub struct Deliverer {
    client: Client,
    rule: AddressRule,
}

/// What became of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The receiver has it.
    Delivered,
    /// The receiver does not, and may have it later.
    Again { status: Option<u16>, error: String, wait: TimeDelta },
    /// It never will.
    Dead { status: Option<u16>, error: String },
    /// It never will, nor anything else of its subscription.
    Gone { error: String },
    /// There was no time.
    NotTried,
    /// The host only fails, and has not been asked. That is no attempt.
    LeftAlone { wait: TimeDelta },
}

impl Verdict {
    /// Whether the host has failed: it did not answer, or with a failure of its own. That it
    /// refuses a message is none.
    pub(super) fn is_failure_of_host(&self) -> bool {
        match self {
            Self::Again { status, .. } | Self::Dead { status, .. } => {
                status.is_none_or(|status| status >= 500)
            }
            _ => false,
        }
    }
}

impl Deliverer {
    /// Sends to addresses that a rule allows.
    ///
    /// # Errors
    ///
    /// If the system's certificates cannot be used.
    pub fn new(rule: AddressRule) -> Result<Self, reqwest::Error> {
        // The first one counts; all of this service take the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .user_agent("Clipper-Webhooks/1")
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            // An environment's proxy would resolve names where nobody checks them.
            .no_proxy()
            .dns_resolver(Arc::new(GuardedResolver(rule)))
            .build()?;
        Ok(Self { client, rule })
    }

    pub(super) async fn deliver(&self, delivery: &Delivery) -> Verdict {
        let url = match delivery.url.parse::<Url>() {
            Ok(url) => url,
            Err(error) => return Verdict::Dead { status: None, error: format!("no URL: {error}") },
        };
        if let Some(error) = self.rule.refuse(&url) {
            return Verdict::Dead { status: None, error };
        }
        let timestamp = Utc::now().timestamp();
        let request = self
            .client
            .post(url)
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", &delivery.message_id)
            .header("webhook-timestamp", timestamp)
            .header(
                "webhook-signature",
                sign(&delivery.secret, &delivery.message_id, timestamp, &delivery.payload),
            )
            .body(delivery.payload.clone());
        match request.send().await {
            Ok(response) => {
                let (status, headers) = (response.status(), response.headers().clone());
                // The answer is in; what comes after the status is for people.
                let excerpt = if status.is_success() { String::new() } else { excerpt(response).await };
                judge(delivery, status, &headers, &excerpt, Utc::now())
            }
            Err(error) => again(delivery, None, describe(&error), None),
        }
    }
}

/// What an answer means.
fn judge(
    delivery: &Delivery,
    status: StatusCode,
    headers: &HeaderMap,
    excerpt: &str,
    now: DateTime<Utc>,
) -> Verdict {
    let error = if excerpt.is_empty() { status.to_string() } else { format!("{status}: {excerpt}") };
    let code = Some(status.as_u16());
    match status.as_u16() {
        200..300 => Verdict::Delivered,
        410 => Verdict::Gone { error },
        400..500 if ![408, 425, 429].contains(&status.as_u16()) => Verdict::Dead { status: code, error },
        // Redirects are among the rest: they are not followed, since they could lead anywhere.
        _ => again(delivery, code, error, retry_after(headers, now)),
    }
}

/// The attempt failed. The next one is due after 30 s · 2^n, an hour at most, later if the
/// receiver asks for that; after the last one, it is dead.
pub(super) fn again(
    delivery: &Delivery,
    status: Option<u16>,
    error: String,
    retry_after: Option<TimeDelta>,
) -> Verdict {
    if delivery.attempts >= ATTEMPTS - 1 {
        return Verdict::Dead { status, error };
    }
    let wait = wait_after(delivery.attempts).max(retry_after.unwrap_or_default().min(LONGEST_RETRY_AFTER));
    Verdict::Again { status, error, wait: wait + jitter(delivery, wait) }
}

/// How long a delivery waits that had failed so many times before it failed again.
fn wait_after(attempts: i64) -> TimeDelta {
    let exponent = u32::try_from(attempts.clamp(0, 16)).unwrap_or(0);
    (WAITS.0 * 2_i32.pow(exponent)).min(WAITS.1)
}

/// Up to a tenth more, so that what failed together does not come back together. It follows from
/// the message and the attempt.
fn jitter(delivery: &Delivery, wait: TimeDelta) -> TimeDelta {
    let digest = Sha256::digest(format!("{}.{}", delivery.message_id, delivery.attempts));
    wait / 10 * i32::from(digest[0]) / 255
}

/// What a receiver asks for, as seconds or as a date.
fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<TimeDelta> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(TimeDelta::seconds(seconds.into()));
    }
    let at: DateTime<Utc> = httpdate::parse_http_date(text).ok()?.into();
    Some(at - now)
}

/// The beginning of an answer, in one line that acts on no terminal.
async fn excerpt(mut response: reqwest::Response) -> String {
    let mut body = Vec::new();
    while body.len() < BODY {
        match response.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            _ => break,
        }
    }
    body.truncate(BODY);
    plain::excerpt(&body, EXCERPT)
}

/// An error with its causes, without the address, which may hold a secret.
fn describe(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("no answer within {} s", TIMEOUT.as_secs());
    }
    let mut text = if error.is_connect() { "cannot connect".to_owned() } else { "cannot send".to_owned() };
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        if !text.ends_with(&next) {
            text = format!("{text}: {next}");
        }
        cause = error.source();
    }
    one_line(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-03-01T10:00:00Z".parse().unwrap()
    }

    #[track_caller]
    fn check(attempts: i64, status: u16, retry_after: Option<&str>, expected: &str) {
        let mut headers = HeaderMap::new();
        if let Some(value) = retry_after {
            headers.insert(RETRY_AFTER, value.parse().unwrap());
        }
        let delivery = Delivery {
            id: 1,
            message_id: "msg_1".to_owned(),
            subscription_id: 1,
            url: "https://example.com/".to_owned(),
            secret: "secret".to_owned(),
            payload: "{}".to_owned(),
            attempts,
        };
        let found = match judge(&delivery, StatusCode::from_u16(status).unwrap(), &headers, "", now()) {
            Verdict::Again { wait, .. } => {
                let seconds = wait.num_seconds();
                let rounded =
                    [30, 60, 120, 240, 3_600, 86_400].into_iter().rev().find(|step| seconds >= *step);
                let step = rounded.unwrap();
                assert!(seconds <= step + step / 10, "{seconds} s");
                format!("again after {step} s")
            }
            Verdict::Delivered => "delivered".to_owned(),
            Verdict::Dead { .. } => "dead".to_owned(),
            Verdict::Gone { .. } => "gone".to_owned(),
            Verdict::NotTried | Verdict::LeftAlone { .. } => unreachable!(),
        };
        assert_eq!(found, expected, "{status} after {attempts} attempts");
    }

    #[test]
    fn an_answer_means_what_the_policy_says() {
        for status in [200, 201, 204, 299] {
            check(0, status, None, "delivered");
        }
        for status in [400, 401, 403, 404, 422, 499] {
            check(0, status, None, "dead");
        }
        check(0, 410, None, "gone");
        for status in [301, 302, 307, 408, 425, 429, 500, 502, 503, 504, 599] {
            check(0, status, None, "again after 30 s");
        }
        for (attempts, expected) in
            [(1, "again after 60 s"), (2, "again after 120 s"), (3, "again after 240 s")]
        {
            check(attempts, 500, None, expected);
        }
        check(4, 500, None, "dead");
    }

    #[test]
    fn a_wait_is_twice_the_one_before_up_to_an_hour_however_many_attempts_there_are() {
        let seconds = |attempts| wait_after(attempts).num_seconds();
        assert_eq!([0, 1, 5, 6, 7, 8, i64::MAX].map(seconds), [30, 60, 960, 1_920, 3_600, 3_600, 3_600]);
    }

    #[test]
    fn a_receiver_may_ask_to_be_left_alone_for_a_day_at_most() {
        check(0, 429, Some("10"), "again after 30 s");
        check(0, 429, Some("3600"), "again after 3600 s");
        check(0, 503, Some("Sun, 01 Mar 2026 11:00:00 GMT"), "again after 3600 s");
        check(0, 503, Some("Sun, 01 Mar 2026 09:00:00 GMT"), "again after 30 s");
        check(0, 503, Some("4000000000"), "again after 86400 s");
        check(0, 503, Some("soon"), "again after 30 s");
    }
}
