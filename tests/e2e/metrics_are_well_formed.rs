use std::collections::BTreeSet;

use e2e::promtool;
use e2e::repository::{self, CLIPPER};
use jobwatch_catalogue::metric::Metric;
use jobwatch_observability::promql::{Expr, Series};
use jobwatch_observability::rules::groups;
use jobwatch_runtime::metrics::Metrics;
use prometheus::{Encoder, Registry, TextEncoder};

fn exposition() -> String {
    let registry = Registry::new();
    Metrics::register(&repository::catalogue(CLIPPER), &registry).unwrap();
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
    let mut read: BTreeSet<&str> = BTreeSet::new();
    for rule in groups(&repository::catalogue(CLIPPER)).iter().flat_map(|group| &group.rules) {
        rule.expression().walk(&mut |expression| {
            let selector = match expression {
                Expr::Select(selector) | Expr::Range { selector, .. } => selector,
                _ => return,
            };
            if let Series::Metric(metric) | Series::Bucket(metric) = selector.series {
                read.insert(metric.name);
            }
        });
    }
    // Skipped due times are for the dashboard alone.
    assert_eq!(read.len(), Metric::all().count() - 1);
    let exposition = exposition();
    for name in read {
        assert!(exposition.contains(&format!("# TYPE {name} ")), "{name}");
    }
}
