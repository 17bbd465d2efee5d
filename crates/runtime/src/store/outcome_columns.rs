//! Outcomes as columns of a table.

use std::time::Duration;

use crate::job::error::JobError;
use crate::job::outcome::{Failure, Interruption, Outcome, Report};

/// An outcome, taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Default, sqlx::FromRow)]
pub(super) struct OutcomeColumns {
    /// `succeeded`, `failed` or `interrupted`.
    pub(super) outcome: String,
    /// Why it failed or was interrupted.
    pub(super) cause: Option<String>,
    pub(super) message: Option<String>,
    /// How long it took, or is to be left alone.
    pub(super) milliseconds: Option<i64>,
    pub(super) items_succeeded: Option<i64>,
    pub(super) items_failed: Option<i64>,
    pub(super) items_skipped: Option<i64>,
}

/// The names of the columns, in order.
pub(super) const NAMES: &str =
    "outcome, cause, message, milliseconds, items_succeeded, items_failed, items_skipped";

impl From<&Outcome> for OutcomeColumns {
    fn from(outcome: &Outcome) -> Self {
        let of = |outcome: &str, cause: Option<&str>| Self {
            outcome: outcome.to_owned(),
            cause: cause.map(str::to_owned),
            ..Self::default()
        };
        let failed = |cause| of("failed", Some(cause));
        let because = |cause, message: &str| Self { message: Some(text(message)), ..failed(cause) };
        match outcome {
            Outcome::Succeeded(report) => of("succeeded", None).with(*report),
            Outcome::Failed(Failure::Items(report)) => failed("items").with(*report),
            Outcome::Failed(Failure::Panic(message)) => because("panic", message),
            Outcome::Failed(Failure::Timeout(after)) => {
                Self { milliseconds: Some(milliseconds(*after)), ..failed("timeout") }
            }
            Outcome::Failed(Failure::Error(error)) => match error {
                JobError::Retryable(cause) => because("retryable", &cause.to_string()),
                JobError::Permanent(cause) => because("permanent", &cause.to_string()),
                JobError::RetryAfter { cause, after } => {
                    let told = because("retry_after", &cause.to_string());
                    Self { milliseconds: Some(milliseconds(*after)), ..told }
                }
                JobError::Cancelled => failed("cancelled"),
            },
            Outcome::Interrupted(why) => of("interrupted", Some(interruption(*why))),
        }
    }
}

impl OutcomeColumns {
    fn with(self, report: Report) -> Self {
        let number = |items: u64| Some(i64::try_from(items).unwrap_or(i64::MAX));
        Self {
            items_succeeded: number(report.succeeded),
            items_failed: number(report.failed),
            items_skipped: number(report.skipped),
            ..self
        }
    }

    /// The outcome. One that a later version has written, and that this one does not know, is a
    /// failure that says so.
    pub(super) fn read(self) -> Outcome {
        let number = |items: Option<i64>| items.and_then(|items| u64::try_from(items).ok()).unwrap_or(0);
        let report = Report {
            succeeded: number(self.items_succeeded),
            failed: number(self.items_failed),
            skipped: number(self.items_skipped),
        };
        let after = Duration::from_millis(number(self.milliseconds));
        let message = self.message.unwrap_or_default();
        let cause = self.cause.unwrap_or_default();
        let failure = match (self.outcome.as_str(), cause.as_str()) {
            ("succeeded", _) => return Outcome::Succeeded(report),
            ("interrupted", "shutdown") => return Outcome::Interrupted(Interruption::Shutdown),
            ("interrupted", "lease_lost") => return Outcome::Interrupted(Interruption::LeaseLost),
            ("interrupted", _) => return Outcome::Interrupted(Interruption::Cancelled),
            (_, "items") => Failure::Items(report),
            (_, "panic") => Failure::Panic(message),
            (_, "timeout") => Failure::Timeout(after),
            (_, "retryable") => Failure::Error(JobError::retryable(message)),
            (_, "retry_after") => Failure::Error(JobError::retry_after(message, after)),
            (_, "cancelled") => Failure::Error(JobError::Cancelled),
            (_, "permanent") => Failure::Error(JobError::permanent(message)),
            (outcome, cause) => Failure::Error(JobError::permanent(format!("{outcome} {cause}: {message}"))),
        };
        Outcome::Failed(failure)
    }
}

const fn interruption(why: Interruption) -> &'static str {
    match why {
        Interruption::Cancelled => "cancelled",
        Interruption::Shutdown => "shutdown",
        Interruption::LeaseLost => "lease_lost",
    }
}

/// PostgreSQL has no text with a NUL.
fn text(message: &str) -> String {
    message.replace('\0', "\u{fffd}")
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn outcome() -> impl Strategy<Value = Outcome> {
        let report = (0_u64..1 << 60, 0_u64..1 << 60, 0_u64..1 << 60)
            .prop_map(|(succeeded, failed, skipped)| Report { succeeded, failed, skipped });
        let message = "[a-zäß€\n'\"]{0,20}";
        let after = (0_u64..1 << 50).prop_map(Duration::from_millis);
        prop_oneof![
            report.clone().prop_map(Outcome::Succeeded),
            report.prop_map(|report| Outcome::Failed(Failure::Items(report))),
            message.prop_map(|message| Outcome::Failed(Failure::Panic(message))),
            after.clone().prop_map(|after| Outcome::Failed(Failure::Timeout(after))),
            message.prop_map(|message| Outcome::Failed(Failure::Error(JobError::retryable(message)))),
            message.prop_map(|message| Outcome::Failed(Failure::Error(JobError::permanent(message)))),
            (message, after).prop_map(|(message, after)| {
                Outcome::Failed(Failure::Error(JobError::retry_after(message, after)))
            }),
            Just(Outcome::Failed(Failure::Error(JobError::Cancelled))),
            Just(Outcome::Interrupted(Interruption::Cancelled)),
            Just(Outcome::Interrupted(Interruption::Shutdown)),
            Just(Outcome::Interrupted(Interruption::LeaseLost)),
        ]
    }

    proptest! {
        #[test]
        fn an_outcome_is_read_as_it_was_written(outcome in outcome()) {
            prop_assert_eq!(OutcomeColumns::from(&outcome).read(), outcome);
        }
    }
}
