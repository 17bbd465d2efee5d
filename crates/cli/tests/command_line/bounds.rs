//! Inputs that are huge end soon, with a few lines that say what is wrong and how much more there
//! is.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::sandbox::Sandbox;

/// Much more than any of these takes on a busy machine, and less than work does that grows with the
/// square of the input.
const SOON: Duration = Duration::from_secs(120);

/// A catalogue of twenty thousand jobs with one name.
fn twenty_thousand_problems() -> String {
    let mut catalogue = "service: shop\njobs:\n".to_owned();
    for _ in 0..20_001 {
        catalogue.push_str("  - {name: bill, summary: Bills., interval: 5m, timeout: 1m}\n");
    }
    catalogue
}

/// A runbook in which so many sections are about alerts that there are not.
fn runbook(sections: usize) -> String {
    (0..sections).fold(String::new(), |mut text, number| {
        let _ = writeln!(text, "### Section {number}\n**Alert**: `Unknown{number}`\n");
        text
    })
}

#[test]
fn thousands_of_problems_are_counted_and_the_first_are_shown() {
    let sandbox = Sandbox::clipper();
    sandbox.write("many.yaml", &twenty_thousand_problems());
    let start = Instant::now();
    let told = sandbox.fails(&["--catalogue", "many.yaml"]);
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
    assert_eq!(told.matches("error: ").count(), 50);
    let (_, end) = told.split_at(told.rfind("\nand ").unwrap());
    assert!(end.starts_with("\nand "), "{end}");
    let number: usize = end[5..end.find(" more").unwrap()].replace(',', "").parse().unwrap();
    assert!(number >= 19_950, "{number}");
    assert!(end.ends_with(" problems\n"), "{end}");
    assert!(!sandbox.path("alerts").exists());
}

#[test]
fn many_problems_in_one_long_line_show_a_part_of_it() {
    let sandbox = Sandbox::clipper();
    let jobs: Vec<String> = (0..5000).map(|number| format!("{{name: é{number}, timeout: 0s}}")).collect();
    sandbox.write("long.yaml", &format!("service: shop\njobs: [{}]\n", jobs.join(", ")));
    let start = Instant::now();
    let told = sandbox.fails(&["--catalogue", "long.yaml"]);
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
    assert!(told.lines().all(|line| line.chars().count() < 400), "{told}");
    assert!(told.contains("\n --> long.yaml:2:"), "{told}");
    assert!(told.contains(" more\n"), "{told}");
}

#[test]
fn thousands_of_findings_are_counted_in_every_format() {
    let sandbox = Sandbox::clipper();
    sandbox.write("many.md", &runbook(1500));
    let start = Instant::now();
    let human = sandbox.run(&["check", "--runbook", "many.md"]);
    assert_eq!(human.code, 1);
    assert_eq!(human.stdout.matches("error[").count(), 50, "{}", human.stdout);
    // 1,500 alerts that there are not, and fourteen that have no section. What is suppressed gives
    // way to what fails.
    assert!(human.stdout.contains("\nand 1,465 more\n"), "{}", human.stdout);
    assert!(human.stdout.ends_with("many.md: 1,514 errors, 1 suppressed\n"), "{}", human.stdout);
    let json = sandbox.run(&["check", "--runbook", "many.md", "--format", "json"]);
    let findings: Vec<serde_json::Value> = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!((findings.len(), json.stderr.as_str()), (1000, "and 515 more\n"));
    let github = sandbox.run(&["check", "--runbook", "many.md", "--format", "github"]).stdout;
    assert_eq!(github.lines().count(), 1001);
    assert!(github.ends_with("::notice::and 515 more\n"));
    let sarif = sandbox.run(&["check", "--runbook", "many.md", "--format", "sarif"]).stdout;
    let sarif: serde_json::Value = serde_json::from_str(&sarif).unwrap();
    let run = &sarif["runs"][0];
    assert_eq!(run["results"].as_array().unwrap().len(), 1000);
    let notification = &run["invocations"][0]["toolExecutionNotifications"][0];
    assert_eq!(notification["message"]["text"], "and 515 more");
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
}

#[test]
fn what_is_larger_than_any_catalogue_or_runbook_is_refused() {
    let sandbox = Sandbox::clipper();
    for (path, bytes) in [("c.yaml", (4 << 20) + 1), ("r.md", (2 << 20) + 1)] {
        let file = std::fs::File::create(sandbox.path(path)).unwrap();
        file.set_len(bytes).unwrap();
    }
    let told = sandbox.fails(&["--catalogue", "c.yaml"]);
    assert!(told.contains("cannot read c.yaml: it has more than 4 MiB, which no catalogue has"), "{told}");
    let told = sandbox.fails(&["check", "--runbook", "r.md"]);
    assert!(told.contains("cannot read r.md: it has more than 2 MiB, which no runbook has"), "{told}");
    let told = sandbox.run_on(&["check", "--runbook", "-"], &"\n".repeat((2 << 20) + 1));
    assert!(told.stderr.contains("more than 2 MiB"), "{}", told.stderr);
}

#[test]
fn the_largest_catalogue_and_runbook_are_read() {
    let sandbox = Sandbox::clipper();
    let catalogue = sandbox.read("jobs/catalogue.yaml");
    let comment = "-".repeat((4 << 20) - catalogue.len() - "#\n".len());
    sandbox.write("c.yaml", &format!("#{comment}\n{catalogue}"));
    assert_eq!(sandbox.run(&["list", "--catalogue", "c.yaml"]).code, 0);
    sandbox.write("r.md", &"a".repeat(2 << 20));
    assert_eq!(sandbox.run(&["check", "--runbook", "r.md"]).code, 1);
}
