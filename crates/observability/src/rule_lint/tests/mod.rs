//! What is found in which rules.

mod comments;
mod examples;
mod generated;
mod hostile;
mod kinds;
mod labels;
mod refused;
mod values;

use std::time::Duration;

use jobwatch_catalogue::{Catalogue, JobSpec};

use super::{Facts, RuleSet, lint};
use crate::findings::Finding;
use crate::model::Model;

/// A catalogue of a job that is due each minute and one that is due each hour.
fn catalogue() -> Catalogue {
    let minutely = JobSpec::every("mails", Duration::from_secs(60)).timeout(Duration::from_secs(900));
    let hourly = JobSpec::every("reports", Duration::from_secs(3_600)).queue("reports");
    Catalogue::builder("shop").job(minutely).job(hourly).build().unwrap()
}

/// A runbook with one section.
const RUNBOOK: (&str, &str) = ("jobs.md", "# Jobs\n\n### Job Failures\n");

/// Returns what is found in files with everything known that can be.
fn found(texts: &[&str]) -> Vec<Vec<Finding>> {
    let catalogue = catalogue();
    let models = [Model::new(&catalogue).unwrap()];
    let retention = Some(Duration::from_secs(15 * 86_400));
    let facts = Facts { retention, models: &models, runbook: Some(RUNBOOK), ..Facts::default() };
    lint(&RuleSet::read(texts).unwrap(), &facts)
}

/// Shows the findings of a text: the code, the place, the text at fault, and what is said.
fn shown(text: &str) -> String {
    let findings = found(&[text]).remove(0);
    findings.iter().map(|finding| line(text, finding)).collect::<Vec<_>>().join("\n")
}

fn line(text: &str, finding: &Finding) -> String {
    let position = &finding.location.position;
    let written = text[position.span.clone()].split_whitespace().collect::<Vec<_>>().join(" ");
    let suppressed =
        finding.suppressed.as_ref().map(|reason| format!(" (suppressed: {reason})")).unwrap_or_default();
    let Finding { code, message, hint, .. } = finding;
    format!("{code} {}:{} `{written}`\n  {message}\n  {hint}{suppressed}", position.line, position.column)
}

/// Returns a file with one alert whose text has all that is asked for.
fn alert(expression: &str) -> String {
    let annotations = "{runbook_url: 'https://x/jobs.md#job-failures'}";
    format!(
        "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: |\n      {expression}\n    annotations: {annotations}\n"
    )
}

/// Shows what is found about an expression, without hints: the code, the part of it, what is said.
fn about(expression: &str) -> String {
    let text = alert(expression);
    let findings = found(&[&text]).remove(0);
    let short = |finding: &Finding| {
        let written = &text[finding.location.position.span.clone()];
        format!("{} `{written}` {}", finding.code, finding.message.trim_start_matches("A: "))
    };
    findings.iter().map(short).collect::<Vec<_>>().join("\n")
}
