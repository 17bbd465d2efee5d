//! What Grafana reads.

use std::collections::BTreeSet;
use std::time::Duration;

use jobwatch_catalogue::{Catalogue, JobSpec};
use serde_json::Value;

use super::super::{Column, Dashboard, Link, Panel, Visual};
use super::files;
use super::{array, artifact, catalogues, clipper, dashboard, idle, json, panel, panels, plain};
use crate::artifact::MARK;
use crate::model::Model;
use crate::promql::infer;
use crate::quantity::Unit;

const HOUR_LONG: Duration = Duration::from_secs(super::HOUR);

#[test]
fn a_dashboard_of_jobs_with_queues_and_items() {
    insta::assert_snapshot!("clipper", artifact(&clipper()).text);
}

#[test]
fn a_dashboard_of_jobs_without_queues_and_items() {
    insta::assert_snapshot!("plain", artifact(&plain()).text);
}

#[test]
fn the_key_panels_of_the_runbook_are_there() {
    let file = json(&clipper());
    assert_eq!(file["title"], "Background Jobs Monitoring");
    assert_eq!(file["uid"], "background-jobs");
    assert_eq!(file["schemaVersion"], 41);
    assert_eq!(file["graphTooltip"], 1);
    let titles: Vec<&str> = panels(&file).map(|panel| panel["title"].as_str().unwrap()).collect();
    for title in [
        "Job Execution Status Overview",
        "Job Success Rate",
        "Job Queue Sizes",
        "Job Duration (P95)",
        "Time Since Last Success",
        "Execution Details Table",
    ] {
        assert!(titles.contains(&title), "{title} is missing in {titles:?}");
    }
    assert_eq!(titles[..2], ["Critical Alerts", "Warnings"]);
}

#[test]
fn there_are_no_panels_about_what_no_job_has() {
    let plain = dashboard(&plain());
    let is_about = |panel: &Panel| panel.title.contains("Queue") || panel.title.contains("Items");
    assert!(!plain.panels().any(is_about));
    assert!(plain.panels().count() > 8);
    assert_eq!(dashboard(&idle()).panels().count(), 0);
}

#[test]
fn the_file_is_marked_as_generated_and_ends_with_a_line_break() {
    for catalogue in catalogues() {
        let artifact = artifact(&catalogue);
        assert_eq!(artifact.path.as_str(), format!("dashboards/{}.json", catalogue.name()));
        assert!(artifact.text.ends_with("}\n"));
        assert!(json(&catalogue)["description"].as_str().unwrap().contains(MARK));
        assert!(files(&catalogue).contains(&artifact));
        assert!(files(&catalogue).is_sorted_by(|a, b| a.path < b.path));
    }
}

#[test]
fn panels_have_numbers_of_their_own_and_do_not_overlap() {
    for catalogue in catalogues() {
        let file = json(&catalogue);
        let mut ids = BTreeSet::new();
        for node in
            array(&file, "/panels").iter().flat_map(|node| [node].into_iter().chain(array(node, "/panels")))
        {
            assert!(ids.insert(node["id"].as_u64().unwrap()));
        }
        // A closed row takes the room of its heading, until it is opened and moves what is below.
        for closed in array(&file, "/panels").iter().filter(|node| node["collapsed"] == true) {
            check_overlap(array(closed, "/panels"));
        }
        check_overlap(array(&file, "/panels"));
    }
}

#[track_caller]
fn check_overlap(panels: &[Value]) {
    let mut cells = BTreeSet::new();
    for panel in panels {
        let side = |name: &str| panel["gridPos"][name].as_u64().unwrap();
        assert!(side("x") + side("w") <= 24, "{panel}");
        for y in side("y")..side("y") + side("h") {
            for x in side("x")..side("x") + side("w") {
                assert!(cells.insert((x, y)), "{} lies on another panel", panel["title"]);
            }
        }
    }
}

