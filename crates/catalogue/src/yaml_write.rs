//! Writes a catalogue as YAML that [`crate::yaml::parse`] reads back.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use crate::catalogue::{Acceptance, Catalogue};
use crate::duration;
use crate::job::JobSpec;
use crate::quantity::Quantity;
use crate::schedule::Schedule;
use crate::threshold::{ThresholdOverride, Thresholds};

/// A catalogue could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the catalogue as YAML")]
pub struct WriteError(#[from] serde_yaml::Error);

/// Writes a catalogue, with every default spelt out.
///
/// # Errors
///
/// [`WriteError`] if the writer of YAML refuses a text.
pub fn to_yaml(catalogue: &Catalogue) -> Result<String, WriteError> {
    Ok(serde_yaml::to_string(&Wire::from(catalogue))?)
}

#[derive(Serialize)]
struct Wire<'a> {
    name: &'a str,
    title: &'a str,
    service: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<&'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    selector: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    labels: &'a BTreeMap<String, String>,
    runbook: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    runbook_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    grafana_url: Option<&'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    thresholds: BTreeMap<&'static str, WireFigures>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    accept: Vec<WireAcceptance<'a>>,
    jobs: Vec<WireJob<'a>>,
}

#[derive(Serialize)]
struct WireFigures {
    #[serde(skip_serializing_if = "Option::is_none")]
    above: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_least: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    growth: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    over: Option<String>,
    #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
    hold: Option<String>,
}

#[derive(Serialize)]
struct WireAcceptance<'a> {
    code: &'a str,
    alert: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    job: Option<&'a str>,
    reason: &'a str,
}

#[derive(Serialize)]
struct WireJob<'a> {
    name: &'a str,
    summary: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    interval: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cron: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timezone: Option<&'static str>,
    interval_variable: &'a str,
    timeout: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    items: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    queue: Option<&'a str>,
    enabled: bool,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    thresholds: BTreeMap<&'static str, WireFigures>,
}

impl<'a> From<&'a Catalogue> for Wire<'a> {
    fn from(catalogue: &'a Catalogue) -> Self {
        Self {
            name: &catalogue.name,
            title: &catalogue.title,
            service: &catalogue.service,
            namespace: catalogue.namespace.as_deref(),
            selector: &catalogue.selector,
            labels: &catalogue.labels,
            runbook: &catalogue.runbook,
            // Where nobody says where the runbook is found, its path stands in, which is no URL to be read back.
            runbook_url: Some(catalogue.runbook_url.as_str()).filter(|url| *url != catalogue.runbook),
            grafana_url: catalogue.grafana_url.as_deref(),
            thresholds: figures(&catalogue.thresholds),
            accept: catalogue.accepted.iter().map(WireAcceptance::from).collect(),
            jobs: catalogue.jobs.iter().map(WireJob::from).collect(),
        }
    }
}

impl<'a> From<&'a JobSpec> for WireJob<'a> {
    fn from(job: &'a JobSpec) -> Self {
        let (interval, cron, timezone) = match &job.schedule {
            Schedule::Interval(interval) => (Some(duration::format(*interval)), None, None),
            Schedule::Cron(cron) => (None, Some(cron.expression()), Some(cron.timezone().name())),
        };
        Self {
            name: job.name.as_str(),
            summary: &job.summary,
            interval,
            cron,
            timezone,
            interval_variable: &job.interval_variable,
            timeout: duration::format(job.timeout),
            items: job.items.as_deref(),
            queue: job.queue.as_deref(),
            enabled: job.enabled,
            thresholds: figures(&job.thresholds),
        }
    }
}

impl<'a> From<&'a Acceptance> for WireAcceptance<'a> {
    fn from(acceptance: &'a Acceptance) -> Self {
        Self {
            code: &acceptance.code,
            alert: acceptance.alert.as_str(),
            job: acceptance.job.as_ref().map(AsRef::as_ref),
            reason: &acceptance.reason,
        }
    }
}

