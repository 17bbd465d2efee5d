//! Findings that the team knows and lives with.

use std::collections::HashMap;

use jobwatch_catalogue::suggestion::nearest;
use jobwatch_catalogue::{JobName, Suppression};

use super::code::{Code, Level};
use super::finding::{Finding, Suppressed};
use super::lint::Subject;
use super::lints::ABOUT_SEVERAL;
use crate::definition::AlertName;
use crate::model::Alert;

/// The catalogue suppresses a finding that does not occur.
pub const SUPPRESSION_UNUSED: Code = Code {
    name: "suppression-unused",
    level: Level::Warning,
    summary: "The catalogue suppresses a finding that does not occur.",
    explanation: include_str!("explanations/suppression-unused.md"),
};

/// The catalogue suppresses a finding of a code that does not exist.
pub const SUPPRESSION_UNKNOWN: Code = Code {
    name: "suppression-unknown",
    level: Level::Error,
    summary: "The catalogue suppresses a finding of a code that does not exist.",
    explanation: include_str!("explanations/suppression-unknown.md"),
};

/// Code, alert and job; `None` stands for all of them.
type Key<'a> = (&'a str, Option<&'a str>, Option<&'a str>);

/// Marks the findings that the catalogue suppresses, and adds one for each suppression that
/// suppresses nothing. One of a finding about several catalogues is not judged by one alone. Of
/// several suppressions that mean a finding, the last gives the reason.
pub fn suppress(subject: &Subject<'_>, codes: &[Code], findings: &mut Vec<Finding>) {
    let suppressions = subject.model.catalogue().suppressed();
    let last: HashMap<Key<'_>, usize> =
        suppressions.iter().enumerate().map(|(index, suppression)| (key(suppression), index)).collect();
    let mut is_used = vec![false; suppressions.len()];
    for finding in findings.iter_mut() {
        let meant = keys(finding).into_iter().filter_map(|key| last.get(&key).copied());
        let meant = meant.inspect(|&index| is_used[index] = true).max();
        if let Some(index) = meant {
            finding.suppressed = Some(Suppressed::by_catalogue(&suppressions[index].reason));
        }
    }
    for (index, suppression) in suppressions.iter().enumerate() {
        let path = format!("suppress[{index}].code");
        if !codes.iter().any(|code| code.name == suppression.code) {
            findings.push(unknown(subject, codes, suppression, &path));
        } else if subject.beside().is_empty()
            && ABOUT_SEVERAL.iter().any(|code| code.name == suppression.code)
        {
            continue;
        } else if suppression.is_about_rules() {
            // What rules it is about is known to whoever looks at these.
            continue;
        } else if !last.get(&key(suppression)).is_some_and(|&last| is_used[last]) {
            findings.push(unused(subject, suppression, &path));
        }
    }
}

fn key(suppression: &Suppression) -> Key<'_> {
    (&suppression.code, suppression.alert.as_deref(), suppression.job.as_ref().map(JobName::as_str))
}

/// Returns the keys of the suppressions that mean a finding.
fn keys(finding: &Finding) -> Vec<Key<'_>> {
    let alert = finding.alert.as_ref().map(|alert| Some(alert.as_str()));
    let job = finding.job.as_ref().map(|job| Some(job.as_str()));
    let alerts = || std::iter::once(None).chain(alert);
    let jobs = || std::iter::once(None).chain(job);
    alerts().flat_map(|alert| jobs().map(move |job| (finding.code.name, alert, job))).collect()
}

fn unused(subject: &Subject<'_>, suppression: &Suppression, path: &str) -> Finding {
    let about = match &suppression.alert {
        Some(alert) => format!(" about {alert}"),
        None => String::new(),
    };
    let message = format!("there is no finding {}{about} to suppress", suppression.code);
    let hint = "remove this suppression: what it suppressed is no more";
    Finding {
        alert: alert_of(subject, suppression),
        job: suppression.job.clone(),
        found: Some(suppression.code.clone()),
        ..subject.finding(SUPPRESSION_UNUSED, None, None, path, message, hint)
    }
}

