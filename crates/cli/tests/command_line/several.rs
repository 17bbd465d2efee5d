//! Several catalogues in one repository: in one run, and in several.

use insta::assert_snapshot;
use serde_json::Value;

use crate::sandbox::Sandbox;

/// A catalogue of one job. No line of it is about its name if that is empty.
fn catalogue(name: &str, service: &str, job: &str) -> String {
    let name = if name.is_empty() { String::new() } else { format!("name: {name}\n") };
    format!(
        "{name}service: {service}\nselector: {{namespace: {service}}}\nrunbook: {service}.md\n\
         jobs:\n  - {{name: {job}, summary: Works., interval: 5s, timeout: 20m}}\n"
    )
}

/// Two catalogues in a folder, beside files that are none.
fn two() -> Sandbox {
    let sandbox = Sandbox::clipper();
    sandbox.write("teams/mall.yml", &catalogue("mall-jobs", "mall", "ship"));
    sandbox.write("teams/shop.yaml", &catalogue("shop-jobs", "shop", "bill"));
    sandbox.write("teams/README.md", "Not looked at.\n");
    sandbox.write("teams/.hidden.yaml", "not: [read\n");
    sandbox.write("teams/below/other.yaml", "not: [read\n");
    sandbox.write("teams/values.yaml", "replicas: 3\n---\njobless: true\n");
    sandbox
}

/// Writes the runbooks of [`two`] from what a check of none finds missing.
fn write_runbooks(sandbox: &Sandbox) {
    for (catalogue, runbook) in [("teams/mall.yml", "mall.md"), ("teams/shop.yaml", "shop.md")] {
        sandbox.write(runbook, "");
        let found = sandbox.run(&["check", "--format", "json", "--catalogue", catalogue]).stdout;
        let found: Vec<Value> = serde_json::from_str(&found).unwrap();
        let sections = found.iter().map(|finding| finding["expected"].as_str().unwrap());
        sandbox.write(runbook, &sections.collect::<Vec<_>>().join("\n"));
    }
}

