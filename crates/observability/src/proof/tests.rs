//! What is shown of which jobs, and what is made of what promtool prints.

use std::time::Duration;

use insta::assert_snapshot;
use jobwatch_catalogue::{Catalogue, JobSpec, duration};

use super::{Firing, Judgement, Observed, ObservedError, Plan, Report, Rules, Wanted};
use crate::model::Model;
use crate::rule_file;

fn plan(catalogue: &Catalogue, rules: Rules<'_>) -> Plan {
    Plan::new(&Model::new(catalogue).unwrap(), rules, &Wanted::default()).unwrap()
}

fn seconds(seconds: u64) -> String {
    duration::format(Duration::from_secs(seconds))
}

/// Each scenario with its step, its end, and what is promised.
fn shown(plan: &Plan) -> String {
    let mut lines = String::new();
    for case in &plan.cases {
        let (step, end) = (seconds(case.step), seconds(case.scenario.end()));
        lines.push_str(&format!("{} {} until {end} at {step}", case.job, case.name()));
        if let Some(trouble) = case.trouble {
            let best = trouble.best.map(|best| format!("{} at {}", best.alert, seconds(best.at)));
            let best = best.unwrap_or_else(|| "nothing promised".to_owned());
            let (since, over) = (seconds(trouble.since), seconds(trouble.over));
            lines.push_str(&format!(": from {since} to {over}, {best}"));
        }
        lines.push('\n');
    }
    let steps: u64 = plan.simulations.iter().map(|simulation| simulation.steps).sum();
    lines + &format!("{} simulations, {steps} steps\n", plan.simulations.len())
}

#[test]
fn jobs_that_are_due_each_minute_and_each_year_are_shown_in_few_steps() {
    let catalogue = Catalogue::builder("test")
        .job(JobSpec::every("each_minute", Duration::from_secs(60)).items("things").queue("things"))
        .job(JobSpec::cron("each_week", "0 3 * * 1", "Europe/Berlin").items("things"))
        .job(JobSpec::cron("each_year", "0 0 1 1 *", "UTC"))
        .build()
        .unwrap();
    assert_snapshot!(shown(&plan(&catalogue, Rules::OfModel)));
}

#[test]
fn rules_of_which_nothing_is_known_are_shown_one_scenario_at_a_time_and_for_longer() {
    let catalogue = Catalogue::builder("test")
        .job(JobSpec::every("hourly", Duration::from_secs(3_600)))
        .job(JobSpec::every("each_minute", Duration::from_secs(60)))
        .build()
        .unwrap();
    let groups = rule_file::read("groups: [{name: a, rules: [{alert: A, expr: up == 0}]}]").unwrap();
    let plan = plan(&catalogue, Rules::Given(&groups));
    assert!(plan.simulations.iter().all(|simulation| simulation.cases.len() == 1));
    assert_snapshot!(plan.rules);
    assert_snapshot!(shown(&plan));
}

#[test]
fn an_answer_of_promtool_is_read() {
    let output = r#"Unit Testing:  0.yaml
  FAILED:
    expr: "label_replace(…", time: 40m,
        exp: nil
        got: {alertname="Down", asked="first", job_name="a\"b, c", severity="page"} 7.8E+02, {alertname="Down", asked="last", job_name="a\"b, c", severity="page"} 1.26E+03, {alertname="Down", asked="steps", job_name="a\"b, c", severity="page"} 9E+00, {alertname="All", asked="first"} 6E+01, {alertname="All", asked="last"} 6E+01, {alertname="All", asked="steps"} 1E+00
"#;
    let text = |text: &str| text.to_owned();
    let (job, severity) = (Some(text("a\"b, c")), Some(text("page")));
    let firings = vec![
        Firing { alert: text("All"), job: None, severity: None, first: 60, last: 60, steps: 1 },
        Firing { alert: text("Down"), job, severity, first: 780, last: 1260, steps: 9 },
    ];
    assert_eq!(Observed::read(false, output), Ok(Observed { firings }));
    assert_eq!(Observed::read(true, "Unit Testing:  0.yaml\n  SUCCESS\n"), Ok(Observed::default()));
}

#[test]
fn whatever_else_promtool_prints_is_told() {
    let refused = "Unit Testing:  0.yaml\n  FAILED:\nrules.yaml: 5:1: group \"a\", rule 0, \"A\": bad\n";
    let error = Observed::read(false, refused).unwrap_err();
    assert_snapshot!(error, @r#"promtool could not evaluate the rules: rules.yaml: 5:1: group "a", rule 0, "A": bad"#);
    for odd in ["got: {", "got: {a=\"b\"} x", "got: {a=\"b\"} 1", "got: nil", "got: {asked=\"first\"} NaN"] {
        assert!(matches!(Observed::read(false, odd), Err(ObservedError::Unexpected(_))), "{odd}");
    }
}

/// What is said of a scenario in which an alert fires from one step of its trouble to another.
#[track_caller]
fn check(name: &str, firing: Option<(&str, i64, i64)>, expected: Judgement) {
    let job = JobSpec::every("job", Duration::from_secs(60));
    let catalogue = Catalogue::builder("test").job(job).build().unwrap();
    let model = Model::new(&catalogue).unwrap();
    let name = name.to_owned();
    let wanted = Wanted { jobs: &[], scenarios: std::slice::from_ref(&name) };
    let plan = Plan::new(&model, Rules::OfModel, &wanted).unwrap();
    let [case] = plan.cases.as_slice() else { panic!("not one case") };
    let step = case.step;
    // From the last step at which an alert is in time, and from that at which it has to be silent.
    let (first, last) = case.trouble.map_or((step, step), |trouble| {
        let best = trouble.best.unwrap().at.div_ceil(step) * step;
        (best + 2 * step, (trouble.over + trouble.clears_within).div_ceil(step) * step)
    });
    let at = |from: u64, steps: i64| from.saturating_add_signed(steps * step as i64);
    let firings = firing.map(|(job, from, to)| Firing {
        alert: "A".to_owned(),
        job: Some(job.to_owned()),
        severity: None,
        first: at(first, from),
        last: at(last, to),
        steps: 1,
    });
    let report = Report::new(&plan, &[Observed { firings: firings.into_iter().collect() }]);
    assert_eq!(report.cells[0].judgement, expected);
    assert_eq!(report.broken().count(), usize::from(!expected.is_kept()));
}

#[test]
fn a_scenario_is_judged_by_when_its_first_alert_fires_and_its_last_one_clears() {
    check("no-run-starts", None, Judgement::Missed);
    check("no-run-starts", Some(("job", 0, 0)), Judgement::AsPromised);
    check("no-run-starts", Some(("job", 1, 0)), Judgement::Late);
    check("no-run-starts", Some(("job", 0, 1)), Judgement::Lasting);
    check("no-run-starts", Some(("job", 0, 100)), Judgement::Lasting);
    check("no-run-starts", Some(("job", -1_000, 0)), Judgement::FalseAlarm);
    check("no-run-starts", Some(("another", 0, 0)), Judgement::Missed);
    check("healthy", None, Judgement::AsPromised);
    check("healthy", Some(("job", 0, 0)), Judgement::FalseAlarm);
    check("healthy", Some(("another", 0, 0)), Judgement::AsPromised);
}
