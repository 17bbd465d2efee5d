//! Prometheus' format: the rule file that `rule_files` loads.

use std::borrow::Cow;

use jobwatch_catalogue::Catalogue;
use serde::Serialize;
use serde_saphyr::SpaceAfter;

use super::format::{Format, is_named};
use super::yaml::{Block, Explained, HEADER, Pairs, document};
use crate::artifact::{Artifact, RenderError, header};
use crate::rules::{WrittenGroup, WrittenRule};
use crate::target::Target;
use crate::text::{FilePath, LabelValue, Template};
use crate::views::Views;

/// What stands below `groups`, in a rule file or in the object of an operator.
#[derive(Serialize)]
pub(super) struct RuleFile<'a> {
    groups: Vec<SpaceAfter<Explained<Group<'a>>>>,
}

#[derive(Serialize)]
struct Group<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    interval: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<u64>,
    rules: Vec<Explained<WireRule<'a>>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum WireRule<'a> {
    Recording {
        record: &'a str,
        expr: Block<'a>,
        #[serde(skip_serializing_if = "Pairs::is_empty")]
        labels: Pairs<&'a str, &'a LabelValue>,
    },
    Alerting {
        alert: &'a str,
        expr: Block<'a>,
        #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
        hold: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        keep_firing_for: Option<&'a str>,
        #[serde(skip_serializing_if = "Pairs::is_empty")]
        labels: Pairs<&'a str, &'a Template>,
        #[serde(skip_serializing_if = "Pairs::is_empty")]
        annotations: Pairs<&'a str, &'a Template>,
    },
}

const FOLDER: &str = "alerts";

/// How the name of a rule file ends.
const END: &str = ".rules.yaml";

/// Returns the path of the rule file of a catalogue.
pub(super) fn path(catalogue: &Catalogue) -> FilePath {
    FilePath::new(FOLDER, &format!("{}{END}", catalogue.name()))
}

/// The rule file that Prometheus loads.
pub(super) const FORMAT: Format = Format {
    target: Some(Target::Prometheus),
    folders: &[FOLDER],
    writes_to: |path, catalogue| is_named(path, catalogue, FOLDER, END),
    header: HEADER,
    files,
};

fn files(views: &Views<'_>) -> Result<Vec<Artifact>, RenderError> {
    let catalogue = views.model.catalogue();
    Ok(vec![Artifact::written(path(catalogue), render(catalogue, views.written()))?])
}

fn render(catalogue: &Catalogue, groups: &[WrittenGroup]) -> Result<String, serde_saphyr::ser::Error> {
    document(&header(catalogue), &rule_file(groups))
}

/// Returns groups as Prometheus reads them.
pub(super) fn rule_file(groups: &[WrittenGroup]) -> RuleFile<'_> {
    RuleFile { groups: groups.iter().map(group).collect() }
}

fn group(group: &WrittenGroup) -> SpaceAfter<Explained<Group<'_>>> {
    let WrittenGroup { name, comment, interval, limit, rules } = group;
    let rules = rules.iter().map(rule).collect();
    let group = Group { name, interval: interval.as_deref(), limit: *limit, rules };
    SpaceAfter(Explained::new(group, comment))
}

fn rule(rule: &WrittenRule) -> Explained<WireRule<'_>> {
    match rule {
        WrittenRule::Recording { series, comment, expression, labels } => {
            let expr = Block(Cow::Borrowed(expression));
            Explained::new(WireRule::Recording { record: series, expr, labels: pairs(labels) }, comment)
        }
        WrittenRule::Alerting { alert, expression, hold, keep_firing_for, labels, annotations } => {
            Explained::unexplained(WireRule::Alerting {
                alert,
                expr: Block(Cow::Borrowed(expression)),
                hold: hold.as_deref(),
                keep_firing_for: keep_firing_for.as_deref(),
                labels: pairs(labels),
                annotations: pairs(annotations),
            })
        }
    }
}

fn pairs<T>(pairs: &[(String, T)]) -> Pairs<&str, &T> {
    Pairs(pairs.iter().map(|(name, text)| (name.as_str(), text)).collect())
}
