//! The whole check of a model and its runbook.

use jobwatch_catalogue::Catalogue;
use jobwatch_catalogue::yaml::Positions;

use crate::findings::{
    Code, Finding, Lint, STANDARD, SUPPRESSION_UNKNOWN, SUPPRESSION_UNUSED, Subject, sort, suppress,
};
use crate::model::Model;
use crate::rule_lint;
use crate::runbook::{codes, compare, fix, fix_except};

/// Checks a model and its runbook: the standard lints, those that are added, and what the runbook
/// says.
#[derive(Debug)]
pub struct Checker<'a> {
    model: &'a Model<'a>,
    positions: &'a Positions,
    beside: &'a [&'a Catalogue],
    lints: Vec<&'static Lint>,
}

impl<'a> Checker<'a> {
    /// Checks with the standard lints. `positions` says where the values of the catalogue stand;
    /// that of a catalogue built in Rust is the default.
    pub fn new(model: &'a Model<'a>, positions: &'a Positions) -> Self {
        Self { model, positions, beside: &[], lints: STANDARD.to_vec() }
    }

    /// Checks it among other catalogues that the same Prometheus may evaluate the rules of.
    #[must_use]
    pub const fn among(mut self, others: &'a [&'a Catalogue]) -> Self {
        self.beside = others;
        self
    }

    /// Adds a lint. The catalogue may suppress what it finds.
    #[must_use]
    pub fn lint(mut self, lint: &'static Lint) -> Self {
        self.lints.push(lint);
        self
    }

    /// Returns every code that a finding may have, in the order in which they are listed.
    pub fn codes(&self) -> Vec<Code> {
        codes_with(&self.lints)
    }

    /// Returns everything that is found about the model and, if there is one, its runbook, sorted
    /// by file and position. What the catalogue suppresses is marked as suppressed.
    pub fn findings(&self, runbook: Option<&str>) -> Vec<Finding> {
        let subject = Subject::new(self.model, self.positions).among(self.beside);
        let mut findings: Vec<Finding> = self.lints.iter().flat_map(|lint| (lint.run)(&subject)).collect();
        findings.extend(runbook.into_iter().flat_map(|text| compare(self.model.alerts(), text)));
        suppress(&subject, &self.codes(), &mut findings);
        sort(&mut findings);
        findings
    }

    /// Returns the runbook as [`crate::runbook::fix`] mends it, but for what the catalogue
    /// suppresses.
    pub fn fix(&self, runbook: &str) -> String {
        let suppressed = self.model.catalogue().suppressed();
        let is_about_runbooks = |code: &str| codes::ALL.iter().any(|known| known.name == code);
        if !suppressed.iter().any(|suppression| is_about_runbooks(&suppression.code)) {
            return fix(self.model.alerts(), runbook);
        }
        let subject = Subject::new(self.model, self.positions);
        let codes = self.codes();
        fix_except(self.model.alerts(), runbook, Some(&|findings| suppress(&subject, &codes, findings)))
    }
}

/// Returns the codes of the standard lints, of what is found about runbooks, and of what is found
/// about rules, in the order in which they are listed.
pub fn all_codes() -> Vec<Code> {
    codes_with(STANDARD)
}

/// Returns what the standard lints find, as [`Checker::findings`] does.
pub fn check(model: &Model<'_>, positions: &Positions, runbook: Option<&str>) -> Vec<Finding> {
    Checker::new(model, positions).findings(runbook)
}

fn codes_with(lints: &[&'static Lint]) -> Vec<Code> {
    let mut codes = codes::ALL.to_vec();
    codes.extend(lints.iter().map(|lint| lint.code));
    codes.extend([SUPPRESSION_UNUSED, SUPPRESSION_UNKNOWN]);
    codes.extend(rule_lint::codes());
    codes
}
