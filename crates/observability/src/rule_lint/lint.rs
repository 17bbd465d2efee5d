//! What a lint of rules is: a question about the rules of some files, with a code for what it
//! finds.

use std::ops::Range;

use jobwatch_catalogue::yaml::Position;

use super::rule_set::{Followed, RuleAt};
use crate::findings::{Code, Finding, Location, Source};
use crate::query::Node;

/// A question about the rules of some files.
#[derive(Debug, Clone, Copy)]
pub(super) struct RuleLint {
    /// The kind of its findings.
    pub(super) code: Code,
    /// Asks it.
    pub(super) run: fn(&Followed<'_>, &mut Found),
}

/// What was found, each with the numbers of its file and of its rule.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) findings: Vec<(usize, usize, Finding)>,
}

impl Found {
    /// Adds a finding about a part of a rule's expression.
    pub(super) fn part(&mut self, code: Code, rule: &RuleAt<'_>, part: &Node, message: String, hint: &str) {
        self.span(code, rule, &part.span, message, hint);
    }

    /// Adds a finding about some bytes of a rule's expression.
    pub(super) fn span(
        &mut self,
        code: Code,
        rule: &RuleAt<'_>,
        span: &Range<usize>,
        message: String,
        hint: &str,
    ) {
        self.at(code, rule, rule.place(span), message, hint);
    }

    /// Adds a finding at a place of a rule's file. What it says begins with the rule's name.
    pub(super) fn at(
        &mut self,
        code: Code,
        rule: &RuleAt<'_>,
        position: Position,
        message: String,
        hint: &str,
    ) {
        let finding = Finding {
            code,
            alert: None,
            job: None,
            rule: Some(rule.rule.name.value.clone()),
            location: Location { source: Source::Rules, position },
            message: format!("{}: {message}", rule.rule.name.value),
            expected: None,
            found: None,
            hint: hint.to_owned(),
            suppressed: None,
        };
        self.findings.push((rule.file, rule.number, finding));
    }
}
