//! Whether a server of PostgreSQL gives a connection.

use std::time::Duration;

use jobwatch_runtime::store::reach_postgres;
use sqlx::postgres::PgConnectOptions;

/// How long PostgreSQL may take to accept a connection.
const LONGEST: Duration = Duration::from_secs(10);

/// Makes one connection, to learn why none can be had.
///
/// # Errors
///
/// Why not, as [`reach_postgres`] says it.
pub(super) async fn reach(options: &PgConnectOptions) -> Result<(), sqlx::Error> {
    reach_postgres(options, LONGEST).await
}
