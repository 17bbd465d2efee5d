//! Odd texts, behind every key that takes one.

use serde_json::{Value, json};

use super::{VALIDATOR, read, with};

/// Texts that are odd somewhere, and some that are right.
fn odd_texts() -> Vec<String> {
    let texts = [
        "",
        " ",
        "\t",
        "\n",
        "shop",
        " shop ",
        "shop\n",
        "Shop",
        "a shop",
        "shöp",
        "a\nb",
        "a\tb",
        "a\u{85}b",
        "a\u{2028}b",
        "a\u{202e}b",
        "a\u{fffd}b",
        "a\u{0}b",
        "a\u{7f}b",
        "\u{a0}a\u{3000}",
        "a\u{a0}b",
        "{{ a }}",
        "7zip",
        "_a",
        "__a",
        "-a",
        "a-",
        "a.b",
        "a/b",
        "../a",
        "a/../b",
        "a/..",
        "a..b",
        "/a",
        "a\\b",
        "C:a",
        "A_B",
        "A-B",
        "job_name",
        "severity",
        "service",
        "namespace",
        "owner",
        "alertname",
        "5m",
        "5 m",
        "0s",
        "90s",
        "1h30m",
        "30m1h",
        "-5m",
        "1.5h",
        "99999999999y",
        "2d",
        "http://",
        "https://a",
        " https://a ",
        "https://a b",
        "https://{a}",
        "ftp://a",
        "HTTPS://a",
        "UTC",
        "Europe/Berlin",
        "europe/berlin",
        " UTC",
        "Mars/Base",
        "0 3 * * *",
        " 0  3\t* * * ",
        "0 3 * *",
        "0 0 3 * * *",
        "0 0 0 3 * * *",
        "60 * * * *",
        "0 24 * * *",
        "0 0 0 * *",
        "0 0 32 * *",
        "0 0 * 13 *",
        "0 0 * * 8",
        "005 * * * *",
        "05 03 * * *",
        "5/15 * * * *",
        "*/15 * * * *",
        "*/60 * * * *",
        "*/0 * * * *",
        "H/15 * * * *",
        "1,,3 * * * *",
        "*,5 * * * *",
        "30-10 * * * *",
        "0 22-2 * * *",
        "0 2-22 * * *",
        "0 09-8 * * *",
        "0 8-09 * * *",
        "0 0 * * 5-1,6",
        "0 0 1,9-8 * *",
        "59-5/10 * * * *",
        "5-5 * * * *",
        "0 10-9 * * *",
        "0 9-10 * * *",
        "0 0 * * FRI-MON",
        "0 0 * * fri-1",
        "0 0 * * 5-Mon",
        "0 0 * * MON-0",
        "0 0 * * MON-SUN",
        "0 0 * * 7-SUN",
        "0 0 * * SUN-MON",
        "0 0 * * TUE-TUE,SAT-FRI",
        "0 0 * * 6-06",
        "0 0 * 12-JAN *",
        "0 0 * DEC-11 *",
        "0 0 * DEC-12 *",
        "0 0 * 9-oct *",
        "0 0 * 11-OCT *",
        "0 0 * Feb-JAN/2 *",
        "0-30/10 * * * *",
        "0 0 ? * *",
        "0 0 L * *",
        "0 0 lw * *",
        "0 0 15W * *",
        "0 0 32W * *",
        "0 0 * jan-MAR MON-FRI",
        "0 0 * * SUNDAY",
        "0 0 * * FRIL",
        "0 0 * * 1#2",
        "0 0 * * 1#6",
        "0 0 30 2 *",
        "0\u{a0}3 * * *",
        "@daily",
        "@WEEKLY",
        "@reboot",
        "@every 5m",
        "TZ=UTC 0 3 * * *",
        "every day",
        "prometheus",
        "app.kubernetes.io/part-of",
        "Example.com/a",
        "a..b/c",
        "a/b/c",
    ];
    let long = [41, 64, 101, 1_000, 1_001].map(|length| "a".repeat(length));
    texts.into_iter().map(str::to_owned).chain(long).collect()
}

/// What a text means is not for a schema to say: whether a day comes, how long a duration of
/// several units is, or one beside the interval, a job is there, nor how long texts are together.
const MEANT: [&str; 8] = [
    "name a time at least every",
    "longer than can be counted",
    "longer than a day",
    "at most 366 days",
    "is no retention of Prometheus",
    "no job of this catalogue is named",
    "characters: at most",
    "characters together",
];

fn is_left_to_the_reader(told: &str) -> bool {
    MEANT.iter().any(|says| told.contains(says))
}

/// Each of them behind each key of a text, within lists, and as a key and a value of labels.
#[test]
fn schema_and_reader_refuse_the_same_texts() {
    let mut wrong = Vec::new();
    let tops = [
        "name",
        "title",
        "service",
        "namespace",
        "runbook",
        "runbook_url",
        "grafana_url",
        "logs_url",
        "retention",
    ];
    let jobs = ["name", "summary", "timezone", "interval_variable", "timeout", "items", "queue", "owner"];
    for text in odd_texts() {
        let mut documents: Vec<Value> = tops.iter().map(|key| with(key, json!(text))).collect();
        documents.extend(jobs.iter().map(|key| with(&format!("job.{key}"), json!(text))));
        for (key, value) in
            [("interval", json!(text)), ("cron", json!(text)), ("cron", json!([text, "1 1 * * *"]))]
        {
            let mut document = with(&format!("job.{key}"), value);
            let other = if key == "cron" { "interval" } else { "cron" };
            document["jobs"][0].as_object_mut().unwrap().remove(other);
            documents.push(document.clone());
            document["jobs"][0]["timezone"] = json!(text);
            document["jobs"][0]["cron"] = json!("0 3 * * *");
            document["jobs"][0].as_object_mut().unwrap().remove("interval");
            documents.push(document);
        }
        for key in ["labels", "selector", "job.labels"] {
            documents.push(with(key, json!({text.clone(): "a"})));
            documents.push(with(key, json!({"team": text})));
        }
        for key in ["grouping_labels", "job.grouping_labels"] {
            documents.push(with(key, json!(text)));
            documents.push(with(key, json!([text])));
        }
        documents.push(with("kubernetes", json!({"labels": {text.clone(): "a"}})));
        documents.push(with("kubernetes", json!({"labels": {"a": text}, "folder": "a"})));
        documents.push(with("kubernetes", json!({"namespace": text})));
        documents.push(with("kubernetes", json!({"folder": text})));
        documents.push(with("defaults", json!({"owner": text})));
        documents.push(with("defaults", json!({"timeout": text})));
        documents.push(with("suppress", json!([{"code": "alert-never-fires", "reason": text}])));
        documents.push(with("suppress", json!([{"code": text, "reason": "a"}])));
        documents.push(with("suppress", json!([{"code": "a", "reason": "a", "job": text}])));
        for document in documents {
            let told = read(&document);
            match (VALIDATOR.is_valid(&document), told.is_empty()) {
                (true, false) if !is_left_to_the_reader(&told) => {
                    wrong.push(format!("taken by the schema: {document}\n{told}"));
                }
                (false, true) => wrong.push(format!("refused by the schema alone: {document}")),
                _ => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{}: {}", wrong.len(), wrong.join("\n"));
}
