//! A connection, while something is asked over it.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnection, PgPool};
use sqlx::{Connection, Postgres};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};

use super::reach::reach_postgres;
use crate::store::silent::silent;

/// How many connections whose answer nobody waits for any longer are left to the server at most.
/// A table that is locked for hours is not to cost it all of its connections.
const MOST_LEFT: usize = 8;

/// How long the server may be at work for somebody who has left. One that went silent, as when a
/// firewall has forgotten the connection, would be waited for for ever.
const LONGEST_LEFT: Duration = Duration::from_secs(3_600);

/// How often is looked, while a connection is asked for, whether one that is open has become idle.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// How long it may take to learn why there is no connection. Whoever asked has waited already.
const REASON_WAIT: Duration = Duration::from_millis(500);

/// A pool whose connections are not kept from others by what was given up.
#[derive(Debug, Clone)]
pub(super) struct Lender {
    pub(super) pool: PgPool,
    left: Arc<Semaphore>,
}

/// A connection that goes back to its pool once the server has answered.
///
/// Where this is dropped before, the pool would wait for the server, and the connection would be
/// missing for as long. It leaves the pool instead, which may open another in its place, and is
/// closed when the server is done with it: sooner, the server would take no notice.
pub(super) struct Lent {
    connection: Option<PoolConnection<Postgres>>,
    left: Arc<Semaphore>,
}

impl Lender {
    pub(super) fn new(pool: PgPool) -> Self {
        Self { pool, left: Arc::new(Semaphore::new(MOST_LEFT)) }
    }

    pub(super) async fn lend(&self) -> Result<Lent, sqlx::Error> {
        // The pool asks the server for a new one until it gets it, even if the server refuses any
        // more and others become idle.
        let acquired = tokio::select! {
            biased;
            acquired = self.pool.acquire() => acquired,
            idle = self.become_idle() => Ok(idle),
        };
        match acquired {
            Ok(connection) => Ok(Lent { connection: Some(connection), left: self.left.clone() }),
            Err(error) => Err(self.reason(error).await),
        }
    }

    /// A connection that was not idle when it was asked for. It waits for as long as there is none.
    async fn become_idle(&self) -> PoolConnection<Postgres> {
        loop {
            sleep(LOOK_EVERY).await;
            if let Some(mut idle) = self.pool.try_acquire() {
                if idle.ping().await.is_ok() {
                    return idle;
                }
                idle.close_on_drop();
            }
        }
    }

    /// Why there is no connection, where the pool's error does not say so, or not of which server.
    async fn reason(&self, error: sqlx::Error) -> sqlx::Error {
        if !matches!(error, sqlx::Error::PoolTimedOut | sqlx::Error::Io(_)) {
            return error;
        }
        let reached = reach_postgres(&self.pool.connect_options(), REASON_WAIT).await;
        reached.err().unwrap_or(error)
    }
}

impl Lent {
    /// The server has answered, whatever it says.
    pub(super) fn answered(mut self) {
        self.connection = None;
    }
}

impl Deref for Lent {
    type Target = PgConnection;

    #[expect(clippy::expect_used, reason = "it is taken where this is dropped, and nowhere else")]
    fn deref(&self) -> &PgConnection {
        self.connection.as_ref().expect("it is there until this is dropped")
    }
}

impl DerefMut for Lent {
    #[expect(clippy::expect_used, reason = "it is taken where this is dropped, and nowhere else")]
    fn deref_mut(&mut self) -> &mut PgConnection {
        self.connection.as_mut().expect("it is there until this is dropped")
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        if let (Ok(left), Ok(runtime)) = (self.left.clone().try_acquire_owned(), Handle::try_current()) {
            runtime.spawn(silent(close(connection.detach(), left)));
        }
    }
}

/// Closes a connection that may still be at work for somebody who has left.
async fn close(mut connection: PgConnection, _left: OwnedSemaphorePermit) {
    // Whatever either comes to, nobody uses it any more.
    let answered = timeout(LONGEST_LEFT, connection.ping()).await;
    if answered.is_ok_and(|answer| answer.is_ok()) {
        let _ = connection.close().await;
    }
}
