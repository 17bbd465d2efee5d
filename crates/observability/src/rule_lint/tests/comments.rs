//! Comments in rule files, and what catalogues suppress.

use std::time::Duration;

use insta::assert_snapshot;
use jobwatch_catalogue::{Catalogue, JobSpec, Suppression};

use super::{Facts, RuleSet, lint};
use crate::check::check;
use crate::findings::Finding;
use crate::model::Model;

/// Shows what is found in a file whose lines have comments.
fn shown(text: &str) -> String {
    let findings = lint(&RuleSet::read(&[text]).unwrap(), &Facts::default()).remove(0);
    let line = |finding: &Finding| {
        let suppressed = finding.suppressed.as_deref().unwrap_or("-");
        format!("{} {}: {suppressed}", finding.location.position.line, finding.code)
    };
    findings.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_comment_is_about_its_rule_or_about_the_file() {
    assert_snapshot!(shown("\
# jobwatch: ignore rule-runbook-missing We have none.
groups:
- name: g
  rules:
  # jobwatch: ignore rule-alert-without-comparison It is meant to fire.
  # Another comment.

  - alert: A
    expr: a
  -
    # jobwatch: ignore rule-alert-without-comparison This one, too.
    alert: B
    expr: b
  - alert: C
    expr: c  # jobwatch: ignore rule-alert-without-comparison And this.
  - alert: D
    expr: |
      # jobwatch: ignore rule-alert-without-comparison In the expression.
      d
  - alert: E
    expr: e
"), @"
    8 rule-runbook-missing: We have none.
    9 rule-alert-without-comparison: It is meant to fire.
    12 rule-runbook-missing: We have none.
    13 rule-alert-without-comparison: This one, too.
    14 rule-runbook-missing: We have none.
    15 rule-alert-without-comparison: And this.
    16 rule-runbook-missing: We have none.
    19 rule-alert-without-comparison: In the expression.
    20 rule-runbook-missing: We have none.
    21 rule-alert-without-comparison: -
    ");
}

#[test]
fn a_catalogue_suppresses_by_code_and_alert() {
    let job = JobSpec::every("a", Duration::from_secs(60));
    let catalogue = Catalogue::builder("shop")
        .job(job)
        .suppress(Suppression::new("rule-alert-without-comparison", "On purpose.").alert("A"))
        .suppress(Suppression::new("rule-runbook-missing", "We have none."))
        .suppress(Suppression::new("alert-never-fires", "Known.").alert("BackgroundJobFailing"))
        .build()
        .unwrap();
    let models = [Model::new(&catalogue).unwrap()];
    let facts = Facts { models: &models, ..Facts::default() };
    let text = "groups: [{name: g, rules: [{alert: A, expr: a}, {alert: B, expr: b}, {alert: BackgroundJobFailing, expr: up > 5}]}]";
    let findings = lint(&RuleSet::read(&[text]).unwrap(), &facts).remove(0);
    let shown = findings.iter().map(|finding| {
        let rule = finding.rule.as_deref().unwrap_or_default();
        format!("{rule} {}: {}", finding.code, finding.suppressed.as_deref().unwrap_or("-"))
    });
    assert_snapshot!(shown.collect::<Vec<_>>().join("\n"), @"
    A rule-runbook-missing: We have none.
    A rule-alert-without-comparison: On purpose.
    B rule-runbook-missing: We have none.
    B rule-alert-without-comparison: -
    BackgroundJobFailing rule-runbook-missing: We have none.
    BackgroundJobFailing rule-comparison-never-holds: Known.
    ");
}

#[test]
fn what_is_suppressed_about_rules_is_no_mistake_of_the_catalogue() {
    let job = JobSpec::every("a", Duration::from_secs(60));
    let suppression = Suppression::new("rule-regex-useless", "Read better.").alert("SomebodysAlert");
    let catalogue = Catalogue::builder("shop").job(job).suppress(suppression).build().unwrap();
    let model = Model::new(&catalogue).unwrap();
    let findings = check(&model, &Default::default(), None);
    assert!(findings.iter().all(|finding| !finding.code.name.starts_with("suppression")), "{findings:?}");
}
