//! What the schema and the reader of catalogues say about the same documents.

mod texts;

use std::sync::LazyLock;

use jobwatch_catalogue::yaml;
use jobwatch_observability::Model;
use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use jobwatch_catalogue::yaml::keys::{DEFAULTS, JOB};

static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| {
    let schema: Value = serde_json::from_str(&catalogue().unwrap()).unwrap();
    assert!(jsonschema::meta::is_valid(&schema));
    jsonschema::draft202012::new(&schema).unwrap()
});

/// What the reader and the model say about a document; empty if nothing.
fn read(document: &Value) -> String {
    match yaml::parse(&document.to_string()) {
        Err(error) => error.to_string(),
        Ok(parsed) => Model::new(&parsed.catalogue).err().map(|error| error.to_string()).unwrap_or_default(),
    }
}

#[track_caller]
fn check(document: &Value, expected: bool) {
    let told = read(document);
    assert_eq!((VALIDATOR.is_valid(document), told.is_empty()), (expected, expected), "{document} {told}");
}

fn with(key: &str, value: Value) -> Value {
    let mut document =
        json!({"service": "shop", "jobs": [{"name": "bill", "summary": "Bills.", "interval": "5m"}]});
    match key.strip_prefix("job.") {
        Some(key) => document["jobs"][0][key] = value,
        None => document[key] = value,
    }
    document
}

#[test]
fn a_threshold_has_the_unit_of_what_it_is_about() {
    let above = |alert: &str, value: Value| with("alerts", json!({alert: {"above": value}}));
    check(&above("BackgroundJobNotRunning", json!("26h")), true);
    check(&above("BackgroundJobNotRunning", json!(26)), false);
    check(&above("BackgroundJobCriticalQueueSize", json!(26)), true);
}

#[test]
fn numbers_may_have_exponents() {
    let catalogue = |above: &str| {
        let job = "{name: bill, summary: Bills., interval: 5m}";
        format!("service: shop\njobs: [{job}]\nalerts: {{BackgroundJobFailing: {{above: {above}}}}}\n")
    };
    for (above, expected) in
        [("1e-3", true), ("1.5E+2", true), ("'1e-3'", true), ("1e7", false), ("-1e-3", false), ("0e3", true)]
    {
        let text = catalogue(above);
        let read = yaml::parse(&text).is_ok_and(|parsed| Model::new(&parsed.catalogue).is_ok());
        let document: Value = serde_yaml::from_str(&text).unwrap();
        assert_eq!((VALIDATOR.is_valid(&document), read), (expected, expected), "{above}");
    }
}

#[test]
fn catalogues_that_are_there_are_taken() {
    for text in [
        include_str!("../../../../../jobs/catalogue.yaml"),
        include_str!("../../../../../tests/fixtures/payments/catalogue.yaml"),
    ] {
        let document: Value = serde_yaml::from_str(text).unwrap();
        check(&document, true);
    }
}

#[test]
fn the_schema_in_the_repository_is_this_one() {
    let written = include_str!("../../../../../jobs/catalogue.schema.json");
    assert_eq!(
        written,
        catalogue().unwrap(),
        "write it anew: cargo run -q -p jobwatch -- schema > jobs/catalogue.schema.json"
    );
}

#[test]
fn schema_and_reader_refuse_the_same() {
    check(&with("title", json!("Shop")), true);
    check(&with("titel", json!("Shop")), false);
    check(&with("title", json!(5)), false);
    check(&with("job.cron", json!("0 3 * * *")), false);
    check(&with("job.timeout", json!("5 m")), false);
    check(&with("job.timeout", json!(300)), false);
    check(&with("job.labels", json!({"team": "a"})), true);
    check(&with("job.labels", json!({"te-am": "a"})), false);
    check(&with("alerts", json!({"BackgroundJobStuck": "off"})), true);
    check(&with("alerts", json!({"BackgroundJobStuck": "of"})), false);
    check(&with("alerts", json!({"BackgroundJobStick": "off"})), false);
    check(&with("job.alerts", json!({"BackgroundJobNotRunning": {"above": "26h"}})), true);
    check(&with("job.alerts", json!({"BackgroundJobNotRunning": {"for": "5m"}})), false);
    check(&with("job.alerts", json!({"BackgroundJobNotRunning": {"severity": "page"}})), false);
    check(&with("job.interval", json!(" 5m ")), true);
    check(&with("job.interval", json!("  ")), false);
    check(&with("job.interval", json!("0s")), false);
    check(&with("alerts", json!({"BackgroundJobStuck": "OFF"})), true);
    for (interval, expected) in
        [("366d", true), ("367d", false), ("8785h", false), ("1y1d", true), ("53w", false)]
    {
        check(&with("job.interval", json!(interval)), expected);
    }
    for (retention, expected) in [
        ("1h", false),
        ("23h", false),
        ("24h", true),
        ("1d", true),
        ("86399s", false),
        ("3650d", true),
        ("3651d", false),
    ] {
        check(&with("retention", json!(retention)), expected);
    }
    check(&with("defaults", json!({"timeout": "25h"})), false);
    check(&with("defaults", json!({"timeout": "24h"})), true);
    check(&with("job.summary", json!("a".repeat(1_000))), true);
    check(&with("job.summary", json!("a ".repeat(500))), true);
    check(&with("job.summary", json!("a".repeat(1_001))), false);
    check(&with("runbook_url", json!(format!("https://{}", "a".repeat(1_992)))), true);
    check(&with("runbook_url", json!(format!("https://{}", "a".repeat(1_993)))), false);
    let suppressed =
        |code: &str, alert: &str| with("suppress", json!([{"code": code, "alert": alert, "reason": "r"}]));
    check(&suppressed("alert-never-fires", "BackgroundJobStuck"), true);
    check(&suppressed("alert-never-fires", "BackgroundJobStick"), false);
    check(&suppressed("rule-range-too-short", "HostDown"), true);
    let mut two = with("thresholds", json!({}));
    two["defaults"] = json!({"alerts": {}});
    check(&two, false);
}

