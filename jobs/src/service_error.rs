//! Why the service cannot start.

use jobwatch_runtime::BuildError;

use crate::database::DatabaseError;

/// The service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The catalogue does not hold what the service needs.
    #[error(transparent)]
    Catalogue(#[from] jobwatch_catalogue::yaml::YamlError),
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The jobs do not fit the catalogue.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// Nothing can be asked of other services.
    #[error("no HTTP client can be had: {0}")]
    Client(#[from] reqwest::Error),
    /// Redis is to be spoken to in a way that cannot be had.
    #[error("Redis cannot be used: {0}")]
    Redis(#[from] redis::RedisError),
    /// The port cannot be listened on.
    #[error("cannot listen on {address}: {source}; set BIND and PORT to another")]
    Listen {
        /// The address and the port.
        address: String,
        /// What the system says.
        source: std::io::Error,
    },
}