impl From<&ThresholdOverride> for WireFigures {
    fn from(figures: &ThresholdOverride) -> Self {
        let seconds = |seconds: Option<u64>| seconds.map(|s| duration::format(Duration::from_secs(s)));
        Self {
            above: figures.above.map(|figure| figure.to_string()),
            at_least: figures.at_least,
            growth: figures.growth.map(|growth| Quantity::Ratio(growth).to_string()),
            over: seconds(figures.over),
            hold: seconds(figures.hold),
        }
    }
}

fn figures(thresholds: &Thresholds) -> BTreeMap<&'static str, WireFigures> {
    thresholds.iter().map(|(alert, figures)| (alert.as_str(), WireFigures::from(figures))).collect()
}

#[cfg(test)]
#[cfg(feature = "yaml")]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::alert::AlertName;
    use crate::job::JobDraft;
    use crate::quantity::Unit;

    fn text() -> impl Strategy<Value = String> {
        prop_oneof![
            "[ -z|~äß→]{1,20}".prop_filter("says something", |text| !text.trim().is_empty()),
            prop::sample::select(vec![
                "yes",
                "on",
                "n",
                "null",
                "~",
                "5",
                "a: #b",
                "- x",
                "two\nlines",
                "'",
                "\""
            ])
            .prop_map(str::to_owned),
        ]
        .prop_map(|text| text.trim().to_owned())
    }

    fn overrides() -> impl Strategy<Value = (AlertName, ThresholdOverride)> {
        (prop::sample::select(AlertName::ALL.to_vec()), 1_u64..1_000_000, any::<bool>()).prop_map(
            |(alert, number, held)| {
                let figures = alert.figures();
                let above = figures.above.map(|unit| match unit {
                    Unit::PerSecond => Quantity::PerSecond(number),
                    Unit::Ratio => Quantity::Ratio(number),
                    Unit::Duration => Quantity::Duration(number),
                    Unit::Count => Quantity::Count(number),
                });
                let at_least = figures.at_least.map(|_| number % 1_000 + 1);
                (
                    alert,
                    ThresholdOverride { above, at_least, hold: held.then_some(number), ..Default::default() },
                )
            },
        )
    }

    fn job(index: usize) -> impl Strategy<Value = JobDraft> {
        let schedules = prop_oneof![
            (1_u64..100_000).prop_map(|s| JobSpec::every("", Duration::from_secs(s))),
            prop::sample::select(vec!["0 3 * * *", "*/5 8-17 * * 1-5", "0 0 1 * *"])
                .prop_map(|cron| JobSpec::cron("", cron, "Europe/Berlin")),
        ];
        (schedules, text(), 1_u64..80_000, prop::option::of(text()), prop::option::of(text()), any::<bool>())
            .prop_map(move |(mut job, summary, timeout, items, queue, enabled)| {
                job.name = format!("job-{index}");
                job = job.summary(summary).timeout(Duration::from_secs(timeout)).enabled(enabled);
                job.items = items;
                job.queue = queue;
                job
            })
    }

    fn catalogue() -> impl Strategy<Value = Catalogue> {
        (text(), text(), overrides(), (job(0), job(1), job(2))).prop_map(|(service, label, set, jobs)| {
            Catalogue::builder(service)
                .label("team", label)
                .selector("cluster", "one")
                .runbook_url("https://example.org/runbook")
                .threshold(set.0, set.1)
                .job(jobs.0)
                .job(jobs.1)
                .job(jobs.2)
                .build()
                .unwrap()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_is_written_reads_back(catalogue in catalogue()) {
            let text = to_yaml(&catalogue).unwrap();
            let parsed = crate::yaml::parse(&text).map_err(|e| TestCaseError::fail(format!("{e:?}\n{text}")))?;
            prop_assert_eq!(parsed.catalogue, catalogue);
        }
    }
}
