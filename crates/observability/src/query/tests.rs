//! What is read, what is refused, and that `promql-parser` says the same.

use std::time::Instant;

use insta::assert_snapshot;
use promql_parser::parser as judge;

use super::node::{Kind, Node, Selector};
use super::parse;

/// Returns the parts of an expression with parentheses around each, or what is wrong with it.
fn shown(text: &str) -> String {
    match parse(text) {
        Ok(node) => tree(&node),
        Err(error) => format!("{error} at `{}`", &text[error.span.clone()]),
    }
}

fn tree(node: &Node) -> String {
    let list = |nodes: Vec<&Node>| nodes.into_iter().map(tree).collect::<Vec<_>>().join(", ");
    match &node.kind {
        Kind::Number(value) => value.to_string(),
        Kind::Text(text) => format!("{text:?}"),
        Kind::Select(Selector { name, matchers, range, offset, is_at }) => {
            let name = name.as_deref().unwrap_or_default();
            let matchers: Vec<String> = matchers
                .iter()
                .map(|matcher| format!("{} {:?} {:?}", matcher.label, matcher.operator, matcher.value))
                .collect();
            let matchers = matchers.join(", ");
            format!("{name}{{{matchers}}} over {range:?} before {offset} at {is_at}")
        }
        Kind::Subquery { of, range, step, offset } => {
            format!("({}) over {range} each {step:?} before {offset}", tree(of))
        }
        Kind::Call { function, .. } => format!("{}({})", function.name, list(node.parts())),
        Kind::Aggregate { operation, grouping, .. } => {
            format!("{} {grouping:?} ({})", operation.as_str(), list(node.parts()))
        }
        Kind::Negative(of) => format!("-({})", tree(of)),
        Kind::Binary { operator, is_bool, matching, left, right } => {
            let is_bool = if *is_bool { " bool" } else { "" };
            let matching = match &matching.labels {
                None => String::new(),
                Some(_) => format!(" {matching:?}"),
            };
            format!("({} {}{is_bool}{matching} {})", tree(left), operator.as_str(), tree(right))
        }
    }
}

const READ: [&str; 26] = [
    "1 + 2 * 3 - 4",
    "-2 ^ 2 ^ 3",
    "-a * b",
    "a or b and c unless d > 1",
    "a == bool on (b, c) group_left (d) e",
    "a / ignoring () b",
    "sum by (a) (b)",
    "SUM(b) WITHOUT (a, c,)",
    "topk(3, a)",
    "count_values(\"v\", a)",
    "sum(sum)",
    "rate(a{b=\"c\", d=~'e|f', g!=\"\", h!~`[0-9]`}[5m] offset 1h)",
    "max_over_time(rate(a[5m])[1h30m:] offset -2m)",
    "a @ 1700000000 offset 5m",
    "a @ end()",
    "{__name__=\"a\", b=\"c\"}",
    "{\"a.b\", \"c.d\"=\"e\"}",
    ":a:b:sum # what is this\n> 5",
    "0x1F + 1e3 + .5 + Inf",
    "a > 5m",
    "rate(a[300])",
    "time() - a > bool 3",
    "histogram_quantile(0.9, rate(a[1ms]))",
    "label_join(a, \"b\", \",\", \"c\", \"d\")",
    "offset offset 5m",
    "absent(a) atan2 b",
];

