//! How statements reach PostgreSQL, also through a pooler that does not take prepared ones along.

use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use futures_util::{FutureExt, TryFutureExt, TryStreamExt, stream};
use sqlx::postgres::{PgConnection, PgQueryResult, PgRow, PgStatement, PgTypeInfo};
use sqlx::{Connection, Either, Execute, Executor, Postgres, SqlStr};

use super::lent::Lender;

/// Begins a transaction of one statement. A process that is frozen within it holds up others for no
/// longer than that.
const BEGIN: &str = "BEGIN; SET LOCAL idle_in_transaction_session_timeout = '10s'";

/// A query that leaves nothing prepared on the server. Within a transaction it reaches any pooler:
/// the driver asks for the query to be parsed and to be executed in two messages, between which a
/// pooler could give it another connection otherwise.
#[derive(Debug)]
pub struct Unprepared<Q>(pub Q);

impl<'q, Q: Execute<'q, Postgres>> Execute<'q, Postgres> for Unprepared<Q> {
    fn sql(self) -> SqlStr {
        self.0.sql()
    }

    fn statement(&self) -> Option<&PgStatement> {
        None
    }

    fn take_arguments(&mut self) -> Result<Option<sqlx::postgres::PgArguments>, sqlx::error::BoxDynError> {
        self.0.take_arguments()
    }

    fn persistent(&self) -> bool {
        false
    }
}

/// Connections, and how statements are sent over them.
#[derive(Debug, Clone)]
pub(super) struct Statements {
    pub(super) lender: Lender,
    /// Each in a transaction that is begun and committed, and unprepared.
    pub(super) in_transactions: bool,
}

/// Asks for something in a transaction of its own.
async fn in_transaction<'q, E: Execute<'q, Postgres> + 'q>(
    connection: &mut PgConnection,
    query: E,
) -> Result<Vec<Either<PgQueryResult, PgRow>>, sqlx::Error> {
    let mut transaction = connection.begin_with(BEGIN).await?;
    let found = transaction.fetch_many(Unprepared(query)).try_collect().await?;
    transaction.commit().await?;
    Ok(found)
}

impl<'c> Executor<'c> for &'c Statements {
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
            let mut lent = self.lender.lend().await?;
            let answer = if self.in_transactions {
                in_transaction(&mut lent, query).await
            } else {
                lent.fetch_many(query).try_collect().await
            };
            lent.answered();
            let found: Vec<_> = answer?;
            Ok(stream::iter(found.into_iter().map(Ok)))
        };
        Box::pin(found.try_flatten_stream())
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<PgRow>, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Self::Database>,
    {
        let found = self.fetch_many(query);
        async move {
            let rows: Vec<_> = found.try_collect().await?;
            Ok(rows.into_iter().find_map(Either::right))
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
        self.lender.pool.prepare_with(sql, parameters)
    }
}
