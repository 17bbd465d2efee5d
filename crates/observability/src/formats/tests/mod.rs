//! Every format recognises what it writes, and nothing else.

mod limits;

use std::collections::BTreeSet;

use jobwatch_catalogue::{Catalogue, yaml};

use super::{Format, STANDARD, grafana_operator, prometheus_operator, promtool};
use crate::artifact::{Artifact, Origin};
use crate::generator::Generator;
use crate::model::Model;
use crate::views::Views;

/// Jobs whose rule tests need files of every kind, one of them with dots in its name.
const CATALOGUE: &str = "
service: shop
name: shop-jobs
jobs:
  - {name: bill.retry, summary: Bills., interval: 1s, timeout: 1d}
  - name: ping
    summary: Pings.
    interval: 1s
    timeout: 1s
    thresholds: {BackgroundJobNotRunning: {above: 1m}}
";

fn catalogue() -> Catalogue {
    yaml::parse(CATALOGUE).unwrap().catalogue
}

#[test]
fn each_format_recognises_what_it_writes() {
    let catalogue = catalogue();
    let model = Model::new(&catalogue).unwrap();
    let views = Views::new(&model, &[]);
    let tests = (promtool::FORMAT.files)(&views).unwrap();
    for kind in ["runs", "states", "late", "soon"] {
        let end = format!(".{kind}.yaml");
        assert!(tests.iter().any(|file| file.path.as_str().ends_with(&end)), "none of {kind}");
    }
    for (number, format) in STANDARD.iter().enumerate() {
        let files = (format.files)(&views).unwrap();
        assert!(!files.is_empty());
        for file in files {
            let path = file.path.as_str();
            assert!((format.writes_to)(path, "shop-jobs"), "{path}");
            assert_eq!(format.origin(path, file.text.as_bytes()), Some(Origin::of(&catalogue)), "{path}");
            assert!(
                format.folders.iter().any(|folder| path.rsplit_once('/').unwrap().0 == *folder),
                "{path}"
            );
            let is_others = |(other, _): &(usize, &&Format)| *other != number;
            let mut others = STANDARD.iter().enumerate().filter(is_others);
            assert!(others.all(|(_, other)| other.origin(path, file.text.as_bytes()).is_none()), "{path}");
        }
    }
}

#[test]
fn comments_fit_a_hundred_columns_below_the_header() {
    let catalogue = catalogue();
    let model = Model::new(&catalogue).unwrap();
    let views = Views::new(&model, &[]);
    for file in STANDARD.iter().flat_map(|format| (format.files)(&views).unwrap()) {
        for line in file.text.lines().skip(1).filter(|line| line.trim_start().starts_with("# ")) {
            assert!(line.chars().count() <= 100, "{}: {line}", file.path);
        }
    }
}

#[test]
fn only_names_that_a_format_gives_are_its_own() {
    for (path, expected) in [
        ("alerts/shop-jobs.rules.yaml", true),
        ("alerts/README.md", false),
        ("alerts/shop-jobs.yaml", false),
        ("alerts/.rules.yaml", false),
        ("alerts/shop-jobs.old.rules.yaml", false),
        ("alerts/deeper/shop-jobs.rules.yaml", false),
        ("alerts/tests/shop-jobs.bill.runs.yaml", true),
        ("alerts/tests/shop-jobs.bill.late.yaml", true),
        ("alerts/tests/shop-jobs.runs.yaml", false),
        ("alerts/tests/shop-jobs.bill.retry.runs.yaml", true),
        ("alerts/tests/shop-jobs.bill.mine.yaml", false),
        ("alerts/tests/shop-jobs..runs.yaml", false),
        ("alerts/kubernetes/shop-jobs.prometheusrule.yaml", true),
        ("alerts/kubernetes/shop-jobs.2.prometheusrule.yaml", true),
        ("alerts/kubernetes/shop-jobs.02.prometheusrule.yaml", false),
        ("alerts/kubernetes/shop-jobs.old.prometheusrule.yaml", false),
        ("alerts/kubernetes/shop-jobs.rules.yaml", false),
        ("dashboards/kubernetes/shop-jobs.configmap.yaml", true),
        ("dashboards/kubernetes/shop-jobs.grafanadashboard.yaml", true),
        ("dashboards/shop-jobs.json", true),
        ("dashboards/shop-jobs.json.bak", false),
        ("elsewhere/shop-jobs.json", false),
    ] {
        let is_own = STANDARD.iter().any(|format| (format.writes_to)(path, "shop-jobs"));
        assert_eq!(is_own, expected, "{path}");
        let names = ["", "shop", "shop-jobs-2"];
        let others = names.map(|name| STANDARD.iter().any(|format| (format.writes_to)(path, name)));
        assert_eq!(others, [false; 3], "{path}");
    }
}

/// A catalogue with what Kubernetes objects say, as it is written.
const IN_KUBERNETES: &str = "
service: shop
name: shop-jobs
namespace: shop
targets: [prometheus-operator, grafana-sidecar, grafana-operator]
kubernetes:
  namespace: monitoring
  labels: {release: prometheus, app.kubernetes.io/part-of: shop}
  folder: 'Jobs: all'
