//! Refuses expressions whose parts do not fit together, as Prometheus does before it evaluates.

use super::error::QueryError;
use super::function::ValueType;
use super::node::{Kind, MatchOperator, Node, Selector};
use super::operator::Aggregation;
use super::regex::regex;

/// Errors: a part of the expression yields what its place does not take.
pub(super) fn check(root: &Node) -> Result<(), QueryError> {
    // Types are worked out from below, once for each part.
    let mut types = vec![ValueType::Text; root.id + 1];
    let mut all = root.all();
    all.sort_by_key(|node| node.id);
    for node in all {
        types[node.id] = match &node.kind {
            Kind::Binary { left, right, .. } => match (types[left.id], types[right.id]) {
                (ValueType::Scalar, ValueType::Scalar) => ValueType::Scalar,
                _ => ValueType::Vector,
            },
            Kind::Negative(of) => types[of.id],
            _ => node.value_type(),
        };
        of_node(node, &types)?;
    }
    let found = types[root.id];
    match found {
        ValueType::Scalar | ValueType::Vector => Ok(()),
        ValueType::Matrix | ValueType::Text => {
            let message = format!("a rule needs a vector or a number, and this is {}", found.as_str());
            Err(QueryError::new(root.span.clone(), message))
        }
    }
}

fn of_node(node: &Node, types: &[ValueType]) -> Result<(), QueryError> {
    let wants = |part: &Node, what: &str, wanted: ValueType| match types[part.id] {
        found if found == wanted => Ok(()),
        found => {
            let message = format!("{what} takes {}, and this is {}", wanted.as_str(), found.as_str());
            Err(QueryError::new(part.span.clone(), message))
        }
    };
    match &node.kind {
        Kind::Number(_) | Kind::Text(_) => Ok(()),
        Kind::Select(selector) => of_selector(node, selector),
        Kind::Subquery { of, .. } => wants(of, "a subquery", ValueType::Vector),
        Kind::Negative(of) => match types[of.id] {
            ValueType::Scalar | ValueType::Vector => Ok(()),
            _ => wants(of, "a sign", ValueType::Vector),
        },
        Kind::Call { function, arguments } => {
            if !function.takes(arguments.len()) {
                let message = format!("{} does not take {} arguments", function.name, arguments.len());
                return Err(QueryError::new(node.span.clone(), message));
            }
            let wanted = arguments.iter().enumerate();
            wanted
                .filter_map(|(number, part)| Some((part, function.argument(number)?)))
                .try_for_each(|(part, wanted)| wants(part, function.name, wanted))
        }
        Kind::Aggregate { operation, parameter, of, .. } => {
            if let Some(parameter) = parameter {
                let wanted = match operation {
                    Aggregation::CountValues => ValueType::Text,
                    _ => ValueType::Scalar,
                };
                wants(parameter, operation.as_str(), wanted)?;
            }
            wants(of, operation.as_str(), ValueType::Vector)
        }
        Kind::Binary { operator, is_bool, matching, left, right } => {
            for side in [left, right] {
                match types[side.id] {
                    ValueType::Vector => {}
                    ValueType::Scalar if !operator.is_set() => {}
                    _ => return wants(side, &format!("`{}`", operator.as_str()), ValueType::Vector),
                }
            }
            let numbers =
                [left, right].into_iter().filter(|side| types[side.id] == ValueType::Scalar).count();
            let refused = if numbers == 2 && operator.is_comparison() && !is_bool {
                "two numbers are compared with `bool`"
            } else if numbers > 0 && matching.labels.is_some() {
                "a number has no labels to match by"
            } else {
                return Ok(());
            };
            Err(QueryError::new(node.span.clone(), refused))
        }
    }
}

fn of_selector(node: &Node, selector: &Selector) -> Result<(), QueryError> {
    let is_named_twice =
        selector.name.is_some() && selector.matchers.iter().any(|matcher| matcher.label == "__name__");
    if is_named_twice {
        return Err(QueryError::new(node.span.clone(), "the name of the series stands here twice"));
    }
    let mut selects = false;
    for matcher in &selector.matchers {
        let takes_nothing = match matcher.operator {
            MatchOperator::Equal | MatchOperator::NotEqual => matcher.value.is_empty(),
            MatchOperator::Matches | MatchOperator::MatchesNot => {
                let regex = regex(&matcher.value).map_err(|refused| {
                    let message = format!("`{}` is no regular expression: {refused}", matcher.value);
                    QueryError::new(matcher.span.clone(), message)
                })?;
                regex.properties().minimum_len() == Some(0)
            }
        };
        let is_positive = matches!(matcher.operator, MatchOperator::Equal | MatchOperator::Matches);
        selects |= takes_nothing != is_positive;
    }
    if selector.name.is_none() && !selects {
        return Err(QueryError::new(
            node.span.clone(),
            "this selects all series: name them, or a label's value",
        ));
    }
    Ok(())
}
