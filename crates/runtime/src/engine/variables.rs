//! Environment variables that would configure two jobs at once.

use std::collections::HashMap;
use std::fmt;

use jobwatch_catalogue::{Catalogue, JobName};

/// A variable that would configure two jobs, so that nobody could configure one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedVariable {
    /// The variable.
    pub variable: String,
    /// The job that stands first in the catalogue.
    pub first: JobName,
    /// The other job. It may be the same, if its `interval_variable` is a variable that it has
    /// already.
    pub second: JobName,
    /// Whether another `interval_variable` would help.
    pub is_interval: bool,
}

impl fmt::Display for SharedVariable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { variable, first, second, is_interval } = self;
        if first == second {
            return write!(
                f,
                "`{first}` is configured by `{variable}` twice: set another `interval_variable`"
            );
        }
        let also = if *is_interval { ", or set another `interval_variable`" } else { "" };
        write!(
            f,
            "`{first}` and `{second}` are both configured by `{variable}`: rename one of the jobs{also}"
        )
    }
}

/// Returns the variables that two jobs would share: at most one for each job, in the catalogue's
/// order.
pub(crate) fn shared(catalogue: &Catalogue) -> Vec<SharedVariable> {
    let mut taken: HashMap<String, (&JobName, bool)> = HashMap::new();
    let mut shared = Vec::new();
    for job in catalogue.jobs() {
        let second = job.name();
        let prefix = second.variable_prefix();
        let variables = [
            (format!("{prefix}_TIMEOUT"), false),
            (format!("{prefix}_ENABLED"), false),
            (job.interval_variable().to_owned(), true),
        ];
        for (variable, is_interval) in variables {
            if let Some((first, also_interval)) = taken.get(&variable) {
                let first = (*first).clone();
                let is_interval = is_interval || *also_interval;
                shared.push(SharedVariable { variable, first, second: second.clone(), is_interval });
                break;
            }
            taken.insert(variable, (second, is_interval));
        }
    }
    shared
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jobwatch_catalogue::{JobDraft, JobSpec};

    use super::*;

    fn job(name: &str) -> JobDraft {
        JobSpec::every(name, Duration::from_secs(60))
    }

    #[track_caller]
    fn check<const N: usize>(jobs: [JobDraft; N], expected: &[&str]) {
        let catalogue = jobs.into_iter().fold(Catalogue::builder("shop"), |builder, job| builder.job(job));
        let found: Vec<String> =
            shared(&catalogue.build().unwrap()).iter().map(ToString::to_string).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_variable_configures_one_job() {
        check([job("bill"), job("mail")], &[]);
        check(
            [job("send-bill"), job("mail"), job("send.bill")],
            &[
                "`send-bill` and `send.bill` are both configured by `SEND_BILL_TIMEOUT`: rename one of the jobs",
            ],
        );
        check(
            [job("bill"), job("mail").interval_variable("BILL_INTERVAL")],
            &[
                "`bill` and `mail` are both configured by `BILL_INTERVAL`: rename one of the jobs, or set another `interval_variable`",
            ],
        );
        check(
            [job("mail").interval_variable("BILL_ENABLED"), job("bill")],
            &[
                "`mail` and `bill` are both configured by `BILL_ENABLED`: rename one of the jobs, or set another `interval_variable`",
            ],
        );
        check(
            [job("bill").interval_variable("BILL_TIMEOUT")],
            &["`bill` is configured by `BILL_TIMEOUT` twice: set another `interval_variable`"],
        );
    }
}