jobs:
  - {name: bill, summary: Bills., interval: 5m}
";

const PROMETHEUS_RULE: &str = include_str!("../../../../../tests/fixtures/schemas/prometheusrule.json");
const GRAFANA_DASHBOARD: &str = include_str!("../../../../../tests/fixtures/schemas/grafanadashboard.json");

/// Holds an object against what its operator takes.
#[track_caller]
fn check_schema(schema: &str, object: &str) {
    let validator = jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap();
    let object: serde_json::Value = serde_yaml::from_str(object).unwrap();
    let problems: Vec<_> = validator
        .iter_errors(&object)
        .map(|error| format!("{}: {}", error.instance_path(), error.masked()))
        .collect();
    assert!(problems.is_empty(), "{problems:#?}");
}

/// Clipper's objects and those of another team fit, and a field that is not known does not.
#[test]
fn objects_fit_the_schemas_of_their_operators() {
    for source in [
        include_str!("../../../../../jobs/catalogue.yaml"),
        include_str!("../../../../../tests/fixtures/payments/catalogue.yaml"),
        IN_KUBERNETES,
    ] {
        let catalogue = yaml::parse(source).unwrap().catalogue;
        let model = Model::new(&catalogue).unwrap();
        let views = Views::new(&model, &[]);
        let text = |format: &Format| (format.files)(&views).unwrap().remove(0).text;
        check_schema(PROMETHEUS_RULE, &text(&prometheus_operator::FORMAT));
        check_schema(GRAFANA_DASHBOARD, &text(&grafana_operator::FORMAT));
    }
}

#[test]
#[should_panic(expected = "fore")]
fn a_field_that_is_not_known_does_not_fit() {
    let catalogue = catalogue();
    let model = Model::new(&catalogue).unwrap();
    let files = (prometheus_operator::FORMAT.files)(&Views::new(&model, &[])).unwrap();
    check_schema(PROMETHEUS_RULE, &files[0].text.replacen(" for:", " fore:", 1));
}

