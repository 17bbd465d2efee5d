//! Small servers that behave like the services which the jobs speak to, on their good and on their
//! bad days: for the demo and for tests.
//!
//! They listen on loopback and have the real services' paths, headers, errors and limits, as far as
//! the jobs depend on them.

pub mod embeddings;
pub mod open_search;
pub mod receivers;
pub mod twitch;

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use reqwest::Url;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// What a service does instead of answering a request as it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// It answers with a status of its own: 500, 503 and the like.
    Fails(u16),
    /// It asks to be left alone for so many seconds.
    Busy(u32),
    /// It answers as it should, after a while.
    Slow(Duration),
    /// It takes the request, and never answers.
    Silent,
    /// It answers what nobody understands.
    Garbage,
    /// It begins an answer that has no end.
    Endless,
    /// It sends an answer byte by byte, a second apart.
    Trickling,
    /// It begins an answer and closes the connection.
    BrokenOff,
}

/// The moods of a service. Copies are the same.
#[derive(Debug, Clone, Default)]
pub struct Moods(Arc<Mutex<Mooded>>);

#[derive(Debug, Default)]
struct Mooded {
    next: VecDeque<Mood>,
    lasting: Option<Mood>,
}

impl Moods {
    /// Has the next requests meet these moods, one each.
    pub fn next(&self, moods: &[Mood]) {
        lock(&self.0).next.extend(moods);
    }

    /// Whether the next request is to meet a mood.
    pub(crate) fn is_set(&self) -> bool {
        let moods = lock(&self.0);
        moods.lasting.is_some() || !moods.next.is_empty()
    }

    /// Has every request meet a mood, until told otherwise.
    pub fn lasting(&self, mood: Option<Mood>) {
        lock(&self.0).lasting = mood;
    }

    /// What a mood makes of a request, if it does not leave it to be answered.
    pub(crate) async fn answer(&self) -> Option<Response> {
        let mood = {
            let mut moods = lock(&self.0);
            moods.next.pop_front().or(moods.lasting)
        };
        answer(mood?).await
    }
}

async fn answer(mood: Mood) -> Option<Response> {
    let streamed = |body| Some(([(header::CONTENT_TYPE, "application/json")], body).into_response());
    match mood {
        Mood::Fails(status) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            Some((status, "it fails").into_response())
        }
        Mood::Busy(seconds) => {
            let retry_after = [(header::RETRY_AFTER, seconds.to_string())];
            Some((StatusCode::TOO_MANY_REQUESTS, retry_after, "too many requests").into_response())
        }
        Mood::Slow(wait) => {
            tokio::time::sleep(wait).await;
            None
        }
        Mood::Silent => std::future::pending().await,
        Mood::Garbage => Some("<html>".into_response()),
        Mood::Endless => streamed(Body::from_stream(stream::repeat_with(|| {
            Ok::<_, io::Error>(Bytes::from_static(&[b' '; 16 * 1_024]))
        }))),
        Mood::Trickling => streamed(Body::from_stream(stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Some((Ok::<_, io::Error>(Bytes::from_static(b" ")), ()))
        }))),
        Mood::BrokenOff => streamed(Body::from_stream(stream::iter([
            Ok(Bytes::from_static(&[b' '; 64 * 1_024])),
            Err(io::Error::from(io::ErrorKind::ConnectionReset)),
        ]))),
    }
}

/// A server on a free port of loopback, which ends with this value.
#[derive(Debug)]
pub struct Server {
    url: Url,
    task: JoinHandle<()>,
}

impl Server {
    /// Serves a router.
    ///
    /// # Errors
    ///
    /// If the system has no port to give.
    pub async fn start(router: Router) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?).parse().map_err(io::Error::other)?;
        let task = tokio::spawn(async move {
            // It ends only when it is dropped.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { url, task })
    }

    /// Where it is.
    pub fn url(&self) -> &Url {
        &self.url
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What stand-ins remember is whole after each step, so that a panic of another thread does no harm
/// to it.
fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
