//! Moves deliveries to the dead letters: those that a statement deletes, and no others. A message
//! that was given up before, and was enqueued again, is another delivery.

use crate::database::{Dialect, Statement};

/// Gives up what is claimed under a name, or of that the delivery with an id: with so many attempts
/// more, a status and a reason.
pub(super) fn bury(
    dialect: Dialect,
    (claim, id): (&str, Option<i64>),
    attempts: i64,
    status: Option<i64>,
    reason: &str,
) -> Vec<Statement> {
    let copy = |from: &str| {
        format!(
            "INSERT INTO webhook_dead_letters (message_id, subscription_id, event_type, payload, attempts, \
             last_status_code, last_error, created_at, died_at) \
             SELECT message_id, subscription_id, event_type, payload, attempts + $3, $4, $5, created_at, {} \
             FROM {from}",
            dialect.now()
        )
    };
    let claimed = match id {
        Some(_) => "webhook_deliveries WHERE claim = $1 AND id = $2",
        None => "webhook_deliveries WHERE claim = $1 AND $2 IS NULL",
    };
    let statements = match dialect {
        Dialect::Postgres => {
            vec![format!("WITH moved AS (DELETE FROM {claimed} RETURNING *) {}", copy("moved"))]
        }
        // Nothing comes between two statements of a transaction that writes.
        Dialect::Sqlite => vec![copy(claimed), format!("DELETE FROM {claimed}")],
    };
    let bind = |sql| Statement::new(sql).bind(claim).bind(id).bind(attempts).bind(status).bind(reason);
    statements.into_iter().map(bind).collect()
}
