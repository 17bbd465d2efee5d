//! The examples of pipelines: each of their lines is executed, on a repository that is in order and
//! on one that is not.

use std::fs;

use serde::Deserialize;
use serde_json::Value;

use crate::sandbox::{Sandbox, root};

/// The documents of an example.
fn example(name: &str) -> Vec<Value> {
    let text = fs::read_to_string(root().join("docs/pipelines").join(name)).unwrap();
    serde_yaml::Deserializer::from_str(&text).map(|document| Value::deserialize(document).unwrap()).collect()
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// A repository whose generated files are current, with the command where pipelines have it.
fn repository() -> Sandbox {
    let sandbox = Sandbox::clipper();
    assert_eq!(sandbox.run(&["generate"]).code, 0);
    sandbox.install("bin/jobwatch");
    sandbox.install(".jobwatch/bin/jobwatch");
    sandbox
}

/// Executes the lines of an example, of which these fail once the rules and the runbook are wrong.
fn check(lines: &[String], failing: &[&str]) {
    let sandbox = repository();
    for line in lines {
        let run = sandbox.shell(line);
        assert_eq!(run.code, 0, "`{line}` fails: {}{}", run.stdout, run.stderr);
    }
    sandbox.append("alerts/background-jobs.rules.yaml", "# Mine.\n");
    sandbox.replace("docs/runbooks/background-jobs.md", "> 300 seconds", "> 400 seconds");
    let failed = lines.iter().filter(|line| {
        let code = sandbox.shell(line).code;
        assert!([0, 1].contains(&code), "`{line}` ends with {code}");
        code == 1
    });
    assert_eq!(failed.collect::<Vec<_>>(), failing);
}

#[test]
fn the_lines_for_pre_commit_work() {
    let hooks = example("pre-commit-config.yaml").remove(0)["repos"][0]["hooks"].clone();
    let lines: Vec<_> =
        hooks.as_array().unwrap().iter().map(|hook| hook["entry"].as_str().unwrap().to_owned()).collect();
    check(&lines, &["jobwatch generate --check", "jobwatch check"]);
}

#[test]
fn the_lines_for_github_work_and_tell_of_both_troubles() {
    let steps = example("github.yaml").remove(0)["jobs"]["jobwatch"]["steps"].clone();
    let lines: Vec<_> =
        steps.as_array().unwrap().iter().filter_map(|step| step["run"].as_str().map(str::to_owned)).collect();
    let sarif = "jobwatch check --format sarif > jobwatch.sarif";
    check(&lines, &["jobwatch generate --check", "jobwatch check --format github", sarif]);
    let sandbox = repository();
    sandbox.replace("docs/runbooks/background-jobs.md", "> 300 seconds", "> 400 seconds");
    sandbox.shell(sarif);
    let written: Value = serde_json::from_str(&sandbox.read("jobwatch.sarif")).unwrap();
    assert_eq!(written["version"], "2.1.0");
    assert!(!written["runs"][0]["results"].as_array().unwrap().is_empty(), "{written}");
    // What comes after a step that fails is done all the same.
    let after = steps.as_array().unwrap().iter().skip_while(|step| step["run"] != lines[1].as_str()).skip(1);
    assert!(after.into_iter().all(|step| step["if"] == "success() || failure()"));
}

#[test]
fn the_lines_for_gitlab_work() {
    let job = example("gitlab-ci.yaml").remove(0)["jobwatch"].clone();
    let parts = ["before_script", "script", "after_script"].map(|part| texts(&job[part]));
    let [_, script, after] = &parts;
    let failing: Vec<&str> = script.iter().chain(after).map(String::as_str).collect();
    check(&parts.concat(), &failing);
    assert_eq!(texts(&job["artifacts"]["paths"]), ["jobwatch.sarif"]);
}

/// What is installed is what stands here: this repository at this version, which is cached by it.
#[test]
fn pipelines_install_the_version_of_the_repository_that_they_stand_in() {
    let (version, from) = (env!("CARGO_PKG_VERSION"), env!("CARGO_PKG_REPOSITORY"));
    for (name, has_cache) in
        [("pre-commit-config.yaml", false), ("github.yaml", true), ("gitlab-ci.yaml", true)]
    {
        let text = fs::read_to_string(root().join("docs/pipelines").join(name)).unwrap();
        let install = text.split_once("cargo install ").unwrap().1.lines().next().unwrap();
        let expected = format!(" --git {from} --tag v{version} jobwatch");
        assert!(install.ends_with(&expected), "{name}: {install}");
        assert_eq!(text.contains(&format!("key: jobwatch-{version}\n")), has_cache, "{name}");
    }
}

/// Argo CD and Flux find what they are sent to.
#[test]
fn folders_that_are_applied_are_there() {
    let mut folders = Vec::new();
    for object in example("argo-cd.yaml") {
        let spec = &object["spec"];
        let sources = spec["sources"].as_array().cloned().unwrap_or_else(|| vec![spec["source"].clone()]);
        folders.extend(sources.iter().map(|source| source["path"].as_str().unwrap().to_owned()));
    }
    let flux = example("flux.yaml");
    let repository = &flux[0]["metadata"]["name"];
    for object in &flux[1..] {
        assert_eq!(&object["spec"]["sourceRef"]["name"], repository);
        folders.push(object["spec"]["path"].as_str().unwrap().trim_start_matches("./").to_owned());
    }
    let expected = ["alerts/kubernetes", "dashboards/kubernetes", "jobs/deploy/overlays/production"];
    assert_eq!(folders, [expected, expected].concat());
    assert!(expected.iter().all(|folder| root().join(folder).is_dir()));
}
