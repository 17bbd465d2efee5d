//! How a team starts: a first catalogue, and the sections of its runbook.

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

#[test]
fn a_first_catalogue_generates_and_checks_clean() {
    let sandbox = Sandbox::empty();
    let init = sandbox.run(&["init", "--service", "shop"]);
    assert_eq!((init.code, init.stderr.as_str()), (0, ""));
    assert_snapshot!(init.stdout, @"
    written    jobs/catalogue.yaml
    written    docs/runbooks/shop-jobs.md
    next: put your jobs into jobs/catalogue.yaml, then run jobwatch generate and jobwatch check
    ");
    assert_eq!(sandbox.run(&["generate", "--check"]).code, 1, "nothing is generated yet");
    let generate = sandbox.run(&["generate"]);
    assert_eq!((generate.code, generate.stderr.as_str()), (0, ""));
    assert!(sandbox.path("alerts/shop-jobs.rules.yaml").exists());
    assert_eq!(sandbox.run(&["generate", "--check"]).code, 0);
    let check = sandbox.run(&["check"]);
    assert_eq!((check.code, check.stderr.as_str()), (0, ""), "{}", check.stdout);
    assert_snapshot!(check.stdout.lines().last().unwrap(), @"checked 14 alerts for 2 jobs against docs/runbooks/shop-jobs.md: 1 suppressed");
    assert_eq!(sandbox.run(&["runbook"]).code, 0);
    assert_snapshot!(sandbox.read("jobs/catalogue.yaml"), @"
    # The background jobs: what runs, how often, and how long it may take.
    #
    # `jobwatch generate` computes alert rules, their tests and a dashboard from this file, and
    # `jobwatch check` holds the runbook against it. Run both after each change, and commit what they
    # write. Durations are as in Prometheus: 30s, 5m, 1h30m.
    #
    # What does my process have to expose? These metrics:
    #   job_execution_total{job_name, status}
    #     Executions of the job that ended, by status.
    #   job_execution_duration_seconds{job_name}
    #     Duration of the job's executions in seconds.
    #   job_last_success_timestamp_seconds{job_name}
    #     When the job last succeeded, in seconds since the epoch; 0 when it never has.
    #   job_items_processed_total{job_name, status}
    #     Items the job handled, by status.
    #   job_queue_size{job_name}
    #     Items waiting for the job.
    # Expose job_execution_total at 0 from the start: a job without any series counts as absent.

    name: shop-jobs
    service: shop

    # Does the service share its Prometheus with others? Then name a label that Prometheus adds to its
    # series alone, or a job of the same name elsewhere is taken for one of these:
    #
    # selector:
    #   namespace: shop

    # What holds for each job that says nothing else. The owner is a label of the alerts, to route by;
    # `labels` holds more of them.
    #
    # defaults:
    #   timeout: 10m
    #   owner: my-team

    jobs:
      # Put your own jobs in place of these two.
      - name: send_mails
        summary: Sends the mails that wait.
        interval: 5m
        timeout: 10m # A run that takes longer counts as stuck, and should be stopped.
        items: mails # Only for a job that counts what it handles.
        queue: mails that wait # Only for a job with a queue.

      - name: nightly_report
        summary: Writes the report of the day.
        cron: 0 3 * * *
        timezone: Europe/Berlin
        timeout: 1h

    # Which alerts are there, and may I set them? `jobwatch list alerts` shows what holds. Say so here
    # for all jobs, or with the same words below a job for that job alone:
    #
    # alerts:
    #   BackgroundJobNotRunning:
    #     above: 6h
    #     severity: critical
    #   BackgroundJobHighDuration: off
    #
    # Shall the editor complete all that? `jobwatch schema --help` tells how.

    # What a team knows and lives with is suppressed with a reason; `jobwatch explain` tells more.
    suppress:
      - code: alert-never-fires
        alert: BackgroundJobFailing
        reason: >-
          No job here runs often enough to fail more than 0.1 times a second.
          BackgroundJobConsecutiveFailures notices failed runs in a row of any job.
    ");
}

#[test]
fn what_is_there_is_never_overwritten() {
    let sandbox = Sandbox::empty();
    sandbox.write("docs/runbooks/shop-jobs.md", "# Mine\n");
    let init = sandbox.run(&["init", "--service", "shop"]);
    assert_snapshot!(init.stdout, @"
    written    jobs/catalogue.yaml
    unchanged  docs/runbooks/shop-jobs.md
    next: put your jobs into jobs/catalogue.yaml, then run jobwatch generate, jobwatch runbook --write and jobwatch check
    ");
    assert_eq!(sandbox.read("docs/runbooks/shop-jobs.md"), "# Mine\n");
    let catalogue = sandbox.read("jobs/catalogue.yaml");
    assert_snapshot!(sandbox.fails(&["init", "--service", "mall"]), @"
    error: jobs/catalogue.yaml is there already, and `jobwatch init` overwrites nothing
     |
    help: edit it and run `jobwatch generate`, or write another catalogue with `--catalogue FILE`
    ");
    assert_eq!(sandbox.read("jobs/catalogue.yaml"), catalogue);
    // Nor is one written that would hide the repository's own.
    std::fs::create_dir(sandbox.path(".git")).unwrap();
    std::fs::create_dir(sandbox.path("docs/deep")).unwrap();
    assert!(sandbox.fails_in("docs/deep", &["init"]).contains("../../jobs/catalogue.yaml is there already"));
    assert!(!sandbox.path("docs/deep/jobs").exists());
    for given in [
        &["--catalogue", "-"][..],
        &["--catalogue", "a.yaml", "--catalogue", "b.yaml"],
        &["--catalogue", "docs"],
    ] {
        let told = sandbox.fails(&[&["init"], given].concat());
        assert!(told.contains("`jobwatch init` writes one catalogue into a file"), "{told}");
    }
    assert!(sandbox.fails(&["init", "--catalogue", "a.yaml", "--service", " "]).contains("--> a.yaml:"));
    assert!(!sandbox.path("a.yaml").exists());
}

#[test]
fn a_second_catalogue_stands_beside_the_first() {
    let sandbox = Sandbox::empty();
    for service in ["shop", "mall"] {
        let catalogue = format!("teams/{service}.yaml");
        assert_eq!(sandbox.run(&["init", "--service", service, "--catalogue", &catalogue]).code, 0);
    }
    let generate = sandbox.run(&["--catalogue", "teams"]);
    assert_eq!(generate.code, 0, "{}", generate.stderr);
    let check = sandbox.run(&["check", "--catalogue", "teams"]).stdout;
    assert_eq!(check.matches("job-name-shared").count(), 4, "both have the jobs of the example: {check}");
}

#[test]
fn the_service_is_called_like_the_repository() {
    let sandbox = Sandbox::empty();
    std::fs::create_dir_all(sandbox.path("Web Shop/.git")).unwrap();
    std::fs::create_dir_all(sandbox.path("Web Shop/deep")).unwrap();
    assert_eq!(sandbox.run_in("Web Shop/deep", &["init"]).code, 0);
    let catalogue = sandbox.read("Web Shop/deep/jobs/catalogue.yaml");
    assert!(catalogue.contains("\nname: web-shop-jobs\nservice: \"Web Shop\"\n"), "{catalogue}");
}

#[test]
fn the_missing_sections_are_printed_and_added() {
    let sandbox = Sandbox::clipper();
    let none = sandbox.run(&["runbook"]);
    assert_eq!((none.code, none.stdout.as_str()), (0, ""));
    assert_snapshot!(none.stderr, @"docs/runbooks/background-jobs.md: no section is missing");
    let runbook = "docs/runbooks/background-jobs.md";
    sandbox.replace(runbook, "**Alert**: `BackgroundJobStuck`\n", "");
    let missing = sandbox.run(&["runbook"]);
    assert_eq!(missing.code, 1);
    assert_snapshot!(missing.stdout, @r#"
    ### Stuck Job
    **Alert**: `BackgroundJobStuck`
    **Severity**: Warning
    **Threshold**: A run in progress for longer than its timeout for 1 minute

    The panel "Running Now" of [the dashboard](<https://grafana.clipper.example/d/background-jobs>) draws it.

    **Investigate**

    - What to look at first, and with which commands.

    **Resolve**

    - What to do about what was found, and whom to ask.
    "#);
    assert_snapshot!(missing.stderr, @"
    docs/runbooks/background-jobs.md: 1 section missing
    next: jobwatch runbook --write
    ");
    let before = sandbox.read(runbook);
    let written = sandbox.run(&["runbook", "--write"]);
    assert_eq!(written.code, 0);
    assert_snapshot!(written.stdout, @"
    docs/runbooks/background-jobs.md: 1 section added
    next: fill them in, then run jobwatch check
    ");
    assert_eq!(sandbox.read(runbook), format!("{}\n\n{}", before.trim_end(), missing.stdout));
    assert_snapshot!(sandbox.run(&["runbook", "--write"]).stdout, @"
    docs/runbooks/background-jobs.md: no section is missing
    next: jobwatch check
    ");
}

#[test]
fn a_runbook_that_is_not_there_lacks_everything() {
    let sandbox = Sandbox::clipper();
    let runbook = "docs/runbooks/background-jobs.md";
    std::fs::remove_dir_all(sandbox.path("docs")).unwrap();
    std::fs::create_dir(sandbox.path(".git")).unwrap();
    let printed = sandbox.run_in("jobs", &["runbook"]);
    assert_eq!(printed.code, 1);
    assert!(printed.stdout.starts_with("# Runbook: background-jobs\n"), "{}", printed.stdout);
    assert_snapshot!(printed.stderr, @"
    ../docs/runbooks/background-jobs.md: 14 sections missing
    next: jobwatch runbook --write
    ");
    assert_eq!(sandbox.run_in("jobs", &["runbook", "--write"]).code, 0);
    assert_eq!(sandbox.read(runbook), printed.stdout);
    assert_eq!(sandbox.run_in("jobs", &["check"]).code, 0);
    // A text on standard input can be looked at, not added to.
    assert_eq!(sandbox.run_on(&["runbook", "--runbook", "-"], "").stdout, printed.stdout);
    assert_eq!(sandbox.run_on(&["runbook", "--runbook", "-"], &printed.stdout).code, 0);
    let refused = sandbox.run_on(&["runbook", "--runbook", "-", "--write"], "");
    assert!(refused.stderr.contains("cannot write -: it is standard input"), "{}", refused.stderr);
    let elsewhere = sandbox.run(&["runbook", "--runbook", "my own.md"]);
    assert!(
        elsewhere.stderr.ends_with("next: jobwatch runbook --write --runbook 'my own.md'\n"),
        "{}",
        elsewhere.stderr
    );
}

#[test]
fn a_runbook_that_nothing_can_be_added_to_is_told() {
    let sandbox = Sandbox::clipper();
    sandbox.write("open.md", "# Runbook\n\n```\nkubectl logs\n");
    assert_snapshot!(sandbox.fails(&["runbook", "--write", "--runbook", "open.md"]), @"
    error: nothing can be added to open.md: a section at its end is not seen: a block of code or a comment before it does not end
     |
    help: end what is open at the end of the runbook
    ");
    sandbox.write("deep.md", &"> ".repeat(200));
    assert_snapshot!(sandbox.fails(&["runbook", "--runbook", "deep.md"]), @"
    error: nothing can be added to deep.md: more than 100 lists and quotations stand within each other: the runbook is not read
     |
    help: divide the runbook into several, or make it plainer
    ");
}

#[test]
fn catalogues_that_share_a_runbook_add_what_each_lacks_once() {
    let sandbox = Sandbox::empty();
    let catalogue = |name: &str, more: &str| {
        format!(
            "name: {name}\nservice: {name}\nrunbook: run.md\njobs:\n  - {{name: {name}-a, summary: Works., interval: 5s, timeout: 20m{more}}}\n"
        )
    };
    sandbox.write("teams/a.yaml", &catalogue("a", ""));
    sandbox.write("teams/b.yaml", &catalogue("b", ", queue: things"));
    let printed = sandbox.run(&["runbook", "--catalogue", "teams"]);
    assert_snapshot!(printed.stderr, @"
    run.md: 13 sections missing
    next: jobwatch runbook --write --catalogue teams
    ");
    assert_eq!(printed.stdout.matches("\n**Alert**: `BackgroundJobFailing`\n").count(), 1);
    assert_eq!(sandbox.run(&["runbook", "--write", "--catalogue", "teams"]).code, 0);
    assert_eq!(sandbox.read("run.md"), printed.stdout);
    assert_eq!(sandbox.run(&["check", "--catalogue", "teams"]).code, 0);
    sandbox.replace("teams/b.yaml", "run.md", "own.md");
    let printed = sandbox.run(&["runbook", "--catalogue", "teams"]);
    assert!(printed.stdout.starts_with("==> own.md <==\n# Runbook: b\n"), "{}", printed.stdout);
}

#[test]
fn what_a_killed_run_has_left_is_removed_by_the_next_one() {
    let sandbox = Sandbox::empty();
    for folder in ["jobs", "docs/runbooks"] {
        sandbox.write(&format!("{folder}/.jobwatch-a1b2c3"), "service: sh");
    }
    assert_eq!(sandbox.run(&["init", "--service", "shop"]).code, 0);
    for folder in ["jobs", "docs/runbooks"] {
        assert!(!sandbox.path(&format!("{folder}/.jobwatch-a1b2c3")).exists(), "{folder}");
    }
}