#[test]
fn what_prometheus_evaluates_is_read() {
    assert_snapshot!(READ.map(|text| format!("{text}\n  {}\n", shown(text))).concat(), @r#"
    1 + 2 * 3 - 4
      ((1 + (2 * 3)) - 4)
    -2 ^ 2 ^ 3
      -((2 ^ (2 ^ 3)))
    -a * b
      (-(a{} over None before 0 at false) * b{} over None before 0 at false)
    a or b and c unless d > 1
      (a{} over None before 0 at false or ((b{} over None before 0 at false and c{} over None before 0 at false) unless (d{} over None before 0 at false > 1)))
    a == bool on (b, c) group_left (d) e
      (a{} over None before 0 at false == bool Matching { labels: Some(Grouping { is_without: false, labels: ["b", "c"] }), taken: Some(Taken { is_left: true, labels: ["d"] }) } e{} over None before 0 at false)
    a / ignoring () b
      (a{} over None before 0 at false / Matching { labels: Some(Grouping { is_without: true, labels: [] }), taken: None } b{} over None before 0 at false)
    sum by (a) (b)
      sum Some(Grouping { is_without: false, labels: ["a"] }) (b{} over None before 0 at false)
    SUM(b) WITHOUT (a, c,)
      sum Some(Grouping { is_without: true, labels: ["a", "c"] }) (b{} over None before 0 at false)
    topk(3, a)
      topk None (3, a{} over None before 0 at false)
    count_values("v", a)
      count_values None ("v", a{} over None before 0 at false)
    sum(sum)
      sum None (sum{} over None before 0 at false)
    rate(a{b="c", d=~'e|f', g!="", h!~`[0-9]`}[5m] offset 1h)
      rate(a{b Equal "c", d Matches "e|f", g NotEqual "", h MatchesNot "[0-9]"} over Some(300.0) before 3600 at false)
    max_over_time(rate(a[5m])[1h30m:] offset -2m)
      max_over_time((rate(a{} over Some(300.0) before 0 at false)) over 5400 each None before -120)
    a @ 1700000000 offset 5m
      a{} over None before 300 at true
    a @ end()
      a{} over None before 0 at true
    {__name__="a", b="c"}
      {__name__ Equal "a", b Equal "c"} over None before 0 at false
    {"a.b", "c.d"="e"}
      a.b{c.d Equal "e"} over None before 0 at false
    :a:b:sum # what is this
    > 5
      (:a:b:sum{} over None before 0 at false > 5)
    0x1F + 1e3 + .5 + Inf
      (((31 + 1000) + 0.5) + inf)
    a > 5m
      (a{} over None before 0 at false > 300)
    rate(a[300])
      rate(a{} over Some(300.0) before 0 at false)
    time() - a > bool 3
      ((time() - a{} over None before 0 at false) > bool 3)
    histogram_quantile(0.9, rate(a[1ms]))
      histogram_quantile(0.9, rate(a{} over Some(0.001) before 0 at false))
    label_join(a, "b", ",", "c", "d")
      label_join(a{} over None before 0 at false, "b", ",", "c", "d")
    offset offset 5m
      offset{} over None before 300 at false
    absent(a) atan2 b
      (absent(a{} over None before 0 at false) atan2 b{} over None before 0 at false)
    "#);
}

const REFUSED: [&str; 40] = [
    "\"\\x41\\u00e9\\n\" == 1",
    "",
    "  # nothing",
    "a +",
    "(a",
    "a)",
    "a b",
    "a{",
    "a{b}",
    "a{b=c}",
    "a{b=\"c\"",
    "a{b=\"c}",
    "{}",
    "{a=~\".*\"}",
    "foo(a)",
    "rat(a[5m])",
    "rate(a)",
    "rate(a[5m]",
    "rate(a[5x])",
    "a[5m]",
    "\"a\"",
    "sum(a, b)",
    "topk(a)",
    "quantile(a, b)",
    "1 > 2",
    "1 and a",
    "a + bool b",
    "a and on (b) group_left c",
    "a * on (b) group_left (b) c",
    "a * group_left b",
    "1 * on (b) a",
    "a offset 5m offset 5m",
    "(a + b)[5m]",
    "a ~ b",
    "5min",
    "a{b=~\"(\"}",
    "rate(a[5m1h])",
    "rate(a[1h1h])",
    "rate(a[0s])",
    "{a=~\"b*\"}",
];

#[test]
fn what_prometheus_refuses_is_refused_with_the_bytes_at_fault() {
    assert_snapshot!(REFUSED.map(|text| format!("{text}\n  {}\n", shown(text))).concat(), @r#"
    "\x41\u00e9\n" == 1
      `==` takes a vector, and this is a text at `"\x41\u00e9\n"`

      there is no expression at ``
      # nothing
      there is no expression at `  # nothing`
    a +
      expected an expression, and here is the end at ``
    (a
      expected `)`, and here is the end at ``
    a)
      expected an operator or the end, and here is `)` at `)`
    a b
      expected an operator or the end, and here is `b` at `b`
    a{
      expected the name of a label here at ``
    a{b}
      expected `=`, `!=`, `=~` or `!~`, and here is `}` at `}`
    a{b=c}
      the value of a label stands in quotes at `c`
    a{b="c"
      expected `,` or `}`, and here is the end at ``
    a{b="c}
      this text does not end: there is no second " at `"c}`
    {}
      this selects all series: name them, or a label's value at `{}`
    {a=~".*"}
      this selects all series: name them, or a label's value at `{a=~".*"}`
    foo(a)
      there is no function `foo`: did you mean `floor`? at `foo`
    rat(a[5m])
      there is no function `rat`: did you mean `rate`? at `rat`
    rate(a)
      rate takes a range of samples, as in `[5m]`, and this is a vector at `a`
    rate(a[5m]
      expected `,` or `)`, and here is the end at ``
    rate(a[5x])
      `5x` is neither a number nor a duration at `5x`
    a[5m]
      a rule needs a vector or a number, and this is a range of samples, as in `[5m]` at `a[5m]`
    "a"
      a rule needs a vector or a number, and this is a text at `"a"`
    sum(a, b)
      sum takes an expression at `sum(a, b)`
    topk(a)
      topk takes a parameter and an expression at `topk(a)`
    quantile(a, b)
      quantile takes a number, and this is a vector at `a`
    1 > 2
      two numbers are compared with `bool` at `1 > 2`
    1 and a
      `and` takes a vector, and this is a number at `1`
    a + bool b
      `bool` belongs to comparisons at `bool`
    a and on (b) group_left c
      `and` groups nothing at `group_left`
    a * on (b) group_left (b) c
      `b` is taken over and in `on`, which says so already at `group_left`
    a * group_left b
      a group needs `on` or `ignoring` at `* group_left`
    1 * on (b) a
      a number has no labels to match by at `1 * on (b) a`
    a offset 5m offset 5m
      only series and subqueries have one offset at `offset`
    (a + b)[5m]
      only series have a range; of another expression, write `[5m:]` at `(a + b)[5m]`
    a ~ b
      `~` is no part of PromQL at `~`
    5min
      `5min` is neither a number nor a duration at `5min`
    a{b=~"("}
      `(` is no regular expression: a `)` is missing at `b=~"("`
    rate(a[5m1h])
      `5m1h`: the units have to descend, each at most once, as in `1h30m` at `5m1h`
    rate(a[1h1h])
      `1h1h`: the units have to descend, each at most once, as in `1h30m` at `1h1h`
    rate(a[0s])
      this has to be longer than nothing at `0s`
    {a=~"b*"}
      this selects all series: name them, or a label's value at `{a=~"b*"}`
    "#);
}

#[test]
fn promql_parser_says_the_same() {
    for text in READ.into_iter().chain(REFUSED) {
        let (own, other) = (parse(text), judge::parse(text));
        let is_top = other.as_ref().is_ok_and(|expression| {
            matches!(
                expression.value_type(),
                judge::value::ValueType::Vector | judge::value::ValueType::Scalar
            )
        });
        assert_eq!(own.is_ok(), is_top, "{text}: {own:?}, {other:?}");
    }
}

#[test]
fn texts_that_are_made_to_hurt_end_soon() {
    let many = 50_000;
    let started = Instant::now();
    for text in [
        "(".repeat(many),
        "-".repeat(many),
        "sum(".repeat(many),
        "a{".repeat(many),
        "[".repeat(many),
        format!("a{}", "[5m:]".repeat(many)),
        format!("a{}", "+a".repeat(many)),
        format!("a{}", "^a".repeat(many)),
        "\"".repeat(many),
        "0".repeat(many),
        "1s".repeat(many / 2),
        "é".repeat(many),
    ] {
        drop(parse(&text));
    }
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
}