#[test]
fn a_folder_stands_for_its_catalogues_and_what_is_none_is_told() {
    let sandbox = two();
    let run = sandbox.run(&["--catalogue", "teams"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_snapshot!(run.stderr, @"note: teams/values.yaml is no catalogue: it has no `service` and no `jobs`");
    assert_snapshot!(run.stdout, @"
    written    alerts/mall-jobs.rules.yaml
    written    alerts/tests/mall-jobs.ship.late.yaml
    written    alerts/tests/mall-jobs.ship.runs.yaml
    written    alerts/tests/mall-jobs.ship.states.yaml
    written    dashboards/mall-jobs.json
    written    alerts/shop-jobs.rules.yaml
    written    alerts/tests/shop-jobs.bill.late.yaml
    written    alerts/tests/shop-jobs.bill.runs.yaml
    written    alerts/tests/shop-jobs.bill.states.yaml
    written    dashboards/shop-jobs.json
    10 written
    next: commit alerts/ and dashboards/, then run jobwatch check --catalogue teams
    ");
    let same =
        sandbox.run(&["--catalogue", "teams/shop.yaml", "generate", "--check", "--catalogue", "teams"]);
    assert_snapshot!(same.stdout, @"10 files up to date; next: jobwatch check --catalogue teams/shop.yaml --catalogue teams");
    sandbox.append("teams/shop.yaml", "thresholds: {BackgroundJobNotRunning: {for: 5m}}\n");
    let drift = sandbox.run(&["--catalogue", "teams", "--check"]);
    assert_eq!(drift.code, 1, "the worst of both");
    assert!(drift.stdout.contains("alerts/shop-jobs.rules.yaml"), "{}", drift.stdout);
    assert!(!drift.stdout.contains("mall"), "{}", drift.stdout);
}

#[test]
fn a_folder_without_a_catalogue_is_told_and_so_is_every_catalogue_that_is_wrong() {
    let sandbox = two();
    sandbox.write("none/values.yaml", "replicas: 3\n");
    std::fs::create_dir(sandbox.path("empty")).unwrap();
    assert_snapshot!(sandbox.fails(&["--catalogue", "none"]), @"
    note: none/values.yaml is no catalogue: it has no `service` and no `jobs`
    error: there is no catalogue among none/values.yaml
     |
    help: a catalogue has `service` and `jobs`, and a name that ends in .yaml or .yml; folders below are not looked into
    ");
    assert_snapshot!(sandbox.fails(&["--catalogue", "empty"]), @"
    error: there is no catalogue among empty
     |
    help: a catalogue has `service` and `jobs`, and a name that ends in .yaml or .yml; folders below are not looked into
    ");
    sandbox.write("teams/broken.yaml", "jobs: [\n");
    sandbox.write("teams/wrong.yaml", "services: shop\njobs: []\n");
    assert_snapshot!(sandbox.fails(&["--catalogue", "teams", "check"]), @"
    note: teams/values.yaml is no catalogue: it has no `service` and no `jobs`
    error: this is no YAML: unclosed bracket '['
     --> teams/broken.yaml:1:7
      |
    1 | jobs: [
      |       ^
      |
    help: look at this line and the one before: indentation with spaces, quotes and brackets that end, texts with `: ` in quotes

    teams/broken.yaml has 1 problem

    error: unknown key `services`
     --> teams/wrong.yaml:1:1
      |
    1 | services: shop
      | ^^^^^^^^
      |
    help: did you mean `service`?

    error: the catalogue has no jobs: add at least one
     --> teams/wrong.yaml:2:7
      |
    2 | jobs: []
      |       ^

    teams/wrong.yaml has 2 problems
    ");
    assert!(!sandbox.path("alerts").exists());
}

#[test]
fn machines_are_told_about_all_catalogues_in_one_document() {
    let sandbox = two();
    write_runbooks(&sandbox);
    assert_snapshot!(sandbox.run(&["check", "--catalogue", "teams"]).stdout, @"
    checked 14 alerts for 1 job against mall.md: nothing found
    checked 14 alerts for 1 job against shop.md: nothing found
    ");
    sandbox.replace("mall.md", "> 600 seconds", "> 500 seconds");
    sandbox.replace("shop.md", "> 300 seconds", "> 200 seconds");
    let json = sandbox.run(&["check", "--catalogue", "teams", "--format", "json"]);
    assert_eq!(json.code, 1);
    let findings: Vec<Value> = serde_json::from_str(&json.stdout).unwrap();
    let files: Vec<_> = findings.iter().map(|finding| (&finding["catalogue"], &finding["file"])).collect();
    assert_snapshot!(format!("{files:?}"), @r#"[(String("mall-jobs"), String("mall.md")), (String("shop-jobs"), String("shop.md"))]"#);
    let sarif = sandbox.run(&["check", "--catalogue", "teams", "--format", "sarif"]).stdout;
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    assert_eq!(sarif["runs"].as_array().unwrap().len(), 1);
    assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), 2);
    let list: Value =
        serde_json::from_str(&sandbox.run(&["list", "--catalogue", "teams", "--format", "json"]).stdout)
            .unwrap();
    assert_eq!(list["jobs"][1]["catalogue"], "shop-jobs");
    assert_eq!(list["alerts"].as_array().unwrap().len(), 28);
    assert_snapshot!(sandbox.run(&["list", "jobs", "--catalogue", "teams"]).stdout, @"
    mall-jobs (teams/mall.yml):

    | job  | due      | may take | variable      | queue |
    |------|----------|----------|---------------|-------|
    | ship | every 5s | 20m      | SHIP_INTERVAL |       |

    shop-jobs (teams/shop.yaml):

    | job  | due      | may take | variable      | queue |
    |------|----------|----------|---------------|-------|
    | bill | every 5s | 20m      | BILL_INTERVAL |       |
    ");
    assert_eq!(sandbox.run(&["check", "--fix", "--catalogue", "teams"]).code, 0);
}

#[test]
fn the_runbook_of_each_catalogue_is_found_from_any_folder() {
    let sandbox = two();
    write_runbooks(&sandbox);
    std::fs::create_dir(sandbox.path(".git")).unwrap();
    std::fs::create_dir(sandbox.path("elsewhere")).unwrap();
    for folder in [".", "teams/below", "elsewhere"] {
        let teams = sandbox.path("teams");
        let run = sandbox.run_in(folder, &["check", "--catalogue", teams.to_str().unwrap()]);
        assert_eq!(run.code, 0, "{folder}: {}", run.stderr);
    }
    for runbook in ["shop.md", "mall.md"] {
        std::fs::remove_file(sandbox.path(runbook)).unwrap();
    }
    assert_snapshot!(sandbox.fails_in("elsewhere", &["check", "--catalogue", "../teams"]), @"
    note: ../teams/values.yaml is no catalogue: it has no `service` and no `jobs`
    error: cannot find the runbook; looked for: ../teams/mall.md, ../mall.md, mall.md
     |
    help: name the runbook with `--runbook FILE`, or as `runbook` in the catalogue; `jobwatch runbook --write` writes one

    error: cannot find the runbook; looked for: ../teams/shop.md, ../shop.md, shop.md
     |
    help: name the runbook with `--runbook FILE`, or as `runbook` in the catalogue; `jobwatch runbook --write` writes one
    ");
}

#[test]
fn two_catalogues_for_the_same_files_are_refused_before_anything_is_written() {
    for name in ["", "jobs"] {
        let sandbox = Sandbox::clipper();
        sandbox.write("a.yaml", &catalogue(name, "mall", "ship"));
        sandbox.write("b.yaml", &catalogue(name, "shop", "bill"));
        for also in [&["generate"][..], &["generate", "--check"], &["generate", "--stdout"]] {
            let told = sandbox.fails(&[also, &["--catalogue", "a.yaml", "--catalogue", "b.yaml"]].concat());
            let stem = if name.is_empty() { "background-jobs" } else { name };
            let error = format!("error: a.yaml and b.yaml would both write alerts/{stem}.rules.yaml\n");
            assert!(told.starts_with(&error), "{told}");
            assert!(told.contains("help: give each catalogue a `name` of its own"), "{told}");
        }
        assert!(!sandbox.path("alerts").exists() && !sandbox.path("dashboards").exists());
    }
}

#[test]
fn a_run_neither_replaces_nor_removes_the_files_of_another_catalogue_of_its_name() {
    let sandbox = Sandbox::clipper();
    sandbox.write("a.yaml", &catalogue("", "mall", "ship"));
    sandbox.write("b.yaml", &catalogue("", "shop", "bill"));
    assert_eq!(sandbox.run(&["--catalogue", "a.yaml"]).code, 0);
    let before = sandbox.generated();
    assert_snapshot!(sandbox.fails(&["--catalogue", "b.yaml"]), @"
    error: alerts/background-jobs.rules.yaml belongs to another catalogue: it is generated from `background-jobs` of mall, and this is `background-jobs` of shop
     |
    help: give one of them a `name` of its own, or choose another folder with `--out-dir`; if it is this catalogue's former name or service, take its files over with `--take-over background-jobs`
    ");
    assert_eq!(
        sandbox.fails(&["--catalogue", "b.yaml", "--check"]),
        sandbox.fails(&["--catalogue", "b.yaml"])
    );
    assert_eq!(sandbox.generated(), before);
    // A catalogue that has a path of its own leaves the others there.
    std::fs::remove_file(sandbox.path("alerts/background-jobs.rules.yaml")).unwrap();
    std::fs::remove_file(sandbox.path("dashboards/background-jobs.json")).unwrap();
    assert_eq!(sandbox.run(&["--catalogue", "b.yaml"]).code, 0);
    assert!(sandbox.path("alerts/tests/background-jobs.ship.runs.yaml").exists());
}

#[test]
fn a_catalogue_that_is_renamed_takes_its_files_over() {
    let sandbox = Sandbox::clipper();
    sandbox.write("a.yaml", &catalogue("old-jobs", "shop", "bill"));
    assert_eq!(sandbox.run(&["--catalogue", "a.yaml"]).code, 0);
    // The name: files of the former one are left alone, which is told with the way out.
    sandbox.write("a.yaml", &catalogue("new-jobs", "shop", "bill"));
    let run = sandbox.run(&["--catalogue", "a.yaml"]);
    assert_snapshot!(run.stderr, @"left alone: 5 files of the catalogue `old-jobs` of shop; if that is a former name, `--take-over old-jobs` removes them");
    let run = sandbox.run(&["--catalogue", "a.yaml", "--take-over", "old-jobs"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("removed    alerts/old-jobs.rules.yaml\n"), "{}", run.stdout);
    assert!(sandbox.generated().keys().all(|path| path.contains("new-jobs")), "{:?}", sandbox.generated());
    // The service: files of the same names are replaced.
    sandbox.write("a.yaml", &catalogue("new-jobs", "mall", "bill"));
    assert_eq!(sandbox.run(&["--catalogue", "a.yaml"]).code, 2);
    assert_eq!(sandbox.run(&["--take-over", "new-jobs", "--check", "--catalogue", "a.yaml"]).code, 1);
    assert_eq!(sandbox.run(&["generate", "--catalogue", "a.yaml", "--take-over", "new-jobs"]).code, 0);
    assert_eq!(sandbox.run(&["--catalogue", "a.yaml", "--check"]).code, 0);
}

#[test]
fn jobs_and_catalogues_that_cannot_be_told_apart_are_found() {
    let sandbox = two();
    sandbox.replace("teams/mall.yml", "name: ship", "name: bill");
    write_runbooks(&sandbox);
    assert_eq!(sandbox.run(&["check", "--catalogue", "teams"]).code, 0, "a namespace tells them apart");
    sandbox.replace("teams/shop.yaml", "selector: {namespace: shop}\n", "");
    assert_eq!(sandbox.run(&["check", "--catalogue", "teams/shop.yaml"]).code, 0, "alone it is well");
    let run = sandbox.run(&["check", "--catalogue", "teams"]);
    assert_eq!(run.code, 1);
    assert_snapshot!(run.stdout, @"
    warning[job-name-shared]: bill is a job of `shop-jobs` of shop as well, where the alerts of this catalogue watch it, too
     --> teams/mall.yml:6:12
      |
    6 |   - {name: bill, summary: Works., interval: 5s, timeout: 20m}
      |            ^^^^
      |
    help: name in the other catalogue the `namespace` of its service, or in the `selector` of both a label by which their series differ

    warning[job-name-shared]: bill is a job of `mall-jobs` of mall as well, where the alerts of this catalogue watch it, too
     --> teams/shop.yaml:5:12
      |
    5 |   - {name: bill, summary: Works., interval: 5s, timeout: 20m}
      |            ^^^^
      |
    help: name the `namespace` of the service in both catalogues, or in `selector` a label that only its series have

    checked 14 alerts for 1 job against mall.md: 1 warning
    checked 14 alerts for 1 job against shop.md: 1 warning
    ");
    sandbox.replace("teams/mall.yml", "mall-jobs", "shop-jobs");
    let run = sandbox.run(&["check", "--catalogue", "teams", "--format", "github"]);
    assert_snapshot!(run.stdout.lines().filter(|line| line.contains("catalogue-name")).collect::<Vec<_>>().join("\n"), @"
    ::error file=teams/mall.yml,line=1,endLine=1,col=7,endColumn=16,title=catalogue-name-shared::another catalogue has the name of this one: `shop-jobs` of shop%0Agive each catalogue a `name` of its own
    ::error file=teams/shop.yaml,line=1,endLine=1,col=7,endColumn=16,title=catalogue-name-shared::another catalogue has the name of this one: `shop-jobs` of mall%0Agive each catalogue a `name` of its own
    ");
}

#[test]
fn there_is_an_end_to_how_many_catalogues_are_read() {
    let sandbox = Sandbox::clipper();
    for number in 0..=100 {
        sandbox.write(&format!("many/{number}.yaml"), &catalogue(&format!("jobs-{number}"), "shop", "bill"));
    }
    let told = sandbox.fails(&["list", "--catalogue", "many"]);
    assert!(told.contains("101 catalogues are more than 100"), "{told}");
    std::fs::remove_file(sandbox.path("many/0.yaml")).unwrap();
    assert_eq!(sandbox.run(&["list", "--catalogue", "many"]).code, 0);
    let job = |number| format!("  - {{name: j{number}, summary: Works., interval: 5s, timeout: 20m}}\n");
    let jobs: String = (0..9_950).map(job).collect();
    sandbox.write("many/1.yaml", &format!("service: shop\njobs:\n{jobs}"));
    let told = sandbox.fails(&["list", "--catalogue", "many"]);
    assert!(told.contains("10,049 jobs together: at most 10,000 are read"), "{told}");
}