#[test]
fn all_rows_are_closed_but_the_first_two() {
    for catalogue in catalogues() {
        let file = json(&catalogue);
        let rows: Vec<&Value> = array(&file, "/panels").iter().filter(|node| node["type"] == "row").collect();
        for (place, row) in rows.iter().enumerate() {
            assert_eq!(row["collapsed"], place >= 2, "{}", row["title"]);
            assert_eq!(array(row, "/panels").is_empty(), place < 2, "{}", row["title"]);
        }
    }
}

/// The rules of grafana/dashboard-linter that are about panels: `panel-datasource-rule`,
/// `panel-title-description-rule`, `panel-units-rule`, `panel-no-targets-rule`; and that no field
/// is left to chance.
#[test]
fn panels_say_what_they_are() {
    for catalogue in catalogues() {
        for panel in panels(&json(&catalogue)) {
            let title = panel["title"].as_str().unwrap();
            assert!(!title.is_empty());
            let description = panel["description"].as_str().unwrap();
            assert!(description.len() > 20 && !description.contains("{}"), "{title}: {description}");
            assert_eq!(panel["datasource"]["uid"], "${datasource}", "{title}");
            assert_eq!(panel["datasource"]["type"], "prometheus", "{title}");
            let defaults = &panel["fieldConfig"]["defaults"];
            let unit = defaults["unit"].as_str().unwrap();
            assert!(["short", "cps", "percentunit", "s", "none"].contains(&unit), "{title}: {unit}");
            assert!(!defaults["noValue"].as_str().unwrap().is_empty(), "{title}");
            assert!(!array(panel, "/targets").is_empty(), "{title}");
            let mut references = BTreeSet::new();
            for target in array(panel, "/targets") {
                assert!(references.insert(target["refId"].as_str().unwrap()), "{title}");
                assert_eq!(target["datasource"]["uid"], "${datasource}", "{title}");
                assert_ne!(target["instant"], target["range"], "{title}");
                assert!(!target["legendFormat"].as_str().unwrap().is_empty(), "{title}");
            }
        }
    }
}

/// The rules of grafana/dashboard-linter that are about variables: `template-datasource-rule`,
/// `template-on-time-change-reload-rule`, `template-label-promql-rule`.
///
/// `template-job-rule`, `template-instance-rule` and their counterparts for targets do not apply:
/// they are for dashboards about processes, whose series have the labels `job` and `instance`. Here
/// everything is about background jobs, whichever replica runs them, and recorded series have
/// neither label. Nor does `uneditable-dashboard-rule`: people may try things out.
#[test]
fn variables_follow_the_rules_of_the_linter() {
    for catalogue in catalogues() {
        let file = json(&catalogue);
        let variables = array(&file, "/templating/list");
        assert_eq!(variables[0]["type"], "datasource");
        assert_eq!(variables[0]["name"], "datasource");
        assert_eq!(variables[0]["label"], "Data source");
        assert_eq!(variables[0]["query"], "prometheus");
        let names: Vec<&Value> = variables.iter().map(|variable| &variable["name"]).collect();
        assert_eq!(names, ["datasource", "namespace", "job_name"]);
        for variable in &variables[1..] {
            assert_eq!(variable["type"], "query");
            assert_eq!(variable["datasource"]["uid"], "${datasource}");
            assert_eq!(variable["refresh"], 2);
            assert_eq!(variable["multi"], true);
            let query = variable["query"].as_str().unwrap();
            let (series, label) = query
                .strip_prefix("label_values(")
                .unwrap()
                .strip_suffix(')')
                .unwrap()
                .rsplit_once(", ")
                .unwrap();
            assert_eq!(label, variable["name"]);
            assert!(series.contains(&format!("catalogue=\"{}\"", catalogue.name())), "{series}");
            promql_parser::parser::parse(series).unwrap();
        }
        assert_eq!(variables[1]["allValue"], ".*");
        assert_eq!(variables[2]["allValue"], ".+");
    }
}

