//! Holds a runbook against the alerts, both ways.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use jobwatch_catalogue::problem::Problems;

use super::alert_view::{Alert, Severity};
use super::codes;
use super::expected::{Expectations, Expected, told};
use super::inline::Field;
use super::judge::judge;
use super::limits::{Excess, MAX_FINDINGS, excess};
use super::lines::Lines;
use super::report;
use super::section::{Contents, Entry, read};
use crate::anchor::slug;
use crate::findings::{Finding, sort};

/// Returns every difference between a runbook and the alerts, sorted by place.
///
/// An alert that has no job to watch needs no section: a catalogue without queues promises nothing
/// about queues. If the runbook has a section about it all the same, that section has to be right.
///
/// Of more than [`MAX_FINDINGS`] the first are returned, and one finding more that says how many
/// were left out. A runbook that is larger than [`super::MAX_SIZE`], or nested more deeply than
/// [`super::MAX_DEPTH`], is not read: one finding says so.
pub fn compare(alerts: &[Alert], text: &str) -> Vec<Finding> {
    let lines = Lines::new(text);
    if let Some(excess) = excess(text) {
        return vec![too_much(&lines, excess)];
    }
    let expectations = Expectations::new(alerts);
    let links: HashSet<String> =
        expectations.all.iter().map(|expected| slug(expected.alert.heading)).collect();
    let contents = read(text, |anchor| links.contains(anchor));
    let mut comparer =
        Comparer { all: &expectations, text, lines: &lines, findings: Problems::with_limit(MAX_FINDINGS) };
    comparer.missing_sections(&contents);
    comparer.entries(&contents);
    let (mut findings, omitted) = comparer.findings.into_parts();
    sort(&mut findings);
    if omitted > 0 {
        let message = format!("{omitted} more findings are not told");
        let end = text.len()..text.len();
        findings.push(Finding {
            hint: "mend those that are told, and check again".to_owned(),
            ..report::finding(&lines, codes::TOO_MUCH, None, end, message)
        });
    }
    findings
}

fn too_much(lines: &Lines<'_>, excess: Excess) -> Finding {
    let at = match excess {
        Excess::Size | Excess::Signs => 0,
        Excess::Depth { at } => at,
    };
    Finding {
        hint: "divide the runbook into several, or make it plainer".to_owned(),
        ..report::finding(lines, codes::TOO_MUCH, None, at..at, excess.to_string())
    }
}

/// Returns the number of the alert that an entry is about: the one that it names, or the one that
/// the heading above it names.
pub(super) fn alert_of(entry: &Entry, all: &Expectations<'_>) -> Option<usize> {
    let name = entry.alert.as_ref().or(entry.heading.as_deref())?;
    all.named(&name.text)
}

/// Returns the severity that a text names. `None` if it names none.
pub(super) fn severity_of(text: &str) -> Option<Severity> {
    let word = bare(text);
    [Severity::Warning, Severity::Critical]
        .into_iter()
        .find(|severity| word.eq_ignore_ascii_case(severity.as_str()))
}

/// Returns a name without the marks around it.
fn bare(text: &str) -> &str {
    text.trim_matches(|c: char| !c.is_alphanumeric())
}

/// Holds a runbook against the alerts, and collects what differs.
struct Comparer<'a> {
    all: &'a Expectations<'a>,
    text: &'a str,
    lines: &'a Lines<'a>,
    findings: Problems<Finding>,
}

impl<'a> Comparer<'a> {
    fn entries(&mut self, contents: &Contents) {
        let (all, lines) = (self.all, self.lines);
        // Which alerts each section is about, and the first of them that exists.
        let mut about: HashSet<(usize, usize)> = HashSet::new();
        let mut first_of: HashMap<usize, usize> = HashMap::new();
        for entry in &contents.entries {
            if let Some(alert) = alert_of(entry, all) {
                about.insert((entry.section, alert));
                first_of.entry(entry.section).or_insert(alert);
            }
        }
        let mut first: HashMap<usize, &Field> = HashMap::new();
        for entry in &contents.entries {
            let alert = alert_of(entry, all);
            let named = entry.alert.as_ref().or(entry.heading.as_deref().filter(|_| alert.is_some()));
            let Some(field) = named.filter(|field| !field.text.is_empty()) else {
                self.nameless(entry);
                continue;
            };
            let Some(number) = alert else {
                let names = all.all.iter().map(|expected| expected.alert.name);
                self.findings.add(|| report::unknown(lines, names, field.span.clone(), bare(&field.text)));
                continue;
            };
            let expected = &all.all[number];
            if let Some(known) = first.get(&number) {
                self.duplicate(expected, field, known);
            } else {
                first.insert(number, field);
                let leads_to = contents.anchors.get(&slug(expected.alert.heading));
                match leads_to {
                    Some(Some(section)) if !about.contains(&(*section, number)) => {
                        if let Some(other) = first_of.get(section) {
                            self.anchor(expected, field, Some(&all.all[*other]));
                        }
                    }
                    Some(_) => {}
                    None => self.anchor(expected, field, None),
                }
            }
            self.severity(expected, entry, field);
            self.threshold(expected, entry, field);
        }
    }

