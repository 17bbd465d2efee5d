//! Another service, spoken to over HTTP: with a deadline, within bounds, and left alone for a while
//! when it only fails.

use std::fmt;
use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{RequestBuilder, StatusCode};

use crate::health::{Health, Refusal};

/// How long it takes until a service is given up, and tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// How long an answer may take, with its body.
    pub timeout: Duration,
    /// The wait before the second attempt; it doubles with each.
    pub first_wait: Duration,
    /// How long a service that only fails is left alone.
    pub pause: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(15),
            first_wait: Duration::from_secs(1),
            pause: Duration::from_secs(30),
        }
    }
}

/// A service. Copies share its health.
#[derive(Debug, Clone)]
pub(crate) struct Remote {
    http: reqwest::Client,
    patience: Patience,
    health: Health,
}

/// What a service answered, if it was not a failure of its own.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// The service gave no answer that is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    Timeout,
    Unreachable,
    BrokenOff,
    TooLong(usize),
    Status(StatusCode),
    /// It does not let us in; and what to do.
    Refused(StatusCode, &'static str),
    LeftAlone(Duration),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Timeout => f.write_str("does not answer in time"),
            Self::Unreachable => f.write_str("cannot be reached"),
            Self::BrokenOff => f.write_str("broke off its answer"),
            Self::TooLong(most) => write!(f, "answers more than {most} bytes"),
            Self::Status(status) => write!(f, "fails: {status}"),
            Self::Refused(status, next_step) => write!(f, "refuses us: {status}; {next_step}"),
            Self::LeftAlone(pause) => {
                write!(f, "only fails, and is left alone for up to {} s", pause.as_secs())
            }
        }
    }
}

impl Remote {
    /// A service with a name for messages.
    ///
    /// # Errors
    ///
    /// If the system's certificates cannot be used.
    pub(crate) fn new(name: &'static str, patience: Patience) -> Result<Self, reqwest::Error> {
        // The first one counts; all of this service take the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .timeout(patience.timeout)
            // A redirect would take a secret along to wherever it leads.
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self { http, patience, health: Health::new(name, patience.pause) })
    }

    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.http
    }

    pub(crate) fn patience(&self) -> Patience {
        self.patience
    }

    pub(crate) fn health(&self) -> Health {
        self.health.clone()
    }

    /// Sends a request and reads the answer, but not one that has no end. An answer of 500 or more
    /// is a failure.
    pub(crate) async fn send(&self, request: RequestBuilder, most: usize) -> Result<Answer, Failure> {
        self.ask(answer(request, most)).await
    }

    /// The same, where a status is a failure as well for which there is something to do.
    pub(crate) async fn send_unless(
        &self,
        request: RequestBuilder,
        most: usize,
        refused: impl Fn(StatusCode) -> Option<&'static str>,
    ) -> Result<Answer, Failure> {
        let admitted = async {
            let answer = answer(request, most).await?;
            match refused(answer.status) {
                Some(next_step) => Err(Failure::Refused(answer.status, next_step)),
                None => Ok(answer),
            }
        };
        self.ask(admitted).await
    }

    async fn ask(&self, request: impl Future<Output = Result<Answer, Failure>>) -> Result<Answer, Failure> {
        self.health.ask(request).await.map_err(|refusal| match refusal {
            Refusal::Failed(failure) => failure,
            Refusal::LeftAlone => Failure::LeftAlone(self.patience.pause),
        })
    }
}

async fn answer(request: RequestBuilder, most: usize) -> Result<Answer, Failure> {
    let failure =
        |error: &reqwest::Error, otherwise| if error.is_timeout() { Failure::Timeout } else { otherwise };
    let mut response = request.send().await.map_err(|error| failure(&error, Failure::Unreachable))?;
    let status = response.status();
    if status.is_server_error() {
        return Err(Failure::Status(status));
    }
    let headers = std::mem::take(response.headers_mut());
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| failure(&error, Failure::BrokenOff))? {
        if body.len() + chunk.len() > most {
            return Err(Failure::TooLong(most));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, headers, body })
}