/// A value of any kind, most of which fit somewhere.
fn anything() -> impl Strategy<Value = Value> {
    let texts = ["5m", "0 3 * * *", "UTC", "https://example.org", "bill", "off", "10", ""];
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0..20).prop_map(Value::from),
        prop::sample::select(texts.to_vec()).prop_map(Value::from),
        Just(json!(["0 3 * * *", "0 4 * * *"])),
        Just(json!([])),
        Just(json!({})),
        Just(json!({"team": "a"})),
        Just(json!({"timeout": "5m", "owner": "a"})),
        Just(json!({"BackgroundJobFailing": false, "BackgroundJobStuck": {"severity": "critical"}})),
        Just(json!({"BackgroundJobNotRunning": {"above": "3h"}})),
        Just(json!({"BackgroundJobNotRunning": {"above": ["3h"]}})),
    ]
}

fn keys(of: &'static [Key]) -> impl Strategy<Value = &'static str> {
    let mut names: Vec<&str> = of.iter().map(|key| key.name).collect();
    names.push("nmae");
    prop::sample::select(names)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Whatever stands behind a key: what the schema takes is of the right structure, and what
    /// it refuses the reader refuses, too.
    #[test]
    fn the_reader_takes_what_the_schema_takes(
        top in prop::collection::vec((keys(&CATALOGUE), anything()), 0..2),
        job in prop::collection::vec((keys(&JOB), anything()), 0..3),
        defaults in prop::collection::vec((keys(&DEFAULTS), anything()), 0..2),
    ) {
        let mut document = with("service", json!("shop"));
        for (key, value) in job {
            document["jobs"][0][key] = value;
        }
        for (key, value) in defaults {
            document["defaults"][key] = value;
        }
        for (key, value) in top {
            document[key] = value;
        }
        let told = read(&document);
        let is_valid = VALIDATOR.is_valid(&document);
        if is_valid {
            // What no schema says: whether a text says something, and what it means.
            prop_assert!(!is_structural(&told), "{document}\n{told}");
        } else {
            prop_assert!(!told.is_empty(), "{document}");
        }
    }
}

/// What may be written for a parameter: a little of everything.
fn setting() -> impl Strategy<Value = Value> {
    let texts = [
        "5m",
        " 90m ",
        "1h30m",
        "0s",
        "30m1h",
        "500ms",
        "1.5h",
        "5",
        " 5 ",
        "0.1/s",
        "0.1 /s",
        ".5",
        "5.",
        ".",
        "",
        " ",
        "-1",
        "-5m",
        "50%",
        "50 %",
        "2.5%",
        "0.00001%",
        "0.0000010",
        "0.0000001",
        "1k",
        "OFF",
        "1e-3",
        "1E3",
        "1.5e+2",
        "2e-1%",
        "1e",
        "e1",
        "1e-9",
        "99",
        "100",
        "101",
        "00100",
        "100.0",
        "100.1",
        "99.9999",
        "100%",
        "101%",
        "100.0001%",
        "1",
        "1.0",
        "1.1",
        "1000",
        "1001",
        "1000000",
        "1000001",
        "1000000000000",
        "1000000000001",
        "99999999999999999999",
        "9m",
        "10m",
        "366d",
        "367d",
        "8784h",
        "8785h",
        "3650d",
        "3651d",
        "400d",
        "52w",
        "53w",
        "1y",
        "2y",
        "31622400s",
        "31622401s",
    ];
    prop_oneof![
        prop::sample::select(texts.to_vec()).prop_map(Value::from),
        prop::sample::select(vec![-1_i64, 0, 1, 2, 50, 1000, 1_001, 1_000_000_000_000, 1_000_000_000_001])
            .prop_map(Value::from),
        prop::sample::select(vec![-0.5, 1e-3, 0.5, 1.0, 1.5, 50.5, 1000.0, 1000.5]).prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
    ]
}

/// Alerts with the keys of their parameters.
fn parameters() -> impl Strategy<Value = (&'static str, &'static str)> {
    let of = |alert: &&'static AlertDefinition| {
        let keys = alert.parameters.iter().map(|parameter| parameter.key).chain(["for"]);
        keys.map(|key| (alert.name.as_str(), key)).collect::<Vec<_>>()
    };
    prop::sample::select(STANDARD.iter().flat_map(of).collect::<Vec<_>>())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_024))]

    /// A number is taken by both or by neither; so is a text, but for how large its number is.
    #[test]
    fn schema_and_reader_take_the_same_thresholds(
        (alert, key) in parameters(), value in setting(), of in prop::sample::select(vec!["alerts", "job.alerts"]),
    ) {
        let document = with(of, json!({alert: {key: value.clone()}}));
        let told = read(&document);
        if VALIDATOR.is_valid(&document) {
            // How large a number is that has an exponent is not for a pattern to say.
            let is_left = value.as_str().is_some_and(|text| text.contains(['e', 'E']));
            prop_assert!(told.is_empty() || is_left, "{document}\n{told}");
        } else {
            prop_assert!(!told.is_empty(), "{document}");
        }
    }
}

fn is_structural(told: &str) -> bool {
    [
        "expected ",
        "unknown key",
        "is missing",
        "there is no alert",
        "either `interval`",
        "as well",
        "has no `",
    ]
    .iter()
    .any(|words| told.contains(words) && !told.contains("cannot stand in the field"))
}
