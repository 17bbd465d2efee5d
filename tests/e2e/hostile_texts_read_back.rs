use std::fs;
use std::time::Duration;

use e2e::generated;
use e2e::prometheus::Prometheus;
use e2e::promtool::{self, Verdict};
use jobwatch_catalogue::{Catalogue, JobSpec, Suppression};
use jobwatch_observability::rules::{Rule, groups};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Texts that a catalogue takes, and that mean something to a format which they are written in.
const HOSTILE: [&str; 40] = [
    // Words, numbers and signs of YAML.
    "null",
    "~",
    "yes",
    "NO",
    "0x1F",
    "1e3",
    ".inf",
    "2024-01-01",
    "12:30:00",
    "<<",
    "=",
    "---",
    "...",
    "- x",
    "? x",
    "# comment",
    "a # comment",
    "key: value",
    "a:",
    "[a, b]",
    "{a: b}",
    "&anchor *alias",
    "!tag x",
    "| x",
    "> x",
    "%YAML 1.2",
    "@ and `",
    // Quotes and backslashes.
    "'",
    "\"",
    "it's \"quoted\"",
    "\\",
    "C:\\new\\table\\",
    "\\u0041 \\x41 \\\"",
    // Templates of Prometheus and of Grafana.
    "{{ $labels.job }}",
    "{{ end }}",
    "{{ query \"up\" }} {{{ {{/* */}}",
    "$job ${job} [[job]] $__interval",
    // What a query may take for its own.
    "\"} or vector(1) #",
    ".*|+?(x)[^y]$",
    // What is beyond ASCII, or not seen.
    "ä 漢字 🎬 a\u{301} \u{a0}\u{200b}\u{feff}x",
];

/// A text for a URL, which has no blanks and no braces.
fn in_url(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '{' | '}')).collect()
}

/// A text for a path, which has no backslash and no colon.
fn in_path(text: &str) -> String {
    text.replace(['\\', ':'], "_").replace("..", "_")
}

/// A catalogue that says something in every field: a text of its own in each label, all of them
/// elsewhere.
fn catalogue(texts: &[&str], with_urls: bool) -> Catalogue {
    let all = texts.join(" ");
    let job = |name: &str| JobSpec::every(name, Duration::from_secs(60)).timeout(Duration::from_secs(20));
    // Two jobs of different timeouts, so that a text has a query for its threshold, too.
    let busy = job("a.b-c").summary(&all).items(&all).queue(&all);
    let slow = job("slow").timeout(Duration::from_secs(50)).summary(&all);
    let mut builder = Catalogue::builder(&all)
        .title(&all)
        .runbook(format!("docs/{}.md", in_path(&all)))
        .suppress(Suppression::new("alert-never-fires", &all))
        .job(busy)
        .job(slow);
    for (index, text) in texts.iter().enumerate() {
        builder = builder.label(format!("label_{index}"), *text).selector(format!("target_{index}"), *text);
    }
    if with_urls {
        let url = |path: &str| format!("https://example.com/{path}{}", in_url(&all));
        builder = builder.runbook_url(url("runbook")).grafana_url(url("grafana"));
    }
    builder.build().unwrap()
}

/// A list of an answer, which must not be empty.
fn list(value: &Value) -> Option<Vec<Value>> {
    value.as_array().filter(|list| !list.is_empty()).cloned()
}

fn failed(verdicts: Vec<Verdict>) -> Vec<Verdict> {
    assert!(!verdicts.is_empty(), "nothing was looked at");
    verdicts.into_iter().filter(|verdict| !verdict.passed).collect()
}

/// The rules as the model has them, as Prometheus' API shows them: name, labels, annotations.
fn written(rules: &[Rule]) -> Vec<Value> {
    let said = |pairs: Vec<(&str, String)>| -> Value {
        pairs.into_iter().map(|(name, text)| (name.to_owned(), Value::String(text))).collect()
    };
    let shown = |rule: &Rule| match rule {
        Rule::Recording { labels, .. } => {
            let labels = labels.iter().map(|(name, text)| (name.as_str(), text.to_string())).collect();
            json!([rule.name(), said(labels), null])
        }
        Rule::Alerting { labels, annotations, .. } => {
            let labels = labels.iter().map(|(name, text)| (name.as_str(), text.to_string())).collect();
            let annotations = annotations.iter().map(|(name, text)| (*name, text.to_string())).collect();
            json!([rule.name(), said(labels), said(annotations)])
        }
    };
    rules.iter().map(shown).collect()
}

