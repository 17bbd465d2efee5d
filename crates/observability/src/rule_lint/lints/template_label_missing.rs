//! Labels in texts that the expression does not return.

use crate::findings::{Code, Level};
use crate::query::{Grouping, Kind, Node, Operator, Taken, ValueType};
use crate::rule_file::Named;
use crate::rule_lint::labels::Values;
use crate::rule_lint::lint::{Found, RuleLint};
use crate::rule_lint::place::within;
use crate::rule_lint::rule_set::Followed;
use crate::rule_lint::template::{Read, read};

pub(super) const LINT: RuleLint = RuleLint {
    code: Code {
        name: "rule-template-label-missing",
        level: Level::Warning,
        summary: "A text reads a label that the expression does not return.",
        explanation: include_str!("../explanations/rule-template-label-missing.md"),
    },
    run,
};

const HINT: &str = "keep the label in the aggregation, or leave it out of the text, where it is empty";

fn run(followed: &Followed<'_>, found: &mut Found) {
    for rule in followed.rules.iter().filter(|rule| rule.is_alert()) {
        let yielded = rule.yields(rule.query);
        if yielded.is_empty {
            continue;
        }
        let labels = yielded.labels();
        for Named { text, .. } in rule.rule.labels.iter().chain(&rule.rule.annotations) {
            for read in read(&text.value).unwrap_or_default() {
                let Read::Label(name, place) = read else { continue };
                let is_lost_name = name == "__name__" && !keeps_name(rule.query);
                if *labels.get(name) != Values::Absent && !is_lost_name {
                    continue;
                }
                let known = if labels.is_open {
                    String::new()
                } else {
                    format!(": its labels are {}", labels.listed())
                };
                let message = format!("the expression returns no label `{name}`{known}");
                let position = within(rule.text, text, &(place..place + name.len()));
                found.at(LINT.code, rule, position, message, HINT);
            }
        }
    }
}

/// Returns whether the series of an expression have the name of those that it reads.
fn keeps_name(mut node: &Node) -> bool {
    loop {
        node = match &node.kind {
            Kind::Select(_) => return true,
            Kind::Subquery { of, .. } => of,
            Kind::Aggregate { operation, of, .. } if operation.selects() => of,
            // What is grouped by the name, or given one, other labels tell.
            Kind::Aggregate { grouping: Some(Grouping { is_without: false, labels }), .. } => {
                return labels.iter().any(|label| label == "__name__");
            }
            Kind::Call { function, arguments } => match (function.name, arguments.as_slice()) {
                ("label_replace" | "label_join" | "info", _) => return true,
                ("last_over_time" | "first_over_time" | "sort" | "sort_desc", [of]) => of,
                ("sort_by_label" | "sort_by_label_desc", [of, ..]) => of,
                _ => return false,
            },
            Kind::Binary { operator, is_bool, matching, left, right } => match operator {
                Operator::Or => return true,
                Operator::And | Operator::Unless => left,
                _ if !operator.is_comparison() || *is_bool => return false,
                // Of samples that are matched one to one by some labels, these alone are left.
                _ if matching.taken.is_none()
                    && matching.labels.as_ref().is_some_and(|on| !on.is_without) =>
                {
                    return false;
                }
                _ if matches!(matching.taken, Some(Taken { is_left: false, .. })) => right,
                _ if left.value_type() == ValueType::Scalar => right,
                _ => left,
            },
            Kind::Number(_) | Kind::Text(_) | Kind::Negative(_) | Kind::Aggregate { .. } => return false,
        };
    }
}
