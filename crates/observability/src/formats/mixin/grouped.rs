//! What is different where copies are told apart by other labels than those of the catalogue: found
//! by letting it name another one, or none, and comparing.

use std::collections::{BTreeMap, HashSet};

use jobwatch_catalogue::Catalogue;
use serde::Serialize;
use serde_json::Value;

use super::dashed::{Dashed, parted};
use super::rule;
use super::written::{place_of_query, place_of_rule};
use crate::formats::grafana;
use crate::rules::Rule;
use crate::views::Views;

/// The label that stands for those by which copies are told apart.
pub(super) const COPY: &str = "jobwatch_copy";

/// What there is where copies are told apart by other labels than those of the catalogue, or by
/// none.
#[derive(Serialize, Default)]
pub(super) struct Grouped {
    /// Rules that are added, each behind the rule of a name.
    rules: Vec<AddedRule>,
    /// The series of rules that are not there.
    gone: Vec<&'static str>,
    /// Expressions that are other ones, by where they stand.
    expressions: BTreeMap<String, String>,
    /// The legends that tell copies apart, or that do so as it is generated, by where they stand.
    legends: BTreeMap<String, String>,
    /// The choice at the top of the dashboard for each label.
    variables: Vec<Value>,
    /// What the tables whose columns name the label make of their queries, by their titles.
    columns: BTreeMap<String, Value>,
}

#[derive(Serialize)]
struct AddedRule {
    behind: Option<&'static str>,
    rule: Value,
}

/// Returns whether a job has labels of its own that tell its copies apart.
pub(super) fn has_jobs_apart(catalogue: &Catalogue) -> bool {
    catalogue.jobs().iter().any(|job| !job.grouping_labels().is_empty())
}

/// Returns what there is where copies are told apart by a label, or by none.
pub(super) fn grouped(
    views: &Views<'_>,
    dashed: &Dashed,
    label: Option<&'static str>,
) -> Result<Grouped, serde_json::Error> {
    let own = views.model.catalogue().grouping_labels();
    let is_same = own.is_empty() && label.is_none();
    if is_same || has_jobs_apart(views.model.catalogue()) {
        return Ok(Grouped::default());
    }
    let catalogue = views.model.catalogue().grouped_by(label);
    // What holds for the catalogue holds for it with another label, and so do its warnings.
    let Ok(model) = views.model.of(&catalogue) else { return Ok(Grouped::default()) };
    let model = model.all_warnings();
    let with = views.of(&model);
    let other: Vec<&str> = label.into_iter().collect();
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    let is_only_grouped = |before: &str, after: &str| ungrouped(before, &own) == ungrouped(after, &other);
    let mut grouped = Grouped::default();
    for group in &with.groups {
        let before = views.groups.iter().find(|known| known.name == group.name);
        let mut behind = None;
        for rule in &group.rules {
            let expression = rule.expression().to_string();
            let place = place_of_rule(&group.name, rule);
            let known = before.and_then(|before| {
                before.rules.iter().find(|rule| place_of_rule(&before.name, rule) == place)
            });
            match known {
                None => grouped.rules.push(AddedRule { behind, rule: rule::value(rule) }),
                Some(before) if is_only_grouped(&before.expression().to_string(), &expression) => {}
                Some(_) => {
                    grouped.expressions.insert(place, expression);
                }
            }
            behind = Some(rule.name());
        }
    }
    let recorded: HashSet<&str> = with.groups.iter().flat_map(|group| &group.rules).map(Rule::name).collect();
    let all = views.groups.iter().flat_map(|group| &group.rules).map(Rule::name);
    grouped.gone = all.filter(|name| !recorded.contains(name)).collect();
    for panel in with.dashboard.panels() {
        let before = views.dashboard.panels().find(|known| known.title == panel.title);
        let Some(before) = before.map(|before| parted(views.model, before, dashed)) else { continue };
        let fixed = parted(&model, panel, dashed).fixed;
        for (number, ((_, query), (_, before))) in fixed.iter().zip(before.fixed).enumerate() {
            let names = |legend: &str, labels: &[&str]| labels.iter().any(|label| legend.contains(label));
            if names(&query.legend, &other) || names(&before.legend, &own) {
                grouped.legends.insert(place_of_query(panel.title, number), query.legend.clone());
            }
            let expression = query.expression.to_string();
            if !is_only_grouped(&before.expression.to_string(), &expression) {
                grouped.expressions.insert(place_of_query(panel.title, number), expression);
            }
        }
    }
    let before = grafana::value(&views.dashboard)?;
    let dashboard = grafana::value(&with.dashboard)?;
    let before: BTreeMap<&str, &Value> = transformations(&before).collect();
    let columns = transformations(&dashboard).filter(|(title, columns)| before.get(title) != Some(columns));
    grouped.columns = columns.map(|(title, columns)| (title.to_owned(), columns.clone())).collect();
    let variables = dashboard["templating"]["list"].as_array().into_iter().flatten();
    grouped.variables =
        variables.filter(|variable| label.is_some_and(|label| variable["name"] == label)).cloned().collect();
    Ok(grouped)
}

/// Returns what the panels of a dashboard make of their queries, with their titles.
fn transformations(dashboard: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let rows = || dashboard["panels"].as_array().into_iter().flatten();
    let panels = rows().chain(rows().flat_map(|row| row["panels"].as_array().into_iter().flatten()));
    panels.filter_map(|panel| Some((panel["title"].as_str()?, panel.get("transformations")?)))
}

/// Returns an expression without labels in front of its lists, and without their choices.
fn ungrouped(expression: &str, labels: &[&str]) -> String {
    let bare = |text: &str| text.split_whitespace().collect::<String>();
    let without = |text: String, label: &&str| {
        let chosen = [format!("{label}=~\"${label}\","), format!("{label}=~\"${label}|\",")];
        chosen.iter().fold(text, |text, chosen| text.replace(chosen, ""))
    };
    let listed: String = labels.iter().map(|label| format!("{label},")).collect();
    let text = labels.iter().fold(bare(expression), without);
    if listed.is_empty() { text } else { text.replace(&listed, "") }
}
