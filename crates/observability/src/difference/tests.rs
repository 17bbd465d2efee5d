//! What is told of two sides.

use std::time::Duration;

use insta::assert_snapshot;
use jobwatch_catalogue::{Catalogue, CatalogueBuilder, JobDraft, JobSpec, ThresholdOverride};
use serde_json::Value;

use super::{Change, Difference, Facts, all_differences};
use crate::generator::Generator;
use crate::model::Model;

fn job(name: &str) -> JobDraft {
    JobSpec::every(name, Duration::from_secs(300)).queue("orders").items("orders")
}

fn shop() -> CatalogueBuilder {
    Catalogue::builder("shop")
}

fn set(key: &str, value: &str) -> ThresholdOverride {
    ThresholdOverride::new().set(key, value)
}

fn facts(catalogue: &Catalogue) -> Facts {
    let model = Model::new(catalogue).unwrap();
    Facts::of_model(&model, &Generator::new(&model).files().unwrap()).unwrap()
}

fn line(difference: &Difference) -> String {
    let Difference { kind, name, change, .. } = difference;
    let said = |text: &Option<String>| text.clone().unwrap_or_else(|| "nothing".to_owned());
    let what = match change {
        Change::Added => "added".to_owned(),
        Change::Removed => "removed".to_owned(),
        Change::Changed { aspect, jobs, before, after } => {
            let jobs: Vec<&str> = jobs.iter().map(|job| job.as_str()).collect();
            format!("{aspect} [{}] {} -> {}", jobs.join(" "), said(before), said(after))
        }
    };
    format!("{} {name}: {what}", kind.as_str())
}

/// What is told of two catalogues, without what follows from it.
fn told(before: CatalogueBuilder, after: CatalogueBuilder) -> String {
    let (before, after) = (before.build().unwrap(), after.build().unwrap());
    let all = all_differences(&[facts(&before)], &[facts(&after)]);
    let told = all.iter().filter(|difference| !difference.follows).map(line);
    told.collect::<Vec<_>>().join("\n")
}

#[test]
fn what_is_the_same_does_not_differ() {
    let catalogue = shop().job(job("bill")).build().unwrap();
    assert_eq!(all_differences(&[facts(&catalogue)], &[facts(&catalogue)]), []);
}

#[test]
fn a_threshold_is_told_for_the_jobs_for_which_it_differs() {
    let both = || shop().job(job("bill")).job(job("ship"));
    let ratio = "BackgroundJobCriticalFailureRate";
    let own = shop().job(job("bill").threshold(ratio, set("above", "20%"))).job(job("ship"));
    assert_snapshot!(told(both(), own), @"alert BackgroundJobCriticalFailureRate: threshold [bill] 50% -> 20%");
    assert_snapshot!(told(both(), both().threshold(ratio, set("above", "20%"))), @"alert BackgroundJobCriticalFailureRate: threshold [] 50% -> 20%");
    assert_snapshot!(told(both(), both().threshold("BackgroundJobQueueGrowing", set("growth", "80%"))), @"alert BackgroundJobQueueGrowing: growth [] 50% -> 80%");
}

