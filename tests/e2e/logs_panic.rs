use e2e::postgres::Postgres;
use jobwatch_runtime::store::PostgresStore;
use sqlx::postgres::PgPool;
use tracing_subscriber::layer::SubscriberExt;

#[path = "../../crates/runtime/tests/panics/mod.rs"]
mod panics;

use panics::Panics;

#[tokio::test]
async fn a_log_that_always_panics_keeps_no_job_from_postgres() {
    let server = Postgres::start();
    let pool = PgPool::connect(&server.url("test", "")).await.unwrap();
    // Of this thread, which is the only one that runs anything here.
    let _log = tracing::subscriber::set_default(tracing_subscriber::registry().with(Panics));
    panics::jobs_go_on(PostgresStore::new(pool).await.unwrap()).await;
}
