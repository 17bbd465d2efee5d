//! What is read, and what tells copies apart: over all that a catalogue may say itself, the mixin's
//! settings yield what a catalogue yields that says the same.

use serde_json::Value;

use super::engines::ours;
use super::{assert_same, edited, folder, generated, program, refused_by, written};

const CATALOGUE: &str = "\
service: shop
targets: [prometheus, grafana, mixin]
jobs:
  - {name: bill, summary: Bills., interval: 5m, queue: orders, items: bills}
  - {name: ship, summary: Ships., cron: 0 2 * * *, timezone: UTC, queue: orders}
";

fn catalogue(lines: &str) -> String {
    let named = if lines.starts_with("name:") { "" } else { "name: shop-jobs\n" };
    format!("{named}{lines}\n{CATALOGUE}")
}

/// Without the brackets that an expression has where its lines are broken.
fn unbroken(value: &Value) -> Value {
    edited(value, "", &|expression| expression.replace(['(', ')'], " "))
}

/// Holds a mixin with settings against what is generated from a catalogue that says the same.
#[track_caller]
fn check(before: &str, config: &str, after: &str) {
    let folder = folder(&generated(&catalogue(before)));
    let found = ours(folder.path(), &program(&format!("{{ _config+:: {{ {config} }} }}")));
    let expected = written(&generated(&catalogue(after)));
    assert_same(&unbroken(&found), &unbroken(&expected));
}

#[test]
fn labels_that_tell_copies_apart_take_the_place_of_others() {
    let all = ["[]", "[cluster]", "[cluster, environment]"];
    for before in all {
        for after in all.into_iter().chain(["[environment]", "[environment, cluster]"]) {
            let quoted = after.replace("cluster", "'cluster'").replace("environment", "'environment'");
            check(
                &format!("grouping_labels: {before}"),
                &format!("groupLabels: {quoted}"),
                &format!("grouping_labels: {after}"),
            );
        }
    }
}

/// What follows from other settings is written for these labels, too.
#[test]
fn other_settings_hold_beside_labels() {
    let settings = [
        ("BackgroundJobCriticalFailureRate", "{ above: 0.2 }", "{above: 20%}"),
        ("BackgroundJobCriticalFailureRate", "{ enabled: false }", "off"),
        ("BackgroundJobMetricsAbsent", "{ severity: 'warning' }", "{severity: warning}"),
        ("BackgroundJobHighDuration", "{ above: 900 }", "{above: 15m}"),
    ];
    for (before, label, after) in
        [("[]", "'cluster'", "[cluster]"), ("[cluster]", "'host'", "[host]"), ("[cluster]", "", "[]")]
    {
        for (alert, setting, said) in settings {
            check(
                &format!("grouping_labels: {before}"),
                &format!("groupLabels: [{label}], alerts+: {{ {alert}+: {setting} }}"),
                &format!("grouping_labels: {after}\nalerts: {{{alert}: {said}}}"),
            );
        }
    }
}

#[test]
fn a_threshold_of_what_becomes_a_warning_is_that_of_its_page() {
    let setting = "alerts+: { BackgroundJobCriticalDuration+: { severity: 'warning', above: 900 } }";
    check("", setting, "alerts: {BackgroundJobCriticalDuration: {severity: warning, above: 15m}}");
}

#[test]
fn a_label_whose_name_is_in_other_names_is_replaced_alone() {
    check(
        "name: job-sync\ngrouping_labels: [job]",
        "groupLabels: ['region']",
        "name: job-sync\ngrouping_labels: [region]",
    );
}

#[test]
fn what_is_selected_keeps_to_the_namespace_unless_it_names_one() {
    let all = ["{}", "{cluster: eu}", "{namespace: other}"];
    for before in all {
        for after in all.into_iter().chain(["{cluster: us, namespace: shop}"]) {
            let quoted =
                after.replace(": ", ": '").replace(',', "',").replace('}', "'}").replace("{'}", "{}");
            check(
                &format!("namespace: shop\nselector: {before}"),
                &format!("selector: {quoted}"),
                &format!("namespace: shop\nselector: {after}"),
            );
        }
    }
}

#[test]
fn a_label_of_which_one_value_is_read_tells_no_copies_apart() {
    let grouped = "grouping_labels: [cluster]\nselector:";
    check(&format!("{grouped} {{}}"), "selector: {cluster: 'eu'}", &format!("{grouped} {{cluster: eu}}"));
    check(&format!("{grouped} {{cluster: eu}}"), "selector: {}", &format!("{grouped} {{}}"));
    check(
        &format!("{grouped} {{}}"),
        "selector: {cluster: 'eu'}, groupLabels: ['cluster', 'host']",
        "grouping_labels: [cluster, host]\nselector: {cluster: eu}",
    );
}

#[test]
fn a_label_of_all_alerts_is_a_text_and_no_template() {
    check("", "labels: {team: 'a {{ b }}'}", "labels: {team: 'a {{ b }}'}");
}

#[test]
fn what_the_mixin_cannot_do_right_is_refused() {
    let jobs_apart = catalogue("").replace("cron:", "grouping_labels: [host], cron:");
    let said = refused_by(&jobs_apart, "_config+:: { groupLabels: ['cluster'] }");
    assert!(said.contains("_config.groupLabels: jobs have labels of their own"), "{said}");
    let labelled = catalogue("").replace("cron:", "owner: billing, labels: {tier: a}, cron:");
    let said = refused_by(&labelled, "_config+:: { groupLabels: ['tier'], labels: { owner: 'shipping' } }");
    for problem in [
        "_config.groupLabels[0]: jobs have a label `tier`: set it in the catalogue",
        "_config.labels.owner: jobs have a label `owner`: set it in the catalogue",
    ] {
        assert!(said.contains(problem), "{problem}:\n{said}");
    }
    let said = refused_by(&catalogue(""), "_config+:: { namespace: 'shop', grouplabels: ['cluster'] }");
    for problem in [
        "_config.namespace: the catalogue names no namespace: set `namespace` there",
        "_config.grouplabels: there is no setting `grouplabels`: did you mean `groupLabels`?",
    ] {
        assert!(said.contains(problem), "{problem}:\n{said}");
    }
}
