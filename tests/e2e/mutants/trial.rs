//! Asks promtool which of some mutants a test notices, all in one simulation.

use std::collections::BTreeSet;

use e2e::promtool;
use jobwatch_observability::artifact::Artifact;
use jobwatch_observability::text::FilePath;

use super::rule_test::{RuleTest, TestFile};
use super::subject::{Candidate, Seen, Subject, View};

/// A test, and how promtool is to take it.
pub(super) struct Trial<'a> {
    pub(super) file: &'a TestFile,
    pub(super) test: &'a RuleTest,
}

impl Trial<'_> {
    /// Returns the numbers of those that the test notices.
    ///
    /// What Prometheus cannot evaluate is noticed, too, and ends the simulation: the others are
    /// asked about again.
    #[track_caller]
    pub(super) fn noticed(
        &self,
        subject: &Subject<'_>,
        candidates: &[(usize, &Candidate)],
    ) -> BTreeSet<usize> {
        let asked = subject.asked(self.test);
        if !candidates.iter().any(|(_, candidate)| subject.is_asked(&asked, candidate)) {
            return BTreeSet::new();
        }
        let view = subject.view(self.test);
        let seen = subject.seen(&view, candidates);
        let mut noticed = BTreeSet::new();
        loop {
            let left: Vec<&(usize, Seen<'_>)> =
                seen.iter().filter(|(number, _)| !noticed.contains(number)).collect();
            if left.is_empty() {
                return noticed;
            }
            let left: Vec<&Seen<'_>> = left.into_iter().map(|(_, seen)| seen).collect();
            let output = self.run(subject, &view, &left);
            let is_over = !output.contains(", err: ");
            let found = marks(&output);
            assert!(is_over || !found.is_empty(), "{output}");
            noticed.extend(found);
            if is_over {
                return noticed;
            }
        }
    }

    /// Returns what promtool complains of.
    #[track_caller]
    fn run(&self, subject: &Subject<'_>, view: &View<'_>, seen: &[&Seen<'_>]) -> String {
        let mut test = self.test.without_questions();
        let asked = seen.iter().flat_map(|seen| seen.alerts.iter().copied()).collect();
        // The rules as they are pass: whatever fails is due to a mutant.
        test.ask(self.test, &asked, "");
        for seen in seen {
            test.give(&seen.copied, &seen.mark);
            test.ask(self.test, &seen.alerts, &seen.mark);
        }
        let file = TestFile {
            rule_files: vec!["../mutants.rules.yaml".to_owned()],
            evaluation_interval: self.file.evaluation_interval.clone(),
            group_eval_order: self.file.group_eval_order.clone(),
            tests: vec![test],
        };
        let rules = serde_yaml::to_string(&subject.beside(view, seen)).unwrap();
        let artifacts = [
            Artifact { path: FilePath::new("alerts", "mutants.rules.yaml"), text: rules },
            Artifact {
                path: FilePath::new("alerts/tests", "mutants.yaml"),
                text: serde_yaml::to_string(&file).unwrap(),
            },
        ];
        let [verdict] = &promtool::test_rules(&artifacts)[..] else { panic!("no verdict") };
        let headings =
            verdict.output.lines().map(str::trim_start).filter(|line| {
                ["expr: ", "alertname: ", "rule: "].iter().any(|begin| line.starts_with(begin))
            });
        let mut count = 0;
        for heading in headings {
            assert!(heading.contains("__m"), "without a mutant: {}", verdict.output);
            count += 1;
        }
        assert_eq!(verdict.passed, count == 0, "{}", verdict.output);
        verdict.output.clone()
    }
}

/// Returns the numbers behind the marks in a text.
fn marks(text: &str) -> BTreeSet<usize> {
    let after = text.split("__m").skip(1);
    after
        .filter_map(|rest| {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            rest[..end].parse().ok()
        })
        .collect()
}