fn unknown(subject: &Subject<'_>, codes: &[Code], suppression: &Suppression, path: &str) -> Finding {
    let near = nearest(&suppression.code, codes.iter().map(|code| code.name));
    let hint = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`jobwatch explain` lists the codes".to_owned(),
    };
    let message = format!("there is no code {}", suppression.code);
    Finding {
        alert: alert_of(subject, suppression),
        job: suppression.job.clone(),
        expected: near.map(str::to_owned),
        found: Some(suppression.code.clone()),
        ..subject.finding(SUPPRESSION_UNKNOWN, None, None, path, message, &hint)
    }
}

fn alert_of(subject: &Subject<'_>, suppression: &Suppression) -> Option<AlertName> {
    let named = |alert: &&Alert| Some(alert.name().as_str()) == suppression.alert.as_deref();
    subject.model.alerts().iter().find(named).map(Alert::name)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use insta::assert_snapshot;
    use jobwatch_catalogue::yaml::Positions;
    use jobwatch_catalogue::{Catalogue, JobSpec};

    use super::*;
    use crate::alerts::failing::FAILING;
    use crate::alerts::stuck::STUCK;
    use crate::model::Model;

    const KNOWN: Code = Code { name: "known", level: Level::Warning, summary: "", explanation: "" };

    /// Returns a catalogue of some jobs that suppresses findings about an alert and a job each.
    fn catalogue<'s>(
        jobs: usize,
        suppressed: impl IntoIterator<Item = (Option<&'s str>, Option<usize>, String)>,
    ) -> Catalogue {
        let mut builder = Catalogue::builder("test");
        for number in 0..jobs {
            builder = builder.job(JobSpec::every(format!("j{number}"), Duration::from_secs(60)));
        }
        for (alert, job, reason) in suppressed {
            builder = builder.suppress(Suppression {
                code: KNOWN.name.to_owned(),
                alert: alert.map(str::to_owned),
                job: job.map(|job| JobName::new(format!("j{job}")).unwrap()),
                reason,
            });
        }
        builder.build().unwrap()
    }

    fn finding(subject: &Subject<'_>, alert: Option<AlertName>, job: usize) -> Finding {
        let job = JobName::new(format!("j{job}")).unwrap();
        subject.finding(KNOWN, alert, Some(job), "jobs", "found".to_owned(), "")
    }

    #[test]
    fn the_last_suppression_that_means_a_finding_gives_the_reason() {
        let failing = Some(FAILING.name.as_str());
        let catalogue = catalogue(
            3,
            [
                (failing, Some(0), "failing j0"),
                (failing, None, "all of failing"),
                (None, Some(1), "all of j1"),
                (failing, Some(0), "failing j0 again"),
                (Some(STUCK.name.as_str()), Some(0), "stuck j0"),
            ]
            .map(|(alert, job, reason)| (alert, job, reason.to_owned())),
        );
        let model = Model::new(&catalogue).unwrap();
        let positions = Positions::default();
        let subject = Subject::new(&model, &positions);
        let mut findings = vec![
            finding(&subject, Some(FAILING.name), 0),
            finding(&subject, Some(FAILING.name), 1),
            finding(&subject, Some(FAILING.name), 2),
            finding(&subject, Some(STUCK.name), 1),
            finding(&subject, None, 2),
        ];
        suppress(&subject, &[KNOWN], &mut findings);
        let shown = findings.iter().map(|finding| {
            format!("{}: {}", finding.message, finding.suppressed.as_deref().unwrap_or("not suppressed"))
        });
        assert_snapshot!(shown.collect::<Vec<_>>().join("\n"), @"
        found: failing j0 again
        found: all of j1
        found: all of failing
        found: all of j1
        found: not suppressed
        there is no finding known about BackgroundJobStuck to suppress: not suppressed
        ");
    }
}
