use std::collections::BTreeSet;

use e2e::generated::model;
use e2e::promtool;
use e2e::repository::{self, CLIPPER};
use jobwatch_catalogue::metric::Metric;
use jobwatch_observability::promql::Expr;
use jobwatch_observability::rules::groups;
use jobwatch_observability::scope::ALERTS;
use jobwatch_runtime::testing::register_metrics;
use prometheus::{Encoder, Registry, TextEncoder};

fn exposition() -> String {
    let registry = Registry::new();
    register_metrics(&repository::catalogue(CLIPPER), &registry).unwrap();
    let mut text = Vec::new();
    TextEncoder::new().encode(&registry.gather(), &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

#[test]
fn promtool_has_nothing_to_say_about_them() {
    let verdict = promtool::check_metrics(&exposition());
    assert!(verdict.passed, "{}", verdict.output);
    assert_eq!(verdict.output, "");
}

#[test]
fn every_metric_that_a_rule_reads_is_exposed() {
    let catalogue = repository::catalogue(CLIPPER);
    let mut read: BTreeSet<&str> = BTreeSet::new();
    for rule in groups(&model(&catalogue)).iter().flat_map(|group| &group.rules) {
        rule.expression().walk(&mut |expression| {
            if let Expr::Select(selector) | Expr::Range { selector, .. } = expression {
                let metric = selector.series.trim_end_matches("_bucket");
                // A colon marks what another rule records; alerts are Prometheus' own.
                if !metric.contains(':') && metric != ALERTS {
                    read.insert(metric);
                }
            }
        });
    }
    // Skipped due times and the next one are for the dashboard alone.
    assert_eq!(read.len(), Metric::all().count() - 2);
    let exposition = exposition();
    for name in read {
        assert!(exposition.contains(&format!("# TYPE {name} ")), "{name}");
    }
}
