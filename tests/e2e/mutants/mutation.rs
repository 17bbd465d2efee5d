//! What is changed in a rule, one part at a time.

use std::collections::BTreeMap;
use std::ops::Range;

use e2e::rules::Rule;
use jobwatch_catalogue::duration;
use jobwatch_observability::query::{
    self, Aggregation, Kind, MatchOperator, Matcher, Node, Operator, Selector,
};

/// A rule with one part changed.
#[derive(Debug)]
pub(super) struct Mutant {
    /// The rule, the part, and what stands there instead. No two are alike.
    pub(super) says: String,
    pub(super) changed: Rule,
}

/// The largest number that counts something, so that the next one is another answer. Beyond, it is
/// a threshold of seconds, a ratio, a length.
const LARGEST_COUNT: f64 = 20.0;

/// What operators become. What compares for equality has no neighbours.
const OPERATORS: &[(Operator, &[&str])] = &[
    (Operator::Greater, &[">=", "<"]),
    (Operator::GreaterOrEqual, &[">", "<"]),
    (Operator::Less, &["<=", ">"]),
    (Operator::LessOrEqual, &["<", ">"]),
    (Operator::Equal, &["!="]),
    (Operator::NotEqual, &["=="]),
    (Operator::And, &["unless", "or"]),
    (Operator::Unless, &["and", "or"]),
    (Operator::Or, &["and"]),
    (Operator::Subtract, &["+"]),
    (Operator::Divide, &["*"]),
];

/// What aggregations become.
const AGGREGATIONS: &[(Aggregation, &[&str])] = &[
    (Aggregation::Max, &["min"]),
    (Aggregation::Min, &["max"]),
    (Aggregation::Sum, &["avg", "count"]),
    (Aggregation::Group, &["count"]),
];

/// What functions become.
const FUNCTIONS: &[(&str, &[&str])] = &[
    ("rate", &["increase"]),
    ("increase", &["rate"]),
    ("last_over_time", &["min_over_time", "max_over_time"]),
    ("max_over_time", &["min_over_time"]),
];

/// Returns a rule with each of its parts changed: each number, comparison and other operator,
/// range, offset, matcher, aggregation, function, label of a group, of a match or of the rule, and
/// how long an alert waits.
pub(super) fn mutants(rule: &Rule) -> Vec<Mutant> {
    let of_expression = changes(&rule.expr).into_iter().map(|Change { at, to }| {
        let from = rule.expr[at.clone()].to_owned();
        let expr = [&rule.expr[..at.start], &to, &rule.expr[at.end..]].concat();
        query::parse(&expr).unwrap_or_else(|error| panic!("{error} in the changed {expr}"));
        (format!("`{from}` -> `{to}`"), Rule { expr, ..rule.clone() })
    });
    let waits = rule.waits.iter().flat_map(|waits| {
        [Some(scaled(waits, 2, 1)), None].map(|new| {
            let says = format!("for: {waits} -> {}", new.as_deref().unwrap_or("0"));
            (says, Rule { waits: new, ..rule.clone() })
        })
    });
    let labels = rule.labels.iter().flat_map(|(label, value)| {
        let (mut removed, mut other) = (rule.clone(), rule.clone());
        let (label_text, value_text) = (label.as_str().unwrap(), value.as_str().unwrap());
        removed.labels.remove(label);
        other.labels.insert(label.clone(), format!("{value_text}-other").into());
        [
            (format!("label {label_text}: {value_text} -> none"), removed),
            (format!("label {label_text}: {value_text} -> {value_text}-other"), other),
        ]
    });
    let mut times: BTreeMap<String, u32> = BTreeMap::new();
    let all = of_expression.chain(waits).chain(labels);
    all.map(|(says, changed)| {
        let time = times.entry(says.clone()).or_default();
        *time += 1;
        // The same change in several places of a rule.
        let place = if *time > 1 { format!(" #{time}") } else { String::new() };
        Mutant { says: format!("{}: {says}{place}", rule.title()), changed }
    })
    .collect()
}

/// Other bytes at a place of an expression.
struct Change {
    at: Range<usize>,
    to: String,
}

fn changes(expr: &str) -> Vec<Change> {
    let root = query::parse(expr).unwrap();
    root.all().into_iter().flat_map(|node| of_node(expr, node)).collect()
}

