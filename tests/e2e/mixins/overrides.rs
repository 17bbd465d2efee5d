//! Overrides of a mixin change what a catalogue changes that says the same, and nothing else.

use e2e::repository::{self, CLIPPER, PAYMENTS};
use jobwatch_catalogue::yaml;
use jobwatch_observability::target::Target;

use super::engines::{ours, reference};
use super::{
    assert_same, changed, debian, files, folder, generated, named, plain, program, refused_by, written,
};

/// Holds the mixin of a catalogue with an overlay against what is generated from a catalogue that
/// says the same, and tells what differs from the one that does not. `edits` are texts of the
/// catalogue and what stands there instead.
#[track_caller]
fn check(overlay: &str, edits: &[(&str, &str)], expected: &[&str]) {
    let text = repository::read(CLIPPER);
    let files = generated(&text);
    let folder = folder(&files);
    let found = ours(folder.path(), &program(&format!("{{ _config+:: {overlay} }}")));
    let edited = edits.iter().fold(text, |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    });
    assert_same(&found, &written(&generated(&edited)));
    let changed = changed(&plain(&written(&files), ""), &plain(&found, ""));
    assert_eq!(changed, expected, "{overlay}");
}

/// The same of an alert, for all jobs.
#[track_caller]
fn check_alert(alert: &str, settings: &str, said: &str, expected: &[&str]) {
    let edit = format!("service: clipper\nalerts: {{{alert}: {said}}}\n");
    check(&format!("{{ alerts+: {{ {alert}+: {settings} }} }}"), &[("service: clipper\n", &edit)], expected);
}

/// The same for one job.
#[track_caller]
fn check_job(alert: &str, job: &str, settings: &str, said: &str, expected: &[&str]) {
    let edit = format!("name: {job}\n    alerts: {{{alert}: {said}}}\n");
    let overlay = format!("{{ alerts+: {{ {alert}+: {{ jobs+: {{ {job}: {settings} }} }} }} }}");
    check(&overlay, &[(&format!("name: {job}\n"), &edit)], expected);
}

#[test]
fn a_threshold_of_all_jobs_changes_what_states_it_and_nothing_else() {
    // Of a pair, the other one stays as it is.
    check_alert(
        "BackgroundJobCriticalDuration",
        "{ above: 1200 }",
        "{above: 20m}",
        &["BackgroundJobCriticalDuration", "panel Job Duration (P95)"],
    );
    // Two decimals are not enough any more, and a warning escalates by the same threshold.
    check_alert(
        "BackgroundJobFailing",
        "{ above: 0.0005 }",
        "{above: 0.0005}",
        &[
            "BackgroundJobFailing",
            "BackgroundJobUnresolved of BackgroundJobFailing",
            "panel Failure Rate by Job",
        ],
    );
    // The state of a job depends on it, and the part that is missing is drawn.
    check_alert(
        "BackgroundJobCriticalFailureRate",
        "{ above: 0.255 }",
        "{above: 25.5%}",
        &[
            "BackgroundJobCriticalFailureRate",
            "job_name:job_state:info",
            "panel Failure Ratio of Executions",
            "panel Job Execution Status Overview",
            "panel Job Success Rate",
        ],
    );
    let stale = [
        "BackgroundJobNotRunning",
        "BackgroundJobUnresolved of BackgroundJobNotRunning",
        "job_name:job_state:info",
        "job_name:job_time_since_last_success_seconds:warning_threshold",
        "panel Job Execution Status Overview",
        "panel Time Since Last Success",
    ];
    check_alert("BackgroundJobNotRunning", "{ above: 10800 }", "{above: 3h}", &stale);
    // It differed by job, and does no longer.
    let mut stale = stale.to_vec();
    stale.insert(4, "panel Execution Details Table");
    check_alert("BackgroundJobNotRunning", "{ above: 50400, jobs: {} }", "{above: 14h}", &stale);
    // Each of its parameters.
    check_alert(
        "BackgroundJobQueueGrowing",
        "{ above: 5000, growth: 0.25, over: 1200 }",
        "{above: 5000, growth: 25%, over: 20m}",
        &[
            "BackgroundJobQueueGrowing",
            "BackgroundJobUnresolved of BackgroundJobQueueGrowing",
            "panel Job Queue Sizes",
            "panel Queue Growth",
        ],
    );
    check_alert("BackgroundJobConsecutiveFailures", "{ at_least: 5 }", "{at_least: 5}", &FAILURES);
}

