//! Connections to a server of PostgreSQL that may give fewer than are asked for.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use futures_util::{FutureExt, Stream, TryFutureExt, TryStreamExt, stream};
use jobwatch_runtime::store::Unprepared;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgQueryResult, PgRow, PgStatement, PgTypeInfo};
use sqlx::{Connection, Either, Execute, Executor, PgConnection, PgPool, Postgres, SqlStr, Transaction};
use tokio::time::{Instant, sleep, timeout};

use super::pooler;
use super::trouble::Trouble;

/// How long is waited for a connection.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// How often is looked, meanwhile, whether one that is open has become idle.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// After so long, it is found out why there is none.
const SUSPICIOUS: Duration = Duration::from_millis(500);

/// How long PostgreSQL may take to accept a connection.
const FIRST_CONNECTION: Duration = Duration::from_secs(10);

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
        let pool = PgPoolOptions::new().max_connections(most).acquire_timeout(LONGEST_WAIT);
        let pool = pool.connect_with(options.as_ref().clone()).await?;
        Ok(Self {
            pool,
            options,
            trouble: Trouble::default(),
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
        // It asks the server for a new one until it gets it, even if the server refuses any more
        // and others become idle.
        let mut asked = pin!(self.pool.acquire());
        loop {
            tokio::select! {
                biased;
                answer = &mut asked => return match answer {
                    Err(sqlx::Error::PoolTimedOut) => Err(self.reason().await),
                    answered => answered,
                },
                () = sleep(LOOK_EVERY) => {}
            }
            if let Some(mut idle) = self.pool.try_acquire() {
                if idle.ping().await.is_ok() {
                    return Ok(idle);
                }
                idle.close_on_drop();
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
            let pool = PgPoolOptions::new().max_connections(most).acquire_timeout(RUNTIME_WAIT);
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
        if has_both {
            return Ok(pool);
        }
        self.trouble.note(second.err().as_ref());
        pool.close().await;
        open(1).await
    }

    /// What is wrong with the server, if anything is, in words that anybody may read.
    pub(super) fn trouble(&self) -> Option<String> {
        self.trouble.told()
    }

    /// Asks the server from time to time whether it is there, for ever.
    pub(super) async fn watch(&self) {
        loop {
            let problem = if self.trouble().is_some() {
                reach(&self.options).await.err()
            } else {
                match timeout(WATCH_EVERY, async { self.acquire().await?.ping().await }).await {
                    Ok(answered) => answered.err(),
                    Err(_) => reach(&self.options).await.err(),
                }
            };
            self.trouble.note(problem.as_ref());
            sleep(WATCH_EVERY).await;
        }
    }
}

/// Makes one connection, to learn why none can be had: a pool only tells that it waited in vain.
async fn reach(options: &PgConnectOptions) -> Result<(), sqlx::Error> {
    let connection = timeout(FIRST_CONNECTION, PgConnection::connect_with(options));
    let no_answer = |_| {
        let text = format!("no answer within {} s", FIRST_CONNECTION.as_secs());
        sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, text))
    };
    let reached = connection.await.map_err(no_answer).and_then(|connected| connected);
    reached.map_err(|error| located(error, options))?.close().await
}

/// An error that says where the server was looked for.
fn located(error: sqlx::Error, options: &PgConnectOptions) -> sqlx::Error {
    let sqlx::Error::Io(cause) = error else { return error };
    let place = match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    };
    sqlx::Error::Io(io::Error::new(cause.kind(), format!("{place}: {cause}")))
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