fn of_node(expr: &str, node: &Node) -> Vec<Change> {
    let text = &expr[node.span.clone()];
    let start = node.span.start;
    let named = |old: &str, new: &[&str]| {
        assert!(text.starts_with(old), "{old} in {text}");
        new.iter().map(|new| Change { at: start..start + old.len(), to: (*new).to_owned() }).collect()
    };
    match &node.kind {
        Kind::Number(number) => {
            numbers(*number).into_iter().map(|to| Change { at: node.span.clone(), to }).collect()
        }
        Kind::Select(selector) => of_selector(expr, node.span.clone(), selector),
        Kind::Call { function, arguments } => {
            let others = FUNCTIONS.iter().find(|(name, _)| *name == function.name);
            let mut all: Vec<Change> = others.map_or_else(Vec::new, |(name, others)| named(name, others));
            if function.name == "label_replace" {
                // The value that a label gets.
                let value = arguments[2].span.clone();
                let other = format!("{}-other\"", &expr[value.start..value.end - 1]);
                all.push(Change { at: value, to: other });
            }
            all
        }
        Kind::Aggregate { operation, grouping, .. } => {
            let others = AGGREGATIONS.iter().find(|(from, _)| from == operation);
            let others = others.unwrap_or_else(|| panic!("nothing to put for {}", operation.as_str())).1;
            let mut all: Vec<Change> = named(operation.as_str(), others);
            all.extend(grouping.iter().flat_map(|_| each_label(expr, node.span.clone())));
            all
        }
        Kind::Binary { operator, matching, left, right, .. } => {
            let between = expr[left.span.end..right.span.start].trim_start_matches([')', ' ', '\n']);
            let start = right.span.start - between.len();
            let end = start + operator.as_str().len();
            assert!(between.starts_with(operator.as_str()), "{} in {between}", operator.as_str());
            let others = OPERATORS.iter().find(|(from, _)| from == operator).map_or(&[][..], |(_, to)| to);
            let mut all: Vec<Change> =
                others.iter().map(|to| Change { at: start..end, to: (*to).to_owned() }).collect();
            all.extend(matching.labels.iter().flat_map(|_| each_label(expr, end..right.span.start)));
            all
        }
        Kind::Text(_) | Kind::Subquery { .. } | Kind::Negative(_) => Vec::new(),
    }
}

fn of_selector(expr: &str, span: Range<usize>, selector: &Selector) -> Vec<Change> {
    let mut all: Vec<Change> = selector
        .matchers
        .iter()
        .filter(|matcher| !is_untold(selector, matcher))
        .flat_map(|matcher| of_matcher(expr, matcher))
        .collect();
    let behind = expr[span.clone()].rfind('}').map_or(span.start, |end| span.start + end + 1);
    let text = &expr[behind..span.end];
    if let (Some(_), Some(open), Some(close)) = (selector.range, text.find('['), text.find(']')) {
        let range = &text[open + 1..close];
        let at = behind + open + 1..behind + close;
        all.extend(
            [(2, 1), (1, 2)].map(|(times, by)| Change { at: at.clone(), to: scaled(range, times, by) }),
        );
    }
    if let Some(offset) = text.find(" offset ") {
        all.push(Change { at: behind + offset..span.end, to: String::new() });
    }
    all
}

/// Returns whether a simulation of many mutants tells nothing about a matcher: one that reads all
/// alerts would read those of the others.
fn is_untold(selector: &Selector, matcher: &Matcher) -> bool {
    selector.name() == Some("ALERTS") && matcher.label == "alertname"
}

/// A matcher is left out, and its opposite put.
fn of_matcher(expr: &str, matcher: &Matcher) -> [Change; 2] {
    let span = matcher.span.clone();
    let is_followed = expr[span.end..].starts_with(", ");
    let is_led = expr[..span.start].ends_with(", ");
    let at = match (is_followed, is_led) {
        (true, _) => span.start..span.end + 2,
        (false, true) => span.start - 2..span.end,
        (false, false) => span.clone(),
    };
    let (old, new) = match matcher.operator {
        MatchOperator::Equal => ("=", "!="),
        MatchOperator::NotEqual => ("!=", "="),
        MatchOperator::Matches => ("=~", "!~"),
        MatchOperator::MatchesNot => ("!~", "=~"),
    };
    let opposite = expr[span.clone()].replacen(old, new, 1);
    [Change { at, to: String::new() }, Change { at: span, to: opposite }]
}

/// Each label of the first list in parentheses is left out.
fn each_label(expr: &str, span: Range<usize>) -> Vec<Change> {
    let text = &expr[span.clone()];
    let open = text.find('(').unwrap();
    let close = open + text[open..].find(')').unwrap();
    let labels: Vec<&str> = text[open + 1..close].split(", ").collect();
    let at = span.start..span.start + close + 1;
    let rest = |left_out: usize| {
        let rest = labels.iter().enumerate().filter(|(index, _)| *index != left_out);
        let rest: Vec<&str> = rest.map(|(_, label)| *label).collect();
        Change { at: at.clone(), to: format!("{}({})", &text[..open], rest.join(", ")) }
    };
    (0..labels.len()).map(rest).collect()
}

/// Returns a count's neighbours, and of a measure a tenth more and less, twice and half.
fn numbers(number: f64) -> Vec<String> {
    if number.fract() == 0.0 && number.abs() <= LARGEST_COUNT {
        return vec![(number + 1.0).to_string(), (number - 1.0).to_string()];
    }
    let rounded = |number: f64| ((number * 1e6).round() / 1e6).to_string();
    [number * 1.1, number / 1.1, number * 2.0, number / 2.0].map(rounded).to_vec()
}

/// Returns a duration that is so many times as long.
fn scaled(text: &str, times: u32, by: u32) -> String {
    duration::format(duration::parse(text).unwrap() * times / by)
}
