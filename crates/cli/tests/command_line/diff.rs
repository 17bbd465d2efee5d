//! `jobwatch diff`: two environments, two commits, two folders of generated files.

use std::process::Command;

use insta::assert_snapshot;
use serde_json::Value;

use crate::sandbox::Sandbox;

/// Clipper's catalogue with another interval and another threshold for one job.
fn changed(sandbox: &Sandbox) -> String {
    let catalogue = sandbox.read("jobs/catalogue.yaml");
    let (before, job) = catalogue.split_once("  - name: clip_sync\n").unwrap();
    let job = job.replacen("interval: 15m", "interval: 20m", 1).replacen(
        "    items:",
        "    alerts: {BackgroundJobCriticalFailureRate: {above: 20%}}\n    items:",
        1,
    );
    format!("{before}  - name: clip_sync\n{job}")
}

/// Runs git, with nothing but what it needs from the environment.
#[track_caller]
fn git(sandbox: &Sandbox, arguments: &[&str]) {
    let mut git = Command::new("git");
    git.current_dir(sandbox.path("")).args(["-c", "user.name=a", "-c", "user.email=a@b"]).args(arguments);
    let output = git.env("GIT_CONFIG_GLOBAL", "/dev/null").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn two_environments_are_compared_in_words() {
    let sandbox = Sandbox::clipper();
    sandbox.write("other.yaml", &changed(&sandbox));
    let human = sandbox.run(&["diff", "jobs/catalogue.yaml", "other.yaml"]);
    assert_eq!((human.code, human.stderr.as_str()), (1, ""));
    assert_snapshot!(human.stdout, @"
    | what                             | difference              | before    | after     |
    |----------------------------------|-------------------------|-----------|-----------|
    | job clip_sync                    | due                     | every 15m | every 20m |
    | BackgroundJobCriticalFailureRate | threshold for clip_sync | 50%       | 20%       |

    2 differences between jobs/catalogue.yaml and other.yaml
    18 more follow from them: `--verbose` shows them
    ");
    let all = sandbox.run(&["diff", "other.yaml", "--verbose"]);
    assert!(all.stdout.lines().count() > human.stdout.lines().count(), "{}", all.stdout);
    assert!(all.stdout.lines().all(|line| line.chars().count() <= 100), "{}", all.stdout);

    let markdown = sandbox.run(&["diff", "other.yaml", "--format", "markdown"]);
    assert_eq!(markdown.code, 1);
    assert_snapshot!(markdown.stdout, @r"
    | what | difference | before | after |
    |---|---|---|---|
    | job clip\_sync | due | every 15m | every 20m |
    | BackgroundJobCriticalFailureRate | threshold for clip\_sync | 50% | 20% |

    2 differences between the working folder and other.yaml; 18 more follow from them: `--verbose` shows them.
    ");
    let json: Value =
        serde_json::from_str(&sandbox.run(&["--format", "json", "diff", "other.yaml"]).stdout).unwrap();
    let all = json["differences"].as_array().unwrap();
    let threshold = all.iter().find(|difference| difference["aspect"] == "threshold").unwrap();
    assert_eq!(threshold["jobs"], serde_json::json!(["clip_sync"]));
    assert_eq!((&threshold["before"], &threshold["after"]), (&"50%".into(), &"20%".into()));
    assert!(all.iter().any(|difference| difference["follows"] == true), "{json}");

    let same = sandbox.run(&["diff", "jobs/catalogue.yaml", "jobs/catalogue.yaml"]);
    assert_eq!((same.code, same.stderr.as_str()), (0, ""));
    assert_snapshot!(same.stdout, @"no differences between jobs/catalogue.yaml and jobs/catalogue.yaml");
}

#[test]
fn a_commit_is_compared_with_the_working_folder_and_with_another_one() {
    let sandbox = Sandbox::clipper();
    git(&sandbox, &["init", "--quiet", "--initial-branch", "main"]);
    git(&sandbox, &["add", "."]);
    git(&sandbox, &["commit", "--quiet", "--message", "first"]);
    git(&sandbox, &["tag", "first"]);
    assert_eq!(sandbox.run(&["diff", "--revision", "main"]).code, 0);
    sandbox.write("jobs/catalogue.yaml", &changed(&sandbox));
    let told = sandbox.run(&["diff", "--revision", "main"]);
    assert_eq!((told.code, told.stderr.as_str()), (1, ""));
    assert!(told.stdout.contains("| threshold for clip_sync | 50%"), "{}", told.stdout);
    // From a folder below, too.
    assert_eq!(sandbox.run_in("jobs", &["diff", "--revision", "main"]).stdout, told.stdout);
    git(&sandbox, &["commit", "--quiet", "--all", "--message", "second"]);
    let commits = sandbox.run(&["diff", "--revision", "first", "--revision", "main"]);
    assert_eq!(commits.code, 1);
    assert!(commits.stdout.contains("2 differences between first and main"), "{}", commits.stdout);

    // A catalogue that is gone since is read all the same, and its folder, too.
    git(&sandbox, &["mv", "jobs", "tasks"]);
    let moved = ["diff", "--revision", "first", "--revision", "main", "--catalogue", "jobs/catalogue.yaml"];
    assert_eq!(sandbox.run(&moved).stdout, commits.stdout);
    git(&sandbox, &["mv", "tasks", "jobs"]);

    // Neither an option nor a path nor a command for a shell is taken for more than a name.
    for odd in ["--output=x", "main:jobs", "nosuch", "", "main; touch x", "$(touch x)"] {
        let refused = sandbox.fails(&["diff", &format!("--revision={odd}")]);
        assert!(refused.starts_with(&format!("error: there is no revision `{odd}`")), "{refused}");
    }
    assert!(!sandbox.path("x").exists());
    assert_snapshot!(sandbox.fails(&["diff", "--revision", "first", "--catalogue", "jobs/none.yaml"]), @"
    error: cannot read jobs/none.yaml in `first`: path 'jobs/none.yaml' does not exist in 'first'
     |
    help: name the catalogue with `--catalogue`, by its path in both commits
    ");
}

#[test]
fn folders_of_generated_files_are_compared_as_they_are_written() {
    let sandbox = Sandbox::clipper();
    sandbox.write("other.yaml", &changed(&sandbox));
    sandbox.run(&["generate", "--out-dir", "a"]);
    sandbox.run(&["generate", "--catalogue", "other.yaml", "--out-dir", "b"]);
    assert_eq!(sandbox.run(&["diff", "a", "a"]).code, 0);
    let told = sandbox.run(&["diff", "a", "b"]);
    assert_eq!((told.code, told.stderr.as_str()), (1, ""));
    assert!(told.stdout.contains("| BackgroundJobCriticalFailureRate "), "{}", told.stdout);
    assert!(told.stdout.lines().all(|line| line.chars().count() <= 100), "{}", told.stdout);
    // A catalogue says what would be generated from it.
    let mixed = sandbox.run(&["diff", "a", "jobs/catalogue.yaml"]);
    assert_eq!((mixed.code, mixed.stderr.as_str()), (0, ""), "{}", mixed.stdout);
    sandbox.write("b/alerts/background-jobs.rules.yaml", "groups: [{name: a, rules: [{alert: b}]}]\n");
    assert_snapshot!(sandbox.fails(&["diff", "a", "b"]), @"
    error: cannot read the rules of b/alerts/background-jobs.rules.yaml: a rule without `expr` at line 1, column 28
     |
    help: add `expr`
    ");
}

#[test]
fn what_cannot_be_compared_is_told() {
    let sandbox = Sandbox::clipper();
    assert_snapshot!(sandbox.fails(&["diff"]), @"
    error: there is nothing to compare
     |
    help: name two catalogues or folders, a commit with `--revision`, or an overlay: `jobwatch diff --help` has examples
    ");
    assert_snapshot!(sandbox.fails(&["diff", "--revision", "main"]), @"
    error: cannot read a git repository in jobs: not a git repository (or any of the parent directories): .git
     |
    help: run it in the repository that has the catalogue, or name two catalogues
    ");
    assert_snapshot!(sandbox.fails(&["diff", "none.yaml"]), @"
    error: cannot read none.yaml: No such file or directory (os error 2)
     |
    help: name the catalogue with `--catalogue FILE`, or write a first one with `jobwatch init`
    ");
    sandbox.fails(&["diff", "a", "b", "c"]);
    sandbox.fails(&["diff", "a", "--revision", "main"]);
    assert!(sandbox.run(&["diff", "--help"]).stdout.contains("what this branch changes"));
}

/// Whatever an overlay makes of what is generated is told, beside what follows from its settings.
#[test]
fn what_is_made_by_hand_follows_from_nothing() {
    let sandbox = Sandbox::clipper();
    let told = |overlay: &str| {
        sandbox.write("mine.jsonnet", overlay);
        sandbox.run(&["diff", "--overlay", "mine.jsonnet"]).stdout
    };
    let rules = "local rules(field, edit) = { groups: [g { rules: [\
                     edit(r) for r in super.rules if r.alert != 'BackgroundJobStuck'\
                 ] } for g in field.groups] };";
    assert_snapshot!(told(&format!(
        "{rules} {{ prometheusAlerts+:: rules(super.prometheusAlerts, function(r) \
         if r.alert == 'BackgroundJobHighDuration' then r {{ 'for': '2h', labels+: {{ severity: 'critical' }} }} else r) }}"
    )), @"
    | what                      | difference | before  | after    |
    |---------------------------|------------|---------|----------|
    | BackgroundJobHighDuration | for        | 15m     | 2h       |
    | BackgroundJobHighDuration | severity   | warning | critical |
    | BackgroundJobStuck        | removed    |         |          |

    3 differences between the working folder and mine.jsonnet
    ");
    assert_snapshot!(told(
        "{ _config+:: { alerts+: { BackgroundJobHighDuration+: { above: 900 } } },
           prometheusRules+:: { groups: [g { rules: [
             if r.record == 'job_name:job_queue_size:max' then r { expr: 'vector(0)' } else r for r in super.rules
           ] } for g in super.groups] },
           grafanaDashboards+:: { 'background-jobs.json'+: { panels: [
             if p.title == 'Critical Alerts' then p { targets: [t { expr: 'vector(0)' } for t in super.targets] } else p
             for p in super.panels
           ] } } }",
    ), @r#"
    | what                               | difference | before                             | after     |
    |------------------------------------|------------|------------------------------------|-----------|
    | BackgroundJobHighDuration          | threshold  | 5m                                 | 15m       |
    | series job_name:job_queue_size:max | expression | max by (namespace, job_name) ( job | vector(0) |
    |                                    |            | _queue_size{namespace=~"clipper|", |           |
    |                                    |            | job_name=~"…                       |           |
    | panel Critical Alerts              | expression | count( ALERTS{catalogue="backgroun | vector(0) |
    |                                    |            | d-jobs", alertstate="firing",      |           |
    |                                    |            | severity="critic…                  |           |

    3 differences between the working folder and mine.jsonnet
    6 more follow from them: `--verbose` shows them
    "#);
}

#[test]
fn what_overlays_make_of_a_catalogue_is_compared() {
    let sandbox = Sandbox::clipper();
    sandbox.write(
        "staging.jsonnet",
        "{ _config+:: { namespace: 'staging', alerts+: { BackgroundJobHighDuration+: { above: 900 } } } }\n",
    );
    sandbox.write(
        "production.jsonnet",
        "{ prometheusAlerts+:: { groups+: [{ name: 'own', rules: [{ alert: 'Own', expr: 'up == 0' }] }] },\n\
           grafanaDashboards+:: { 'own.json': { title: 'Own', uid: 'own', panels: [{ type: 'text', title: 'A' }] } } }\n",
    );
    let staging = sandbox.run(&["diff", "--overlay", "staging.jsonnet"]);
    assert_eq!((staging.code, staging.stderr.as_str()), (1, ""));
    assert_snapshot!(staging.stdout);
    let both = sandbox.run(&["diff", "--overlay", "staging.jsonnet", "--overlay", "production.jsonnet"]);
    assert_eq!((both.code, both.stderr.as_str()), (1, ""));
    assert_snapshot!(both.stdout);
    let same = sandbox.run(&["diff", "--overlay", "staging.jsonnet", "--overlay", "staging.jsonnet"]);
    assert_eq!((same.code, same.stderr.as_str()), (0, ""));
    assert_snapshot!(sandbox.fails(&["diff", "--overlay", "a", "--overlay", "b", "--overlay", "c"]), @"
    error: 3 overlays are more than two
     |
    help: name two catalogues or folders, a commit with `--revision`, or an overlay: `jobwatch diff --help` has examples
    ");
    sandbox.fails(&["diff", "--overlay", "staging.jsonnet", "--revision", "main"]);
    assert!(sandbox.fails(&["diff", "--overlay", "none.jsonnet"]).contains("cannot read none.jsonnet"));
}
