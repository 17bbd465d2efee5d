//! Where the database is.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;

/// The port of PostgreSQL, unless it is told otherwise.
const PORT: u16 = 5432;

/// Where the database is, as `DATABASE_URL` says. Never shown with its password.
#[derive(Clone)]
pub enum Address {
    /// A file of SQLite.
    Sqlite(PathBuf),
    /// A server of PostgreSQL.
    Postgres(Box<PgConnectOptions>),
}

/// An address that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It has neither form.
    #[error("write `sqlite:FILE` or `postgres://USER:PASSWORD@HOST/DATABASE`")]
    Unknown,
    /// SQLite is to keep it in memory.
    #[error(
        "a database in memory is another one for each connection, and is lost with the process: \
         write `sqlite:FILE`, with a file of its own"
    )]
    InMemory,
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        if let Some(file) = text.strip_prefix("sqlite:") {
            let file = file.strip_prefix("//").unwrap_or(file);
            return match file {
                "" => Err(AddressError::Unknown),
                _ if is_in_memory(file) => Err(AddressError::InMemory),
                file => Ok(Self::Sqlite(file.into())),
            };
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            let options = text.parse().map_err(|_| AddressError::Unknown)?;
            return Ok(Self::Postgres(Box::new(options)));
        }
        Err(AddressError::Unknown)
    }
}

/// Whether SQLite takes what it is given for a database in memory, in one of the forms of
/// <https://www.sqlite.org/inmemorydb.html> and <https://www.sqlite.org/uri.html>.
fn is_in_memory(file: &str) -> bool {
    let (name, parameters) = file.split_once('?').unwrap_or((file, ""));
    let name = name.strip_prefix("file:").unwrap_or(name).trim_start_matches('/');
    let is_memory = |parameter: &str| matches!(parameter, "mode=memory" | "vfs=memdb");
    name.eq_ignore_ascii_case(":memory:") || parameters.split(['&', '#']).any(is_memory)
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(file) => write!(f, "sqlite:{}", file.display()),
            Self::Postgres(options) => {
                let database = options.get_database().unwrap_or_default();
                write!(f, "postgres://{}:***@{}", options.get_username(), options.get_host())?;
                if options.get_port() != PORT {
                    write!(f, ":{}", options.get_port())?;
                }
                write!(f, "/{database}")
            }
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
