//! What is asked and drawn, before it is JSON.

use std::time::Duration;

use jobwatch_catalogue::{Catalogue, JobSpec};

use super::super::{Field, Panel, Purpose, Visual};
use super::{artifact, catalogues, clipper, dashboard, many, outline, panel, particular, substituted};
use crate::definition::Operand;
use crate::model::Model;
use crate::promql::{Expr, RangeFunction, Window, infer};

#[test]
fn the_queries_of_jobs_with_thresholds_of_their_own() {
    insta::assert_snapshot!("particular", outline(&particular()));
}

#[test]
fn every_query_is_valid_and_measures_what_its_panel_says() {
    for catalogue in catalogues() {
        let board = dashboard(&catalogue);
        promql_parser::parser::parse(&substituted(&board.firing.to_string())).unwrap();
        let model = Model::new(&catalogue).unwrap();
        infer(&board.firing, model.schema()).unwrap();
        promql_parser::parser::parse(&substituted(&board.started.to_string())).unwrap();
        infer(&board.started, model.schema()).unwrap();
        for panel in board.panels() {
            for query in &panel.queries {
                let text = query.expression.to_string();
                if let Err(error) = promql_parser::parser::parse(&substituted(&text)) {
                    panic!("{}: {error}\n{text}", panel.title);
                }
                let found = infer(&query.expression, model.schema());
                let found = found.unwrap_or_else(|error| panic!("{}: {error}\n{text}", panel.title));
                if !matches!(panel.visual, Visual::Table(_)) {
                    assert_eq!(found.unit, panel.unit, "{}\n{text}", panel.title);
                }
                let labels = found.labels.unwrap();
                for label in query.legend.split("{{").skip(1).map(|rest| rest.split("}}").next().unwrap()) {
                    let is_known = labels.free.contains(label) || labels.fixed.contains_key(label);
                    assert!(is_known, "{} has no label {label}\n{text}", panel.title);
                }
            }
            if let Visual::Table(columns) = &panel.visual {
                for column in columns {
                    if let Field::Value(index) = column.field {
                        assert!(index < panel.queries.len(), "{}", panel.title);
                    }
                }
            }
        }
    }
}

/// The rule `target-rate-interval-rule` of grafana/dashboard-linter.
#[test]
fn a_raw_rate_is_taken_over_the_interval_of_the_panel() {
    let expected = |function| match function {
        RangeFunction::Rate => Some(Window::RateInterval),
        // Bars that stand on each other and side by side count each execution once.
        RangeFunction::Increase => Some(Window::Interval),
        _ => None,
    };
    for catalogue in catalogues() {
        let mut rates = 0;
        for panel in dashboard(&catalogue).panels() {
            for query in &panel.queries {
                query.expression.walk(&mut |part| {
                    if let Expr::Range { function, window, .. } = part
                        && let Some(expected) = expected(*function)
                    {
                        assert_eq!(*window, expected, "{}", panel.title);
                        rates += 1;
                    }
                });
            }
        }
        assert!(rates > 0 || dashboard(&catalogue).rows.is_empty());
    }
}

#[test]
fn every_series_is_narrowed_by_the_choices_and_to_the_catalogue() {
    for catalogue in catalogues() {
        for panel in dashboard(&catalogue).panels() {
            for query in &panel.queries {
                let mut is_narrowed = false;
                let mut has_metric = false;
                let mut has_catalogue = false;
                query.expression.walk(&mut |part| {
                    let (Expr::Select(selector) | Expr::Range { selector, .. }) = part else { return };
                    let text = selector.to_string();
                    let has = |label: &str| {
                        let chosen = format!("{label}=~\"${label}");
                        text.contains(&format!("{chosen}\"")) || text.contains(&format!("{chosen}|\""))
                    };
                    is_narrowed |= has("job_name");
                    has_catalogue |= text.contains("catalogue=\"");
                    // A recorded series has its level before a colon; Prometheus' own are in
                    // capitals.
                    if selector.series.starts_with("job_") && !selector.series.contains(':') {
                        has_metric = true;
                        // What is missing is nowhere: it is asked for in all places.
                        let is_anywhere = panel.title == "Jobs Without Metrics";
                        assert!(
                            has("job_name") && has("namespace") != is_anywhere,
                            "{}: {text}",
                            panel.title
                        );
                        let of_service =
                            catalogue.selector().iter().all(|(k, v)| text.contains(&format!("{k}=\"{v}\"")));
                        assert!(of_service, "{}: {text}", panel.title);
                    } else {
                        assert!(text.contains("catalogue=\""), "{}: {text}", panel.title);
                    }
                });
                assert!(is_narrowed, "{}\n{}", panel.title, query.expression);
                assert!(!has_metric || has_catalogue, "{}\n{}", panel.title, query.expression);
            }
        }
    }
}