/// Starts Prometheus with the rules, and sees that it has them as the model does, and that a
/// pending alert says every text as the catalogue does.
#[track_caller]
fn check_prometheus(catalogue: &Catalogue, texts: &[&str], runbook_url: &str, dashboard_url: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.rules.yaml");
    fs::write(&path, &generated::rule_file(catalogue).text).unwrap();
    let prometheus = Prometheus::start(9, &path);

    let read = prometheus.wait_for("/api/v1/rules", |body| list(&body["data"]["groups"]));
    let model = generated::model(catalogue);
    let mut groups = groups(&model);
    // The API shows groups in the order of their names.
    groups.sort_by(|a, b| a.name.cmp(&b.name));
    assert_eq!(read.len(), groups.len());
    for (read, group) in read.iter().zip(&groups) {
        assert_eq!(read["name"], *group.name);
        let rules: Vec<Value> = list(&read["rules"])
            .unwrap()
            .iter()
            .map(|rule| json!([rule["name"], rule["labels"], rule["annotations"]]))
            .collect();
        assert_eq!(rules, written(&group.rules), "{}", group.name);
    }

    // Nothing is scraped, so that every job is pending to be absent; its texts are rendered
    // already.
    let alert = prometheus.wait_for("/api/v1/alerts", |body| list(&body["data"]["alerts"])?.pop());
    assert_eq!(alert["labels"]["alertname"], "BackgroundJobMetricsAbsent");
    for (index, text) in texts.iter().enumerate() {
        assert_eq!(alert["labels"][format!("label_{index}")], **text);
    }
    assert_eq!(alert["labels"]["service"], catalogue.service());
    let annotations = &alert["annotations"];
    assert_eq!(annotations["runbook_url"], format!("{runbook_url}#metrics-absent"));
    let job = alert["labels"]["job_name"].as_str().unwrap();
    assert_eq!(annotations["dashboard_url"], format!("{dashboard_url}?var-job_name={job}"));
}

#[test]
fn prometheus_reads_hostile_texts_as_they_were() {
    let catalogue = catalogue(&HOSTILE, true);
    let all = in_url(&HOSTILE.join(" "));
    let runbook_url = format!("https://example.com/runbook{all}");
    let dashboard_url = format!("https://example.com/grafana{all}/d/background-jobs");
    check_prometheus(&catalogue, &HOSTILE, &runbook_url, &dashboard_url);
}

/// Where no URL is given, the path takes its place, and may hold what a URL may not.
#[test]
fn prometheus_reads_a_hostile_path_as_it_was() {
    let catalogue = catalogue(&HOSTILE, false);
    let path = format!("docs/{}.md", in_path(&HOSTILE.join(" ")));
    assert!(path.contains("{{ query \"up\" }}"));
    check_prometheus(&catalogue, &HOSTILE, &path, "/d/background-jobs");
}

#[test]
fn the_rule_tests_of_hostile_texts_pass() {
    let mut files = generated::files(&catalogue(&HOSTILE, true));
    // Texts are escaped alike in the tests of executions, which take most of the time.
    files.retain(|file| !file.path.as_str().ends_with(".runs.yaml"));
    assert_eq!(failed(promtool::check_rules(&files)), []);
    assert_eq!(failed(promtool::test_rules(&files)), []);
}

/// A namespace that is read is written into rules and rule tests as it is. Where only one is read,
/// scenarios are told apart otherwise.
#[test]
fn the_rule_tests_of_a_hostile_namespace_pass() {
    let job = JobSpec::every("a", Duration::from_secs(60)).timeout(Duration::from_secs(20)).queue("b");
    let catalogue = Catalogue::builder("test").selector("namespace", "a\"b\\c{{ d }}'").job(job);
    let mut files = generated::files(&catalogue.build().unwrap());
    files.retain(|file| !file.path.as_str().ends_with(".runs.yaml"));
    assert_eq!(failed(promtool::check_rules(&files)), []);
    assert_eq!(failed(promtool::test_rules(&files)), []);
}

