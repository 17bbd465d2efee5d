//! Connections to a server of PostgreSQL that may give fewer than are asked for.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use futures_util::{FutureExt, Stream, TryFutureExt, TryStreamExt, stream};
use jobwatch_runtime::store::Unprepared;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgQueryResult, PgRow, PgStatement, PgTypeInfo};
use sqlx::{Connection, Either, Execute, Executor, PgPool, Postgres, SqlStr, Transaction};
use tokio::time::{Instant, sleep, timeout};

use super::pooler;
use super::reach::reach;
use super::share::Share;
use super::trouble::Trouble;

/// How long is waited for a connection.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// How often is looked, meanwhile, whether one that is open has become idle.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// After so long, it is found out why there is none.
const SUSPICIOUS: Duration = Duration::from_millis(500);

/// How long a connection may take to say that it is there. One that went silent, as when a firewall
/// has forgotten it, never does.
const LONGEST_PING: Duration = Duration::from_secs(2);

/// How long the server may be at work for a run that has ended, as by its timeout, and its
/// connection be missing. Then it is closed, and another one may take its place.
const LONGEST_REST: Duration = Duration::from_secs(5);

/// How often the server is asked whether it is there.
const WATCH_EVERY: Duration = Duration::from_secs(5);

/// How many connections a runtime has at most. They stay open, and nobody else takes them.
const OF_RUNTIME: u32 = 2;

/// How long a runtime waits for one of its connections: less than for the answer.
const RUNTIME_WAIT: Duration = Duration::from_secs(4);

/// A pool of connections that uses idle ones before it asks for new ones, and knows why it has
/// none. Copies share it.
#[derive(Debug, Clone)]
pub struct Connections {
    pool: PgPool,
    options: Arc<PgConnectOptions>,
    trouble: Trouble,
    share: Arc<Share>,
    is_looked_into: Arc<AtomicBool>,
    keeps_prepared: bool,
}

impl Connections {
    /// So many at most. One is made to learn whether any can be had.
    pub(super) async fn open(options: &PgConnectOptions, most: u32) -> Result<Self, sqlx::Error> {
        // PgBouncer refuses whoever sets the digits of floating point numbers, which are all there
        // in what is sent between us.
        let options = options.clone().application_name("clipper-jobs").extra_float_digits(None);
        let options = Arc::new(options);
        reach(&options).await?;
        let keeps_prepared = pooler::keeps_prepared(&options).await?;
        let pool = pool_of(most).acquire_timeout(LONGEST_WAIT);
        // They are tested here, in a bounded time.
        let pool = pool.test_before_acquire(false).connect_with(options.as_ref().clone()).await?;
        let trouble = Trouble::default();
        Ok(Self {
            share: Arc::new(Share::new(pool.clone(), trouble.clone())),
            pool,
            options,
            trouble,
            is_looked_into: Arc::default(),
            keeps_prepared,
        })
    }

    /// Whether what is prepared on a connection is there for its next transaction. It is not behind
    /// some poolers, where each statement has to be [`Unprepared`] in a transaction.
    pub(crate) fn keeps_prepared(&self) -> bool {
        self.keeps_prepared
    }

    /// A connection, idle or new. Behind a pooler, statements need a transaction: see
    /// [`Self::begin`].
    ///
    /// # Errors
    ///
    /// Why there is none, with the server's host and port where it does not say so itself.
    pub async fn acquire(&self) -> Result<PoolConnection<Postgres>, sqlx::Error> {
        let begun = Instant::now();
        let mut asked = None;
        loop {
            // What is asked for is counted, too.
            let (size, most) = (self.pool.size(), self.share.most());
            if size > most {
                asked = None;
            } else if asked.is_none() && (size < most || self.share.is_whole()) {
                // It asks the server for a new one until it gets it, even if the server refuses any
                // more and others become idle.
                asked = Some(Box::pin(self.pool.acquire()));
            }
            let answer = async {
                match &mut asked {
                    Some(asked) => asked.await,
                    None => pending().await,
                }
            };
            let taken = tokio::select! {
                biased;
                answer = answer => {
                    asked = None;
                    match answer {
                        Err(sqlx::Error::PoolTimedOut) => return Err(self.reason().await),
                        answered => Some(answered?),
                    }
                }
                // Those that become idle while the runtime waits are for the server to give to it.
                () = sleep(LOOK_EVERY) => (self.share.most() > 0).then(|| self.idle()).flatten(),
            };
            if let Some(connection) = taken
                && let Some(answering) = answering(connection).await
            {
                return Ok(answering);
            }
            if begun.elapsed() > LONGEST_WAIT {
                return Err(self.reason().await);
            }
            if begun.elapsed() > SUSPICIOUS && !self.is_looked_into.swap(true, Ordering::Relaxed) {
                let connections = self.clone();
                tokio::spawn(async move {
                    connections.trouble.note(reach(&connections.options).await.err().as_ref());
                    connections.is_looked_into.store(false, Ordering::Relaxed);
                });
            }
        }
    }

    /// One that is idle: while the server refuses any more, one that the runtime can do without.
    fn idle(&self) -> Option<PoolConnection<Postgres>> {
        let own = self.pool.try_acquire();
        own.or_else(|| self.trouble.is_refusal().then(|| self.share.borrow()).flatten())
    }

