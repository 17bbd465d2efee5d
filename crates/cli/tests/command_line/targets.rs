//! Which formats are generated: those that the catalogue chooses, or the command line.

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

const CATALOGUE: &str = "service: shop
jobs:
  - {name: bill, summary: Bills., interval: 5m}
";

fn sandbox(first: &str) -> Sandbox {
    let sandbox = Sandbox::clipper();
    sandbox.write("shop.yaml", &format!("{first}{CATALOGUE}"));
    sandbox
}

fn generate(sandbox: &Sandbox, further: &[&str]) -> String {
    let result =
        sandbox.run(&[&["generate", "--catalogue", "shop.yaml", "--out-dir", "out"], further].concat());
    assert_eq!(result.code, 0, "{}", result.stderr);
    result.stdout
}

#[test]
fn a_catalogue_chooses_and_what_it_no_longer_chooses_is_removed() {
    let sandbox = sandbox("targets: [prometheus, prometheus-operator, grafana-sidecar, grafana-operator]\n");
    assert_snapshot!(generate(&sandbox, &[]), @"
    written    out/alerts/background-jobs.rules.yaml
    written    out/alerts/kubernetes/background-jobs.prometheusrule.yaml
    written    out/dashboards/kubernetes/background-jobs.configmap.yaml
    written    out/dashboards/kubernetes/background-jobs.grafanadashboard.yaml
    4 written
    next: commit out/alerts/ and out/dashboards/, then run jobwatch check --catalogue shop.yaml --out-dir out
    ");
    sandbox.write("shop.yaml", &format!("targets: grafana-operator\n{CATALOGUE}"));
    assert_snapshot!(generate(&sandbox, &[]), @"
    removed    out/alerts/background-jobs.rules.yaml
    removed    out/alerts/kubernetes/background-jobs.prometheusrule.yaml
    removed    out/dashboards/kubernetes/background-jobs.configmap.yaml
    3 removed, 1 up to date
    next: commit out/alerts/ and out/dashboards/, then run jobwatch check --catalogue shop.yaml --out-dir out
    ");
}

#[test]
fn what_the_command_line_chooses_leaves_other_formats_alone() {
    let sandbox = sandbox("");
    generate(&sandbox, &[]);
    assert_snapshot!(generate(&sandbox, &["--target", "prometheus-operator"]), @"
    written    out/alerts/kubernetes/background-jobs.prometheusrule.yaml
    1 written
    next: commit out/alerts/, then run jobwatch check --catalogue shop.yaml --out-dir out
    ");
    assert!(sandbox.path("out/alerts/background-jobs.rules.yaml").exists());
    assert_snapshot!(generate(&sandbox, &["--target", "prometheus,prometheus-operator"]), @"2 files up to date; next: jobwatch check --catalogue shop.yaml --out-dir out");
    std::fs::remove_file(sandbox.path("out/alerts/kubernetes/background-jobs.prometheusrule.yaml")).unwrap();
    let check = sandbox.run(&[
        "generate",
        "--check",
        "--catalogue",
        "shop.yaml",
        "--out-dir",
        "out",
        "--target",
        "prometheus-operator",
    ]);
    assert_eq!(check.code, 1);
    assert_snapshot!(check.stderr, @"1 file is not up to date: run `jobwatch generate --target prometheus-operator --catalogue shop.yaml --out-dir out` and commit");
}

#[test]
fn an_unknown_target_is_refused_in_the_catalogue_and_on_the_command_line() {
    let sandbox = sandbox("targets: [prometheus, grafan]\n");
    assert_snapshot!(sandbox.fails(&["generate", "--catalogue", "shop.yaml"]), @"
    error: there is no target `grafan`
     --> shop.yaml:1:23
      |
    1 | targets: [prometheus, grafan]
      |                       ^^^^^^
      |
    help: did you mean `grafana`?

    shop.yaml has 1 problem
    ");
    assert!(
        sandbox.fails(&["generate", "--target", "mimir"]).contains("possible values: prometheus, grafana")
    );
    assert!(!sandbox.path("alerts").exists() && !sandbox.path("out").exists());
}

/// What is larger than Kubernetes takes is no mistake of the command, and nothing is written.
#[test]
fn a_catalogue_that_is_too_large_for_a_target_says_so() {
    let job = |number| format!("  - {{name: job-{number:060}, summary: A job., interval: 5m}}\n");
    let sandbox = Sandbox::clipper();
    sandbox
        .write("large.yaml", &format!("service: shop\njobs:\n{}", (0..1_500).map(job).collect::<String>()));
    let arguments = ["generate", "--catalogue", "large.yaml", "--out-dir", "out"];
    let said = sandbox.fails(&[&arguments[..], &["--target", "prometheus-operator"]].concat());
    let path = "error: alerts/kubernetes/background-jobs.prometheusrule.yaml would have ";
    assert!(said.starts_with(path), "{said}");
    assert!(said.contains(" bytes, and Kubernetes takes at most 524288 of a PrometheusRule\n"), "{said}");
    let hint = "help: split the catalogue, or leave the target `prometheus-operator` out\n";
    assert!(said.ends_with(hint), "{said}");
    assert!(!sandbox.path("out").exists());
}

/// Names that Kubernetes does not take are told where they stand, and nothing is written.
#[test]
fn a_name_that_is_no_dns_label_is_refused() {
    let sandbox = sandbox("namespace: Eu_West\nkubernetes: {namespace: -eu, labels: {cluster: eu west}}\n");
    assert_snapshot!(sandbox.fails(&["generate", "--catalogue", "shop.yaml", "--out-dir", "out"]), @"
    error: a namespace has at most 63 small letters, digits and `-`, with a letter or digit at both ends
     --> shop.yaml:1:12
      |
    1 | namespace: Eu_West
      |            ^^^^^^^

    error: a namespace has at most 63 small letters, digits and `-`, with a letter or digit at both ends
     --> shop.yaml:2:25
      |
    2 | kubernetes: {namespace: -eu, labels: {cluster: eu west}}
      |                         ^^^

    error: the value of a Kubernetes label has at most 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends
     --> shop.yaml:2:48
      |
    2 | kubernetes: {namespace: -eu, labels: {cluster: eu west}}
      |                                                ^^^^^^^

    shop.yaml has 3 problems
    ");
    assert!(!sandbox.path("out").exists());
}

/// What is to be tried out is never taken for what the service has.
#[test]
fn rules_for_trying_out_go_elsewhere() {
    let sandbox = sandbox("");
    let refused = |further: &[&str]| sandbox.fails(&[&["generate", "--faster", "60"], further].concat());
    assert!(refused(&[]).contains("add `--target prometheus,alertmanager`"));
    assert!(refused(&["--target", "grafana"]).contains("add `--target prometheus,alertmanager`"));
    assert!(
        refused(&["--target", "prometheus"]).contains("add `--out-dir` with another folder, or `--stdout`")
    );
    assert!(sandbox.fails(&["--faster", "60"]).contains("add `--target prometheus,alertmanager`"));
    assert!(sandbox.fails(&["--faster", "1", "--stdout"]).contains("1 is not in 2..=3600"));
    let both = ["--faster", "60", "--target", "prometheus,alertmanager"];
    assert_snapshot!(generate(&sandbox, &both), @"
    written    out/alerts/alertmanager.yaml
    written    out/alerts/background-jobs.rules.yaml
    2 written
    next: let a Prometheus load them that scrapes jobs which run as much faster
    ");
    let rules = sandbox.read("out/alerts/background-jobs.rules.yaml");
    assert!(rules.contains("# For trying it out: 60 times as fast."), "{rules}");
    assert!(rules.contains("for: 30s"), "{rules}");
    let routing = sandbox.read("out/alerts/alertmanager.yaml");
    assert!(routing.contains("group_wait: 1s") && routing.contains("repeat_interval: 4m"), "{routing}");
}