/// The rules of a file as a reader of YAML reads them: name, labels, annotations.
fn read_as_yaml(text: &str) -> Vec<Value> {
    let file: Value = serde_yaml::from_str(text).unwrap();
    let groups = file["groups"].as_array().unwrap();
    let rules = groups.iter().flat_map(|group| group["rules"].as_array().unwrap());
    let name =
        |rule: &Value| if rule["alert"].is_null() { rule["record"].clone() } else { rule["alert"].clone() };
    rules.map(|rule| json!([name(rule), rule["labels"], rule["annotations"]])).collect()
}

#[test]
fn a_reader_of_json_reads_hostile_texts_of_a_dashboard_as_they_were() {
    for with_urls in [true, false] {
        let catalogue = catalogue(&HOSTILE, with_urls);
        let files = generated::files(&catalogue);
        let dashboard = files.iter().find(|file| file.path.as_str().ends_with(".json")).unwrap();
        let dashboard: Value = serde_json::from_str(&dashboard.text).unwrap();
        // An invisible character keeps Grafana from taking a part of the title for a variable.
        let title = dashboard["title"].as_str().unwrap();
        assert!(!title.contains("$j") && !title.contains("${") && !title.contains("[["), "{title}");
        assert_eq!(title.replace('\u{2060}', ""), catalogue.title());
        assert!(!dashboard["links"][0]["url"].as_str().unwrap().contains('$'), "{}", dashboard["links"]);
        assert_eq!(dashboard["uid"], catalogue.name());
        // Signs that end a link in Markdown, or begin a variable of Grafana, are written as
        // numbers.
        let nodes = dashboard["panels"].as_array().unwrap();
        // Those of closed rows stand in their rows.
        let inner = nodes.iter().flat_map(|node| list(&node["panels"]).unwrap_or_default());
        let panels: Vec<Value> = nodes.iter().cloned().chain(inner).collect();
        let said: Vec<&str> = panels.iter().filter_map(|panel| panel["description"].as_str()).collect();
        let written = [("(", "%28"), (")", "%29"), ("$", "%24"), ("[", "%5B"), ("]", "%5D")];
        let url = catalogue.runbook_url().to_owned();
        let url = written.iter().fold(url, |url, (sign, code)| url.replace(sign, code));
        let links = said.iter().flat_map(|text| text.match_indices("Runbook: [").map(|(at, _)| &text[at..]));
        let mut number = 0;
        for link in links {
            let target = link.split_once("](").unwrap().1.split_once(").").unwrap().0;
            assert!(target.starts_with(&url), "{target}");
            number += 1;
        }
        assert!(number > 10, "{number} links");
        // No query has a variable that a text of the catalogue names.
        let queries =
            panels.iter().flat_map(|panel| panel["targets"].as_array().cloned().unwrap_or_default());
        let queries: Vec<String> =
            queries.map(|query| query["expr"].as_str().unwrap_or_default().to_owned()).collect();
        assert!(queries.iter().any(|query| query.contains("\\x24{job} [\\x5bjob")), "{queries:?}");
        assert!(queries.iter().all(|query| !query.contains("$job ") && !query.contains("[[")), "{queries:?}");
    }
}

/// A text that a catalogue takes in every field: on one line, and more than blanks.
fn text() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        4 => prop::sample::select(vec!['{', '}', '"', '\'', '\\', '#', ':', '-', '%', ' ', '|', '>', '`', '$', '&', '*', '!', '?']),
        1 => any::<char>(),
    ];
    prop::collection::vec(character, 1..20)
        .prop_map(|text| text.into_iter().collect::<String>().trim().to_owned())
        .prop_filter("a text that a catalogue takes", |text| {
            let job = JobSpec::every("a", Duration::from_secs(60));
            Catalogue::builder(text).selector("a", text).job(job).build().is_ok()
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn promtool_reads_the_rules_whatever_a_catalogue_says(
        texts in prop::collection::vec(text(), 1..6),
        with_urls in any::<bool>(),
    ) {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let catalogue = catalogue(&texts, with_urls);
        let file = generated::rule_file(&catalogue);
        prop_assert_eq!(failed(promtool::check_rules(std::slice::from_ref(&file))), []);
        let model = generated::model(&catalogue);
        let rules: Vec<Rule> = groups(&model).into_iter().flat_map(|group| group.rules).collect();
        prop_assert_eq!(read_as_yaml(&file.text), written(&rules));
    }
}
