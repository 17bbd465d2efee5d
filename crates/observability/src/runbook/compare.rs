//! Holds a runbook against the alerts, both ways.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use jobwatch_catalogue::yaml::Position;
use jobwatch_catalogue::{AlertName, JobName};

use super::fix::section_for;
use super::judge::judge;
use super::section::{Contents, Entry, Field, read};
use super::sentence::sentence;
use crate::alerts::Alert;
use crate::code::Code;
use crate::finding::{Finding, Location, Source, sort};
use crate::severity::Severity;

/// Every difference between a runbook and the alerts, sorted by place.
///
/// An alert that has no job to watch needs no section: a catalogue without queues promises nothing about queues. If the runbook
/// has a section about it all the same, that section has to be right.
pub fn compare(alerts: &[Alert], text: &str) -> Vec<Finding> {
    let contents = read(text);
    let comparison = Comparison { alerts, text };
    let mut findings = comparison.entries(&contents);
    findings.extend(comparison.missing_sections(&contents));
    sort(&mut findings);
    findings
}

struct Comparison<'a> {
    alerts: &'a [Alert],
    text: &'a str,
}

impl Comparison<'_> {
    fn entries(&self, contents: &Contents) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut first: HashMap<AlertName, &Field> = HashMap::new();
        for entry in &contents.entries {
            let Some(field) = entry.alert.as_ref().filter(|field| !field.text.is_empty()) else {
                findings.extend(self.nameless(entry));
                continue;
            };
            let Some(alert) = named(self.alerts, &field.text) else {
                findings.push(self.unknown(field, &bare(&field.text)));
                continue;
            };
            if let Some(known) = first.insert(alert.name, field) {
                findings.push(self.duplicate(alert, field, known));
            } else {
                findings.extend(self.anchor(alert, field, contents));
            }
            findings.extend(self.severity(alert, entry, field));
            findings.extend(self.threshold(alert, entry, field));
        }
        findings
    }

    fn finding(&self, code: Code, alert: Option<AlertName>, span: Range<usize>, message: String) -> Finding {
        Finding {
            code,
            alert,
            job: None,
            location: self.location(span),
            message,
            expected: None,
            found: None,
            hint: String::new(),
            accepted: None,
        }
    }

    fn location(&self, span: Range<usize>) -> Location {
        let Position { line, column, span } = Position::in_text(self.text, span);
        Location { source: Source::Runbook, line, column, span }
    }

    fn nameless(&self, entry: &Entry) -> Option<Finding> {
        let field = entry.alert.iter().chain(&entry.severities).chain(&entry.thresholds).next()?;
        let message = "this section does not say which alert it is about".to_owned();
        Some(Finding {
            hint: "add a line `**Alert**: ` with the alert's name".to_owned(),
            ..self.finding(Code::RunbookFieldMissing, None, field.span.clone(), message)
        })
    }

    fn unknown(&self, field: &Field, name: &str) -> Finding {
        let near = self
            .alerts
            .iter()
            .map(|alert| (alert.name, strsim::jaro_winkler(alert.name.as_str(), name)))
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .filter(|(_, likeness)| *likeness > 0.9);
        let hint = match near {
            Some((near, _)) => format!("did you mean `{near}`? `jobwatch list alerts` shows all"),
            None => {
                "remove the section, or name one of the alerts that `jobwatch list alerts` shows".to_owned()
            }
        };
        Finding {
            found: Some(name.to_owned()),
            hint,
            ..self.finding(
                Code::RunbookAlertUnknown,
                None,
                field.span.clone(),
                format!("there is no alert {name}"),
            )
        }
    }

    fn duplicate(&self, alert: &Alert, field: &Field, first: &Field) -> Finding {
        let line = self.location(first.span.clone()).line;
        Finding {
            hint: format!("keep one of them; the first is in line {line}"),
            ..self.finding(
                Code::RunbookSectionDuplicate,
                Some(alert.name),
                field.span.clone(),
                format!("{} has two sections", alert.name),
            )
        }
    }

    /// A link that leads nowhere, or to a section that is about other alerts alone.
    fn anchor(&self, alert: &Alert, field: &Field, contents: &Contents) -> Option<Finding> {
        let anchor = alert.anchor();
        let message = match contents.anchors.get(&anchor) {
            Some(None) => return None,
            Some(Some(section)) => {
                let mut there = contents.entries.iter().filter(|entry| entry.section == *section);
                let alerts: Vec<&Alert> = there
                    .by_ref()
                    .filter_map(|entry| named(self.alerts, &entry.alert.as_ref()?.text))
                    .collect();
                let other = alerts.first().filter(|_| alerts.iter().all(|there| there.name != alert.name))?;
                format!("the link of {} leads to #{anchor}, where {} stands", alert.name, other.name)
            }
            None => format!("the link of {} leads to #{anchor}, which is no heading here", alert.name),
        };
        Some(Finding {
            expected: Some(format!("#{anchor}")),
            hint: format!(
                "name the section's heading `{}`, or put `<a id=\"{anchor}\"></a>` above it",
                alert.section
            ),
            ..self.finding(Code::RunbookAnchorBroken, Some(alert.name), field.span.clone(), message)
        })
    }

    fn missing_field(&self, alert: &Alert, at: &Field, label: &str, value: &str) -> Finding {
        Finding {
            expected: Some(value.to_owned()),
            hint: format!("add a line `**{label}**: {value}`"),
            ..self.finding(
                Code::RunbookFieldMissing,
                Some(alert.name),
                at.span.clone(),
                format!("the section of {} does not state its {}", alert.name, label.to_lowercase()),
            )
        }
    }

    fn severity(&self, alert: &Alert, entry: &Entry, at: &Field) -> Vec<Finding> {
        let expected = alert.severity.to_string();
        if entry.severities.is_empty() {
            return vec![self.missing_field(alert, at, "Severity", &expected)];
        }
        let finding = |field: &Field| {
            if field.text.is_empty() {
                return Some(self.missing_field(alert, field, "Severity", &expected));
            }
            let stated = severity_of(&field.text);
            if stated == Some(alert.severity) {
                return None;
            }
            let message = match stated {
                Some(_) => format!("the runbook states another severity than the rule of {} has", alert.name),
                None => "a severity is `Warning` or `Critical`".to_owned(),
            };
            Some(Finding {
                expected: Some(expected.clone()),
                found: Some(field.text.clone()),
                hint: format!("write: {expected}"),
                ..self.finding(Code::RunbookSeverityDiffers, Some(alert.name), field.span.clone(), message)
            })
        };
        entry.severities.iter().filter_map(finding).collect()
    }

    fn threshold(&self, alert: &Alert, entry: &Entry, at: &Field) -> Vec<Finding> {
        if entry.thresholds.is_empty() {
            return vec![self.missing_field(alert, at, "Threshold", &sentence(alert))];
        }
        let mut findings = Vec::new();
        for field in &entry.thresholds {
            if field.text.is_empty() {
                findings.push(self.missing_field(alert, field, "Threshold", &sentence(alert)));
                continue;
            }
            findings.extend(judge(&field.text, alert).into_iter().map(|difference| {
                let span = field.span.start + difference.span.start..field.span.start + difference.span.end;
                Finding {
                    job: difference.job.and_then(|job| JobName::new(job).ok()),
                    expected: Some(difference.expected),
                    found: Some(difference.found).filter(|found| !found.is_empty()),
                    hint: difference.hint,
                    ..self.finding(difference.code, Some(alert.name), span, difference.message)
                }
            }));
        }
        findings
    }

    fn missing_sections(&self, contents: &Contents) -> Vec<Finding> {
        let named: HashSet<AlertName> = contents
            .entries
            .iter()
            .filter_map(|entry| named(self.alerts, &entry.alert.as_ref()?.text))
            .map(|alert| alert.name)
            .collect();
        let end = self.text.trim_end().len();
        self.alerts
            .iter()
            .filter(|alert| !alert.classes.is_empty() && !named.contains(&alert.name))
            .map(|alert| Finding {
                expected: Some(section_for(alert)),
                hint: format!("add:\n\n{}", section_for(alert)),
                ..self.finding(
                    Code::RunbookSectionMissing,
                    Some(alert.name),
                    end..end,
                    format!("{} has no section in the runbook", alert.name),
                )
            })
            .collect()
    }
}

/// The alert that a field names: alone, as a link, or with words behind it.
pub(super) fn named<'a>(alerts: &'a [Alert], text: &str) -> Option<&'a Alert> {
    let is_mark = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
    let mut words = text.split(is_mark).filter(|word| !word.is_empty());
    let find = |word: &str| alerts.iter().find(|alert| alert.name.as_str() == word);
    let alert = find(words.next()?)?;
    // A section about two alerts at once would promise the same of both.
    words.filter_map(find).all(|other| other.name == alert.name).then_some(alert)
}

/// A name without the marks around it.
fn bare(text: &str) -> String {
    text.trim_matches(|c: char| !c.is_alphanumeric()).to_owned()
}

pub(super) fn severity_of(text: &str) -> Option<Severity> {
    let word = bare(text);
    [Severity::Warning, Severity::Critical]
        .into_iter()
        .find(|severity| word.eq_ignore_ascii_case(severity.as_str()))
}
