//! What is asked and drawn, before it is JSON.

use super::super::{Field, Panel, Purpose, Visual};
use super::{artifact, catalogues, clipper, dashboard, many, outline, panel, particular, substituted};
use crate::alerts::alerts;
use crate::promql::check::check;
use crate::promql::{Expr, RangeFunction, Series, Window};

#[test]
fn the_queries_of_jobs_with_thresholds_of_their_own() {
    insta::assert_snapshot!("particular", outline(&particular()));
}

#[test]
fn every_query_is_valid_and_measures_what_its_panel_says() {
    for catalogue in catalogues() {
        let board = dashboard(&catalogue);
        promql_parser::parser::parse(&substituted(&board.firing.to_string())).unwrap();
        check(&board.firing, &catalogue).unwrap();
        for panel in board.panels() {
            for query in &panel.queries {
                let text = query.expression.to_string();
                if let Err(error) = promql_parser::parser::parse(&substituted(&text)) {
                    panic!("{}: {error}\n{text}", panel.title);
                }
                let found = check(&query.expression, &catalogue);
                let found = found.unwrap_or_else(|error| panic!("{}: {error}\n{text}", panel.title));
                if !matches!(panel.visual, Visual::Table(_)) {
                    assert_eq!(found.measure, panel.measure, "{}\n{text}", panel.title);
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
    for catalogue in catalogues() {
        let mut rates = 0;
        for panel in dashboard(&catalogue).panels() {
            for query in &panel.queries {
                query.expression.walk(&mut |part| {
                    if let Expr::Range {
                        function: RangeFunction::Rate | RangeFunction::Increase,
                        window,
                        ..
                    } = part
                    {
                        assert_eq!(*window, Window::RateInterval, "{}", panel.title);
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
                    let has = |label: &str| text.contains(&format!("{label}=~\"${label}\""));
                    is_narrowed |= has("job_name");
                    has_catalogue |= text.contains("catalogue=\"");
                    if let Series::Metric(_) = selector.series {
                        has_metric = true;
                        assert!(has("job_name") && has("namespace"), "{}: {text}", panel.title);
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

/// For every alert and every job that it watches, the panel draws the figure that the rule compares with.
#[test]
fn every_alert_is_plotted_with_the_thresholds_of_its_rule() {
    for catalogue in catalogues() {
        let board = dashboard(&catalogue);
        let text = artifact(&catalogue).unwrap().text;
        for alert in alerts(&catalogue).iter().filter(|alert| !alert.classes.is_empty()) {
            let plotted = |panel: &&Panel| {
                panel.alerts.contains(&alert.name) && matches!(panel.visual, Visual::Lines(_))
            };
            let panel = board.panels().find(plotted);
            let panel = panel.unwrap_or_else(|| panic!("{} is not plotted", alert.name));
            assert!(panel.description.contains(alert.name.as_str()));
            let section = format!("{}#{}", catalogue.runbook_url(), alert.anchor());
            assert!(panel.links.iter().any(|link| link.url == section), "{}", alert.name);
            assert!(text.contains(&section));

            let mut reads_signal = false;
            panel.queries[0].expression.walk(&mut |part| {
                if let Expr::Select(selector) = part {
                    reads_signal |= selector.series == Series::Signal(alert.condition.signal());
                }
            });
            assert!(reads_signal, "{} is plotted by another signal", alert.name);

            for class in &alert.classes {
                let Some(figure) = class.condition.threshold() else { continue };
                let line = panel.lines.iter().find(|line| line.alert == alert.name);
                let is_across = line.is_some_and(|line| line.figure == figure);
                let is_series = panel.queries.iter().any(|query| {
                    let text = query.expression.to_string();
                    query.purpose == Purpose::Limit(alert.severity)
                        && text.contains(&format!("{} *", figure.to_promql()))
                        && class.jobs.iter().all(|job| {
                            text.contains(&job.as_str().replace('.', "[.]")) || text.contains(job.as_str())
                        })
                });
                assert!(is_across || is_series, "{} has no line at {figure}", alert.name);
            }
        }
    }
}

#[test]
fn lines_and_dashed_series_stand_where_jobs_differ() {
    let board = dashboard(&clipper());
    let lines = |title: &str| -> Vec<String> {
        let panel = panel(&board, title);
        let across = panel.lines.iter().map(|line| format!("{} {}", line.severity.as_str(), line.figure));
        let limits = panel.queries.iter().filter(|query| query.purpose != Purpose::Value);
        across.chain(limits.map(|query| query.legend.clone())).collect()
    };
    assert_eq!(
        lines("Time Since Last Success"),
        ["warning 2h", "critical 1d", "BackgroundJobNotRunning: 13h (reputation_tasks)"]
    );
    assert_eq!(lines("Job Duration (P95)"), ["warning 5m", "critical 10m"]);
    assert_eq!(lines("Job Queue Sizes"), ["warning 100", "critical 1000"]);
    assert_eq!(lines("Failure Rate by Job"), ["warning 0.1/s"]);
    assert_eq!(lines("Failures in a Row"), ["warning 3"]);
    assert_eq!(lines("Failed Part of Items"), ["warning 20%"]);
    assert_eq!(
        lines("Running Now"),
        [
            "BackgroundJobStuck: 15m (hot_score_refresh, clip_sync, webhook_retry)",
            "BackgroundJobStuck: 20m (embedding_generation)",
            "BackgroundJobStuck: 30m (trending_score_refresh)",
            "BackgroundJobStuck: 1h (reputation_tasks)",
        ]
    );
}

#[test]
fn panels_of_many_jobs_draw_those_nearest_to_their_limits() {
    let catalogue = many();
    for panel in dashboard(&catalogue).panels() {
        let is_bounded = |expression: &Expr| {
            let mut found = false;
            expression.walk(&mut |part| found |= matches!(part, Expr::Top { .. }));
            found
        };
        for query in &panel.queries {
            let labels = check(&query.expression, &catalogue).unwrap().labels.unwrap();
            let is_about_jobs = labels.free.contains("job_name");
            let is_table = matches!(panel.visual, Visual::Table(_));
            assert!(!is_about_jobs || is_table || is_bounded(&query.expression), "{}", panel.title);
            let says_so = panel.description.contains("the 20 that need somebody most");
            let is_by_job = panel.queries.iter().any(|query| query.legend.contains("{{job_name}}"));
            assert_eq!(says_so, is_by_job && !is_table, "{}", panel.title);
        }
    }
    assert!(artifact(&catalogue).unwrap().text.contains("topk("));
    assert!(!artifact(&clipper()).unwrap().text.contains("topk"));
}
