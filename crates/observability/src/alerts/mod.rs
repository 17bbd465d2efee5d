//! The standard alerts, each in a file of its own: nine that the runbook promises, and five of the
//! project's own.

mod groups;
mod slowness;
mod staleness;

use crate::definition::AlertDefinition;

/// Declares the module of each standard alert, and lists them.
macro_rules! standard {
    ($($module:ident::$alert:ident,)*) => {
        $(pub mod $module;)*

        /// Every standard alert, in the order in which rules, runbook and tables list them.
        pub static STANDARD: [&AlertDefinition; [$(stringify!($alert)),*].len()] = [$(&$module::$alert),*];
    };
}

standard! {
    failing::FAILING,
    critical_failure_rate::CRITICAL_FAILURE_RATE,
    not_running::NOT_RUNNING,
    critically_stale::CRITICALLY_STALE,
    high_duration::HIGH_DURATION,
    critical_duration::CRITICAL_DURATION,
    queue_growing::QUEUE_GROWING,
    critical_queue_size::CRITICAL_QUEUE_SIZE,
    high_item_failure_rate::HIGH_ITEM_FAILURE_RATE,
    consecutive_failures::CONSECUTIVE_FAILURES,
    overdue::OVERDUE,
    stuck::STUCK,
    metrics_absent::METRICS_ABSENT,
    unresolved::UNRESOLVED,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::STANDARD;

    /// To add an alert is one file, and one line here: each file with a definition is named once.
    #[test]
    fn each_file_of_an_alert_has_one_line() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/alerts");
        let list = include_str!("mod.rs");
        let mut files = 0;
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let is_alert = || fs::read_to_string(&path).unwrap().contains(": AlertDefinition =");
            if !path.ends_with("mod.rs") && is_alert() {
                let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
                let is_named = |line: &&str| {
                    line.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|word| word == name)
                };
                assert_eq!(list.lines().filter(is_named).count(), 1, "{name}");
                files += 1;
            }
        }
        assert_eq!(files, STANDARD.len());
    }

    #[test]
    fn no_two_alerts_have_the_same_summary() {
        let summaries: BTreeSet<&str> = STANDARD.iter().map(|alert| alert.texts.summary).collect();
        assert_eq!(summaries.len(), STANDARD.len());
    }
}
