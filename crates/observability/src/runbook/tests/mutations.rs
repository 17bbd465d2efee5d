//! Runbooks with random changes, held against random catalogues: nothing panics, and what can be
//! mended is mended at once.

use std::ops::Range;
use std::time::Duration;

use jobwatch_catalogue::{Catalogue, JobSpec, ThresholdOverride};
use proptest::prelude::*;

use super::{RUNBOOK, alerts};
use crate::alerts::critical_queue_size::CRITICAL_QUEUE_SIZE;
use crate::alerts::not_running::NOT_RUNNING;
use crate::anchor::AnchorStyle;
use crate::findings::{Code, Finding};
use crate::model::Alert;
use crate::quantity::Quantity;
use crate::runbook::block::Block;
use crate::runbook::expected::Expectations;
use crate::runbook::field::Field;
use crate::runbook::markdown::blocks;
use crate::runbook::section::read;
use crate::runbook::{codes, compare, fix};

/// The same in other layouts.
const LAYOUTS: &str = "---\nalert: BackgroundJobFailing\nseverity: warning # for now\n---\n# Failing\n
Threshold: > 0.1 failures/sec for 5 minutes (see the dashboard).\n\n## Alert: BackgroundJobCriticalFailureRate\n
> **Severity:** 🔴 Critical | **Threshold:** ~~> 40%~~ > 50% failure rate\n> for 5 minutes. Most runs fail.\n
## Late\n\n| Field | Value |\n|---|---|\n| Alert Name(s) | `BackgroundJobNotRunning`, `BackgroundJobStuck` |
| Severity | warning |\n| Threshold | No successful run for > 2 hours |\n
<!-- jobwatch: ignore runbook-field-missing it is elsewhere -->\n
## Queues\n\nAlert\n: BackgroundJobCriticalQueueSize\n\nThreshold\n: Queue size > 1k for 10 minutes[^1]\n
[^1]: Agreed.\n\n| Severity | Response time |\n|---|---|\n| Critical | 15 minutes |\n
## All\n\n| Alert | Severity |\n|---|---|\n| BackgroundJobHighDuration | Warning |\n
<table>\n<tr><th>Alert</th><th>Severity</th></tr>\n<tr>\n<td>BackgroundJobOverdue</td>\n<td><b>🟡 Warning</b> (see
the dashboard)</td>\n</tr>\n</table>\n\n## Slow\n\n<table><tr><td>Alert<td><code>BackgroundJobCriticalDuration</code>
<tr><td>Threshold<td>P95 duration &gt; <i>600 seconds</i>\nfor 10 minutes\n</table>\n";

