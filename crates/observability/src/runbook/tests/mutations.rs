//! Runbooks with random changes: nothing panics, and what can be mended is mended at once.

use proptest::prelude::*;

use super::{RUNBOOK, clipper};
use crate::findings::Code;
use crate::runbook::{codes, compare, fix};

/// Signs that mean something to Markdown, to a sentence, or to neither.
const ODD: [&str; 48] = [
    "*",
    "**",
    "_",
    "__",
    "`",
    "``",
    "```\n",
    "\\",
    "[",
    "](",
    ")",
    "(",
    "![",
    "<",
    ">",
    "&gt;",
    "&",
    "|",
    "\n|",
    "\n",
    "\n\n",
    "\r\n",
    "\t",
    "    ",
    "- ",
    "1. ",
    "> ",
    "#",
    "# ",
    "---\n",
    "===\n",
    ": ",
    "\n: ",
    "<br>",
    "<!--",
    "-->",
    "<a id=\"x\"></a>",
    "[^1]",
    "[^1]: ",
    "~~",
    "🚨",
    "\u{fe0f}",
    "\u{0}",
    "\u{202e}",
    "é",
    "Threshold: ",
    "**Severity**: ",
    "Alert: ",
];

#[derive(Debug, Clone)]
enum Mutation {
    Delete { at: usize, length: usize },
    Duplicate { at: usize, length: usize, to: usize },
    Swap { at: usize, length: usize },
    Insert { at: usize, text: &'static str },
}

fn mutations() -> impl Strategy<Value = Vec<Mutation>> {
    let at = || 0..RUNBOOK.len();
    // Where something is said about an alert, a change matters more.
    let near = prop::sample::select(RUNBOOK.match_indices("**Alert**").map(|(at, _)| at).collect::<Vec<_>>());
    let near = (near, 0_usize..160).prop_map(|(at, offset)| at + offset);
    let at = || prop_oneof![1 => at(), 3 => near.clone()];
    let length = || 0_usize..60;
    let odd = prop::sample::select(ODD.to_vec());
    let mutation = prop_oneof![
        2 => (at(), length()).prop_map(|(at, length)| Mutation::Delete { at, length }),
        1 => (at(), length(), at()).prop_map(|(at, length, to)| Mutation::Duplicate { at, length, to }),
        1 => (at(), length()).prop_map(|(at, length)| Mutation::Swap { at, length }),
        6 => (at(), odd).prop_map(|(at, text)| Mutation::Insert { at, text }),
    ];
    prop::collection::vec(mutation, 1..12)
}

fn mutated(mutations: &[Mutation]) -> String {
    let mut text = RUNBOOK.to_owned();
    for mutation in mutations {
        let part = |at: usize, length: usize| {
            let start = text.floor_char_boundary(at);
            start..text.floor_char_boundary(start + length)
        };
        match *mutation {
            Mutation::Delete { at, length } => text.replace_range(part(at, length), ""),
            Mutation::Duplicate { at, length, to } => {
                let copy = text[part(at, length)].to_owned();
                text.insert_str(text.floor_char_boundary(to), &copy);
            }
            Mutation::Swap { at, length } => {
                let (first, second) = (part(at, length), part(at + length, length));
                let swapped = format!("{}{}", &text[second.clone()], &text[first.clone()]);
                text.replace_range(first.start..second.end.max(first.start), &swapped);
            }
            Mutation::Insert { at, text: odd } => text.insert_str(text.floor_char_boundary(at), odd),
        }
    }
    text
}

/// Whether mending promises that there is no finding of this kind.
fn is_mended(code: Code) -> bool {
    [
        codes::SEVERITY_DIFFERS,
        codes::THRESHOLD_DIFFERS,
        codes::UNIT_DIFFERS,
        codes::DURATION_DIFFERS,
        codes::COMPARISON_DIFFERS,
        codes::CONDITION_DIFFERS,
        codes::THRESHOLD_UNREADABLE,
        codes::JOB_THRESHOLD_DIFFERS,
        codes::JOB_THRESHOLD_UNSTATED,
    ]
    .contains(&code)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn a_mutated_runbook_is_compared_and_mended(mutations in mutations()) {
        let alerts = clipper();
        let text = mutated(&mutations);
        for finding in compare(&alerts, &text) {
            prop_assert!(text.get(finding.location.position.span.clone()).is_some(), "{:?}", finding);
        }
        let mended = fix(&alerts, &text);
        // Nothing that was there is gone.
        let others = |text: &str| {
            compare(&alerts, text).into_iter().filter(|finding| !is_mended(finding.code)).count()
        };
        prop_assert!(others(&mended) <= others(&text), "{}", mended);
        let left: Vec<_> =
            compare(&alerts, &mended).into_iter().filter(|finding| is_mended(finding.code)).collect();
        prop_assert!(left.is_empty(), "{:#?}", left);
        prop_assert_eq!(&fix(&alerts, &mended), &mended);
    }
}