    /// Why none can be had.
    async fn reason(&self) -> sqlx::Error {
        match reach(&self.options).await {
            Err(error) => {
                self.trouble.note(Some(&error));
                error
            }
            Ok(()) => sqlx::Error::PoolTimedOut,
        }
    }

    /// Begins a transaction.
    ///
    /// # Errors
    ///
    /// As [`Self::acquire`], or what the server says.
    pub async fn begin(&self) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        Transaction::begin(self.acquire().await?, None).await
    }

    /// Closes all connections. Nobody gets one any more.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// A pool for what a runtime keeps, so that jobs which have all other connections do not hold
    /// it up. It is as small as the server wants it to be.
    ///
    /// # Errors
    ///
    /// Why not even one can be had.
    pub(super) async fn of_runtime(&self) -> Result<PgPool, sqlx::Error> {
        let open = async |most| {
            let pool = pool_of(most).acquire_timeout(RUNTIME_WAIT);
            let pool = pool.idle_timeout(None).max_lifetime(None);
            pool.connect_with(self.options.as_ref().clone()).await
        };
        let pool = match open(OF_RUNTIME).await {
            Err(sqlx::Error::PoolTimedOut) => return Err(self.reason().await),
            opened => opened?,
        };
        // A pool that may not have what it is there for would wait for it in vain.
        let first = pool.acquire().await?;
        let second = reach(&self.options).await;
        let has_both = second.is_ok() && pool.acquire().await.is_ok();
        drop(first);
        let pool = if has_both {
            pool
        } else {
            self.trouble.note(second.err().as_ref());
            pool.close().await;
            self.share.settle();
            open(1).await?
        };
        self.share.put_first(&pool);
        Ok(pool)
    }

    /// What is wrong with the server, if anything is, in words that anybody may read.
    pub(super) fn trouble(&self) -> Option<String> {
        self.trouble.told()
    }

    /// Asks the server from time to time whether it is there, and sees to it that the runtime has a
    /// connection, for ever.
    pub(super) async fn watch(&self) {
        tokio::join!(self.look(), self.share.keep());
    }

    async fn look(&self) {
        loop {
            let answer = async { self.acquire().await?.ping().await };
            // One that the jobs have borrowed answers, too, and does not mean that all is well.
            if self.trouble().is_some() || !matches!(timeout(WATCH_EVERY, answer).await, Ok(Ok(()))) {
                self.trouble.note(reach(&self.options).await.err().as_ref());
            }
            sleep(WATCH_EVERY).await;
        }
    }
}

/// A pool of so many connections at most, which keeps none that does not answer when it comes back.
/// Left to itself, it would wait for one that went silent in the middle of a statement for ever.
fn pool_of(most: u32) -> PgPoolOptions {
    PgPoolOptions::new().max_connections(most).after_release(|connection, _| {
        let answer = timeout(LONGEST_REST, connection.ping()).map(|answer| match answer {
            Ok(answered) => answered.map(|()| true),
            Err(_) => Ok(false),
        });
        answer.boxed()
    })
}

/// A connection that says that it is there. One that does not is closed.
async fn answering(mut connection: PoolConnection<Postgres>) -> Option<PoolConnection<Postgres>> {
    match timeout(LONGEST_PING, connection.ping()).await {
        Ok(Ok(())) => return Some(connection),
        Ok(Err(error)) => tracing::debug!(%error, "a connection to the database has ended"),
        Err(_) => {
            let wait_seconds = LONGEST_PING.as_secs();
            tracing::warn!(wait_seconds, "a connection to the database has gone silent, and is closed");
        }
    }
    connection.close_on_drop();
    None
}

/// What was found, again one by one.
fn iterated<T>(found: Vec<T>) -> impl Stream<Item = Result<T, sqlx::Error>> {
    stream::iter(found.into_iter().map(Ok))
}

/// Statements take a connection each, as with a pool.
impl<'c> Executor<'c> for &'c Connections {
    type Database = Postgres;

    fn fetch_many<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxStream<'e, Result<Either<PgQueryResult, PgRow>, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Self::Database>,
    {
        let found = async move {
            if self.keeps_prepared {
                let found = self.acquire().await?.fetch_many(query).try_collect().await?;
                return Ok(iterated(found));
            }
            let mut transaction = self.begin().await?;
            let found = transaction.fetch_many(Unprepared(query)).try_collect().await?;
            transaction.commit().await?;
            Ok(iterated(found))
        };
        Box::pin(found.try_flatten_stream())
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<PgRow>, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Self::Database>,
    {
        async move {
            if self.keeps_prepared {
                return self.acquire().await?.fetch_optional(query).await;
            }
            let mut transaction = self.begin().await?;
            let found = transaction.fetch_optional(Unprepared(query)).await?;
            transaction.commit().await?;
            Ok(found)
        }
        .boxed()
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [PgTypeInfo],
    ) -> BoxFuture<'e, Result<PgStatement, sqlx::Error>>
    where
        'c: 'e,
    {
        async move { self.acquire().await?.prepare_with(sql, parameters).await }.boxed()
    }
}
