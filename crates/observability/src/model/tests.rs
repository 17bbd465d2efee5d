//! What a catalogue sets for alerts, and what the rules make of it.

use std::collections::BTreeSet;
use std::time::Duration;

use insta::assert_snapshot;
use jobwatch_catalogue::{Catalogue, CatalogueBuilder, JobDraft, JobName, JobSpec, ThresholdOverride};

use super::{Escalation, JOB_LABELS, Model};
use crate::Generator;
use crate::alerts;
use crate::alerts::unresolved::UNRESOLVED;
use crate::rules::{Rule, groups};
use crate::runbook::{codes, compare, section_for};

fn job(name: &str) -> JobDraft {
    JobSpec::every(name, Duration::from_secs(60)).queue("orders").items("orders")
}

fn built(builder: CatalogueBuilder) -> Catalogue {
    builder.build().unwrap()
}

fn rule(catalogue: &Catalogue, name: &str) -> Option<Rule> {
    let model = Model::new(catalogue).unwrap();
    groups(&model).into_iter().flat_map(|group| group.rules).find(|rule| rule.name() == name)
}

/// The labels that a rule adds, and what it tests.
fn shown(catalogue: &Catalogue, name: &str) -> String {
    match rule(catalogue, name) {
        Some(Rule::Alerting { labels, expression, .. }) => {
            let labels = labels.iter().map(|(label, value)| format!("{label}: {value}\n"));
            format!("{}{expression}", labels.collect::<String>())
        }
        Some(Rule::Recording { expression, .. }) => expression.to_string(),
        None => "no rule".to_owned(),
    }
}

fn problems(builder: CatalogueBuilder) -> String {
    let catalogue = built(builder);
    Model::new(&catalogue).map(|_| "none".to_owned()).unwrap_or_else(|error| error.to_string())
}

