//! Texts are data, whatever they hold.

use proptest::prelude::*;

use super::super::*;
use super::GOOD;
use crate::text::is_control;

/// A text in double quotes, as YAML writes it.
fn quoted(text: &str) -> String {
    let mut quoted = "\"".to_owned();
    for c in text.chars() {
        quoted.push_str(&match c {
            '"' | '\\' => format!("\\{c}"),
            ' '..='~' => c.to_string(),
            _ => format!("\\U{:08X}", u32::from(c)),
        });
    }
    quoted + "\""
}

/// Texts that mean something to YAML, Prometheus, PromQL, HTML, shells or people.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{1,20}",
        "[ -~]{1,20}",
        prop::sample::select(vec![
            "yes",
            "null",
            "~",
            "5",
            "a: #b",
            "- x",
            "'",
            "\"",
            "\\",
            "{{ query \"up\" }}",
            "{{",
            "%s",
            "$1",
            "*a",
            "&a",
            "]]>",
            "<script>",
            "`id`",
            "---",
            "\u{feff}",
            "ä",
            "→",
        ])
        .prop_map(str::to_owned),
    ]
    .prop_filter("something that acts is put in by the test", |text| !text.contains(is_control))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn texts_are_data(text in hostile(), at in 0_usize..3, control in prop::sample::select(vec!['\n', '\0', '\u{85}', '\u{2029}', '\u{202b}', '\u{2069}'])) {
        let catalogue = |text: &str| {
            let text = quoted(text);
            parse(&format!(
                "service: {text}\ntitle: {text}\nlabels: {{team: {text}}}\nselector: {{team: {text}}}\n\
                 thresholds: {{Late: {{above: {text}}}}}\n\
                 suppress: [{{code: {text}, alert: {text}, reason: {text}}}]\n\
                 jobs: [{{name: bill, summary: {text}, interval: 5m, timeout: 1m, items: {text}, queue: {text}}}]\n"
            ))
        };
        prop_assume!(!text.trim().is_empty());
        let parsed = catalogue(&text).map_err(|error| TestCaseError::fail(format!("{error:?}")))?.catalogue;
        let (job, known) = (&parsed.jobs()[0], &parsed.suppressed()[0]);
        let texts = [
            parsed.service(), parsed.title(), &parsed.labels()["team"], &parsed.selector()["team"],
            parsed.thresholds()["Late"].get("above").unwrap_or_default(), &known.code,
            known.alert.as_deref().unwrap_or_default(), job.items().unwrap_or_default(), job.queue().unwrap_or_default(),
        ];
        prop_assert_eq!(texts, [text.trim(); 9]);
        let folded = text.split_whitespace().collect::<Vec<_>>().join(" ");
        prop_assert_eq!([job.summary(), &known.reason], [folded.as_str(); 2]);

        // Something that acts, in the middle of it.
        let middle = text.char_indices().nth(at).map_or(text.len(), |(at, _)| at);
        let acting = format!("a{}{control}{}b", &text[..middle], &text[middle..]);
        prop_assert!(catalogue(&acting).is_err());
    }

    #[test]
    fn no_text_panics(at in 0..GOOD.len(), put in "\\PC{0,4}", cut in 0_usize..6) {
        let end = (at + cut).min(GOOD.len());
        let _ = parse(&format!("{}{put}{}", &GOOD[..at], &GOOD[end..]));
    }
}
