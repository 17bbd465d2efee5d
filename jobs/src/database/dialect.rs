//! What the two databases say in different words.

use std::time::Duration;

/// The language of a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// This moment by the database's clock, as its tables hold moments. It is the same throughout a
    /// statement.
    pub(crate) fn now(self) -> &'static str {
        match self {
            Self::Sqlite => "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
            Self::Postgres => "now()",
        }
    }

    /// The moment that is as many milliseconds from now as a parameter says, or ago if that is
    /// negative.
    pub(crate) fn moment_after(self, milliseconds: &str) -> String {
        let now = self.now();
        match self {
            Self::Sqlite => format!("({now} + {milliseconds})"),
            Self::Postgres => format!("({now} + {milliseconds}::bigint * interval '1 millisecond')"),
        }
    }

    /// Whether a column is among the values of a parameter: a list in JSON in SQLite, an array in
    /// PostgreSQL.
    pub(crate) fn is_among(self, column: &str, values: &str) -> String {
        match self {
            Self::Sqlite => format!("{column} IN (SELECT value FROM json_each({values}))"),
            Self::Postgres => format!("{column} = ANY({values})"),
        }
    }

    /// Has a statement find its rows by their ids, and by no index beside them. PostgreSQL decides
    /// that by itself.
    pub(crate) fn unindexed(self) -> &'static str {
        match self {
            Self::Sqlite => "NOT INDEXED",
            Self::Postgres => "",
        }
    }

    /// Leaves rows that others are changing to them. In SQLite one writes at a time.
    pub(crate) fn skip_locked(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => "FOR UPDATE SKIP LOCKED",
        }
    }

    /// Has the server give up what takes longer in this transaction. `None` for SQLite, which waits
    /// for nobody but who writes, and for that no longer than its `busy_timeout`.
    pub(crate) fn statement_timeout(self, longest: Duration) -> Option<String> {
        match self {
            Self::Sqlite => None,
            Self::Postgres => Some(format!("SET LOCAL statement_timeout = {}", longest.as_millis())),
        }
    }
}
