//! Prometheus' format: the rule file that `rule_files` loads.

use std::time::Duration;

use jobwatch_catalogue::{Catalogue, duration};
use serde::Serialize;
use serde_saphyr::SpaceAfter;

use super::format::{Format, is_named};
use super::yaml::{Block, Explained, HEADER, Pairs, document};
use crate::artifact::{Artifact, RenderError, header};
use crate::rules::{Rule, RuleGroup};
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
    rules: Vec<Explained<WireRule<'a>>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum WireRule<'a> {
    Recording {
        record: &'a str,
        expr: Block,
        labels: Pairs<&'a str, &'a LabelValue>,
    },
    Alerting {
        alert: &'a str,
        expr: Block,
        #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
        hold: Option<String>,
        labels: Pairs<&'a str, &'a Template>,
        annotations: Pairs<&'static str, &'a Template>,
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
    Ok(vec![Artifact::written(path(catalogue), render(catalogue, &views.groups))?])
}

fn render(catalogue: &Catalogue, groups: &[RuleGroup]) -> Result<String, serde_saphyr::ser::Error> {
    document(&header(catalogue), &rule_file(groups))
}

/// Returns groups as Prometheus reads them.
pub(super) fn rule_file(groups: &[RuleGroup]) -> RuleFile<'_> {
    RuleFile { groups: groups.iter().map(group).collect() }
}

fn group(group: &RuleGroup) -> SpaceAfter<Explained<Group<'_>>> {
    let rules = group.rules.iter().map(rule).collect();
    SpaceAfter(Explained::new(Group { name: &group.name, rules }, &group.comment))
}

fn rule(rule: &Rule) -> Explained<WireRule<'_>> {
    let expr = Block(rule.expression().to_string());
    match rule {
        Rule::Recording { series, comment, labels, .. } => {
            let wire = WireRule::Recording { record: series, expr, labels: pairs(labels) };
            Explained::new(wire, comment)
        }
        Rule::Alerting { alert, hold, labels, annotations, .. } => {
            Explained::unexplained(WireRule::Alerting {
                alert: alert.as_str(),
                expr,
                hold: (*hold > 0).then(|| duration::format(Duration::from_secs(*hold))),
                labels: pairs(labels),
                annotations: Pairs(annotations.iter().map(|(name, text)| (*name, text)).collect()),
            })
        }
    }
}

fn pairs<T>(pairs: &[(String, T)]) -> Pairs<&str, &T> {
    Pairs(pairs.iter().map(|(name, text)| (name.as_str(), text)).collect())
}