#[test]
fn what_is_set_for_alerts_is_told() {
    let both = || shop().job(job("bill")).job(job("ship"));
    assert_snapshot!(told(both(), both().threshold("BackgroundJobFailing", set("for", "10m"))), @"alert BackgroundJobFailing: for [] 5m -> 10m");
    assert_snapshot!(told(both(), both().threshold("BackgroundJobFailing", set("severity", "critical"))), @"
    alert BackgroundJobFailing: severity [] warning -> critical
    alert BackgroundJobUnresolved of BackgroundJobFailing: removed
    ");
    let off = ThresholdOverride::off();
    assert_snapshot!(told(both(), shop().job(job("bill").threshold("BackgroundJobStuck", off.clone())).job(job("ship"))), @"alert BackgroundJobStuck: watches [bill] yes -> no");
    assert_snapshot!(told(both(), both().threshold("BackgroundJobStuck", off)), @"
    alert BackgroundJobStuck: removed
    alert BackgroundJobUnresolved of BackgroundJobStuck: removed
    ");
}

#[test]
fn jobs_are_told_with_what_is_said_about_them() {
    let late = shop()
        .job(JobSpec::cron("bill", "0 3 * * *", "UTC").summary("Bills.").queue("orders").items("orders"));
    assert_snapshot!(told(shop().job(job("bill").summary("Sends bills.")), late), @"
    job bill: due [] every 5m -> 0 3 * * * (UTC)
    job bill: may take [] 15m -> 1h
    job bill: summary [] Sends bills. -> Bills.
    alert BackgroundJobCriticallyStale: threshold [] 1d -> 4d
    alert BackgroundJobNotRunning: threshold [] 2h -> 3d
    alert BackgroundJobStuck: threshold [] 15m -> 1h
    ");
    assert_snapshot!(told(shop().job(job("bill")), shop().job(job("bill")).job(job("ship"))), @"job ship: added");
    assert_snapshot!(told(shop().job(job("bill")), shop().job(job("bill")).job(job("ship").enabled(false))), @"job ship: added");
    let without = shop().job(JobSpec::every("bill", Duration::from_secs(300)));
    assert_snapshot!(told(shop().job(job("bill")), without), @"
    job bill: items [] orders -> nothing
    job bill: queue [] orders -> nothing
    alert BackgroundJobCriticalQueueSize: removed
    alert BackgroundJobHighItemFailureRate: removed
    alert BackgroundJobQueueGrowing: removed
    alert BackgroundJobUnresolved of BackgroundJobHighItemFailureRate: removed
    alert BackgroundJobUnresolved of BackgroundJobQueueGrowing: removed
    panel Backlog: removed
    panel Failing Jobs: added
    panel Failure Ratio of Items: removed
    panel Items by Job and Status: removed
    panel Job Queue Sizes: removed
    panel Queue Growth: removed
    panel Queue of the Job: removed
    panel row Items: removed
    ");
}

#[test]
fn two_environments_may_differ_in_name_and_place() {
    let staging = shop().name("staging").namespace("staging").runbook_url("https://wiki/staging");
    assert_snapshot!(told(shop().job(job("bill")), staging.job(job("bill"))), @"
    catalogue : name [] background-jobs -> staging
    catalogue : namespace [] nothing -> staging
    catalogue : runbook [] docs/runbooks/background-jobs.md -> docs/runbooks/staging.md
    catalogue : runbook_url [] docs/runbooks/background-jobs.md -> https://wiki/staging
    catalogue : title [] Background Jobs Monitoring -> Staging Monitoring
    dashboard : uid [] background-jobs -> staging
    ");
}

/// Of files alone, expressions are compared as they are.
#[test]
fn files_are_compared_as_they_are_written() {
    let catalogue = shop().job(job("bill")).build().unwrap();
    let model = Model::new(&catalogue).unwrap();
    let files = Generator::new(&model).files().unwrap();
    let read = |edit: &dyn Fn(&str) -> String| {
        let texts: Vec<(String, String)> =
            files.iter().map(|file| (file.path.to_string(), edit(&file.text))).collect();
        Facts::of_files("shop", texts.iter().map(|(path, text)| (path.as_str(), text.as_str()))).unwrap()
    };
    let same = read(&str::to_owned);
    let edited = read(&|text| text.replace("> 0.1\n", "> 0.2\n").replace("Failures in a Row", "Bad Luck"));
    assert_eq!(all_differences(std::slice::from_ref(&same), std::slice::from_ref(&same)), []);
    let told: Vec<String> = all_differences(&[same], &[edited]).iter().map(line).collect();
    assert_snapshot!(told.join("\n"), @r#"
    alert BackgroundJobFailing: expression [] job_name:job_execution_failed:rate{catalogue="background-jobs"} > 0.1 -> job_name:job_execution_failed:rate{catalogue="background-jobs"} > 0.2
    alert BackgroundJobUnresolved of BackgroundJobFailing: expression [] job_name:job_execution_failed:rate{catalogue="background-jobs"} > 0.1 -> job_name:job_execution_failed:rate{catalogue="background-jobs"} > 0.2
    panel Bad Luck: added
    panel Failures in a Row: removed
    "#);
}

/// What differs when the files of one catalogue are edited.
fn of_edit(edit: impl Fn(&str) -> String) -> Vec<Difference> {
    let catalogue = shop().job(job("bill")).build().unwrap();
    let model = Model::new(&catalogue).unwrap();
    let files = Generator::new(&model).files().unwrap();
    let texts: Vec<(&str, String)> =
        files.iter().map(|file| (file.path.as_str(), edit(&file.text))).collect();
    let before = files.iter().map(|file| (file.path.as_str(), file.text.as_str()));
    let after = texts.iter().map(|(path, text)| (*path, text.as_str()));
    all_differences(
        &[Facts::of_files("background-jobs", before).unwrap()],
        &[Facts::of_files("background-jobs", after).unwrap()],
    )
}

#[test]
fn settings_of_groups_and_dashboards_are_told() {
    let told = |from: &str, to: &str| {
        let all = of_edit(|text| text.replacen(from, to, 1));
        all.iter().map(line).collect::<Vec<_>>().join("\n")
    };
    let group = "    name: background-jobs\n";
    assert_snapshot!(told(group, &format!("{group}    interval: 5m\n    limit: 7\n")), @"
    group background-jobs: interval [] nothing -> 5m
    group background-jobs: limit [] nothing -> 7
    ");
    let hold = "        for: 5m\n";
    assert_snapshot!(told(hold, &format!("{hold}        keep_firing_for: 10m\n")), @"alert BackgroundJobFailing: keep_firing_for [] nothing -> 10m");
    assert_snapshot!(told("\"refresh\": \"1m\"", "\"refresh\": \"5s\""), @"dashboard : refresh [] 1m -> 5s");
    assert_snapshot!(told("\"collapsed\": true", "\"collapsed\": false"), @"panel row Overdue, stuck or silent: collapsed [] true -> false");
}

#[test]
fn a_dashboard_that_is_moved_is_told_and_the_links_to_it_follow() {
    let all = of_edit(|text| {
        text.replace("/d/background-jobs", "/d/shop")
            .replace("\"uid\": \"background-jobs\"", "\"uid\": \"shop\"")
    });
    let told: Vec<String> = all.iter().filter(|difference| !difference.follows).map(line).collect();
    assert_snapshot!(told.join("\n"), @"dashboard : uid [] background-jobs -> shop");
    assert!(all.len() > 10, "{all:?}");
}

/// Whatever value of a dashboard is changed, something is told.
#[test]
fn no_value_of_a_dashboard_changes_in_silence() {
    fn leaves(value: &Value, path: &str, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                fields.iter().for_each(|(name, value)| leaves(value, &format!("{path}/{name}"), found))
            }
            Value::Array(items) => items
                .iter()
                .enumerate()
                .for_each(|(number, value)| leaves(value, &format!("{path}/{number}"), found)),
            _ => found.push(path.to_owned()),
        }
    }
    let catalogue = shop().job(job("bill")).build().unwrap();
    let model = Model::new(&catalogue).unwrap();
    let files = Generator::new(&model).files().unwrap();
    let file = files.iter().find(|file| file.path.as_str().ends_with(".json")).unwrap();
    let dashboard: Value = serde_json::from_str(&file.text).unwrap();
    let read = |dashboard: &Value| {
        Facts::of_files("background-jobs", [(file.path.as_str(), dashboard.to_string().as_str())]).unwrap()
    };
    let (before, mut all) = (read(&dashboard), Vec::new());
    leaves(&dashboard, "", &mut all);
    assert!(all.len() > 1_000, "{}", all.len());
    for path in all.iter().step_by(13) {
        let mut edited = dashboard.clone();
        *edited.pointer_mut(path).unwrap() = "another".into();
        assert_ne!(all_differences(std::slice::from_ref(&before), &[read(&edited)]), [], "{path}");
    }
}

#[test]
fn catalogues_are_told_apart_by_their_names() {
    let named = |name: &str| facts(&shop().name(name).job(job("bill")).build().unwrap());
    let all = all_differences(&[named("a"), named("b")], &[named("b"), named("c")]);
    assert_snapshot!(all.iter().map(line).collect::<Vec<_>>().join("\n"), @"
    catalogue c: added
    catalogue a: removed
    ");
}
