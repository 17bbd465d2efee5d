//! What is wrong with a database: all of it for the log, and what may be told to anybody.

use std::io::ErrorKind;
use std::sync::{Arc, Mutex, PoisonError};

use super::pooler;

/// What was wrong last. Copies share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Trouble(Arc<Mutex<Option<String>>>);

impl Trouble {
    /// Takes note of an error, or that all is well, and logs what has changed.
    pub(super) fn note(&self, error: Option<&sqlx::Error>) {
        let told = error.map(public);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if *known == told {
            return;
        }
        match error {
            Some(error) => tracing::warn!(%error, "the database is in trouble"),
            None => tracing::info!("the database is well again"),
        }
        *known = told;
    }

    /// What was wrong last, in words that anybody may read.
    pub(super) fn told(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether the server last refused any more connections.
    pub(super) fn is_refusal(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).as_deref() == Some(REFUSAL)
    }
}

/// What anybody may read of a server that refuses any more connections.
const REFUSAL: &str = "it accepts no more connections";

/// The code of PostgreSQL for a server, or a user, that has all connections it may have.
const FULL: &str = "53300";

/// Whether a server refuses any more connections.
pub(super) fn is_refusal(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(|error| error.code()).is_some_and(|code| code == FULL)
}

/// What kind of error it is: nothing of what the server says, nor where it is.
pub(super) fn public(error: &sqlx::Error) -> String {
    let whole = error;
    let kind = match error {
        sqlx::Error::Io(error) => match error.kind() {
            ErrorKind::ConnectionRefused => "connection refused",
            ErrorKind::TimedOut => "no answer",
            _ => "it cannot be reached",
        },
        sqlx::Error::PoolTimedOut => "all connections are busy",
        sqlx::Error::Tls(_) => "it does not speak TLS as it should",
        sqlx::Error::Database(error) => match error.code().as_deref() {
            // The codes of PostgreSQL, appendix A of its documentation.
            Some(FULL) => REFUSAL,
            Some("28000" | "28P01") => "it refuses the user",
            Some("3D000") => "it has no such database",
            Some("42501") => "it refuses permission",
            Some("57P03") => "it is starting up or shutting down",
            Some("55P03") => "its tables are locked",
            _ if pooler::is_forgetful(whole) => {
                "a pooler before it has ceased to take prepared statements along; restart the service"
            }
            _ => "it fails",
        },
        _ => "it fails",
    };
    kind.to_owned()
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[track_caller]
    fn check(kind: ErrorKind, expected: &str) {
        let error = sqlx::Error::Io(io::Error::new(kind, "db.internal:5432: as it says"));
        assert_eq!(public(&error), expected);
        let trouble = Trouble::default();
        trouble.note(Some(&error));
        assert_eq!(trouble.told().as_deref(), Some(expected));
        trouble.note(None);
        assert_eq!(trouble.told(), None);
    }

    #[test]
    fn anybody_reads_what_kind_of_trouble_it_is_and_nothing_else() {
        check(ErrorKind::ConnectionRefused, "connection refused");
        check(ErrorKind::TimedOut, "no answer");
        check(ErrorKind::UnexpectedEof, "it cannot be reached");
        assert_eq!(public(&sqlx::Error::PoolTimedOut), "all connections are busy");
        assert_eq!(public(&sqlx::Error::ColumnNotFound("secret".to_owned())), "it fails");
    }
}
