//! Serves routers, within limits: whoever has no token may be slow, and may come in numbers.

use std::convert::Infallible;
use std::io;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::response::IntoResponse;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tower::ServiceExt;

use super::connections::{Activity, Connections};
use super::problem::Problem;
use crate::log::log;

/// How long to wait before another connection is accepted when one could not be.
const ACCEPT_AGAIN: Duration = Duration::from_millis(50);

/// How often it is said that connections have to give way, and for how long there are fewer of them
/// after the process could open no more files.
const SAY_AGAIN: Duration = Duration::from_secs(60);

/// How many connections may wait until they are accepted. Beyond that, the kernel drops them, and a
/// client waits for a second before it asks again; the kernel's own limit, 4096 on Linux, holds
/// besides.
const BACKLOG: i32 = 4_096;

/// What [`serve`] allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many connections there may be at once: 32. One more takes the place of the one that has
    /// gone longest without a request. This is to be well below the number of files that the
    /// process may open, of which its database needs some. Where it is not, there are fewer for a
    /// minute whenever one cannot be accepted: three of four that there were.
    pub connections: usize,
    /// How long the head of a request may take to arrive, and how long a connection may rest before
    /// it: 10 s.
    pub head: Duration,
    /// How long a request may take from then on until there is an answer, its body included: 30 s.
    pub request: Duration,
    /// How long a connection may go on: 60 s. A request in progress may come to its end within the
    /// time that any may take. Whoever does not read the answer is left then.
    pub connection: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 32,
            head: Duration::from_secs(10),
            request: Duration::from_secs(30),
            connection: Duration::from_secs(60),
        }
    }
}

/// Serves a router until this is dropped, by HTTP/1.1. Connections that are slow, idle or many are
/// closed, so that probes and scrapes are answered.
///
/// ```
/// # use jobwatch_runtime::{Runtime, http};
/// # async fn served(runtime: Runtime, registry: &prometheus::Registry) -> std::io::Result<()> {
/// let router = http::observe(runtime.handle(), registry)
///     .merge(http::admin(runtime.handle(), http::AdminToken::new("secret")));
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
/// tokio::spawn(http::serve(listener, router, http::Limits::default()));
/// runtime.run().await;
/// # Ok(())
/// # }
/// ```
pub async fn serve(listener: TcpListener, router: Router, limits: Limits) -> Infallible {
    // Whoever listens has asked for 128 or so.
    if let Err(error) = SockRef::from(&listener).listen(BACKLOG) {
        log!(warn, %error, "no more connections may wait than before");
    }
    let mut tasks = JoinSet::new();
    let mut connections = Connections::default();
    let mut said: Option<Instant> = None;
    let mut scarce: Option<Scarce> = None;
    loop {
        let most = scarce.as_ref().filter(|scarce| scarce.since.elapsed() < SAY_AGAIN);
        let most = most.map_or(limits.connections, |scarce| scarce.most);
        let is_full = connections.number() >= most;
        let full_until = connections.may_close_at().filter(|at| is_full && *at > Instant::now());
        let accepted = tokio::select! {
            Some(ended) = tasks.join_next_with_id() => {
                connections.closed(ended.map_or_else(|error| error.id(), |(id, ())| id));
                continue;
            }
            () = sleep_until(full_until.unwrap_or_else(Instant::now)), if full_until.is_some() => continue,
            accepted = listener.accept(), if full_until.is_none() => accepted,
        };
        let is_news = said.is_none_or(|said| said.elapsed() > SAY_AGAIN);
        match accepted {
            Ok((stream, _)) => {
                if is_full {
                    connections.close_one();
                    if is_news {
                        said = Some(Instant::now());
                        log!(warn, most, "there are too many connections; those without a request give way");
                    }
                }
                let activity = connections.activity();
                let task = tasks.spawn(connection(stream, router.clone(), limits, activity.clone()));
                connections.opened(task, activity);
            }
            Err(error) if is_of_the_client(&error) => {}
            Err(error) => {
                // The process may open no more files, for one. A connection less is a file more,
                // and jobs need some, too.
                let number = connections.number();
                let (most, close) = fewer(number);
                scarce = Some(Scarce { since: Instant::now(), most });
                if is_news {
                    said = Some(Instant::now());
                    log!(error, %error, most, "a connection cannot be accepted; others give way; see `ulimit -n`");
                }
                if number == 0 {
                    sleep(ACCEPT_AGAIN).await;
                }
                for _ in 0..close {
                    connections.close_one();
                    // Its file is there to be used again once the task has ended.
                    if let Ok(Some(ended)) = timeout(ACCEPT_AGAIN, tasks.join_next_with_id()).await {
                        connections.closed(ended.map_or_else(|error| error.id(), |(id, ())| id));
                    }
                }
            }
        }
    }
}

/// The process could open no more files, and has fewer connections for a while.
struct Scarce {
    since: Instant,
    most: usize,
}

/// How many connections there may be where so many are too many, and how many of them are to be
/// closed: there is room for one then.
fn fewer(number: usize) -> (usize, usize) {
    let most = (number * 3 / 4).max(1);
    (most, number.min(number.saturating_sub(most) + 1))
}

/// Whether it was one client that has gone away.
fn is_of_the_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    [ConnectionAborted, ConnectionRefused, ConnectionReset].contains(&error.kind())
}

async fn connection(stream: TcpStream, router: Router, limits: Limits, activity: Activity) {
    let answer = service_fn(|request: hyper::Request<Incoming>| {
        let answering = activity.answer();
        let answered = timeout(limits.request, router.clone().oneshot(request));
        async move {
            let _answering = answering;
            answered.await.unwrap_or_else(|_| Ok(Problem::too_slow().into_response()))
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .serve_connection(TokioIo::new(stream), answer);
    let mut connection = pin!(connection);
    // A client that goes away, or is too slow, is no fault of ours.
    if timeout(limits.connection, connection.as_mut()).await.is_err() {
        connection.as_mut().graceful_shutdown();
        let _ = timeout(limits.request, connection).await;
    }
}

#[cfg(test)]
mod tests {
    use super::fewer;

    #[test]
    fn connections_that_are_too_many_become_fewer_and_there_is_room_for_one() {
        // Others may have all the files.
        assert_eq!(fewer(0), (1, 0));
        for number in 1..100 {
            let (most, close) = fewer(number);
            assert!((1..=number).contains(&most) && (1..=number).contains(&close), "{number}");
            assert!(number - close < most, "{number}");
        }
    }
}
