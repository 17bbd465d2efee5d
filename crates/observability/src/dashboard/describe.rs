//! What the dashboard and its panels say about themselves.

use std::time::Duration;

use jobwatch_catalogue::{Catalogue, Quantity, duration};

use super::board::MOST;
use super::limits::{self, Figure};
use super::panel::Link;
use crate::alerts::Alert;
use crate::artifact::MARK;
use crate::condition::Condition;

/// How many exceptions from a threshold a description spells out.
const MOST_EXCEPTIONS: usize = 3;

pub(super) fn dashboard(catalogue: &Catalogue) -> String {
    format!(
        "What the background jobs of {} do, and where each alert stands. {MARK} from the catalogue `{}`: edit that, not this.",
        catalogue.service(),
        catalogue.name()
    )
}

/// A panel's own sentences, whether it is cut to a few of many jobs, and a sentence for each alert that it plots.
pub(super) fn panel(sentences: &str, is_cut: bool, alerts: &[&Alert], catalogue: &Catalogue) -> String {
    let mut text = sentences.to_owned();
    if is_cut {
        text.push_str(&format!(
            " Of many jobs, the {MOST} that need somebody most are drawn; choose a job to see it."
        ));
    }
    for alert in alerts {
        let Link { title, url } = section(alert, catalogue);
        let hold = match alert.hold {
            0 => String::new(),
            hold => format!(", once that has held for {}", duration::format(Duration::from_secs(hold))),
        };
        text.push_str(&format!(
            "\n\n`{}` ({}) fires {}{hold}. Runbook: [{title}]({url}).",
            alert.name,
            alert.severity.as_str(),
            when(alert)
        ));
    }
    text
}

/// The link to an alert's section of the runbook.
pub(super) fn section(alert: &Alert, catalogue: &Catalogue) -> Link {
    Link { title: alert.section.to_owned(), url: format!("{}#{}", catalogue.runbook_url(), alert.anchor()) }
}

fn when(alert: &Alert) -> String {
    match alert.condition {
        Condition::MetricsAbsent => return "while a job exposes no metrics".to_owned(),
        Condition::Stuck { .. } => return "while an execution takes longer than the job may".to_owned(),
        _ => {}
    }
    let figures = limits::figures(alert);
    let compared = match alert.condition {
        Condition::ConsecutiveFailures { .. } => "from",
        _ => "above",
    };
    let stated: Vec<Quantity> = match &figures.across {
        Some(Figure { figure, .. }) => vec![*figure],
        None => alert.condition.threshold().into_iter().collect(),
    };
    let mut text = stated.iter().map(|figure| format!("{compared} {figure}")).collect::<String>();
    if figures.others.len() > MOST_EXCEPTIONS {
        text.push_str(&format!(", for some jobs {compared} another figure"));
    } else {
        for Figure { figure, jobs } in &figures.others {
            text.push_str(&format!(", for {} {compared} {figure}", limits::jobs(jobs)));
        }
    }
    if let Condition::QueueGrowing { growth, over, .. } = alert.condition {
        text.push_str(&format!(", if that is more than {growth} more than {over} earlier"));
    }
    text
}
