//! Finds what a runbook says about each alert: a name, a severity and a threshold, as labelled
//! lines or in tables.

use std::collections::HashMap;
use std::ops::Range;

use super::inline::{Field, Inline};
use super::label::{Label, Labelled, goes_on, label, labels, sentence};
use super::markdown::{Block, blocks};
use super::table::{Row, Table, whole};
use crate::anchor::Anchors;

/// What a runbook says about one alert.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Entry {
    pub(super) alert: Option<Field>,
    /// The heading above it, if that is a single word: it may name the alert.
    pub(super) heading: Option<Box<Field>>,
    /// More than one if it repeats itself.
    pub(super) severities: Vec<Field>,
    /// More than one if it repeats itself.
    pub(super) thresholds: Vec<Field>,
    /// The heading that it stands under, as in [`Contents::anchors`].
    pub(super) section: usize,
}

/// What a runbook says.
#[derive(Debug, Clone, Default)]
pub(super) struct Contents {
    /// What it says about alerts, in order.
    pub(super) entries: Vec<Entry>,
    /// The wanted anchors that a link may lead to, with the number of its heading. One that is set
    /// by hand may stand anywhere.
    pub(super) anchors: HashMap<String, Option<usize>>,
}

/// Reads a runbook. Of its anchors, those are kept that are wanted.
pub(super) fn read(text: &str, is_wanted: impl Fn(&str) -> bool) -> Contents {
    let mut reader = Reader {
        text,
        is_wanted: &is_wanted,
        contents: Contents::default(),
        fields: Vec::new(),
        anchors: Anchors::default(),
        section: 0,
        heading: None,
        term: None,
        table: None,
    };
    blocks(text, |block| reader.block(block));
    reader.end_section();
    reader.contents
}

struct Reader<'t> {
    text: &'t str,
    is_wanted: &'t dyn Fn(&str) -> bool,
    contents: Contents,
    /// The labelled values of the section that is being read.
    fields: Vec<(Label, Field)>,
    anchors: Anchors,
    /// How many headings there were.
    section: usize,
    /// The last heading, if it is a single word.
    heading: Option<Field>,
    /// The label that is being defined.
    term: Option<Label>,
    table: Option<Table>,
}

