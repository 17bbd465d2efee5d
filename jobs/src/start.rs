//! The beginning: the database may not be there yet.

use std::time::Duration;

use jobwatch_runtime::{Runtime, Settings as RuntimeSettings};
use prometheus::Registry;

use crate::database::Database;
use crate::jobs;
use crate::peers::Peers;
use crate::service_error::ServiceError;
use crate::settings::Settings;
use crate::waiting::Waiting;

/// The longest wait between two attempts to reach the database at the start.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// The jobs over the database, as soon as that can be used.
pub(crate) async fn start(
    settings: &Settings,
    registry: &Registry,
    waiting: &Waiting,
) -> Result<(Runtime, Peers), ServiceError> {
    let behaviour = RuntimeSettings { start_delay: settings.start_delay, ..RuntimeSettings::default() };
    let mut wait = Duration::from_secs(1);
    loop {
        let attempt = async {
            let database = Database::connect_with(&settings.database, settings.database_connections).await?;
            let peers = Peers::new(settings, &database)?;
            let builder = jobs::builder(settings, &database, &peers, registry, behaviour).await?;
            Ok((builder.build()?, peers))
        };
        match attempt.await {
            Err(ServiceError::Database(error)) if error.may_pass() => {
                let database = &settings.database;
                tracing::error!(%database, %error, wait_seconds = wait.as_secs(), "the database cannot be used yet");
                waiting.because(error.public());
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(LONGEST_WAIT);
            }
            ended => return ended,
        }
    }
}
