//! Where the catalogue, the runbook and the generated files are looked for, from whichever folder
//! the command is called.

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

/// The sandbox as a repository, generated once.
fn repository() -> Sandbox {
    let sandbox = Sandbox::clipper();
    std::fs::create_dir_all(sandbox.path(".git")).unwrap();
    std::fs::create_dir_all(sandbox.path("jobs/src")).unwrap();
    assert_eq!(sandbox.run(&[]).code, 0);
    sandbox
}

#[test]
fn a_subfolder_of_a_repository_is_as_good_as_its_root() {
    let sandbox = repository();
    let run = sandbox.run_in("jobs/src", &["check"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("--> ../../jobs/catalogue.yaml:14\n"), "{}", run.stdout);
    assert!(run.stdout.contains("against ../../docs/runbooks/background-jobs.md: "), "{}", run.stdout);
    let run = sandbox.run_in("jobs/src", &["generate"]);
    assert_eq!(run.stdout, "35 files up to date; next: jobwatch check\n");
    std::fs::remove_file(sandbox.path("dashboards/background-jobs.json")).unwrap();
    assert_snapshot!(sandbox.run_in("docs", &[]).stdout, @"
    written    ../dashboards/background-jobs.json
    1 written, 34 up to date
    next: commit ../dashboards/, then run jobwatch check
    ");
    assert_eq!(sandbox.run_in("docs/runbooks", &["list"]).code, 0);
    assert!(!sandbox.path("docs/alerts").exists());
    // An output folder that is given is one of the working folder.
    assert_eq!(sandbox.run_in("docs", &["--out-dir", "gitops"]).code, 0);
    assert!(sandbox.path("docs/gitops/alerts/background-jobs.rules.yaml").exists());
}

#[test]
fn the_runbook_is_found_around_the_catalogue() {
    let sandbox = Sandbox::clipper();
    std::fs::create_dir_all(sandbox.path("elsewhere/deep")).unwrap();
    let absolute = sandbox.path("jobs/catalogue.yaml");
    for (folder, catalogue) in [
        ("elsewhere", "../jobs/catalogue.yaml"),
        ("elsewhere/deep", "../../jobs/catalogue.yaml"),
        ("jobs", "catalogue.yaml"),
        ("elsewhere", absolute.to_str().unwrap()),
    ] {
        let run = sandbox.run_in(folder, &["check", "--catalogue", catalogue]);
        assert_eq!(run.code, 0, "{folder}, {catalogue}: {}", run.stderr);
        assert!(run.stdout.contains("docs/runbooks/background-jobs.md: 1 suppressed"), "{}", run.stdout);
    }
    // The nearest one counts, and that below an output folder before all.
    sandbox.write("jobs/docs/runbooks/background-jobs.md", "# Nothing\n");
    let run = sandbox.run(&["check"]);
    assert!(
        run.stdout.contains("against jobs/docs/runbooks/background-jobs.md: 14 errors"),
        "{}",
        run.stdout
    );
    assert_eq!(sandbox.run(&["check", "--out-dir", "."]).code, 0);
    assert_eq!(
        sandbox
            .run_in("elsewhere", &["check", "--catalogue", "../jobs/catalogue.yaml", "--out-dir", ".."])
            .code,
        0
    );
    // The working folder is the last.
    sandbox.write("apart/catalogue.yaml", &sandbox.read("jobs/catalogue.yaml"));
    assert_eq!(
        sandbox.run(&["check", "--catalogue", "apart/catalogue.yaml", "--out-dir", "elsewhere"]).code,
        0
    );
}

#[test]
fn the_runbook_of_a_catalogue_on_standard_input_is_found_around_the_working_folder() {
    let sandbox = repository();
    let catalogue = sandbox.read("jobs/catalogue.yaml");
    for folder in [".", "jobs/src", "docs/runbooks"] {
        let run = sandbox.run_in_on(folder, &["check", "--catalogue", "-"], &catalogue);
        assert_eq!(run.code, 0, "{folder}: {}", run.stderr);
    }
}

#[test]
fn nothing_is_looked_for_above_the_repository_or_above_a_folder_outside_of_one() {
    let sandbox = Sandbox::clipper();
    sandbox.write("team/own/deep/catalogue.yaml", &sandbox.read("jobs/catalogue.yaml"));
    std::fs::create_dir(sandbox.path("elsewhere")).unwrap();
    let arguments = ["check", "--catalogue", "../team/own/deep/catalogue.yaml"];
    let looked_for = |told: String| told.lines().next().unwrap().to_owned();
    assert_snapshot!(looked_for(sandbox.fails_in("elsewhere", &arguments)), @"error: cannot find the runbook; looked for: ../team/own/deep/docs/runbooks/background-jobs.md, docs/runbooks/background-jobs.md");
    std::fs::create_dir(sandbox.path("team/own/.git")).unwrap();
    assert_snapshot!(looked_for(sandbox.fails_in("elsewhere", &arguments)), @"error: cannot find the runbook; looked for: ../team/own/deep/docs/runbooks/background-jobs.md, ../team/own/docs/runbooks/background-jobs.md, docs/runbooks/background-jobs.md");
    std::fs::create_dir(sandbox.path(".git")).unwrap();
    std::fs::remove_dir(sandbox.path("team/own/.git")).unwrap();
    assert_eq!(sandbox.run_in("elsewhere", &arguments).code, 0);
}

#[test]
fn what_is_nowhere_is_told_with_the_places() {
    let sandbox = repository();
    std::fs::remove_file(sandbox.path("docs/runbooks/background-jobs.md")).unwrap();
    assert_snapshot!(sandbox.fails_in("jobs/src", &["check"]), @"
    error: cannot find the runbook; looked for: ../docs/runbooks/background-jobs.md, ../../docs/runbooks/background-jobs.md, docs/runbooks/background-jobs.md
     |
    help: name the runbook with `--runbook FILE`, or as `runbook` in the catalogue; `jobwatch runbook --write` writes one
    ");
    assert_snapshot!(sandbox.fails(&["check", "--out-dir", "gitops"]), @"
    error: cannot find the runbook; looked for: gitops/docs/runbooks/background-jobs.md, docs/runbooks/background-jobs.md
     |
    help: name the runbook with `--runbook FILE`, or as `runbook` in the catalogue; `jobwatch runbook --write` writes one
    ");
    std::fs::rename(sandbox.path("jobs/catalogue.yaml"), sandbox.path("jobs/moved.yaml")).unwrap();
    assert_snapshot!(sandbox.fails_in("jobs/src", &[]), @"
    error: cannot find the catalogue; looked for: jobs/catalogue.yaml, ../jobs/catalogue.yaml, ../../jobs/catalogue.yaml
     |
    help: name the catalogue with `--catalogue FILE`, or write a first one with `jobwatch init`
    ");
}

#[test]
fn options_stand_before_or_after_the_command() {
    let sandbox = Sandbox::clipper();
    std::fs::rename(sandbox.path("jobs"), sandbox.path("team")).unwrap();
    let catalogue = "team/catalogue.yaml";
    for arguments in [
        &["--catalogue", catalogue, "--out-dir", "out"][..],
        &["--catalogue", catalogue, "--out-dir", "out", "generate"],
        &["generate", "--catalogue", catalogue, "--out-dir", "out"],
        &["--out-dir", "out", "generate", "--catalogue", catalogue],
        &["--out-dir", "out", "--color", "never", "generate", "--check", "--catalogue", catalogue],
        &["--out-dir", "out", "--check", "--catalogue", catalogue],
        &["--catalogue", catalogue, "check"],
        &["check", "--catalogue", catalogue, "--color", "never"],
        &["--color", "always", "--catalogue", catalogue, "list", "jobs"],
        &["list", "--catalogue", catalogue, "--out-dir", "ignored"],
        &["--catalogue", catalogue, "explain"],
        &["completions", "fish", "--catalogue", catalogue],
        &["-v", "generate", "--out-dir", "out", "--catalogue", catalogue],
        &["--check", "generate", "--out-dir", "out", "--catalogue", catalogue],
        &["--format", "json", "--catalogue", catalogue, "check", "-v"],
        &["--format", "json", "list", "-v", "--catalogue", catalogue],
    ] {
        let run = sandbox.run(arguments);
        assert_eq!(run.code, 0, "{arguments:?}: {}{}", run.stdout, run.stderr);
    }
    assert!(!sandbox.path("alerts").exists() && !sandbox.path("ignored").exists());
    let told = sandbox.fails(&["--check", "list"]);
    assert!(told.contains("write `jobwatch generate --check`"), "{told}");
    let told = sandbox.fails(&["--out-dir", "a", "check", "--out-dir", "b"]);
    assert!(told.contains("`--out-dir` stands before the command and behind it"), "{told}");
    assert!(sandbox.fails(&["list", "--check"]).contains("unexpected argument '--check'"));
}

#[test]
fn standard_input_is_read_where_it_is_asked_for() {
    let sandbox = Sandbox::clipper();
    let catalogue = sandbox.read("jobs/catalogue.yaml");
    let run = sandbox.run_on(&["--catalogue", "-"], &catalogue);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let run = sandbox.run_on(&["check", "--catalogue", "-"], &catalogue);
    assert!(run.stdout.contains("--> -:14"), "{}{}", run.stdout, run.stderr);
    assert_eq!(sandbox.run_on(&["check", "--runbook", "-"], "# Nothing\n").code, 1);
    let run = sandbox.run_on(&["check", "--fix", "--runbook", "-"], "# Nothing\n");
    assert!(run.stderr.contains("cannot write -: it is standard input"), "{}", run.stderr);
    let run = sandbox.run_on(&["check", "--runbook", "-", "--catalogue", "-"], "");
    assert!(run.stderr.contains("cannot both be read from standard input"), "{}", run.stderr);
}
