//! An environment that differs: a team's jsonnet over what the catalogue says.

use crate::sandbox::Sandbox;

const OVERLAY: &str = "overlay.jsonnet";

/// Generates with an overlay into a folder.
fn generate(overlay: &str, further: &[&str]) -> (Sandbox, i32, String) {
    let sandbox = Sandbox::clipper();
    sandbox.write(OVERLAY, overlay);
    sandbox.write("lib/team.libsonnet", "{ labels: { team: 'clips' } }\n");
    sandbox.write("elsewhere/team.libsonnet", "{ labels: { team: 'others' } }\n");
    let arguments = [&["generate", "--overlay", OVERLAY, "--out-dir", "out"], further].concat();
    let run = sandbox.run(&arguments);
    (sandbox, run.code, run.stdout + &run.stderr)
}

/// An overlay of settings.
fn settings(config: &str) -> String {
    format!("{{ _config+:: {config} }}\n")
}

#[test]
fn what_it_sets_goes_into_every_format_and_is_checked() {
    let overlay = settings(
        "{ namespace: 'clipper-staging', dashboardUID: 'jobs-staging', alerts+: {\n\
           BackgroundJobHighDuration+: { above: 900, jobs+: { clip_sync: { above: 1200 } } },\n\
           BackgroundJobQueueGrowing+: { enabled: false },\n\
           BackgroundJobConsecutiveFailures+: { severity: 'critical', 'for': '10m' },\n\
         } }",
    );
    let (sandbox, code, said) = generate(&overlay, &[]);
    assert_eq!(code, 0, "{said}");
    let next = "jobwatch check --out-dir out --overlay overlay.jsonnet";
    assert!(said.contains("jobwatch check") && said.contains("--overlay overlay.jsonnet"), "{next}: {said}");
    let read = |path: &str| std::fs::read_to_string(sandbox.path(&format!("out/{path}"))).unwrap();
    for path in ["alerts/background-jobs.rules.yaml", "alerts/kubernetes/background-jobs.prometheusrule.yaml"]
    {
        let rules = read(path);
        assert!(rules.contains("1200 * job_name:job_catalogued:info"), "{path}");
        assert!(rules.contains("namespace=~\"clipper-staging|\""), "{path}");
        assert!(!rules.contains("alert: BackgroundJobQueueGrowing"), "{path}");
    }
    assert!(read("dashboards/background-jobs.json").contains("\"uid\": \"jobs-staging\""));
    assert!(read("alerts/tests/background-jobs.clip_sync.runs.yaml").contains("clipper-staging"));
    // The same again changes nothing, and without it the files are others.
    let again = ["generate", "--overlay", OVERLAY, "--out-dir", "out", "--check"];
    assert_eq!(sandbox.run(&again).code, 0);
    assert_eq!(sandbox.run(&["generate", "--out-dir", "out", "--check"]).code, 1);
    // The runbook promises something else now.
    let check = sandbox.run(&["check", "--overlay", OVERLAY]);
    assert_eq!(check.code, 1);
    for said in ["runbook-threshold-differs", "BackgroundJobQueueGrowing is switched off"] {
        assert!(check.stdout.contains(said), "{said}: {}", check.stdout);
    }
    assert_eq!(sandbox.run(&["check"]).code, 0);
}

/// What is said of an overlay that cannot be. Nothing is written then.
#[track_caller]
fn check_refused(overlay: &str, expected: &str) {
    let (sandbox, code, said) = generate(overlay, &[]);
    assert!(said.contains(expected), "{overlay}\n{said}");
    assert_eq!(code, 2, "{said}");
    assert!(!sandbox.path("out").exists(), "{said}");
}

#[test]
fn what_is_no_overlay_is_refused_with_the_next_step() {
    check_refused("[1]", "an overlay is an object such as { _config+:: { … } }, not of type array");
    check_refused("{ _confg+:: {} }", "it has no field of a mixin: neither _config nor");
    check_refused("{ _config+:: { a: } }", "unexpected right brace (overlay.jsonnet, line 1, column 19)");
    check_refused("{ _config+:: nope }", "there is no variable `nope` (overlay.jsonnet, line 1, column 14)");
    check_refused("{ _config+:: { a: error 'no' } }", "no (overlay.jsonnet, line 1");
}