#[test]
fn kubernetes_objects_hold_what_the_plain_files_have() {
    let catalogue = yaml::parse(IN_KUBERNETES).unwrap().catalogue;
    let model = Model::new(&catalogue).unwrap();
    let views = Views::new(&model, &[]);
    let text = |format: &Format| (format.files)(&views).unwrap().remove(0).text;
    let read = |text: &str| serde_yaml::from_str::<serde_json::Value>(text).unwrap();
    let of = |format: &Format| read(&text(format));
    let rules = of(&super::prometheus_operator::FORMAT);
    assert_eq!(rules["spec"], of(&super::prometheus::FORMAT));
    let dashboard = text(&super::grafana::FORMAT);
    let (map, custom) = (of(&super::grafana_sidecar::FORMAT), of(&super::grafana_operator::FORMAT));
    assert_eq!(map["data"]["shop-jobs.json"], dashboard.trim_end());
    assert_eq!(custom["spec"]["json"], dashboard.trim_end());
    insta::assert_snapshot!(serde_yaml::to_string(&rules["metadata"]).unwrap(), @"
    annotations:
      argocd.argoproj.io/sync-options: ServerSideApply=true
    labels:
      app.kubernetes.io/managed-by: jobwatch
      app.kubernetes.io/part-of: shop
      release: prometheus
    name: shop-jobs
    namespace: monitoring
    ");
    insta::assert_snapshot!(serde_yaml::to_string(&map["metadata"]).unwrap(), @"
    annotations:
      argocd.argoproj.io/sync-options: ServerSideApply=true
      grafana_folder: 'Jobs: all'
      kustomize.toolkit.fluxcd.io/substitute: disabled
    labels:
      app.kubernetes.io/managed-by: jobwatch
      app.kubernetes.io/part-of: shop
      grafana_dashboard: '1'
      release: prometheus
    name: shop-jobs
    namespace: monitoring
    ");
    insta::assert_snapshot!(serde_yaml::to_string(&custom["spec"]["instanceSelector"]).unwrap(), @"
    matchLabels:
      dashboards: grafana
    ");
    assert_eq!(custom["spec"]["folder"], "Jobs: all");
}

#[test]
fn only_chosen_formats_are_generated() {
    let paths = |targets: &str| {
        let catalogue = yaml::parse(&format!("{targets}{CATALOGUE}")).unwrap().catalogue;
        let model = Model::new(&catalogue).unwrap();
        let files = Generator::new(&model).files().unwrap();
        let folder = |file: &Artifact| file.path.as_str().rsplit_once('/').unwrap().0.to_owned();
        files.iter().map(folder).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(paths(""), "alerts alerts/tests dashboards");
    assert_eq!(paths("targets: grafana"), "dashboards");
    assert_eq!(paths("targets: [rule-tests]"), "alerts alerts/tests");
    assert_eq!(
        paths("targets: [grafana-sidecar, prometheus-operator]"),
        "alerts/kubernetes dashboards/kubernetes"
    );
}

#[test]
fn an_unknown_target_is_told_with_the_nearest() {
    let told = |targets: &str| {
        let catalogue = yaml::parse(&format!("{targets}{CATALOGUE}")).unwrap().catalogue;
        Model::new(&catalogue).unwrap_err().problems.remove(0)
    };
    let problem = told("targets: [grafana, promtheus]");
    assert_eq!(problem.to_string(), "targets[1]: there is no target `promtheus`");
    assert_eq!(problem.hint.as_deref(), Some("did you mean `prometheus`?"));
    assert!(told("targets: x").hint.unwrap().starts_with("the targets are prometheus, grafana,"));
}

#[test]
fn the_routing_of_a_catalogue_with_clusters() {
    let catalogue = yaml::parse(&format!("targets: alertmanager\ngrouping_labels: cluster\n{CATALOGUE}"));
    let catalogue = catalogue.unwrap().catalogue;
    let model = Model::new(&catalogue).unwrap();
    let files = Generator::new(&model).files().unwrap();
    insta::assert_snapshot!(files[0].text, @r##"
    # Generated by `jobwatch generate` from the catalogue `shop-jobs` of shop: edit that, not this.
    route:
      receiver: slack
      group_by:
        - service
        - cluster
        - namespace
        - job_name
      group_wait: 30s
      group_interval: 5m
      repeat_interval: 4h
      routes:
        -
          # What is critical pages whoever is on call.
          matchers:
            - severity="critical"
          receiver: pagerduty
          routes:
            -
              # A dead process is one notification, and not one for each of its jobs.
              matchers:
                - alertname="BackgroundJobMetricsAbsent"
              group_by:
                - service
                - cluster
                - namespace
        -
          # A dead process is one notification, and not one for each of its jobs.
          matchers:
            - alertname="BackgroundJobMetricsAbsent"
          group_by:
            - service
            - cluster
            - namespace
    receivers:
      - name: slack
        slack_configs:
          - api_url_file: /etc/alertmanager/secrets/slack_api_url
            channel: "#incidents"
            send_resolved: true
            title: "{{ .Status | toUpper }} {{ .CommonLabels.alertname }} {{ .CommonLabels.job_name }}"
            text: "{{ range .Alerts }}*{{ .Annotations.summary }}*\n{{ .Annotations.description }}\n<{{ .Annotations.runbook_url }}|Runbook> <{{ .Annotations.dashboard_url }}|Dashboard>\n{{ end }}"
      - name: pagerduty
        pagerduty_configs:
          - routing_key_file: /etc/alertmanager/secrets/pagerduty_routing_key
            description: "{{ with index .Alerts 0 }}{{ .Annotations.summary }}{{ end }}"
            severity: critical
    inhibit_rules:
      -
        # Nobody need be told the lesser thing about a job while the worse one fires, nor be paged
        # for it.
        source_matchers:
          - alertname="BackgroundJobCriticalFailureRate"
          - severity="critical"
        target_matchers:
          - alertname=~"BackgroundJobFailing"
        equal:
          - service
          - catalogue
          - cluster
          - namespace
          - job_name
      - source_matchers:
          - alertname="BackgroundJobCriticalFailureRate"
          - severity="critical"
        target_matchers:
          - alertname="BackgroundJobUnresolved"
          - escalates=~"BackgroundJobFailing"
        equal:
          - service
          - catalogue
          - cluster
          - namespace
          - job_name
      - source_matchers:
          - alertname="BackgroundJobCriticallyStale"
          - severity="critical"
        target_matchers:
          - alertname=~"BackgroundJobNotRunning"
        equal:
          - service
          - catalogue
          - cluster
          - namespace
          - job_name
      - source_matchers:
          - alertname="BackgroundJobCriticallyStale"
          - severity="critical"
        target_matchers:
          - alertname="BackgroundJobUnresolved"
          - escalates=~"BackgroundJobNotRunning"
        equal:
          - service
          - catalogue
          - cluster
          - namespace
          - job_name
      - source_matchers:
          - alertname="BackgroundJobCriticalDuration"
          - severity="critical"
        target_matchers:
          - alertname=~"BackgroundJobHighDuration"
        equal:
          - service
          - catalogue
          - cluster
          - namespace
          - job_name
      - source_matchers:
          - alertname="BackgroundJobCriticalDuration"
          - severity="critical"
        target_matchers:
          - alertname="BackgroundJobUnresolved"
          - escalates=~"BackgroundJobHighDuration"
        equal:
          - service
          - catalogue
          - cluster
          - namespace
          - job_name
      - source_matchers:
          - alertname="BackgroundJobMetricsAbsent"
          - severity="critical"
        target_matchers:
          - alertname=~"BackgroundJobNotRunning|BackgroundJobCriticallyStale|BackgroundJobOverdue|BackgroundJobStuck"
        equal:
          - service
          - catalogue
          - cluster
          - namespace
          - job_name
      - source_matchers:
          - alertname="BackgroundJobMetricsAbsent"
          - severity="critical"
        target_matchers:
          - alertname="BackgroundJobUnresolved"
          - escalates=~"BackgroundJobNotRunning|BackgroundJobOverdue|BackgroundJobStuck"
        equal:
          - service
          - catalogue
          - cluster
          - namespace
          - job_name
    "##);
}