/// What speaks of failures in a row.
const FAILURES: [&str; 3] = [
    "BackgroundJobConsecutiveFailures",
    "BackgroundJobUnresolved of BackgroundJobConsecutiveFailures",
    "panel Failures in a Row",
];

#[test]
fn a_threshold_of_one_job_is_recorded_and_drawn_for_that_job() {
    check_job(
        "BackgroundJobHighDuration",
        "clip_sync",
        "{ above: 900 }",
        "{above: 15m}",
        &[
            "BackgroundJobHighDuration",
            "BackgroundJobUnresolved of BackgroundJobHighDuration",
            "job_name:job_execution_duration_seconds:p95_warning_threshold",
            "panel Job Duration (P95)",
        ],
    );
    check_job(
        "BackgroundJobCriticalFailureRate",
        "clip_sync",
        "{ above: 0.25 }",
        "{above: 25%}",
        &[
            "BackgroundJobCriticalFailureRate",
            "job_name:job_execution_failed:ratio_threshold",
            "job_name:job_state:info",
            "panel Failure Ratio of Executions",
            "panel Job Execution Status Overview",
            "panel Job Success Rate",
        ],
    );
    // A job that sets it itself is not judged by its interval as well.
    check_job(
        "BackgroundJobNotRunning",
        "clip_sync",
        "{ above: 900 }",
        "{above: 15m}",
        &[
            "BackgroundJobNotRunning",
            "BackgroundJobUnresolved of BackgroundJobNotRunning",
            "job_name:job_state:info",
            "job_name:job_time_since_last_success_seconds:warning_threshold",
            "panel Job Execution Status Overview",
            "panel Time Since Last Success",
        ],
    );
    check_job(
        "BackgroundJobCriticalQueueSize",
        "webhook_retry",
        "{ above: 50 }",
        "{above: 50}",
        &[
            "BackgroundJobCriticalQueueSize",
            "job_name:job_queue_size:critical_threshold",
            "panel Job Queue Sizes",
        ],
    );
}

#[test]
fn how_long_and_how_urgent_changes_the_rules_and_what_speaks_of_them() {
    let alert = "BackgroundJobConsecutiveFailures";
    check_alert(alert, "{ 'for': '10m' }", "{for: 10m}", &FAILURES);
    // A page does not escalate, and a warning does.
    check_alert(alert, "{ severity: 'critical' }", "{severity: critical}", &FAILURES);
    check_alert(
        "BackgroundJobCriticalQueueSize",
        "{ severity: 'warning' }",
        "{severity: warning}",
        &[
            "BackgroundJobCriticalQueueSize",
            "BackgroundJobUnresolved of BackgroundJobCriticalQueueSize",
            "panel Job Queue Sizes",
        ],
    );
    check_alert(
        "BackgroundJobHighDuration",
        "{ 'for': null }",
        "{for: 0s}",
        &[
            "BackgroundJobHighDuration",
            "BackgroundJobUnresolved of BackgroundJobHighDuration",
            "panel Job Duration (P95)",
        ],
    );
    // However a duration is written, it is said in one way.
    check_alert(
        "BackgroundJobHighDuration",
        "{ severity: 'critical', 'for': '90m' }",
        "{severity: critical, for: 90m}",
        &[
            "BackgroundJobHighDuration",
            "BackgroundJobUnresolved of BackgroundJobHighDuration",
            "panel Job Duration (P95)",
        ],
    );
    // What it may take follows from each job, and is drawn in the colour of the alert.
    check_alert(
        "BackgroundJobStuck",
        "{ severity: 'critical', 'for': '5m' }",
        "{severity: critical, for: 5m}",
        &["BackgroundJobStuck", "BackgroundJobUnresolved of BackgroundJobStuck", "panel Running Now"],
    );
}