impl Reader<'_> {
    fn block(&mut self, block: Block) {
        match block {
            Block::Heading { title, id } => self.heading(&title, id),
            Block::Text(text) => self.lines(&text),
            Block::Term(text) => {
                self.term = label(&text.text);
                self.lines(&text);
            }
            Block::Definition(text) => match self.term.take() {
                Some(label) => self.fields.push((label, whole(label, &text))),
                None => self.lines(&text),
            },
            Block::Head(head) => self.table = Some(Table::new(&head, self.text)),
            Block::Row(row) => {
                let row = self.table.as_mut().map(|table| table.row(&row, self.text));
                match row {
                    Some(Row::OfSection(fields)) => self.fields.extend(fields),
                    Some(Row::OfAlert(fields)) => {
                        let entries = self.entries(fields);
                        self.contents.entries.extend(entries);
                    }
                    None => {}
                }
            }
            Block::TableEnd => self.table = None,
            Block::Html(span) => self.html(span),
        }
    }

    fn heading(&mut self, title: &Inline, id: Option<String>) {
        self.end_section();
        self.section += 1;
        for anchor in [Some(self.anchors.next(&title.text)), id]
            .into_iter()
            .flatten()
            .filter(|anchor| (self.is_wanted)(anchor))
        {
            self.contents.anchors.entry(anchor).or_insert(Some(self.section));
        }
        let is_word = !title.text.trim().contains(char::is_whitespace);
        self.heading = is_word.then(|| title.field(0..title.text.len()));
        if let [Labelled { label: Label::Alert, value, .. }] = labels(&title.text).as_slice() {
            self.fields.push((Label::Alert, title.field(*value..title.text.len())));
        }
    }

    /// Anchors that are set by hand, as `<a id="…">`.
    fn html(&mut self, span: Range<usize>) {
        let html = &self.text[span];
        for attribute in ["id=", "name="] {
            for (at, _) in html.match_indices(attribute) {
                let value = &html[at + attribute.len()..];
                let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
                if let Some((anchor, _)) = quote.and_then(|quote| value[1..].split_once(quote))
                    && (self.is_wanted)(anchor)
                {
                    self.contents.anchors.insert(anchor.to_owned(), None);
                }
            }
        }
    }

    /// Takes the labelled values out of the lines of a text.
    fn lines(&mut self, text: &Inline) {
        let mut lines = Vec::new();
        let mut start = 0;
        for line in text.text.split('\n') {
            lines.push((start, line, labels(line)));
            start += line.len() + 1;
        }
        for (number, (start, line, labelled)) in lines.iter().enumerate() {
            for (at, Labelled { label, value, .. }) in labelled.iter().enumerate() {
                let next = labelled.get(at + 1);
                let mut end = start + next.map_or(line.len(), |next| next.start);
                let start = start + value;
                if *label == Label::Threshold && next.is_none() {
                    for (next, line, labelled) in &lines[number + 1..] {
                        let is_over = text.is_hard_break(next - 1) || !labelled.is_empty();
                        if is_over || !goes_on(&text.text[start..end], line) {
                            break;
                        }
                        end = next + line.len();
                    }
                }
                let value = text.text[start..end].trim_end_matches(['\\', ' ']);
                let range = match label {
                    Label::Threshold => sentence(value),
                    _ => 0..value.len(),
                };
                self.fields.push((*label, text.field(start + range.start..start + range.end)));
            }
        }
    }

    fn end_section(&mut self) {
        let fields = std::mem::take(&mut self.fields);
        let entries = self.entries(fields);
        self.contents.entries.extend(entries);
        self.term = None;
    }

    /// Turns labelled values into what is said about alerts: each name starts another, and values
    /// before the first name belong to it.
    fn entries(&self, fields: Vec<(Label, Field)>) -> Vec<Entry> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut early = Entry { section: self.section, ..Entry::default() };
        for (label, field) in fields {
            let entry = entries.last_mut().unwrap_or(&mut early);
            match label {
                Label::Alert => {
                    let early =
                        if entries.is_empty() { std::mem::take(&mut early) } else { Entry::default() };
                    entries.push(Entry { alert: Some(field), section: self.section, ..early });
                }
                Label::Severity => entry.severities.push(field),
                Label::Threshold => entry.thresholds.push(field),
            }
        }
        if !early.severities.is_empty() || !early.thresholds.is_empty() {
            let heading = self.heading.clone().map(Box::new);
            entries.push(Entry { heading, ..early });
        }
        entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let value = |fields: &[Field]| match fields {
            [] => "-".to_owned(),
            fields => fields.iter().map(|f| &text[f.span.clone()]).collect::<Vec<_>>().join(" & "),
        };
        read(text, |_| false)
            .entries
            .iter()
            .map(|entry| {
                [value(entry.alert.as_slice()), value(&entry.severities), value(&entry.thresholds)]
                    .join(" | ")
            })
            .collect::<Vec<_>>()
            .join("\n")
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(shown(text), expected);
        assert_eq!(shown(&text.replace('\n', "\r\n")), expected, "with Windows line ends");
    }

    const EXPECTED: &str = "`A` | Warning | > 5 for 5 minutes";

    #[test]
    fn labels_are_written_in_many_ways() {
        check("### T\n**Alert**: `A`\n**Severity**: Warning\n**Threshold**: > 5 for 5 minutes\n", EXPECTED);
        check(
            "### T\n**Alert:** `A`  \n**Severity:** Warning  \n**Threshold:** > 5 for 5 minutes  \n",
            EXPECTED,
        );
        check("### T\n\nAlert: `A`\n\nseverity: Warning\n\nTHRESHOLD: > 5 for 5 minutes\n", EXPECTED);
        check(
            "### T\n- **Alert**: `A`\n- **Severity**: Warning\n- **Threshold**: > 5 for 5 minutes\n",
            EXPECTED,
        );
        check("### T\n- Alert: `A`\n\n- Severity: Warning\n\n- Threshold: > 5 for 5 minutes\n", EXPECTED);
        check(
            "### T\n**Alert**: `A`\\\n**Severity**: Warning\\\n**Threshold**: > 5 for 5 minutes\n",
            EXPECTED,
        );
        check("### T\nSeverity: Warning\nAlert: `A`\nThreshold: > 5 for 5 minutes\n", EXPECTED);
        check("### T\n1. Alert: `A`\n2. Severity: Warning\n3. **Threshold**: > 5 for 5 minutes\n", EXPECTED);
        check(
            "### T\n- [ ] **Alert**: `A`\n- [x] Severity: Warning\n- [ ] Threshold: > 5 for 5 minutes\n",
            EXPECTED,
        );
        check(
            "### T\n**Alert**: `A`<br>\n**Severity**: Warning<br/>\n**Threshold**: > 5 for 5 minutes<br />\n",
            EXPECTED,
        );
    }

    #[test]
    fn tables_are_read() {
        check(
            "### T\n\n| | |\n|---|---|\n| **Alert** | `A` |\n| Severity | Warning |\n| Threshold | > 5 for 5 minutes |\n",
            EXPECTED,
        );
        check(
            "| Alert | Severity | Threshold |\n|---|---|---|\n| `A` | Warning | > 5 for 5 minutes |\n| B | Critical | x |\n",
            "`A` | Warning | > 5 for 5 minutes\nB | Critical | x",
        );
    }

    #[test]
    fn code_and_comments_are_passed_over() {
        check("### T\n```\nAlert: A\n```\n<!--\nAlert: B\n-->\n\n    Alert: C\n", "");
    }

    #[test]
    fn headings_separate() {
        check("### T\nAlert: A\nSeverity: Warning\n### U\nThreshold: > 5\n", "A | Warning | -\n- | - | > 5");
        check(
            "### T\nAlert: A\nSeverity: Warning\n\nAlert: B\nSeverity: Critical\n",
            "A | Warning | -\nB | Critical | -",
        );
    }

    #[test]
    fn what_is_said_twice_is_kept_twice() {
        check(
            "Alert: A\nSeverity: Warning\nSeverity: Critical\nThreshold: x\n",
            "A | Warning & Critical | x",
        );
    }

    #[test]
    fn anchors_are_those_of_github() {
        let anchors = |text: &str| {
            let mut anchors: Vec<String> = read(text, |_| true).anchors.into_keys().collect();
            anchors.sort();
            anchors.join(" ")
        };
        assert_eq!(anchors("# Job Failures\n# Job Failures\n"), "job-failures job-failures-1");
        assert_eq!(anchors("# What's `P95`, really?\n"), "whats-p95-really");
        assert_eq!(anchors("# A {#b}\n<a id=\"c\"></a>\n\ntext <a name='d'></a>\n"), "a b c d");
    }
}
