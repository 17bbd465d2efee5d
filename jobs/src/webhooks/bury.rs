//! Moves deliveries to the dead letters: those that a statement deletes, and no others. A message
//! that was given up before, and was enqueued again, is another delivery.

/// Copies deliveries that fulfil a condition: `$1` attempts more, `$2` status, `$3` error. What
/// follows belongs to the condition.
fn copy(from: &str, now: &str) -> String {
    format!(
        "INSERT INTO webhook_dead_letters (message_id, subscription_id, event_type, payload, attempts, \
         last_status_code, last_error, created_at, died_at) \
         SELECT message_id, subscription_id, event_type, payload, attempts + $1, $2, $3, created_at, {now} \
         FROM {from}"
    )
}

/// One statement.
pub(super) fn postgres(condition: &str) -> String {
    let copy = copy("moved", "now()");
    format!("WITH moved AS (DELETE FROM webhook_deliveries WHERE {condition} RETURNING *) {copy}")
}

/// Two statements with the same parameters, for a transaction that has begun as one that writes:
/// nothing can come between them, so that they mean the same rows.
pub(super) fn sqlite(condition: &str) -> [String; 2] {
    let from = format!("webhook_deliveries WHERE {condition}");
    [copy(&from, crate::database::SQLITE_NOW), format!("DELETE FROM {from}")]
}