#[test]
fn the_lines_of_a_panel_are_its_thresholds() {
    for catalogue in catalogues() {
        let json = json(&catalogue);
        for (panel, out) in dashboard(&catalogue).panels().zip(panels(&json)) {
            assert_eq!(out["title"], panel.title);
            let steps = array(out, "/fieldConfig/defaults/thresholds/steps");
            assert!(steps[0]["value"].is_null());
            let values: Vec<f64> = steps[1..].iter().map(|step| step["value"].as_f64().unwrap()).collect();
            assert!(values.is_sorted(), "{}", panel.title);
            let thresholds: Vec<f64> = panel.lines.iter().map(|line| line.value.as_f64()).collect();
            match panel.visual {
                Visual::Gauge(_) => {
                    let mut expected: Vec<f64> =
                        thresholds.iter().rev().map(|threshold| 1.0 - threshold).collect();
                    // Less than half of what may fail does.
                    expected.extend(thresholds.first().map(|smallest| 1.0 - smallest / 2.0));
                    assert_eq!(values, expected, "{}", panel.title);
                }
                Visual::Tile(severity) => {
                    let any = severity.map(|_| 1.0);
                    assert_eq!(values, any.into_iter().collect::<Vec<f64>>(), "{}", panel.title);
                }
                _ => assert_eq!(values, thresholds, "{}", panel.title),
            }
        }
    }
}

#[test]
fn the_details_table_joins_everything_by_job() {
    let file = json(&clipper());
    let table = panels(&file).find(|panel| panel["title"] == "Execution Details Table").unwrap();
    let steps: Vec<&Value> = array(table, "/transformations").iter().map(|step| &step["id"]).collect();
    assert_eq!(steps, ["filterFieldsByName", "joinByField", "organize"]);
    let titles: Vec<&Value> =
        table["transformations"][2]["options"]["renameByName"].as_object().unwrap().values().collect();
    assert_eq!(
        titles.into_iter().filter_map(Value::as_str).collect::<BTreeSet<_>>(),
        BTreeSet::from([
            "Job",
            "Status",
            "Since last success",
            "Overdue after",
            "Interval",
            "Due in",
            "Success rate",
            "Failures in a row",
            "Duration (P95)",
            "Running for",
            "Queue",
        ])
    );
    let clipper = clipper();
    let model = Model::new(&clipper).unwrap();
    for query in &panel(&dashboard(&clipper), "Execution Details Table").queries {
        let found = infer(&query.expression, model.schema()).unwrap();
        assert_ne!(found.unit, Unit::Timestamp);
        let labels = found.labels.unwrap();
        assert_eq!(labels.free.iter().map(String::as_str).collect::<Vec<_>>(), ["job_name"]);
    }
}

#[test]
fn the_same_catalogue_yields_the_same_bytes() {
    for catalogue in catalogues() {
        assert_eq!(artifact(&catalogue), artifact(&catalogue.clone()));
    }
}

/// What a click leads to, in the table of firing alerts.
fn links_of(catalogue: &Catalogue, title: &str) -> Vec<String> {
    let dashboard = dashboard(catalogue);
    let Visual::Table(columns) = &panel(&dashboard, title).visual else { panic!("{title} is no table") };
    let column = |column: &Column| {
        let link = |link: &Link| format!("{}: {} {}", column.title, link.title, link.url);
        column.links.iter().map(link).collect::<Vec<_>>()
    };
    columns.iter().flat_map(column).collect()
}

