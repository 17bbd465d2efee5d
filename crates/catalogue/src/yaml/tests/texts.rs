//! Texts for people, and which of them may have several lines.

use insta::assert_snapshot;

use super::{GOOD, problems, read, with};

#[test]
fn texts_stand_on_one_line() {
    let above = |lines: &str| problems(&format!("{lines}\n{}", &GOOD["service: shop\n".len()..]));
    assert_snapshot!(above("service: |\n  shop"), @"no problem");
    assert_snapshot!(above("service: |\n  shop\n  groups: []"), @r#"2:3 service "shop\n  groups: []\n": this text holds a line break (U+000A): write it on one line, without control characters"#);
    assert_snapshot!(above("service: shop\ntitle: \"a\\u2028b\""), @r#"2:8 title "\"a\\u2028b\"": this text holds a line break (U+2028): write it on one line, without control characters"#);
    assert_snapshot!(above("service: shop\ntitle: ' '"), @r#"2:8 title "' '": this text is empty: say what the dashboard is about"#);
    assert_snapshot!(above("service: shop\nlabels: {team: \"a\\0b\"}"), @r#"2:16 labels.team "\"a\\0b\"": this text holds the control character U+0000: write it on one line, without control characters"#);
    assert_snapshot!(above("service: shop\nselector: {cluster: \"a\\u202Eb\"}"), @r#"2:21 selector.cluster "\"a\\u202Eb\"": this text holds the control character U+202E: write it on one line, without control characters"#);
    assert_snapshot!(above("service: shop\nrunbook: \"a\\nb.md\""), @r#"2:10 runbook "\"a\\nb.md\"": this text holds a line break (U+000A): write it on one line, without control characters"#);
    assert_snapshot!(above("service: shop\nrunbook: a\\b.md"), @r#"2:10 runbook "a\\b.md": a path is relative, has `/` between its parts, and stays below the folder that files are generated into"#);
    assert_snapshot!(above("service: shop\nrunbook: c:/b.md"), @r#"2:10 runbook "c:/b.md": a path is relative, has `/` between its parts, and stays below the folder that files are generated into"#);
    assert_snapshot!(above("service: shop\nrunbook_url: \"https://a/\\x7fb\""), @r#"2:14 runbook_url "\"https://a/\\x7fb\"": this text holds the control character U+007F: write it on one line, without control characters"#);
    assert_snapshot!(above("service: shop\ngrafana_url: https://a/{{b}}"), @r#"2:14 grafana_url "https://a/{{b}}": a URL starts with `https://` or `http://`, and has neither spaces nor braces"#);
    assert_snapshot!(problems(&with("items", "items: \"a\\nb\"")), @r#"7:12 jobs[0].items "\"a\\nb\"": this text holds a line break (U+000A): write it on one line, without control characters"#);
    assert_snapshot!(problems(&with("queue", "queue: \"a\\x85b\"")), @r#"7:12 jobs[0].queue "\"a\\x85b\"": this text holds a line break (U+0085): write it on one line, without control characters"#);
    assert_snapshot!(problems(&with("summary", "summary: \"a\\u2066b\"")), @r#"4:14 jobs[0].summary "\"a\\u2066b\"": this text holds the control character U+2066: write it on one line, without control characters"#);
    assert_snapshot!(problems(&with("\"a\\nb\"", "\"a\\nb\": c")), @r#"7:5  "\"a\\nb\"": `a<U+000A>b` cannot be a key (a key has at most 200 characters and stands on one line)"#);
}

#[test]
fn summaries_and_reasons_may_be_folded() {
    let text = format!(
        "{}suppress:\n  - code: a\n    reason: |\n      One\n\n      two.\n",
        with("summary", "summary: |-\n      Sends\n      bills.")
    );
    let catalogue = read(&text).catalogue;
    assert_eq!(
        (catalogue.jobs()[0].summary(), catalogue.suppressed()[0].reason.as_str()),
        ("Sends bills.", "One two.")
    );
}
