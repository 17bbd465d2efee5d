//! Asks all lints about the rules of some files.

use super::comment::{self, IGNORE_UNKNOWN, IGNORE_UNUSED, IGNORE_WITHOUT_REASON};
use super::known::Facts;
use super::lint::Found;
use super::lints::{STANDARD, comparison_never_holds};
use super::rule_set::{RuleAt, RuleSet};
use crate::findings::{Code, Finding, Suppressed, sort};
use crate::scope::ESCALATES;

/// Returns every code that a finding about rules may have, in the order in which they are listed.
pub fn codes() -> Vec<Code> {
    let lints = STANDARD.iter().map(|lint| lint.code);
    lints.chain([IGNORE_UNKNOWN, IGNORE_UNUSED, IGNORE_WITHOUT_REASON]).collect()
}

/// Returns what is found in each of the files, sorted by position. What a comment in the file or a
/// catalogue suppresses is marked as suppressed.
pub fn lint(set: &RuleSet<'_>, facts: &Facts<'_>) -> Vec<Vec<Finding>> {
    let followed = set.followed(facts);
    let mut found = Found::default();
    for lint in STANDARD {
        (lint.run)(&followed, &mut found);
    }
    for (_, rule, finding) in &mut found.findings {
        finding.suppressed = by_catalogue(finding, &followed.rules[*rule], facts);
    }
    let mut all: Vec<Vec<Finding>> = Vec::with_capacity(set.files());
    let mut by_file: Vec<Vec<(usize, Finding)>> = (0..set.files()).map(|_| Vec::new()).collect();
    for (file, rule, finding) in found.findings {
        by_file[file].push((rule, finding));
    }
    for (file, mut findings) in by_file.into_iter().enumerate() {
        let rules: Vec<_> = followed.rules.iter().filter(|rule| rule.file == file).collect();
        let about_comments = comment::apply(set.text(file), &rules, &codes(), &mut findings);
        let mut findings: Vec<Finding> = findings.into_iter().map(|(_, finding)| finding).collect();
        findings.extend(about_comments);
        sort(&mut findings);
        all.push(findings);
    }
    all
}

/// What a catalogue suppresses where an alert of its own cannot fire. Then its rule cannot, either.
const NEVER_FIRES: &str = "alert-never-fires";

/// Returns why a catalogue suppresses a finding about a rule. `None` if none does. What it says of
/// an alert holds for one that escalates it, too.
fn by_catalogue(finding: &Finding, rule: &RuleAt<'_>, facts: &Facts<'_>) -> Option<Suppressed> {
    let escalated = rule.rule.labels.iter().filter(|label| label.name.value == ESCALATES);
    let names: Vec<&str> = [&rule.rule.name]
        .into_iter()
        .chain(escalated.map(|label| &label.text))
        .map(|name| name.value.as_str())
        .collect();
    let suppressions = facts.models.iter().flat_map(|model| model.catalogue().suppressed());
    let mut meant = suppressions.filter(|suppression| {
        let is_meant = suppression.code == finding.code.name
            || suppression.code == NEVER_FIRES && finding.code == comparison_never_holds::LINT.code;
        let alert = suppression.alert.as_deref();
        is_meant && suppression.job.is_none() && alert.is_none_or(|alert| names.contains(&alert))
    });
    Some(Suppressed::by_catalogue(&meant.next_back()?.reason))
}
