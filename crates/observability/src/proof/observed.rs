//! What promtool printed about a simulation.
//!
//! Promtool tells nobody when alerts fire, only whether they do at one moment. A simulation asks
//! once, at its end, for the first and the last moment of each alert, and expects nothing: what
//! promtool complains of is the answer.

use std::collections::BTreeMap;

use jobwatch_catalogue::label::JOB_NAME;

use crate::scope::{ALERTNAME, ALERTS, ALERTSTATE, SEVERITY};

/// The label that says what is asked for.
const ASKED: &str = "asked";
const FIRST: &str = "first";
const LAST: &str = "last";
const STEPS: &str = "steps";

/// How a line of promtool starts that has samples nobody expected.
const GOT: &str = "got: ";

/// From when to when an alert fired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Firing {
    /// The alert's name.
    pub alert: String,
    /// The job that it is about. `None` if it does not say.
    pub job: Option<String>,
    /// How urgent it is. `None` if it does not say.
    pub severity: Option<String>,
    /// When it fired first, in seconds.
    pub first: u64,
    /// When it fired last.
    pub last: u64,
    /// At how many steps it fired.
    pub steps: u64,
}

/// The alerts that fired in a simulation, in the order of their first moments.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Observed {
    /// The alerts.
    pub firings: Vec<Firing>,
}

/// Why no answer can be found in what promtool printed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ObservedError {
    /// Promtool complains of something else.
    #[error("promtool could not evaluate the rules: {0}")]
    Refused(String),
    /// Promtool says nothing that is known.
    #[error("promtool printed something unexpected: {0}")]
    Unexpected(String),
}

/// Returns the expression that asks for the first and the last moment of each alert, and for how
/// many steps it fired, in a simulation that ends at a moment.
pub(super) fn question(step: u64, end: u64) -> String {
    let firing = format!("{ALERTS}{{{ALERTSTATE}=\"firing\"}}");
    let (within, by) = (end + step, format!("by ({ALERTNAME}, {JOB_NAME}, {SEVERITY})"));
    let moments = format!("timestamp({firing})[{within}s:{step}s]");
    let asked = |what: &str, expression: String| {
        format!("label_replace({expression}, \"{ASKED}\", \"{what}\", \"\", \"\")")
    };
    [
        asked(FIRST, format!("min {by} (min_over_time({moments}))")),
        asked(LAST, format!("max {by} (max_over_time({moments}))")),
        asked(STEPS, format!("max {by} (count_over_time({firing}[{within}s]))")),
    ]
    .join(" or ")
}

impl Observed {
    /// Reads what promtool printed.
    ///
    /// # Errors
    ///
    /// [`ObservedError`] if it is no answer.
    pub fn read(passed: bool, output: &str) -> Result<Self, ObservedError> {
        if passed {
            return Ok(Self::default());
        }
        let Some(samples) = output.lines().find_map(|line| line.trim_start().strip_prefix(GOT)) else {
            return Err(ObservedError::Refused(complaint(output)));
        };
        let unexpected = || ObservedError::Unexpected(complaint(samples));
        let mut all: BTreeMap<[Option<String>; 3], [u64; 3]> = BTreeMap::new();
        let mut rest = samples.trim_end();
        while !rest.is_empty() {
            let (mut labels, value, after) = sample(rest).ok_or_else(unexpected)?;
            rest = after;
            let asked = labels.remove(ASKED);
            let place = [FIRST, LAST, STEPS].into_iter().position(|what| asked.as_deref() == Some(what));
            let key = [ALERTNAME, JOB_NAME, SEVERITY].map(|name| labels.remove(name));
            all.entry(key).or_default()[place.ok_or_else(unexpected)?] = value;
        }
        let firings = all.into_iter().map(|([alert, job, severity], [first, last, steps])| {
            let alert = alert.unwrap_or_default();
            Firing { alert, job, severity, first, last, steps }
        });
        let mut firings: Vec<Firing> = firings.collect();
        firings.sort_by_key(|firing| firing.first);
        Ok(Self { firings })
    }
}

/// Returns what is left of an output without the lines that are always there.
fn complaint(output: &str) -> String {
    const MOST: usize = 2_000;
    let is_usual = |line: &&str| !line.is_empty() && *line != "FAILED:" && !line.starts_with("Unit Testing:");
    let lines: Vec<&str> = output.lines().map(str::trim).filter(is_usual).collect();
    lines.join("; ").chars().take(MOST).collect()
}

type Sample<'a> = (BTreeMap<String, String>, u64, &'a str);

/// Takes one sample: `{alertname="Down", asked="first"} 7.8E+02`, and the comma behind it. `None`
/// if the text starts with something else.
fn sample(text: &str) -> Option<Sample<'_>> {
    let mut labels = BTreeMap::new();
    let mut rest = text.strip_prefix('{')?;
    while !rest.starts_with('}') {
        let (name, after) = rest.split_once('=')?;
        let (value, after) = quoted(after)?;
        labels.insert(name.to_owned(), value);
        rest = after.strip_prefix(", ").unwrap_or(after);
    }
    let rest = rest.strip_prefix("} ")?;
    let (value, after) = rest.split_once(", ").unwrap_or((rest, ""));
    let value: f64 = value.parse().ok()?;
    (value.is_finite() && value >= 0.0).then_some((labels, value as u64, after))
}

/// Takes a text in quotes as Go writes it. What is written by number stays so.
fn quoted(text: &str) -> Option<(String, &str)> {
    let text = text.strip_prefix('"')?;
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => match chars.next()?.1 {
                'n' => value.push('\n'),
                't' => value.push('\t'),
                escaped @ ('"' | '\\') => value.push(escaped),
                other => value.extend(['\\', other]),
            },
            c => value.push(c),
        }
    }
    None
}