/// Prometheus would take none of the rules of a file with one that it refuses.
#[test]
fn rules_that_prometheus_would_refuse_are_not_written() {
    let check = |rule: &str, expected: &str| {
        let group = format!("{{ name: 'team', rules: [{{ alert: 'TeamDown', {rule} }}] }}");
        check_refused(&format!("{{ prometheusAlerts+:: {{ groups+: [{group}] }} }}"), expected);
    };
    let text = |text: &str| format!("expr: 'up == 0', annotations: {{ summary: '{text}' }}");
    check("expr: 'up{a=~\"(\"} == 0'", "`(`");
    check("expr: 'rate(up[5m1h]) == 0'", "5m1h");
    check("expr: 'rate(up[0s]) == 0'", "this has to be longer than nothing");
    check(&text("{{ humanise $value }}"), "humanise");
    check(&text("{{ $labels.x"), "this action does not end");
}

#[test]
fn what_cannot_be_set_is_told_by_its_path() {
    let check = |config: &str, expected: &str| check_refused(&settings(config), expected);
    check("{ namespace: 'No name' }", "_config.namespace: a namespace has at most 63 small letters");
    check("{ dashboardUID: 'a b' }", "_config.dashboardUID: a uid has letters, digits");
    check(
        "{ dashboardUid: 'a' }",
        "_config.dashboardUid: there is no setting `dashboardUid`: did you mean `dashboardUID`?",
    );
    check(
        "{ kubernetes: {} }",
        "there is no setting `kubernetes`: there is namespace, selector, groupLabels",
    );
    check(
        "{ alerts: {} }",
        "_config.alerts.BackgroundJobFailing: it is missing: write `alerts+:` to keep it",
    );
    check("{ groupLabels: [1] }", "_config.groupLabels: expected string, found number");
    check("{ selector: { job_name: 'x' } }", "_config.selector.job_name");
    check("{ alerts+: { Nobody: {} } }", "_config.alerts.Nobody: there is no alert `Nobody`; there is");
    let high = |settings: &str| format!("{{ alerts+: {{ BackgroundJobHighDuration+: {settings} }} }}");
    let path = "_config.alerts.BackgroundJobHighDuration";
    check(&high("{ above: 1.5 }"), &format!("{path}.above: expected a whole number"));
    check(&high("{ above: -1 }"), &format!("{path}.above: a threshold cannot be negative"));
    check(&high("{ above: 0 }"), "alerts.BackgroundJobHighDuration.above: `above` cannot be zero");
    check(&high("{ 'for': 'long' }"), &format!("{path}.for: a duration is whole numbers with units"));
    check(&high("{ jobs+: { nobody: { above: 1 } } }"), &format!("{path}.jobs.nobody: there is no job"));
}

#[test]
fn imports_stay_in_the_folders_that_are_given() {
    let import = |path: &str| format!("{{ _config+:: import '{path}' }}");
    let (_, code, said) = generate(&import("lib/team.libsonnet"), &[]);
    assert_eq!(code, 0, "{said}");
    let (_, code, said) = generate(&import("team.libsonnet"), &["--jpath", "elsewhere"]);
    assert_eq!(code, 0, "{said}");
    check_refused(&import("team.libsonnet"), "cannot import `team.libsonnet`: it is in none of");
    check_refused(&import("/etc/hostname"), "`/etc/hostname` is not imported");
    check_refused(&import("/dev/zero"), "`/dev/zero` is not imported");
    check_refused(&import("lib"), "cannot import `lib`: it is no regular file");
    check_refused("{ _config+:: { labels: { a: importstr '../../../etc/hostname' } } }", "import");
}

#[test]
fn what_is_endless_deep_or_huge_ends_in_time() {
    let label = |value: &str| settings(&format!("{{ labels: {{ a: {value} }} }}"));
    let endless = format!("local f(x) = f(x + 1) tailstrict;\n{}", label("f(0)"));
    check_refused(&endless, "it does not come to an end: stopped after 5 seconds");
    check_refused(&format!("local f(x) = f(x) + 1;\n{}", label("f(0)")), "it calls itself too often");
    check_refused(&label("std.makeArray(1e9, function(x) x)"), "it needs more than 1024 MiB of memory");
    check_refused(&label(&"[".repeat(200_000)), "overlay.jsonnet: ");
}

/// What a team adds beside settings: an alert, another text of one that is generated, a panel, and
/// a dashboard.
const OWN: &str = r#"
{
  _config+:: { alerts+: { BackgroundJobHighDuration+: { above: 900 } } },
  prometheusAlerts+:: {
    groups: [
      group {
        rules: [
          if std.objectHas(rule, 'alert') && rule.alert == 'BackgroundJobStuck'
          then rule { annotations+: { summary: 'Ask the team of clips: {{ $labels.job_name }} hangs' } }
          else rule
          for rule in super.rules
        ],
      }
      for group in super.groups
    ] + [{
      name: 'clips',
      rules: [{
        alert: 'ClipsMissing',
        expr: 'sum without (instance) (job_queue_size{job_name="clip_sync"}) > 100',
        'for': '15m',
        labels: { severity: 'warning', service: 'clipper' },
        annotations: {
          summary: 'Clips are missing',
          description: 'Since a while.',
          runbook_url: 'https://example.org/runbooks/background-jobs.md#there-is-no-such-section',
        },
      }],
    }],
  },
  grafanaDashboards+:: {
    'background-jobs.json'+: { panels+: [{ id: 900, type: 'text', title: 'Of the team of clips' }] },
    'clips.json': { title: 'Clips', uid: 'clips', panels: [] },
  },
}
"#;