#[test]
fn a_click_leads_to_the_alert_its_section_the_job_and_its_logs() {
    let builder = Catalogue::builder("shop").grouping_label("cluster").job(JobSpec::every("bill", HOUR_LONG));
    let builder = builder.runbook_url("https://wiki/$x").logs_url("https://logs/?job=");
    insta::assert_snapshot!(links_of(&builder.build().unwrap(), "Firing Alerts").join("\n"), @"
    Alert: The alert /alerting/${datasource:text}/${__value.raw}/find
    Job: Only this job /d/background-jobs?${__url_time_range}&${datasource:queryparam}&${cluster:queryparam}&${namespace:queryparam}&var-job_name=${__value.raw}
    Job: Logs of this job https://logs/?job=${__value.raw}
    Runbook: Runbook https://wiki/%24x#${__value.raw}
    ");
    let clipper = links_of(&clipper(), "Execution Details Table");
    assert!(clipper.iter().all(|link| !link.contains("Logs")), "{clipper:?}");
}

#[test]
fn each_panel_about_an_alert_links_to_its_section_and_to_its_rule() {
    let dashboard = dashboard(&clipper());
    for panel in dashboard.panels() {
        for alert in &panel.alerts {
            let to = |url: &str| panel.links.iter().filter(|link| link.url.contains(url)).count();
            assert_eq!(to(&format!("/alerting/${{datasource:text}}/{alert}/find")), 1, "{}", panel.title);
        }
        assert_eq!(panel.links.len(), 2 * panel.alerts.len(), "{}", panel.title);
    }
}

/// The name of a catalogue is no identifier of its dashboard, where that has another.
#[test]
fn a_link_to_the_dashboard_has_its_uid() {
    let job = JobSpec::every("bill", Duration::from_secs(300)).queue("bills");
    let catalogue = Catalogue::builder("shop").name("shop-jobs").dashboard_uid("staging").job(job);
    let file = json(&catalogue.build().unwrap()).to_string();
    assert_eq!(file.matches("\"/d/").count(), file.matches("\"/d/staging?").count());
    assert!(file.contains("\"/d/staging?"), "{file}");
}

/// What a title says is no variable of Grafana, and a link leads where it says.
#[test]
fn no_text_of_a_catalogue_is_taken_for_a_variable() {
    let builder = Catalogue::builder("shop").title("Costs $5 or ${job_name} [[namespace]]");
    let builder = builder.runbook_url("https://wiki/$job_name/[[a]]");
    let file = json(&builder.job(JobSpec::every("bill", HOUR_LONG)).build().unwrap());
    assert_eq!(file["title"], "Costs $\u{2060}5 or $\u{2060}{job_name} [\u{2060}[namespace]]");
    assert_eq!(file["links"][0]["url"], "https://wiki/%24job_name/%5B%5Ba%5D%5D");
}

#[test]
fn the_row_of_a_single_job_is_repeated_where_there_are_few() {
    let repeated = |catalogue: &Catalogue| {
        let rows = dashboard(catalogue).rows;
        rows.iter().filter_map(|row| row.repeated_by).collect::<Vec<_>>()
    };
    assert_eq!(repeated(&clipper()), ["job_name"]);
    assert_eq!(repeated(&super::many()), [] as [&str; 0]);
}

#[test]
fn copies_of_a_job_have_a_choice_a_column_and_a_legend_of_their_own() {
    let job = JobSpec::every("bill", Duration::from_secs(300)).grouping_label("host");
    let catalogue = Catalogue::builder("shop").grouping_label("cluster").job(job).build().unwrap();
    let model = Model::new(&catalogue).unwrap();
    let dashboard = Dashboard::new(&model);
    let variables: Vec<&str> = dashboard.variables.iter().map(|variable| variable.name.as_str()).collect();
    assert_eq!(variables, ["cluster", "host", "namespace", "job_name"]);
    let panel = |title: &str| dashboard.panels().find(|panel| panel.title == title).unwrap();
    let query = &panel("Job Duration (P95)").queries[0];
    assert!(query.legend.contains("{{job_name}} {{cluster}} {{host}}"), "{}", query.legend);
    let chosen = r#"cluster=~"$cluster", host=~"$host", namespace=~"$namespace", job_name=~"$job_name""#;
    assert!(query.expression.to_string().contains(chosen), "{}", query.expression);
    let Visual::Table(columns) = &panel("Firing Alerts").visual else { panic!("no table") };
    let titles: Vec<&str> = columns.iter().map(|column| column.title.as_str()).collect();
    assert_eq!(titles, ["Severity", "Alert", "Job", "Namespace", "Cluster", "Host", "Holds for", "Runbook"]);
}