#[test]
fn settings_of_the_whole_change_each_text_that_has_them() {
    let text = repository::read(CLIPPER);
    let files = generated(&text);
    let alerts: Vec<String> =
        named(&written(&files)).into_keys().filter(|name| name.starts_with("Back")).collect();
    let all_of = |further: &[&str]| {
        let further = further.iter().map(|name| (*name).to_owned());
        let mut all: Vec<String> = alerts.iter().cloned().chain(further).collect();
        all.sort();
        all
    };
    let check = |overlay: &str, edit: (&str, &str), expected: Option<Vec<String>>| {
        let folder = folder(&files);
        let found = ours(folder.path(), &program(&format!("{{ _config+:: {overlay} }}")));
        assert!(text.contains(edit.0), "{}", edit.0);
        let edited = written(&generated(&text.replacen(edit.0, edit.1, 1)));
        assert_same(&found, &edited);
        let changed = changed(&plain(&written(&files), ""), &plain(&found, ""));
        if let Some(expected) = expected {
            assert_eq!(changed, expected, "{overlay}");
        }
    };
    check(
        "{ labels: { team: 'clips' } }",
        ("service: clipper\n", "service: clipper\nlabels: {team: clips}\n"),
        Some(all_of(&[])),
    );
    check(
        "{ grafanaURL: 'https://grafana.example.org' }",
        ("https://grafana.clipper.example", "https://grafana.example.org"),
        Some(all_of(&[])),
    );
    // Whether it ends with a slash is of no account.
    check(
        "{ grafanaURL: 'https://grafana.example.org/' }",
        ("https://grafana.clipper.example", "https://grafana.example.org/"),
        None,
    );
    check(
        "{ runbookURL: 'https://wiki.example/x(1)' }",
        (
            "runbook_url: https://github.com/clipper/clipper/blob/main/docs/runbooks/background-jobs.md",
            "runbook_url: https://wiki.example/x(1)",
        ),
        None,
    );
    check("{ namespace: 'staging' }", ("namespace: clipper\n", "namespace: staging\n"), None);
    check(
        "{ selector: { cluster: 'eu-1' } }",
        ("service: clipper\n", "service: clipper\nselector: {cluster: eu-1}\n"),
        None,
    );
    // What Grafana takes for variables.
    check(
        "{ selector: { cluster: 'a$b[[c' } }",
        ("service: clipper\n", "service: clipper\nselector: {cluster: 'a$b[[c'}\n"),
        None,
    );
    check(
        "{ groupLabels: ['cluster'] }",
        ("service: clipper\n", "service: clipper\ngrouping_labels: cluster\n"),
        None,
    );
    check(
        "{ groupLabels: ['cluster', 'region'] }",
        ("service: clipper\n", "service: clipper\ngrouping_labels: [cluster, region]\n"),
        None,
    );
    // No legend has a label of which one value is read.
    check(
        "{ selector: { cluster: 'eu-1' }, groupLabels: ['cluster', 'region'] }",
        (
            "service: clipper\n",
            "service: clipper\nselector: {cluster: eu-1}\ngrouping_labels: [cluster, region]\n",
        ),
        None,
    );
}

#[test]
fn the_uid_of_the_dashboard_is_in_each_link_to_it() {
    let clipper = repository::read(CLIPPER);
    let folder = folder(&generated(&clipper));
    let found = ours(folder.path(), &program("{ _config+:: { dashboardUID: 'jobs-staging' } }"));
    let edited = yaml::parse_with(&clipper, |catalogue| catalogue.dashboard_uid("jobs-staging")).unwrap();
    assert_same(&found, &written(&files(&edited.catalogue, &[Target::Prometheus, Target::Grafana])));
    let text = found.to_string();
    assert_eq!(found["dashboard"]["uid"], "jobs-staging");
    assert!(!text.contains("/d/background-jobs"), "{text}");
    assert!(text.contains("/d/jobs-staging?"), "{text}");
}

#[test]
fn several_overrides_hold_together_whoever_evaluates_them() {
    let files = generated(&repository::read(PAYMENTS));
    let folder = folder(&files);
    let program = program(
        "{ _config+:: {\n\
           groupLabels: ['cluster'], selector+: { env: 'test' }, labels: { tier: 'b' },\n\
           alerts+: {\n\
             BackgroundJobNotRunning+: { above: 3600, severity: 'critical' },\n\
             BackgroundJobHighDuration+: { 'for': '1h', jobs+: { settle: { above: 7200 } } },\n\
             BackgroundJobStuck+: { enabled: false },\n\
           },\n\
         } }",
    );
    let found = ours(folder.path(), &program);
    assert_same(&debian(folder.path(), &program), &found);
    assert_same(&reference(folder.path(), &program), &found);
    assert!(!found.to_string().contains("BackgroundJobStuck\""), "{found:#}");
}

