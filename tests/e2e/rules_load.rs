use e2e::generated::files;
use e2e::promtool;
use e2e::repository::{self, CLIPPER, PAYMENTS};

#[track_caller]
fn check(catalogue: &str) {
    let verdicts = promtool::check_rules(&files(&repository::catalogue(catalogue)));
    assert_eq!(verdicts.len(), 1, "one rule file");
    for verdict in verdicts {
        assert!(
            verdict.passed && !verdict.output.contains("FAILED"),
            "{}:\n{}",
            verdict.path,
            verdict.output
        );
    }
}

#[test]
fn prometheus_reads_the_rules_of_clipper() {
    check(CLIPPER);
}

#[test]
fn prometheus_reads_the_rules_of_another_team() {
    check(PAYMENTS);
}