/// For every alert and every job that it watches, the panel draws the threshold that the rule
/// compares with.
#[test]
fn every_alert_is_plotted_with_the_thresholds_of_its_rule() {
    for catalogue in catalogues() {
        let model = Model::new(&catalogue).unwrap();
        let board = dashboard(&catalogue);
        let text = artifact(&catalogue).text;
        for alert in model.alerts().iter().filter(|alert| !alert.classes.is_empty()) {
            let name = alert.name();
            let plotted =
                |panel: &&Panel| panel.alerts.contains(&name) && matches!(panel.visual, Visual::Lines(_));
            let panel = board.panels().find(plotted);
            let panel = panel.unwrap_or_else(|| panic!("{name} is not plotted"));
            assert!(panel.description.contains(name.as_str()));
            let section = crate::rules::runbook_url(alert, &model);
            assert!(panel.links.iter().any(|link| link.url == section), "{name}");
            assert!(text.contains(&section));

            let reads = |expression: &Expr, series: &str| {
                let mut reads = false;
                expression.walk(&mut |part| {
                    if let Expr::Select(selector) = part {
                        reads |= selector.series == series;
                    }
                });
                reads
            };
            assert!(reads(&panel.queries[0].expression, alert.definition.value.name), "{name}");
            let across = panel.lines.iter().find(|line| line.alert == name).map(|line| line.value);
            match alert.operands.first() {
                None => {}
                Some(Operand::Same(threshold)) => assert_eq!(across, Some(*threshold), "{name}"),
                Some(Operand::ByJob(series)) => {
                    let dashed = panel.queries.iter().find(|query| {
                        query.purpose == Purpose::Threshold(alert.severity)
                            && reads(&query.expression, series)
                    });
                    assert!(dashed.is_some(), "{name} does not draw {series}");
                }
            }
        }
    }
}

#[test]
fn every_panel_that_an_alert_names_is_there() {
    let (clipper, titles) = (clipper(), |board: &super::super::Dashboard| {
        board.panels().map(|panel| panel.title).collect::<Vec<_>>()
    });
    let there = titles(&dashboard(&clipper));
    for alert in crate::alerts::STANDARD {
        assert!(!alert.panels.is_empty(), "{}", alert.name);
        assert!(alert.panels.iter().all(|panel| there.contains(panel)), "{}: {:?}", alert.name, alert.panels);
    }
}

#[test]
fn lines_and_dashed_series_stand_where_jobs_differ() {
    let board = dashboard(&clipper());
    let lines = |title: &str| -> Vec<String> {
        let panel = panel(&board, title);
        let across = panel.lines.iter().map(|line| format!("{} {}", line.severity.as_str(), line.value));
        let thresholds = panel.queries.iter().filter(|query| query.purpose != Purpose::Value);
        across.chain(thresholds.map(|query| query.legend.clone())).collect()
    };
    assert_eq!(
        lines("Time Since Last Success"),
        ["warning 2h", "critical 1d", "BackgroundJobNotRunning: {{job_name}}"]
    );
    assert_eq!(lines("Job Duration (P95)"), ["warning 5m", "critical 10m"]);
    assert_eq!(lines("Job Queue Sizes"), ["warning 100", "critical 1000"]);
    assert_eq!(lines("Failure Rate by Job"), ["warning 0.1/s"]);
    assert_eq!(lines("Failures in a Row"), ["warning 3"]);
    assert_eq!(lines("Failure Ratio of Items"), ["warning 20%"]);
    assert_eq!(lines("Running Now"), ["BackgroundJobStuck: {{job_name}}"]);
}

#[test]
fn panels_of_many_jobs_draw_those_nearest_to_their_limits() {
    let catalogue = many();
    let model = Model::new(&catalogue).unwrap();
    for panel in dashboard(&catalogue).panels() {
        let is_bounded = |expression: &Expr| {
            let mut found = false;
            expression.walk(&mut |part| found |= matches!(part, Expr::Top { .. }));
            found
        };
        for query in &panel.queries {
            let labels = infer(&query.expression, model.schema()).unwrap().labels.unwrap();
            let is_about_jobs = labels.free.contains("job_name");
            let is_table = matches!(panel.visual, Visual::Table(_));
            assert!(!is_about_jobs || is_table || is_bounded(&query.expression), "{}", panel.title);
            let says_so = panel.description.contains("the 20 that need somebody most");
            let is_by_job = panel.queries.iter().any(|query| query.legend.contains("{{job_name}}"));
            assert_eq!(says_so, is_by_job && !is_table, "{}", panel.title);
        }
    }
    assert!(artifact(&catalogue).text.contains("topk("));
    assert!(!artifact(&clipper()).text.contains("topk"));
}

/// A job that exposes nothing has no cluster, and is missing whichever is chosen; one that runs in
/// another cluster is not.
#[test]
fn what_is_missing_is_missed_in_every_place() {
    let job = JobSpec::every("bill", Duration::from_secs(300));
    let catalogue = Catalogue::builder("shop").grouping_label("cluster").job(job).build().unwrap();
    let board = dashboard(&catalogue);
    let asked = |title: &str| panel(&board, title).queries[0].expression.to_string();
    assert!(!asked("Jobs Without Metrics").contains("$cluster"), "{}", asked("Jobs Without Metrics"));
    for title in ["Firing Alerts", "Job Execution Status Overview"] {
        assert!(asked(title).contains(r#"cluster=~"$cluster|""#), "{}", asked(title));
    }
}