/// What is said of settings that cannot be, over the mixin of Clipper.
#[track_caller]
fn refused(config: &str) -> String {
    refused_by(&repository::read(CLIPPER), config)
}

#[test]
fn what_cannot_be_set_is_told_with_what_can() {
    let alerts = |settings: &str| refused(&format!("_config+:: {{ alerts+: {{ {settings} }} }}"));
    let said = alerts("BackgroundJobHighDurations: {}");
    assert!(said.contains("_config.alerts.BackgroundJobHighDurations: there is no alert"), "{said}");
    assert!(said.contains("BackgroundJobHighDuration,"), "{said}");
    let said = alerts("BackgroundJobFailing: { above: 1 }");
    assert!(said.contains("`severity` is missing: write `BackgroundJobFailing+:` to keep it"), "{said}");
    let said = alerts(
        "BackgroundJobFailing+: { above: '1', below: 1, severity: 'page', jobs+: { nobody: { above: 1 }, clip_sync: {} } }",
    );
    for problem in [
        "_config.alerts.BackgroundJobFailing.above: expected number, found string",
        "_config.alerts.BackgroundJobFailing.below: there is no setting `below`; there is above, enabled, for, jobs, severity",
        "_config.alerts.BackgroundJobFailing.severity: a severity is `warning` or `critical`",
        "_config.alerts.BackgroundJobFailing.jobs.nobody: there is no job that the alert watches `nobody`",
        "_config.alerts.BackgroundJobFailing.jobs.clip_sync: `above` is missing",
    ] {
        assert!(said.contains(problem), "{problem}:\n{said}");
    }
    // What would take other labels' places, or what Prometheus and Kubernetes refuse.
    let said = refused(
        "_config+:: { namespace: '', labels: { severity: 'info', service: 'x' }, selector: { reason: 'x' },\
           groupLabels: ['a-b', 'namespace'], grafanaURL: 'grafana', dashboardUID: 'a b',\
           alerts+: { BackgroundJobFailing+: { 'for': '5m1h' }, BackgroundJobStuck+: { 'for': '500ms' },\
             BackgroundJobOverdue+: { 'for': '5' }, BackgroundJobUnresolved+: { 'for': '5m' },\
             BackgroundJobHighDuration+: { above: 0, 'for': '400d', jobs+: { clip_sync: { above: 1.5 } } },\
             BackgroundJobHighItemFailureRate+: { above: 2 } } }",
    );
    for problem in [
        "_config.labels.severity: the label `severity` is set by the rules themselves",
        "_config.labels.service: the label `service` is set by the rules themselves",
        "_config.selector.reason: the label `reason` is set by the rules themselves",
        "_config.groupLabels[0]: `a-b` is no label name",
        "_config.groupLabels[1]: rules group by `namespace` anyhow",
        "_config.namespace: a namespace has at most 63 small letters",
        "_config.grafanaURL: a URL starts with `https://` or `http://`",
        "_config.dashboardUID: a uid has letters, digits",
        "_config.alerts.BackgroundJobFailing.for: a duration is whole numbers with units",
        "_config.alerts.BackgroundJobStuck.for: a duration is whole numbers with units",
        "_config.alerts.BackgroundJobOverdue.for: a duration is whole numbers with units",
        "_config.alerts.BackgroundJobUnresolved.for: write `10m` or more",
        "_config.alerts.BackgroundJobHighDuration.above: `above` cannot be zero",
        "_config.alerts.BackgroundJobHighDuration.for: `for` is too large: at most 1y1d",
        "_config.alerts.BackgroundJobHighDuration.jobs.clip_sync.above: expected a whole number, found 1.5",
        "_config.alerts.BackgroundJobHighItemFailureRate.above: `above` is too large: at most",
    ] {
        assert!(said.contains(problem), "{problem}:\n{said}");
    }
    let said = refused("_config:: {}");
    assert!(said.contains("_config.alerts: it is missing: write `_config+::` to keep it"), "{said}");
}