/// Signs that mean something to Markdown, to a sentence, or to neither.
const ODD: [&str; 54] = [
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
    "<td>",
    "</td>",
    "<tr>",
    "<table>",
    "</table>",
    "<b>",
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

/// A job of a random catalogue: its name, whether it has a queue, how often it runs in seconds, and
/// a number that its own thresholds follow from.
type RandomJob = (&'static str, bool, u64, Option<u64>);

fn jobs() -> impl Strategy<Value = Vec<RandomJob>> {
    let name = prop::sample::select(vec!["bill", "Bill", "a.b", "x-1", "for", "webhook_retry", "over_2"]);
    let job = (name, any::<bool>(), 60_u64..90_000, prop::option::of(1_u64..100_000));
    prop::collection::vec(job, 1..5)
}

/// The alerts of a catalogue of some jobs.
fn alerts_of(jobs: &[RandomJob]) -> Vec<Alert> {
    let mut builder = Catalogue::builder("test");
    for (number, (name, has_queue, interval, own)) in jobs.iter().enumerate() {
        let mut job = JobSpec::every(format!("{name}{number}"), Duration::from_secs(*interval));
        if let Some(own) = own {
            let above = ThresholdOverride::new().set("above", Quantity::Duration(2 * interval + own));
            job = job.threshold(NOT_RUNNING.name.as_str(), above);
        }
        if *has_queue {
            let above = ThresholdOverride::new().set("above", Quantity::Count(own.unwrap_or(1_000)));
            job = job.queue("things").threshold(CRITICAL_QUEUE_SIZE.name.as_str(), above);
        }
        builder = builder.job(job);
    }
    alerts(&builder.build().unwrap())
}

fn mutated(base: &str, mutations: &[Mutation]) -> String {
    let mut text = base.to_owned();
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

/// The severities and thresholds of a text.
fn fields(alerts: &[Alert], text: &str) -> Vec<Field> {
    let names = Expectations::new(alerts).names;
    let entries = read(text, AnchorStyle::default(), &names).entries;
    entries.into_iter().flat_map(|entry| entry.severities.into_iter().chain(entry.thresholds)).collect()
}

/// Where fields stand that are never rewritten: in headings and in the heads of tables.
fn kept(alerts: &[Alert], text: &str) -> Vec<Range<usize>> {
    fields(alerts, text).into_iter().filter(|field| field.is_kept).map(|field| field.span).collect()
}

/// The headings and the heads of tables of a text.
fn heads(text: &str) -> Vec<String> {
    let mut heads = Vec::new();
    blocks(text, AnchorStyle::default(), |block| match block {
        Block::Heading(heading) => heads.push(heading.title.text),
        Block::Head(cells) => {
            heads.extend(cells.into_iter().filter(|cell| cell.is_head).map(|cell| cell.text.text))
        }
        _ => {}
    });
    heads
}

/// Returns the first part of a text outside its fields that another text does not have, in order.
fn lost<'t>(text: &'t str, fields: &[Field], mended: &str) -> Option<&'t str> {
    let mut places: Vec<_> = fields.iter().map(|field| field.edit().span).collect();
    places.sort_by_key(|place| place.start);
    let (mut at, mut rest) = (0, mended);
    for place in places.into_iter().chain(std::iter::once(text.len()..text.len())) {
        let outside = text.get(at..place.start).unwrap_or_default();
        match rest.find(outside) {
            Some(found) => rest = &rest[found + outside.len()..],
            None => return Some(outside),
        }
        at = at.max(place.end);
    }
    None
}

/// The kinds of some findings, each with the text that it points at.
fn shown<'f>(findings: impl IntoIterator<Item = &'f Finding>, text: &str) -> Vec<String> {
    let shown = |finding: &Finding| {
        let span = finding.location.position.span.clone();
        format!("{} at {span:?}: {:?}", finding.code, text.get(span.clone()))
    };
    findings.into_iter().map(shown).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_mutated_runbook_is_compared_and_mended(
        base in prop::sample::select(vec![RUNBOOK, LAYOUTS]),
        mutations in mutations(),
        jobs in jobs(),
    ) {
        let alerts = alerts_of(&jobs);
        let text = mutated(base, &mutations);
        let findings = compare(&alerts, &text);
        let is_inside = |finding: &Finding| text.get(finding.location.position.span.clone()).is_some();
        prop_assert!(findings.iter().all(is_inside), "{:?}", shown(&findings, &text));
        let mended = fix(&alerts, &text);
        let left = compare(&alerts, &mended);
        // Nothing that was there is gone.
        let others = |findings: &[Finding]| findings.iter().filter(|finding| !is_mended(finding.code)).count();
        prop_assert!(others(&left) <= others(&findings), "{mended}\n{:?}", shown(&left, &mended));
        prop_assert_eq!(heads(&mended), heads(&text));
        prop_assert_eq!(lost(&text, &fields(&alerts, &text), &mended), None, "{}", mended);
        let kept = kept(&alerts, &mended);
        let is_kept = |finding: &Finding| {
            let span = &finding.location.position.span;
            kept.iter().any(|kept| kept.start <= span.start && span.end <= kept.end)
        };
        let left = left.iter().filter(|finding| is_mended(finding.code) && !is_kept(finding));
        let left = shown(left, &mended);
        prop_assert!(left.is_empty(), "{mended}\n{left:#?}");
        prop_assert_eq!(&fix(&alerts, &mended), &mended);
    }
}
