//! Holds a runbook against the alerts, both ways.

use std::collections::HashMap;
use std::ops::Range;

use jobwatch_catalogue::problem::Problems;

use super::alert_view::{Alert, job_name};
use super::claims::claims;
use super::codes;
use super::entry::{Entry, Kind};
use super::expected::{Expectations, Expected, told};
use super::field::Field;
use super::ignore;
use super::judge::judge;
use super::limits::{Excess, MAX_FINDINGS, excess};
use super::lines::Lines;
use super::names::{Names, bare};
use super::report;
use super::section::read;
use super::urgency::{Contradiction, Urgency};
use crate::anchor::AnchorStyle;
use crate::definition::AlertName;
use crate::findings::{Finding, sort};
use crate::model::Model;

/// Returns every difference between a runbook and the alerts, sorted by place. Those that a comment
/// in the runbook names are marked as suppressed.
///
/// An alert that has no job to watch needs no section: a catalogue without queues promises nothing
/// about queues. If the runbook has a section about it all the same, that section has to be right.
///
/// Of more than [`MAX_FINDINGS`] the first are returned, and one finding more that says how many
/// were left out. A runbook that is larger than [`super::MAX_SIZE`], or nested more deeply than
/// [`super::MAX_DEPTH`], is not read: one finding says so.
pub fn compare(alerts: &[Alert], text: &str) -> Vec<Finding> {
    compare_with(&Expectations::new(alerts), text)
}

/// Returns what [`compare`] does, given what is expected.
pub(super) fn compare_with(all: &Expectations<'_>, text: &str) -> Vec<Finding> {
    let lines = Lines::new(text);
    if let Some(excess) = excess(text) {
        return vec![too_much(&lines, excess)];
    }
    let contents = read(text, AnchorStyle::default(), &all.names);
    let about: Vec<About<'_>> = contents.entries.iter().map(|entry| About::new(entry, &all.names)).collect();
    let first = first_entries(&about);
    let mut comparer =
        Comparer { all, text, lines: &lines, first, findings: Problems::with_limit(MAX_FINDINGS) };
    comparer.missing_sections();
    comparer.entries(&about);
    let (mut findings, mut omitted) = comparer.findings.into_parts();
    sort(&mut findings);
    let about = ignore::apply(text, &lines, &contents.ignores, &mut findings, omitted == 0);
    omitted += about.len().saturating_sub(MAX_FINDINGS - findings.len());
    findings.extend(about.into_iter().take(MAX_FINDINGS - findings.len()));
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

/// Returns where the links of alerts lead: the anchor of the heading under which each of them
/// stands in a runbook. One that stands under none is left out, and so are all of a runbook that is
/// too much to be read.
pub fn anchors(model: &Model<'_>, text: &str) -> HashMap<AlertName, String> {
    if excess(text).is_some() {
        return HashMap::new();
    }
    let alerts = model.alerts();
    let names = Names::new(alerts.iter().map(|alert| alert.definition.name.as_str()));
    let style = AnchorStyle::of(model.catalogue().runbook_url());
    let contents = read(text, style, &names);
    let about: Vec<About<'_>> = contents.entries.iter().map(|entry| About::new(entry, &names)).collect();
    let anchor = |(alert, entry): (usize, &Entry)| {
        let heading = entry.heading.as_ref().filter(|heading| !heading.anchor.is_empty())?;
        Some((alerts[alert].name(), heading.anchor.clone()))
    };
    first_entries(&about).into_iter().filter_map(anchor).collect()
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

/// An entry, and the alerts that it names.
pub(super) struct About<'e> {
    pub(super) entry: &'e Entry,
    pub(super) alerts: Vec<usize>,
}

impl<'e> About<'e> {
    pub(super) fn new(entry: &'e Entry, names: &Names<'_>) -> Self {
        Self { entry, alerts: names.named(entry.names.iter().map(|name| name.text.as_str())) }
    }

    /// Returns how urgent its alerts are.
    pub(super) fn urgency<'a>(&self, all: &'a Expectations<'_>) -> Urgency<'a> {
        Urgency::new(self.alerts.iter().map(|alert| &all.all[*alert].alert).collect())
    }
}

/// Returns the entry that each alert's link leads to: its section, or else its heading or its row
/// in a table; of several the first.
fn first_entries<'e>(about: &[About<'e>]) -> HashMap<usize, &'e Entry> {
    let mut first: HashMap<usize, &Entry> = HashMap::new();
    for About { entry, alerts } in about {
        for alert in alerts {
            let known = first.entry(*alert).or_insert(entry);
            if entry.kind < known.kind {
                *known = entry;
            }
        }
    }
    first
}

