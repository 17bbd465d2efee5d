//! How much is read, and how much is told of what is wrong.

use insta::assert_snapshot;

use super::super::*;
use super::{GOOD, problems, with};
use crate::catalogue::Catalogue;
use crate::job::JobSpec;

#[test]
fn texts_have_a_largest_length() {
    let text = |key: &str, length: usize| {
        let text = "ä".repeat(length);
        problems(&with(key, &format!("{key}: {text}"))).replace(&text, "…")
    };
    assert_snapshot!(text("summary", 1_000), @"no problem");
    assert_snapshot!(text("summary", 1_001), @r#"4:14 jobs[0].summary "…": this text has 1001 characters: at most 1000"#);
    assert_snapshot!(text("items", 1_001), @r#"7:12 jobs[0].items "…": this text has 1001 characters: at most 1000"#);
    let url = format!("https://{}", "a".repeat(2_000));
    assert_snapshot!(problems(&format!("runbook_url: {url}\n{GOOD}")).replace(&url, "…"), @r#"1:14 runbook_url "…": this text has 2008 characters: at most 2000"#);
    let key = "a".repeat(201);
    assert_snapshot!(problems(&format!("thresholds: {{{key}: {{above: 1}}}}\n{GOOD}")).replace(&key, "…"), @r#"1:14  "…": `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…` cannot be a key (a key has at most 200 characters and stands on one line)"#);
    assert_snapshot!(problems(&format!("#{}\n{GOOD}", "-".repeat(MAX_BYTES))), @r#"1:1  "": the file has 4194401 bytes: at most 4194304 are read (divide the jobs among several catalogues)"#);
}

#[test]
fn all_problems_are_told_at_once() {
    assert_snapshot!(
        problems("service: 5\njobs:\n  - name: a b\n    interval: 5\n    timout: 1m\n  - summary: x\n    interval: 1m\n    timeout: 3d\n"),
        @r#"
    1:10 service "5": expected a text, found a number (put it in quotes if it is meant as a text)
    3:5 jobs[0].summary "": the key `summary` is missing (add it, as in `summary: Ranks clips by votes and age.`)
    3:11 jobs[0].name "a b": a job name has letters, digits, `_`, `-` and `.`, but not ` `
    4:15 jobs[0].interval "5": the unit is missing: write `5s`, `5m` or `5h`
    5:5 jobs[0].timout "timout": unknown key `timout` (did you mean `timeout`?)
    6:5 jobs[1].name "": the key `name` is missing (add it, as in `name: hot_score_refresh`)
    8:14 jobs[1].timeout "3d": the timeout 3d is longer than the job's interval and longer than a day: at most 1d
    "#
    );
}

#[test]
fn of_many_problems_the_first_hundred_are_told() {
    let told = |text: &str| {
        let error = parse(text).unwrap_err();
        let last = error.problems.last().map(|problem| problem.path.clone()).unwrap_or_default();
        format!("{} told, {} not, the last is {last}: {error}", error.problems.len(), error.omitted)
    };
    let job = "  - {name: bill, summary: Bills., interval: 5m, timeout: 1m}\n";
    assert_snapshot!(told(&format!("service: shop\njobs:\n{}", job.repeat(2_000))), @"100 told, 1899 not, the last is jobs[100].name: the catalogue cannot be used: two jobs are named `bill`: the other is job 1; give each its own name at line 4, column 12, and 1998 more problems");
    let jobs = ["{name: a b, intervall: 5, timeout: 1}"; 1_000].join(", ");
    assert_snapshot!(told(&format!("service: shop\njobs: [{jobs}]\n")), @"100 told, 4866 not, the last is jobs[33].intervall: the catalogue cannot be used: the key `summary` is missing at line 2, column 8, and 4965 more problems");
    let keys: String = (0..5_000).map(|number| format!("servic{number}: 1\n")).collect();
    assert_snapshot!(told(&format!("{keys}{GOOD}")), @"100 told, 4900 not, the last is servic99: the catalogue cannot be used: unknown key `servic0` at line 1, column 1, and 4999 more problems");
    let built = Catalogue::builder("shop").job(JobSpec::every("", std::time::Duration::ZERO));
    let built = (0..200).fold(built, |builder, _| builder.job(JobSpec::every("", std::time::Duration::ZERO)));
    let error = built.build().unwrap_err();
    assert_eq!((error.problems.len(), error.omitted), (100, 302));
    assert!(error.to_string().ends_with("\n  and 302 more problems"), "{error}");
}

#[test]
fn a_catalogue_has_at_most_ten_thousand_jobs() {
    let catalogue = |jobs: usize| {
        let job =
            |number: usize| format!("- {{name: job_{number}, summary: x, interval: 5m, timeout: 1m}}\n");
        format!("service: shop\njobs:\n{}", (0..jobs).map(job).collect::<String>())
    };
    assert_eq!(parse(&catalogue(10_000)).unwrap().catalogue.jobs().len(), 10_000);
    assert_snapshot!(problems(&catalogue(10_002)), @r#"10003:3 jobs[10000] "{": the catalogue has 10002 jobs: at most 10000 are read (divide the jobs among several catalogues)"#);
}

#[test]
fn bombs_and_towers_are_refused() {
    let mut bomb = "a: &a \"x\"\n".to_owned();
    for (name, inner) in ('b'..='k').zip('a'..='j') {
        let ten = vec![format!("*{inner}"); 10].join(", ");
        bomb.push_str(&format!("{name}: &{name} [{ten}]\n"));
    }
    assert_snapshot!(parse(&bomb).unwrap_err().problems[0].message, @"aliases repeat more than 100,000 values");
    let crowd = format!("a: [{}]", "1, ".repeat(240_001));
    assert_snapshot!(parse(&crowd).unwrap_err().problems[0].message, @"the file holds more than 240,000 values, keys among them");
    let within_itself = "service: shop\njobs: &jobs [*jobs]\n";
    assert_snapshot!(problems(within_itself), @r#"2:14  "*jobs": this alias stands within what it repeats (write out what is repeated, or put a text that starts with `*` in quotes)"#);
    assert_snapshot!(problems("service: shop\njobs: .nan\n"), @r#"2:7  ".nan": `.nan` is no number that is read here (write the number with its digits)"#);
    assert_snapshot!(parse(&"[".repeat(100_000)).unwrap_err().problems[0].message, @"values are nested too deep");
}

#[test]
fn the_cron_expressions_of_all_jobs_are_counted() {
    let eight = (0..8).map(|minute| format!("{minute} 0 * * *")).collect::<Vec<_>>().join(", ");
    let job = |number: usize| {
        format!(
            "- {{name: job_{number}, summary: x, cron: [\"{}\"], timeout: 1m}}\n",
            eight.replace(", ", "\", \"")
        )
    };
    let catalogue = |jobs: usize| format!("service: shop\njobs:\n{}", (0..jobs).map(job).collect::<String>());
    assert_eq!(parse(&catalogue(1_500)).unwrap().catalogue.jobs().len(), 1_500);
    assert_snapshot!(problems(&catalogue(1_501)).replace(&eight, "…"), @r#"1503:38 jobs[1500].cron "[": with this job the catalogue has more than 12000 cron expressions: divide the jobs among several catalogues"#);
}
