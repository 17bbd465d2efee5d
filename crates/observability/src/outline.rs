//! The outline of a runbook: the sections that it needs, for a team to fill in.
//!
//! What is checked in them follows from the alerts, as all that is generated does.

use jobwatch_catalogue::Catalogue;

use crate::findings::Finding;
use crate::model::{Alert, Model};
use crate::runbook::{codes, compare, section_for};

/// What a runbook lacks, and what it is with that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// How many alerts have no section.
    pub missing: usize,
    /// What is to be added at the end: their sections. Empty if none is missing.
    pub addition: String,
    /// The runbook with the addition.
    pub completed: String,
}

/// Why nothing can be added to a runbook.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutlineError {
    /// It is not read, or would not be with the addition.
    #[error("{why}")]
    NotRead {
        /// What is too much about it.
        why: String,
    },
    /// What is added would not be seen.
    #[error("a section at its end is not seen: a block of code or a comment before it does not end")]
    NotSeen,
}

/// Returns what a runbook lacks: a section for each alert that watches a job and has none. A
/// runbook without any text lacks an introduction as well.
///
/// # Errors
///
/// [`OutlineError`] if the runbook cannot be read, or if a section at its end would not be seen.
pub fn outline(model: &Model<'_>, runbook: &str) -> Result<Outline, OutlineError> {
    let missing = missing(model, runbook)?;
    let catalogue = model.catalogue();
    let sections: Vec<String> = missing.iter().map(|alert| section(alert, catalogue)).collect();
    let mut addition = sections.join("\n");
    if runbook.trim().is_empty() && !missing.is_empty() {
        addition = format!("{}\n{addition}", introduction(catalogue));
    }
    let completed = match runbook.trim_end() {
        "" => addition.clone(),
        _ if missing.is_empty() => runbook.to_owned(),
        written => format!("{written}\n\n{addition}"),
    };
    match self::missing(model, &completed)?.is_empty() {
        true => Ok(Outline { missing: missing.len(), addition, completed }),
        false => Err(OutlineError::NotSeen),
    }
}

/// Returns the alerts that have no section in a runbook. Errors: it is not read at all.
fn missing<'m>(model: &'m Model<'_>, runbook: &str) -> Result<Vec<&'m Alert>, OutlineError> {
    let findings = compare(model.alerts(), runbook);
    if let [too_much] = findings.as_slice()
        && too_much.code == codes::TOO_MUCH
    {
        return Err(OutlineError::NotRead { why: too_much.message.clone() });
    }
    let is_missing = |finding: &&Finding| finding.code == codes::SECTION_MISSING;
    let alerts = findings.iter().filter(is_missing).filter_map(|finding| model.alert(finding.alert?));
    Ok(alerts.collect())
}

fn introduction(catalogue: &Catalogue) -> String {
    format!(
        "# Runbook: {}\n\nFor whoever is on call. Each alert links to its section here. `jobwatch check` holds the\n\
         severities and thresholds against the rules: where a threshold changes, this page changes with it.\n\n\
         ## Alerts\n",
        catalogue.name()
    )
}

/// Returns a section: its head, where the alert is drawn, and what a team has to say.
fn section(alert: &Alert, catalogue: &Catalogue) -> String {
    let mut text = section_for(alert);
    if let Some(panel) = alert.definition.panels.first() {
        let dashboard = match catalogue.grafana_url() {
            Some(_) => format!("[the dashboard](<{}>)", catalogue.dashboard_url()),
            None => "the dashboard".to_owned(),
        };
        text.push_str(&format!("\nThe panel \"{panel}\" of {dashboard} draws it.\n"));
    }
    text.push_str(
        "\n**Investigate**\n\n- What to look at first, and with which commands.\n\n\
         **Resolve**\n\n- What to do about what was found, and whom to ask.\n",
    );
    text
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use insta::assert_snapshot;
    use jobwatch_catalogue::JobSpec;
    use proptest::prelude::*;

    use super::*;

    fn catalogue() -> Catalogue {
        let job = JobSpec::every("bill", Duration::from_secs(5)).items("bills");
        Catalogue::builder("shop")
            .name("shop-jobs")
            .grafana_url("https://g.example")
            .job(job)
            .build()
            .unwrap()
    }

    #[test]
    fn an_empty_runbook_lacks_everything_and_a_complete_one_nothing() {
        let catalogue = catalogue();
        let model = Model::new(&catalogue).unwrap();
        let empty = outline(&model, "").unwrap();
        assert_eq!((empty.missing, &empty.addition), (12, &empty.completed));
        let start: String = empty.addition.split_inclusive('\n').take(23).collect();
        assert_snapshot!(start, @r#"
        # Runbook: shop-jobs

        For whoever is on call. Each alert links to its section here. `jobwatch check` holds the
        severities and thresholds against the rules: where a threshold changes, this page changes with it.

        ## Alerts

        ### Job Failures
        **Alert**: `BackgroundJobFailing`
        **Severity**: Warning
        **Threshold**: > 0.1 failures/sec for 5 minutes

        The panel "Failure Rate by Job" of [the dashboard](<https://g.example/d/shop-jobs>) draws it.

        **Investigate**

        - What to look at first, and with which commands.

        **Resolve**

        - What to do about what was found, and whom to ask.

        ### Critical Failure Rate
        "#);
        assert!(compare(model.alerts(), &empty.completed).is_empty());
        let complete = outline(&model, &empty.completed).unwrap();
        assert_eq!((complete.missing, complete.addition.as_str()), (0, ""));
        assert_eq!(complete.completed, empty.completed);
    }

    #[test]
    fn where_a_section_would_not_be_seen_none_is_added() {
        let catalogue = catalogue();
        let model = Model::new(&catalogue).unwrap();
        let told = |runbook: &str| outline(&model, runbook).unwrap_err().to_string();
        assert_snapshot!(told("# Runbook\n\n```\nkubectl logs\n"), @"a section at its end is not seen: a block of code or a comment before it does not end");
        assert_snapshot!(told(&"a".repeat((2 << 20) + 1)), @"the runbook is larger than 2 MiB, and is not read");
        assert_snapshot!(told(&"a".repeat(2 << 20)), @"the runbook is larger than 2 MiB, and is not read");
    }

    proptest! {
        /// Whichever sections are there already, the others are added once, and nothing is lost.
        #[test]
        fn what_is_missing_is_added(kept in prop::collection::vec(any::<bool>(), 12)) {
            let catalogue = catalogue();
            let model = Model::new(&catalogue).unwrap();
            let alerts = model.alerts().iter().zip(&kept).filter(|(_, kept)| **kept);
            let written: String = alerts.map(|(alert, _)| section_for(alert) + "\nMine.\n\n").collect();
            let outline = outline(&model, &written).unwrap();
            prop_assert!(outline.completed.starts_with(written.trim_end()));
            prop_assert!(outline.completed.ends_with(&outline.addition));
            prop_assert!(compare(model.alerts(), &outline.completed).is_empty());
        }
    }
}
