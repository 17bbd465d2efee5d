//! Alerts whose section of the runbook is not there.

use std::collections::HashSet;

use jobwatch_catalogue::suggestion::nearest;

use super::runbook_missing::runbook_links;
use crate::anchor::AnchorStyle;
use crate::findings::{Code, Level};
use crate::rule_lint::lint::{Found, RuleLint};
use crate::rule_lint::place::within;
use crate::rule_lint::rule_set::Followed;
use crate::runbook::heading_anchors;

pub(super) const LINT: RuleLint = RuleLint {
    code: Code {
        name: "rule-runbook-section-missing",
        level: Level::Error,
        summary: "An alert links to a section that its runbook does not have.",
        explanation: include_str!("../explanations/rule-runbook-section-missing.md"),
    },
    run,
};

fn run(followed: &Followed<'_>, found: &mut Found) {
    let Some((file, text)) = followed.facts.runbook else { return };
    let style = followed.facts.models.first().map(|model| AnchorStyle::of(model.catalogue().runbook_url()));
    let Some(anchors) = heading_anchors(text, style.unwrap_or_default()) else { return };
    let anchors: HashSet<String> = anchors.into_iter().collect();
    for rule in followed.rules.iter().filter(|rule| rule.is_alert()) {
        for link in runbook_links(rule) {
            let Some((page, anchor)) = link.value.trim().split_once('#') else { continue };
            let is_template = link.value.contains("{{");
            let name = page.rsplit('/').next().unwrap_or_default();
            if is_template || name != file || anchors.contains(anchor) {
                continue;
            }
            let hint = match nearest(anchor, anchors.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `#{near}`?"),
                None => "add the section, or link to the one that says what to do".to_owned(),
            };
            let at = link.value.find('#').unwrap_or_default();
            let position = within(rule.text, link, &(at..link.value.trim_end().len()));
            let message = format!("the runbook has no section `#{anchor}`");
            found.at(LINT.code, rule, position, message, &hint);
        }
    }
}
