//! Each log that a test asks for is held against what SARIF 2.1.0 allows.

use serde_json::{Value, json};

const SCHEMA: &str = include_str!("../../../../tests/fixtures/schemas/sarif.json");

/// Returns what is wrong about a log, with its places.
fn problems(log: &Value) -> Vec<String> {
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&serde_json::from_str(SCHEMA).unwrap())
        .unwrap();
    validator.iter_errors(log).map(|error| format!("{}: {}", error.instance_path(), error.masked())).collect()
}

/// Holds the log of a command against the schema, if it printed one.
#[track_caller]
pub(crate) fn check(arguments: &[&str], printed: &str) {
    if arguments.contains(&"sarif") && !printed.is_empty() {
        let found = problems(&serde_json::from_str(printed).unwrap());
        assert!(found.is_empty(), "{arguments:?}: {found:#?}");
    }
}

#[test]
fn what_the_standard_does_not_know_is_noticed() {
    let region = json!({"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 2});
    let log = |kind: &str, uri: &str, region: &Value| {
        let place = json!({"artifactLocation": {"uri": uri}, "region": region});
        let result = json!({
            "ruleId": "a", "level": "note", "message": {"text": "b"},
            "locations": [{"physicalLocation": place}], "suppressions": [{"kind": kind}],
        });
        let driver = json!({"name": "jobwatch", "version": "1", "rules": []});
        json!({
            "$schema": "https://a.example/", "version": "2.1.0",
            "runs": [{"tool": {"driver": driver}, "results": [result]}],
        })
    };
    assert_eq!(problems(&log("inSource", "a.yaml", &region)), [""; 0]);
    assert_eq!(problems(&log("inFile", "a.yaml", &region)).len(), 1);
    assert_eq!(problems(&log("external", "a b.yaml", &region)).len(), 1);
    assert_eq!(problems(&log("external", "a.yaml", &json!({"startLine": 0}))).len(), 4);
}