#[test]
fn rules_and_dashboards_of_a_teams_own_go_into_every_format_and_are_checked() {
    let (sandbox, code, said) = generate(OWN, &[]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("the overlay changes what rules yield (BackgroundJobStuck)"), "{said}");
    assert!(said.contains("rule tests leave out the alerts that follow from it"), "{said}");
    let read = |path: &str| std::fs::read_to_string(sandbox.path(&format!("out/{path}"))).unwrap();
    for path in ["alerts/background-jobs.rules.yaml", "alerts/kubernetes/background-jobs.prometheusrule.yaml"]
    {
        let rules = read(path);
        for text in ["alert: ClipsMissing", "Ask the team of clips: {{ $labels.job_name }} hangs", " > 900"] {
            assert!(rules.contains(text), "{path}: {text}");
        }
    }
    for path in ["json", "configmap.yaml", "grafanadashboard.yaml"] {
        let folder = if path == "json" { "dashboards" } else { "dashboards/kubernetes" };
        assert!(read(&format!("{folder}/background-jobs.{path}")).contains("Of the team of clips"));
        assert!(read(&format!("{folder}/background-jobs.clips.{path}")).contains("\"uid\": \"clips\""));
    }
    let tests = read("alerts/tests/background-jobs.clip_sync.states.yaml");
    assert!(tests.contains("BackgroundJobStuck"), "the comment above says that it is left out");
    assert!(!tests.contains("alertname: BackgroundJobStuck"), "{tests}");
    let again = ["generate", "--overlay", OVERLAY, "--out-dir", "out", "--check"];
    assert_eq!(sandbox.run(&again).code, 0);
    let printed = sandbox.run(&["generate", "--overlay", OVERLAY, "--target", "prometheus", "--stdout"]);
    assert!(printed.stdout.ends_with(&read("alerts/background-jobs.rules.yaml")), "{}", printed.stdout);
    // The check looks at them, too, as they are generated.
    let check = sandbox.run(&["check", "--overlay", OVERLAY]);
    assert_eq!(check.code, 1, "{}", check.stderr);
    for said in ["rule-runbook-section-missing", "alerts/background-jobs.rules.yaml"] {
        assert!(check.stdout.contains(said), "{said}: {}", check.stdout);
    }
    // Without the overlay, its dashboard is stale.
    let back = sandbox.run(&["generate", "--out-dir", "out"]);
    assert!(back.stdout.contains("removed    out/dashboards/background-jobs.clips.json"), "{}", back.stdout);
    assert!(!sandbox.path("out/dashboards/background-jobs.clips.json").exists());
    assert!(sandbox.path("out/alerts/tests").exists());
}

#[test]
fn what_is_no_rule_or_no_dashboard_is_told_by_its_field() {
    check_refused(
        "{ prometheusAlerts+:: { groups+: [{ name: 'x', rules: [{ alert: 'A', expr: 'up ==' }] }] } }",
        "overlay.jsonnet: prometheusAlerts.groups[4].rules[0]: Prometheus does not read this expression",
    );
    check_refused("{ prometheusAlerts+:: 7 }", "these do not go together: object and number");
    check_refused(
        "{ prometheusRules:: [] }",
        "prometheusRules: expected an object with `groups`, and this is an array",
    );
    check_refused("{ prometheusRules+:: { groups+: [function(x) x] } }", "it yields a function");
    check_refused("{ grafanaDashboards:: {} }", "grafanaDashboards: `background-jobs.json` is missing");
    check_refused(
        "{ grafanaDashboards+:: { 'a.json': 1 } }",
        "grafanaDashboards['a.json']: a dashboard is an object",
    );
    let dashboard = "{ grafanaDashboards+:: { 'background-jobs.json'+: { uid: 'other' } } }";
    check_refused(
        dashboard,
        "grafanaDashboards['background-jobs.json'].uid: the links of alerts have another one",
    );
    let faster = ["--faster", "10", "--target", "prometheus"];
    let (_, code, said) = generate(OWN, &faster);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("`--faster` takes no overlay that changes rules themselves"), "{said}");
}