/// Holds a runbook against the alerts, and collects what differs.
struct Comparer<'a> {
    all: &'a Expectations<'a>,
    text: &'a str,
    lines: &'a Lines<'a>,
    /// The entry that each alert's link leads to.
    first: HashMap<usize, &'a Entry>,
    findings: Problems<Finding>,
}

impl<'a> Comparer<'a> {
    fn entries(&mut self, about: &[About<'_>]) {
        // Alerts whose rows and headings state a severity, and a threshold.
        let mut stated: HashMap<usize, (bool, bool)> = HashMap::new();
        for About { entry, alerts } in about.iter().filter(|about| about.entry.kind != Kind::Section) {
            for alert in alerts {
                let (severity, threshold) = stated.entry(*alert).or_default();
                *severity |= !entry.severities.is_empty();
                *threshold |= !entry.thresholds.is_empty();
            }
        }
        for about in about {
            let entry = about.entry;
            self.names(about);
            let Some(name) = entry.names.first().filter(|_| !about.alerts.is_empty()) else { continue };
            let alerts = about.alerts.iter().map(|&alert| &self.all.all[alert]);
            let off: Vec<_> = alerts.filter(|of| of.alert.is_off).collect();
            if !off.is_empty() {
                off.into_iter().for_each(|alert| self.switched_off(alert, name));
                continue;
            }
            for &alert in &about.alerts {
                self.place(alert, entry, name);
            }
            self.severity(about, name, &stated);
            self.threshold(about, name, &stated);
        }
    }

    /// Names that are missing or unknown.
    fn names(&mut self, about: &About<'_>) {
        let entry = about.entry;
        if entry.names.iter().all(|name| name.text.is_empty()) {
            self.nameless(entry);
            return;
        }
        for field in entry.names.iter().filter(|_| entry.kind != Kind::Heading) {
            if about.alerts.is_empty() {
                self.unknown(field.span.clone(), &field.text);
                continue;
            }
            for range in self.all.names.unknown(&field.text) {
                self.unknown(field.source(range.clone()), &field.text[range]);
            }
        }
    }

    fn unknown(&mut self, span: Range<usize>, name: &str) {
        let names = self.all.all.iter().map(|expected| expected.alert.name);
        let lines = self.lines;
        self.findings.add(|| report::unknown(lines, names, span, bare(name)));
    }

    fn nameless(&mut self, entry: &Entry) {
        let mut fields = entry.names.iter().chain(&entry.severities).chain(&entry.thresholds);
        let (Some(field), lines) = (fields.next(), self.lines) else { return };
        self.findings.add(|| {
            let message = "this section does not say which alert it is about".to_owned();
            Finding {
                hint: "add a line `**Alert**: ` with the alert's name".to_owned(),
                ..report::finding(lines, codes::FIELD_MISSING, None, field.span.clone(), message)
            }
        });
    }

    fn switched_off(&mut self, alert: &Expected<'_>, field: &Field) {
        let lines = self.lines;
        self.findings.add(|| {
            let name = alert.alert.name;
            let message = format!("{name} is switched off in the catalogue, so it never fires");
            Finding {
                hint: "remove the section, or switch the alert on".to_owned(),
                ..report::finding(lines, codes::ALERT_OFF, Some(alert), field.span.clone(), message)
            }
        });
    }

    /// Where an alert stands: in one section, and where a link can lead to.
    fn place(&mut self, alert: usize, entry: &Entry, name: &Field) {
        let expected = &self.all.all[alert];
        let Some(first) = self.first.get(&alert) else { return };
        if *first != entry {
            if entry.kind == Kind::Section {
                self.duplicate(expected, name, first);
            }
        } else if entry.heading.as_ref().is_none_or(|heading| heading.anchor.is_empty()) {
            self.anchor(expected, name, entry.heading.is_some());
        }
    }

    fn duplicate(&mut self, alert: &Expected<'_>, field: &Field, first: &Entry) {
        let lines = self.lines;
        let first = first.names.first().map_or(0..0, |name| name.span.clone());
        self.findings.add(|| {
            let line = lines.location(first).position.line;
            let message = format!("{} has two sections", alert.alert.name);
            let code = codes::SECTION_DUPLICATE;
            Finding {
                hint: format!("keep one of them; the first is in line {line}"),
                ..report::finding(lines, code, Some(alert), field.span.clone(), message)
            }
        });
    }

    /// A section that no link can lead to.
    fn anchor(&mut self, alert: &Expected<'_>, field: &Field, has_heading: bool) {
        let lines = self.lines;
        self.findings.add(|| {
            let (name, heading) = (alert.alert.name, alert.alert.heading);
            let (message, hint) = match has_heading {
                true => (
                    format!("{name} stands under a heading that no link can lead to"),
                    format!("write letters into the heading, as in `### {heading}`"),
                ),
                false => (
                    format!("{name} stands under no heading, so that its link leads to the top of the page"),
                    format!("put a heading above it, such as `### {heading}`"),
                ),
            };
            let span = field.span.clone();
            Finding { hint, ..report::finding(lines, codes::ANCHOR_BROKEN, Some(alert), span, message) }
        });
    }

    fn missing_field(&mut self, alert: &Expected<'_>, span: Range<usize>, label: &str, value: String) {
        let lines = self.lines;
        self.findings.add(|| report::missing_field(lines, alert, span, label, value));
    }

    fn severity(&mut self, about: &About<'_>, at: &Field, stated: &HashMap<usize, (bool, bool)>) {
        let entry = about.entry;
        if entry.severities.is_empty() {
            for alert in self.lacking(about, &about.alerts, |alert| stated.get(&alert).is_some_and(|s| s.0)) {
                self.missing_field(alert, at.span.clone(), "Severity", told(&alert.severity));
            }
        }
        let urgency = about.urgency(self.all);
        let alert = &self.all.all[about.alerts[0]];
        for field in &entry.severities {
            if field.text.is_empty() {
                self.missing_field(alert, field.span.clone(), "Severity", told(&urgency.spoken()));
                continue;
            }
            let Some(Contradiction { message, job }) = urgency.contradiction(&field.text) else { continue };
            let lines = self.lines;
            self.findings.add(|| {
                let (code, span, expected) =
                    (codes::SEVERITY_DIFFERS, field.span.clone(), told(&urgency.spoken()));
                Finding {
                    job: job.and_then(|job| job_name(&job)),
                    expected: Some(expected.clone()),
                    found: Some(told(&field.text)),
                    hint: format!("write: {expected}"),
                    ..report::finding(lines, code, Some(alert), span, message)
                }
            });
        }
    }

    fn threshold(&mut self, about: &About<'_>, at: &Field, stated: &HashMap<usize, (bool, bool)>) {
        let claims = claims(&about.entry.thresholds, &about.alerts, self.all);
        for alert in self.lacking(about, &claims.without, |alert| stated.get(&alert).is_some_and(|s| s.1)) {
            self.missing_field(alert, at.span.clone(), "Threshold", alert.told());
        }
        for (field, alert) in about.entry.thresholds.iter().zip(claims.of) {
            let alert = &self.all.all[alert];
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

    /// Returns those of an entry's alerts that a field has to be missed for. What is no section
    /// need not say everything: only where there is no section, and no other such entry says it.
    fn lacking(
        &self,
        about: &About<'_>,
        alerts: &[usize],
        is_stated: impl Fn(usize) -> bool,
    ) -> Vec<&'a Expected<'a>> {
        let is_first = |alert: usize| self.first.get(&alert).is_some_and(|first| *first == about.entry);
        let is_lacking =
            |alert: usize| about.entry.kind == Kind::Section || (is_first(alert) && !is_stated(alert));
        alerts.iter().filter(|alert| is_lacking(**alert)).map(|alert| &self.all.all[*alert]).collect()
    }

    fn missing_sections(&mut self) {
        for (number, expected) in self.all.all.iter().enumerate() {
            if expected.alert.groups.is_empty() || self.first.contains_key(&number) {
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
