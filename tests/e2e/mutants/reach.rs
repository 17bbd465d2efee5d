//! What of the rules a test's series reach: the rest of an expression yields nothing in it, and is
//! left out, which takes a tenth of the time.

use std::collections::BTreeSet;
use std::rc::Rc;

use jobwatch_observability::query::{Kind, MatchOperator, Matcher, Node, Operator, Selector};

/// What a test has.
#[derive(Debug)]
pub(super) struct Reach<'a> {
    /// The names of its series.
    pub(super) series: Rc<BTreeSet<String>>,
    /// Its jobs.
    pub(super) jobs: Rc<BTreeSet<String>>,
    /// What is recorded, and of it what is not empty.
    pub(super) recorded: &'a BTreeSet<&'a str>,
    pub(super) filled: BTreeSet<&'a str>,
}

impl Reach<'_> {
    /// Returns whether an expression yields nothing, whatever the values are.
    pub(super) fn is_empty(&self, node: &Node) -> bool {
        match &node.kind {
            Kind::Number(_) | Kind::Text(_) => false,
            Kind::Select(selector) => {
                let name = selector.name().unwrap_or_default();
                match self.recorded.get(name) {
                    Some(name) => !self.filled.contains(name) && !self.is_of_another(name, selector),
                    // The alerts are there by themselves.
                    None if name == "ALERTS" => false,
                    None => {
                        let are_others = |matcher: &Matcher| {
                            matcher.label == "job_name" && self.jobs.iter().all(|job| is_other(matcher, job))
                        };
                        !self.series.contains(name) || selector.matchers.iter().any(are_others)
                    }
                }
            }
            Kind::Subquery { of, .. } | Kind::Aggregate { of, .. } | Kind::Negative(of) => self.is_empty(of),
            Kind::Call { function, .. } if function.name.starts_with("absent") => false,
            Kind::Call { arguments, .. } => arguments.iter().any(|part| self.is_empty(part)),
            Kind::Binary { operator: Operator::Or, left, right, .. } => {
                self.is_empty(left) && self.is_empty(right)
            }
            Kind::Binary { operator: Operator::Unless, left, .. } => self.is_empty(left),
            Kind::Binary { left, right, .. } => self.is_empty(left) || self.is_empty(right),
        }
    }

    /// Returns whether a selector may read what another catalogue has recorded by the same name.
    fn is_of_another(&self, name: &str, selector: &Selector) -> bool {
        let is_of_one =
            |matcher: &Matcher| matcher.label == "catalogue" && matcher.operator == MatchOperator::Equal;
        self.series.contains(name) && !selector.matchers.iter().any(is_of_one)
    }

    /// Returns an expression without what yields nothing in it.
    pub(super) fn shortened(&self, node: &Node, text: &str) -> String {
        if let Kind::Binary { operator, left, right, .. } = &node.kind {
            match operator {
                Operator::Or if self.is_empty(left) => return format!("({})", self.shortened(right, text)),
                Operator::Or | Operator::Unless if self.is_empty(right) => {
                    return format!("({})", self.shortened(left, text));
                }
                _ => {}
            }
        }
        let mut shortened = String::new();
        let mut at = node.span.start;
        for part in node.parts() {
            shortened.push_str(&text[at..part.span.start]);
            shortened.push_str(&self.shortened(part, text));
            at = part.span.end;
        }
        shortened.push_str(&text[at..node.span.end]);
        shortened
    }
}

/// Returns whether a matcher that lists names refuses this one.
fn is_other(matcher: &Matcher, job: &str) -> bool {
    match matcher.operator {
        MatchOperator::Equal => matcher.value != job,
        MatchOperator::Matches => matcher.value.split('|').all(|name| plain(name) != job),
        MatchOperator::NotEqual | MatchOperator::MatchesNot => false,
    }
}

/// Returns a name without the signs that let a regular expression read its dots as dots.
fn plain(name: &str) -> String {
    name.replace(['\\', '[', ']'], "")
}
