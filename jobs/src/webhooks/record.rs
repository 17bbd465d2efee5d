//! What becomes of deliveries that were attempted.

use jobwatch_runtime::JobError;

use super::bury::bury;
use super::deliver::Verdict;
use super::queue::Delivery;
use crate::database::{Database, Dialect, Statement, timed};

/// An attempt that has ended.
pub(super) type Attempt = (Delivery, Verdict);

const DISABLE: &str = include_str!("disable.sql");

fn postpone(dialect: Dialect) -> String {
    format!(include_str!("postpone.sql"), later = dialect.moment_after("$1"))
}

fn leave_alone(dialect: Dialect) -> String {
    format!(include_str!("leave_alone.sql"), later = dialect.moment_after("$1"))
}

fn delete_delivered(dialect: Dialect) -> String {
    format!(include_str!("delivered.sql"), is_of_deliveries = dialect.is_among("id", "$1"))
}

fn free(dialect: Dialect) -> String {
    format!(include_str!("free.sql"), is_of_deliveries = dialect.is_among("id", "$1"))
}

/// Records what became of attempts, of those deliveries that nobody else has taken over since.
/// Together, since a database takes as long to commit many as one; if that fails, each by itself,
/// so that one that cannot be recorded does not keep the others from it.
///
/// # Errors
///
/// What the database says of the last that could not be recorded.
pub(super) async fn record(database: &Database, claim: &str, attempts: &[Attempt]) -> Result<(), JobError> {
    let together = record_together(database, claim, attempts).await;
    if together.is_ok() || attempts.len() == 1 {
        return together;
    }
    let mut result = Ok(());
    for attempt in attempts {
        if let Err(error) = record_together(database, claim, std::slice::from_ref(attempt)).await {
            result = Err(error);
        }
    }
    result
}

async fn record_together(database: &Database, claim: &str, attempts: &[Attempt]) -> Result<(), JobError> {
    let dialect = database.dialect();
    let mut statements: Vec<Statement> =
        attempts.iter().flat_map(|(delivery, verdict)| each(dialect, claim, delivery.id, verdict)).collect();
    statements.extend(together(dialect, claim, attempts));
    timed("record deliveries", database.write(&statements)).await.map(drop)
}

/// What is recorded of one attempt.
fn each(dialect: Dialect, claim: &str, id: i64, verdict: &Verdict) -> Vec<Statement> {
    match verdict {
        Verdict::Delivered | Verdict::NotTried => Vec::new(),
        Verdict::Again { status, error, wait } => {
            let postpone = Statement::new(postpone(dialect)).bind(wait.num_milliseconds());
            vec![postpone.bind(status.map(i64::from)).bind(error.as_str()).bind(id).bind(claim)]
        }
        Verdict::LeftAlone { wait } => {
            vec![Statement::new(leave_alone(dialect)).bind(wait.num_milliseconds()).bind(id).bind(claim)]
        }
        Verdict::Dead { status, error } => bury(dialect, (claim, Some(id)), 1, status.map(i64::from), error),
        Verdict::Gone { error } => {
            let mut statements = vec![Statement::new(DISABLE).bind(error.as_str()).bind(id).bind(claim)];
            statements.extend(bury(dialect, (claim, Some(id)), 1, Some(410), error));
            statements
        }
    }
}

/// The deliveries that were made are gone, and those that were not tried are free again. What is to
/// be tried again has been freed with its new time, and what was given up is moved.
fn together(dialect: Dialect, claim: &str, attempts: &[Attempt]) -> Vec<Statement> {
    let ids = |matches: fn(&Verdict) -> bool| -> Vec<i64> {
        attempts.iter().filter(|(_, verdict)| matches(verdict)).map(|(delivery, _)| delivery.id).collect()
    };
    let ends = [
        (delete_delivered(dialect), ids(|verdict| matches!(verdict, Verdict::Delivered))),
        (free(dialect), ids(|verdict| matches!(verdict, Verdict::NotTried | Verdict::LeftAlone { .. }))),
    ];
    let needed = ends.into_iter().filter(|(_, ids)| !ids.is_empty());
    needed.map(|(sql, ids)| Statement::new(sql).bind(ids).bind(claim)).collect()
}