    fn nameless(&mut self, entry: &Entry) {
        let mut fields = entry.alert.iter().chain(&entry.severities).chain(&entry.thresholds);
        let (Some(field), lines) = (fields.next(), self.lines) else { return };
        self.findings.add(|| {
            let message = "this section does not say which alert it is about".to_owned();
            Finding {
                hint: "add a line `**Alert**: ` with the alert's name".to_owned(),
                ..report::finding(lines, codes::FIELD_MISSING, None, field.span.clone(), message)
            }
        });
    }

    fn duplicate(&mut self, alert: &Expected<'_>, field: &Field, first: &Field) {
        let lines = self.lines;
        self.findings.add(|| {
            let line = lines.location(first.span.clone()).position.line;
            let message = format!("{} has two sections", alert.alert.name);
            let code = codes::SECTION_DUPLICATE;
            Finding {
                hint: format!("keep one of them; the first is in line {line}"),
                ..report::finding(lines, code, Some(alert), field.span.clone(), message)
            }
        });
    }

    /// A link that leads nowhere, or to a section that is about other alerts alone.
    fn anchor(&mut self, alert: &Expected<'_>, field: &Field, other: Option<&Expected<'_>>) {
        let lines = self.lines;
        self.findings.add(|| {
            let (name, heading) = (alert.alert.name, alert.alert.heading);
            let anchor = slug(heading);
            let where_to = match other {
                Some(other) => format!("where {} stands", other.alert.name),
                None => "which is no heading here".to_owned(),
            };
            let message = format!("the link of {name} leads to #{anchor}, {where_to}");
            let span = field.span.clone();
            Finding {
                expected: Some(format!("#{anchor}")),
                hint: format!(
                    "name the section's heading `{heading}`, or put `<a id=\"{anchor}\"></a>` above it"
                ),
                ..report::finding(lines, codes::ANCHOR_BROKEN, Some(alert), span, message)
            }
        });
    }

    fn missing_field(&mut self, alert: &Expected<'_>, span: Range<usize>, label: &str, value: String) {
        let lines = self.lines;
        self.findings.add(|| report::missing_field(lines, alert, span, label, value));
    }

    fn severity(&mut self, alert: &Expected<'_>, entry: &Entry, at: &Field) {
        let expected = alert.alert.severity.to_string();
        if entry.severities.is_empty() {
            self.missing_field(alert, at.span.clone(), "Severity", expected.clone());
        }
        for field in &entry.severities {
            if field.text.is_empty() {
                self.missing_field(alert, field.span.clone(), "Severity", expected.clone());
                continue;
            }
            let stated = severity_of(&field.text);
            if stated == Some(alert.alert.severity) {
                continue;
            }
            let lines = self.lines;
            self.findings.add(|| {
                let message = match stated {
                    Some(_) => {
                        let name = alert.alert.name;
                        format!("the runbook states another severity than the rule of {name} has")
                    }
                    None => "a severity is `Warning` or `Critical`".to_owned(),
                };
                let (code, span) = (codes::SEVERITY_DIFFERS, field.span.clone());
                Finding {
                    expected: Some(expected.clone()),
                    found: Some(told(&field.text)),
                    hint: format!("write: {expected}"),
                    ..report::finding(lines, code, Some(alert), span, message)
                }
            });
        }
    }

    fn threshold(&mut self, alert: &Expected<'_>, entry: &Entry, at: &Field) {
        if entry.thresholds.is_empty() {
            self.missing_field(alert, at.span.clone(), "Threshold", alert.told());
        }
        for field in &entry.thresholds {
            if field.text.is_empty() {
                self.missing_field(alert, field.span.clone(), "Threshold", alert.told());
                continue;
            }
            let judged = judge(&field.text, alert, self.all, self.findings.room());
            let (differences, omitted) = judged.into_parts();
            let findings = differences.into_iter().map(|difference| {
                let span = field.source(difference.span.clone());
                report::difference(self.lines, alert, difference, span)
            });
            self.findings.extend(findings, omitted);
        }
    }

    fn missing_sections(&mut self, contents: &Contents) {
        let named: HashSet<usize> =
            contents.entries.iter().filter_map(|entry| alert_of(entry, self.all)).collect();
        for (number, expected) in self.all.all.iter().enumerate() {
            if expected.alert.groups.is_empty() || named.contains(&number) {
                continue;
            }
            let (lines, text) = (self.lines, self.text);
            self.findings.add(|| {
                let span = mention(text, expected.alert.name);
                let message = format!("{} has no section in the runbook", expected.alert.name);
                let section = told(&expected.section());
                Finding {
                    hint: format!("add:\n\n{section}"),
                    expected: Some(section),
                    ..report::finding(lines, codes::SECTION_MISSING, Some(expected), span, message)
                }
            });
        }
    }
}

/// Returns where a text first has a name; its end if nowhere.
fn mention(text: &str, name: &str) -> Range<usize> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let is_whole =
        |at: &usize| !text[..*at].ends_with(is_part) && !text[at + name.len()..].starts_with(is_part);
    let found = text.match_indices(name).map(|(at, _)| at).find(is_whole);
    found.map_or_else(
        || {
            let end = text.trim_end().len();
            end..end
        },
        |at| at..at + name.len(),
    )
}