#[test]
fn labels_that_all_jobs_have_alike_stand_in_the_rule() {
    let both = built(
        Catalogue::builder("shop")
            .label("tier", "b")
            .job(job("bill").owner("payments"))
            .job(job("ship").owner("payments")),
    );
    assert_snapshot!(shown(&both, "BackgroundJobCriticalQueueSize"), @r#"
    owner: payments
    service: shop
    severity: critical
    tier: b
    job_name:job_queue_size:max{catalogue="background-jobs"} > 1000
    "#);
    assert_eq!(rule(&both, JOB_LABELS), None);
}

#[test]
fn labels_of_jobs_are_recorded_and_joined() {
    let jobs = built(
        Catalogue::builder("shop")
            .label("tier", "b")
            .owner("everybody")
            .job(job("bill").owner("pay$1").label("tier", "a"))
            .job(job("ship").label("pager", "yes"))
            .job(job("old").enabled(false).label("unseen", "yes")),
    );
    assert_snapshot!(shown(&jobs, "BackgroundJobCriticalQueueSize"), @r#"
    service: shop
    severity: critical
    (job_name:job_queue_size:max{catalogue="background-jobs"} > 1000)
    * on (job_name) group_left (owner, pager, tier)
    job_name:job_labels:info{catalogue="background-jobs"}
    "#);
    assert_snapshot!(shown(&jobs, JOB_LABELS), @r#"
    label_replace(
      label_replace(
        label_replace(vector(1) > 0, "job_name", "bill", "", ""),
        "owner", "pay\x24\x241", "", ""
      ),
      "tier", "a", "", ""
    )
    or on (job_name)
    label_replace(
      label_replace(
        label_replace(
          label_replace(vector(1) > 0, "job_name", "ship", "", ""),
          "owner", "everybody", "", ""
        ),
        "pager", "yes", "", ""
      ),
      "tier", "b", "", ""
    )
    "#);
}

#[test]
fn the_rules_are_as_many_with_labels_of_a_hundred_jobs_as_of_two() {
    let rules = |number: usize| {
        let jobs = (0..number).map(|at| job(&format!("job-{at}")).owner(format!("team-{at}")));
        let catalogue = built(jobs.fold(Catalogue::builder("shop"), CatalogueBuilder::job));
        let model = Model::new(&catalogue).unwrap();
        groups(&model).iter().map(|group| group.rules.len()).sum::<usize>()
    };
    assert_eq!(rules(100), rules(2));
}

#[test]
fn another_severity_for_all_or_for_some_jobs() {
    let critical = || ThresholdOverride::new().set("severity", "critical");
    let name = "BackgroundJobQueueGrowing";
    let all = built(Catalogue::builder("shop").job(job("bill")).threshold(name, critical()));
    assert_eq!(shown(&all, name).lines().nth(1), Some("severity: critical"));
    let some = Catalogue::builder("shop").job(job("bill")).job(job("ship").threshold(name, critical()));
    let some = built(some.job(job("send").threshold(name, critical())));
    let severity =
        "severity: {{ if eq $labels.job_name \"ship\" \"send\" }}critical{{ else }}warning{{ end }}";
    assert_eq!(shown(&some, name).lines().nth(1), Some(severity));
    let model = Model::new(&some).unwrap();
    let alert = model.alerts().iter().find(|alert| alert.name().as_str() == name).unwrap();
    let of = |job: &str| alert.severity_of(&JobName::new(job).unwrap()).as_str();
    assert_eq!((of("bill"), of("ship")), ("warning", "critical"));
    let page = ThresholdOverride::new().set("severity", "page");
    assert_snapshot!(problems(Catalogue::builder("shop").job(job("bill")).threshold(name, page)), @"
    the catalogue cannot be used
      alerts.BackgroundJobQueueGrowing.severity: a severity is `warning` or `critical`
    ");
}

#[test]
fn what_is_off_for_a_job_is_about_the_others_alone() {
    for definition in alerts::STANDARD {
        let name = definition.name.as_str();
        let off = job("bill").threshold(name, ThresholdOverride::off());
        let catalogue = built(Catalogue::builder("shop").job(off).job(job("ship")));
        let model = Model::new(&catalogue).unwrap();
        let alert = model.alert(definition.name).unwrap();
        let (bill, ship) = (JobName::new("bill").unwrap(), JobName::new("ship").unwrap());
        assert_eq!(
            (alert.watches(&bill), alert.watches(&ship), alert.is_off),
            (false, true, false),
            "{name}"
        );
        assert_eq!(alert.off, [bill], "{name}");
        let tested = alert.expression.clone().unwrap().to_string();
        let value = format!("{}{{catalogue=\"background-jobs\", job_name!=\"bill\"}}", definition.value.name);
        assert!(tested.contains(&value), "{name}: {tested}");
        let tests = Generator::new(&model).files().unwrap();
        let of_bill: Vec<&str> = tests
            .iter()
            .filter(|file| file.path.as_str().contains("tests/background-jobs.bill."))
            .filter(|file| file.text.contains(&format!("alertname: {name}\n")))
            .map(|file| file.path.as_str())
            .collect();
        assert_eq!(of_bill, [""; 0], "{name}");
    }
}

#[test]
fn what_is_off_for_all_jobs_has_no_rule_and_no_section() {
    let name = "BackgroundJobStuck";
    let off = |builder: CatalogueBuilder| {
        let catalogue = built(builder);
        let model = Model::new(&catalogue).unwrap();
        let alert = model.alerts().iter().find(|alert| alert.name().as_str() == name).unwrap();
        let runbook: String = model.alerts().iter().filter(|alert| !alert.is_off).map(section_for).collect();
        assert_eq!(compare(model.alerts(), &runbook), []);
        let found: BTreeSet<_> = compare(model.alerts(), &format!("{runbook}{}", section_for(alert)))
            .into_iter()
            .map(|f| f.code)
            .collect();
        (alert.is_off, shown(&catalogue, name) == "no rule", found == BTreeSet::from([codes::ALERT_OFF]))
    };
    let catalogue = || Catalogue::builder("shop").job(job("bill"));
    let switch = ThresholdOverride::off;
    assert_eq!(off(catalogue().threshold(name, switch())), (true, true, true));
    assert_eq!(
        off(Catalogue::builder("shop").job(job("bill").threshold(name, switch()))),
        (true, true, true)
    );
    let again = catalogue().job(job("ship").threshold(name, ThresholdOverride::on()));
    let again = built(again.threshold(name, switch()));
    let model = Model::new(&again).unwrap();
    let alert = model.alerts().iter().find(|alert| alert.name().as_str() == name).unwrap();
    assert_eq!((alert.is_off, alert.watched()), (false, 1));
}

#[test]
fn each_alert_that_is_off_is_told_of_a_section_about_several() {
    let (failing, stuck) = ("BackgroundJobFailing", "BackgroundJobStuck");
    let off = [failing, stuck].into_iter().fold(Catalogue::builder("shop"), |catalogue, name| {
        catalogue.threshold(name, ThresholdOverride::off())
    });
    let catalogue = built(off.job(job("bill")));
    let model = Model::new(&catalogue).unwrap();
    let section = format!("## Both\n**Alerts**: `{failing}`, `{stuck}`\n**Severity**: Warning\n");
    let found =
        compare(model.alerts(), &section).into_iter().filter(|finding| finding.code == codes::ALERT_OFF);
    let told: Vec<String> = found.map(|finding| finding.message).collect();
    assert_snapshot!(told.join("\n"), @"
    BackgroundJobFailing is switched off in the catalogue, so it never fires
    BackgroundJobStuck is switched off in the catalogue, so it never fires
    ");
}

#[test]
fn a_queue_is_compared_with_itself_as_long_ago_as_its_job_says() {
    let name = "BackgroundJobQueueGrowing";
    let over = |over: &str| ThresholdOverride::new().set("over", over);
    let catalogue = Catalogue::builder("shop").threshold(name, over("20m")).job(job("bill"));
    let half_hourly = job("ship").threshold(name, over("30m"));
    assert_snapshot!(shown(&built(catalogue.job(half_hourly).job(job("send"))), name), @r#"
    service: shop
    severity: warning
    job_name:job_queue_size:max{catalogue="background-jobs"} > 100
    and
    (
      job_name:job_queue_size:max{catalogue="background-jobs"}
      >
      (
        1.5 * (
          max_over_time(job_name:job_queue_size:max{catalogue="background-jobs", job_name=~"bill|send"}[1h] offset 20m)
          or
          max_over_time(job_name:job_queue_size:max{catalogue="background-jobs", job_name="ship"}[1h] offset 30m)
        )
      )
    )
    "#);
    let many = (0..17).map(|at| job(&format!("job-{at}")).threshold(name, over(&format!("{}m", at + 1))));
    let many = many.fold(Catalogue::builder("shop"), CatalogueBuilder::job);
    assert_snapshot!(problems(many), @"
    the catalogue cannot be used
      the jobs of BackgroundJobQueueGrowing have more than 16 different values of `over`: let some have the same
    ");
}

/// The rules that escalate, each with its warning, its `for` and the names of jobs in it.
fn escalations(builder: CatalogueBuilder) -> String {
    let catalogue = built(builder);
    let model = Model::new(&catalogue).unwrap();
    let shown = |of: &Escalation| {
        let expression = of.expression.to_string();
        let picked = expression.split("job_name!").nth(1).and_then(|rest| rest.split('"').nth(1));
        format!("{} {} {}", of.warning, of.hold, picked.map_or("all", |others| others))
    };
    model.escalations().iter().map(shown).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_warning_escalates_for_the_jobs_for_which_it_is_one() {
    let unresolved = UNRESOLVED.name.as_str();
    let set = |key: &str, value: &str| ThresholdOverride::new().set(key, value);
    let jobs = || Catalogue::builder("shop").job(job("bill")).job(job("ship"));
    assert_snapshot!(escalations(jobs()), @"
    BackgroundJobFailing 2100 all
    BackgroundJobNotRunning 1800 all
    BackgroundJobHighDuration 2700 all
    BackgroundJobQueueGrowing 1800 all
    BackgroundJobHighItemFailureRate 2700 all
    BackgroundJobConsecutiveFailures 1800 all
    BackgroundJobOverdue 1860 all
    BackgroundJobStuck 1860 all
    ");
    assert_snapshot!(escalations(jobs().threshold(unresolved, set("for", "1h"))), @"
    BackgroundJobFailing 3900 all
    BackgroundJobNotRunning 3600 all
    BackgroundJobHighDuration 4500 all
    BackgroundJobQueueGrowing 3600 all
    BackgroundJobHighItemFailureRate 4500 all
    BackgroundJobConsecutiveFailures 3600 all
    BackgroundJobOverdue 3660 all
    BackgroundJobStuck 3660 all
    ");
    // Who is paged at once need not be paged again.
    let paged = job("bill").threshold("BackgroundJobStuck", set("severity", "critical"));
    let paged = Catalogue::builder("shop").job(paged).job(job("ship"));
    let paged = paged.threshold("BackgroundJobFailing", set("severity", "critical"));
    assert_snapshot!(escalations(paged), @"
    BackgroundJobNotRunning 1800 all
    BackgroundJobHighDuration 2700 all
    BackgroundJobQueueGrowing 1800 all
    BackgroundJobHighItemFailureRate 2700 all
    BackgroundJobConsecutiveFailures 1800 all
    BackgroundJobOverdue 1860 all
    BackgroundJobStuck 1860 bill
    ");
    let warned = job("bill").threshold("BackgroundJobCriticallyStale", set("severity", "warning"));
    assert_snapshot!(escalations(Catalogue::builder("shop").job(warned).job(job("ship"))), @"
    BackgroundJobFailing 2100 all
    BackgroundJobNotRunning 1800 all
    BackgroundJobCriticallyStale 1800 ship
    BackgroundJobHighDuration 2700 all
    BackgroundJobQueueGrowing 1800 all
    BackgroundJobHighItemFailureRate 2700 all
    BackgroundJobConsecutiveFailures 1800 all
    BackgroundJobOverdue 1860 all
    BackgroundJobStuck 1860 all
    ");
    let off = job("bill").threshold(unresolved, ThresholdOverride::off());
    assert_snapshot!(escalations(Catalogue::builder("shop").job(off).job(job("ship"))), @"
    BackgroundJobFailing 2100 bill
    BackgroundJobNotRunning 1800 bill
    BackgroundJobHighDuration 2700 bill
    BackgroundJobQueueGrowing 1800 bill
    BackgroundJobHighItemFailureRate 2700 bill
    BackgroundJobConsecutiveFailures 1800 bill
    BackgroundJobOverdue 1860 bill
    BackgroundJobStuck 1860 bill
    ");
    assert_eq!(escalations(jobs().threshold(unresolved, ThresholdOverride::off())), "");
    let soon = Catalogue::builder("shop").job(job("bill")).threshold(unresolved, set("for", "9m"));
    assert_snapshot!(problems(soon), @"
    the catalogue cannot be used
      alerts.BackgroundJobUnresolved.for: `for` of BackgroundJobUnresolved is too short: at least 10m, or Prometheus forgets at a restart how much has passed
    ");
}

/// What a rule tests that escalates is what its warning tests, whatever the catalogue, but for that
/// another alert says it better.
#[test]
fn a_rule_that_escalates_tests_what_its_warning_tests() {
    let catalogue = built(Catalogue::builder("shop").job(job("bill")));
    let model = Model::new(&catalogue).unwrap();
    let mut differing = Vec::new();
    for escalation in model.escalations() {
        let warning = model.alert(escalation.warning).unwrap();
        if warning.expression.as_ref() != Some(&escalation.expression) {
            differing.push(format!("{}\n{}", escalation.warning, escalation.expression));
        }
    }
    assert_snapshot!(differing.join("\n"), @r#"
    BackgroundJobOverdue
    job_name:job_success_overdue_seconds:min{catalogue="background-jobs"} > 120
    "#);
}
