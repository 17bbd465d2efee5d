//! Finds what a runbook says about each alert: a name, a severity and a threshold, as labelled lines or in tables.

use std::collections::HashMap;
use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// A text and its bytes in the runbook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) text: String,
    pub(super) span: Range<usize>,
}

/// What a runbook says about one alert.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Entry {
    pub(super) alert: Option<Field>,
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
    /// Every anchor that a link may lead to, with the number of its heading. One that is set by hand may stand anywhere.
    pub(super) anchors: HashMap<String, Option<usize>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Label {
    Alert,
    Severity,
    Threshold,
}

/// Reads a runbook.
pub(super) fn read(text: &str) -> Contents {
    let mut reader =
        Reader { text, contents: Contents::default(), fields: Vec::new(), slugs: HashMap::new(), section: 0 };
    let options = Options::ENABLE_TABLES | Options::ENABLE_HEADING_ATTRIBUTES;
    let mut events = Parser::new_ext(text, options).into_offset_iter();
    while let Some((event, span)) = events.next() {
        match event {
            Event::Start(Tag::Heading { id, .. }) => {
                reader.end_section();
                let mut title = String::new();
                for (event, span) in events.by_ref() {
                    match event {
                        Event::Text(part) | Event::Code(part) => title.push_str(&part),
                        Event::SoftBreak => title.push(' '),
                        Event::InlineHtml(_) => reader.html(span),
                        Event::End(TagEnd::Heading(_)) => break,
                        _ => {}
                    }
                }
                reader.heading(&title, id.as_deref());
            }
            Event::Start(Tag::Paragraph) => reader.lines(span),
            // A tight list has items without paragraphs.
            Event::Start(Tag::Item) => reader.lines(span),
            Event::Start(Tag::Table(_)) => {
                let mut cells: Vec<Vec<Range<usize>>> = Vec::new();
                for (event, span) in events.by_ref() {
                    match event {
                        Event::Start(Tag::TableHead | Tag::TableRow) => cells.push(Vec::new()),
                        Event::Start(Tag::TableCell) => {
                            if let Some(row) = cells.last_mut() {
                                row.push(span);
                            }
                        }
                        Event::InlineHtml(_) => reader.html(span),
                        Event::End(TagEnd::Table) => break,
                        _ => {}
                    }
                }
                reader.table(&cells);
            }
            Event::Html(_) | Event::InlineHtml(_) => reader.html(span),
            _ => {}
        }
    }
    reader.end_section();
    reader.contents
}

struct Reader<'t> {
    text: &'t str,
    contents: Contents,
    /// The labelled values of the section that is being read.
    fields: Vec<(Label, Field)>,
    slugs: HashMap<String, usize>,
    /// How many headings there were.
    section: usize,
}

impl Reader<'_> {
    fn heading(&mut self, title: &str, id: Option<&str>) {
        let slug = slug(title);
        let seen = self.slugs.entry(slug.clone()).or_insert(0);
        let anchor = if *seen == 0 { slug } else { format!("{slug}-{seen}") };
        *seen += 1;
        self.section += 1;
        for anchor in [Some(anchor), id.map(str::to_owned)].into_iter().flatten() {
            self.contents.anchors.entry(anchor).or_insert(Some(self.section));
        }
    }

    /// Anchors that are set by hand, as `<a id="…">`.
    fn html(&mut self, span: Range<usize>) {
        let html = &self.text[span];
        for attribute in ["id=", "name="] {
            for (at, _) in html.match_indices(attribute) {
                let value = &html[at + attribute.len()..];
                let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
                if let Some((anchor, _)) = quote.and_then(|quote| value[1..].split_once(quote)) {
                    self.contents.anchors.insert(anchor.to_owned(), None);
                }
            }
        }
    }

    /// Takes the labelled values out of the lines of a paragraph or an item.
    fn lines(&mut self, span: Range<usize>) {
        let mut at = span.start;
        for line in self.text[span].split_inclusive('\n') {
            if let Some((label, value)) = labelled(line) {
                let field = self.field(at + value.start..at + value.end);
                // The lines of an item are those of its paragraphs as well.
                if !self.fields.iter().any(|(_, known)| known.span == field.span) {
                    self.fields.push((label, field));
                }
            }
            at += line.len();
        }
    }

    /// Takes the values out of a table: labels in its first column, or in its first row.
    fn table(&mut self, rows: &[Vec<Range<usize>>]) {
        let Some((head, body)) = rows.split_first() else { return };
        let columns: Vec<Option<Label>> = head.iter().map(|cell| label(&self.text[cell.clone()])).collect();
        if columns.contains(&Some(Label::Alert)) && columns.len() > 2 {
            for row in body {
                for (column, cell) in columns.iter().zip(row) {
                    if let Some(label) = column {
                        let field = self.field(cell.clone());
                        self.fields.push((*label, field));
                    }
                }
                self.end_section();
            }
            return;
        }
        for row in rows {
            if let [name, value, ..] = row.as_slice()
                && let Some(label) = label(&self.text[name.clone()])
            {
                let field = self.field(value.clone());
                self.fields.push((label, field));
            }
        }
    }

    fn field(&self, span: Range<usize>) -> Field {
        let raw = &self.text[span.clone()];
        let start = span.start + (raw.len() - raw.trim_start().len());
        let text = raw.trim();
        Field { text: text.to_owned(), span: start..start + text.len() }
    }

    /// Turns the values read so far into what is said about alerts: each name starts another, and values before the first name
    /// belong to it.
    fn end_section(&mut self) {
        let mut entries: Vec<Entry> = Vec::new();
        let mut early = Entry { section: self.section, ..Entry::default() };
        for (label, field) in self.fields.drain(..) {
            if label == Label::Alert {
                let mut entry = Entry { alert: Some(field), section: self.section, ..Entry::default() };
                if entries.is_empty() {
                    entry.severities = std::mem::take(&mut early.severities);
                    entry.thresholds = std::mem::take(&mut early.thresholds);
                }
                entries.push(entry);
                continue;
            }
            let entry = entries.last_mut().unwrap_or(&mut early);
            match label {
                Label::Severity => entry.severities.push(field),
                _ => entry.thresholds.push(field),
            }
        }
        if !early.severities.is_empty() || !early.thresholds.is_empty() {
            entries.push(early);
        }
        self.contents.entries.append(&mut entries);
    }
}

/// The label at the start of a line and the bytes of the value behind it.
fn labelled(line: &str) -> Option<(Label, Range<usize>)> {
    let colon = line.find([':', '：'])?;
    let label = label(without_marker(&line[..colon]))?;
    let after = colon + line[colon..].chars().next().map_or(1, char::len_utf8);
    // The colon may stand within the emphasis of the label.
    let value = line[after..].trim_start_matches(['*', '_']);
    let start = line.len() - value.len();
    let mut end = line.trim_end().trim_end_matches('\\').trim_end();
    for line_break in ["<br>", "<br/>", "<br />"] {
        end = end.strip_suffix(line_break).unwrap_or(end).trim_end();
    }
    Some((label, start..end.len().max(start)))
}

/// A line without what makes it an item of a list, a task or a quotation.
fn without_marker(line: &str) -> &str {
    let bare = line.trim_start_matches(['-', '*', '+', '>', ' ', '\t']);
    let number = bare.trim_start_matches(|c: char| c.is_ascii_digit());
    let bare = match number.strip_prefix(['.', ')']) {
        Some(rest) if number.len() < bare.len() => rest.trim_start(),
        _ => bare,
    };
    let task = ["[ ]", "[x]", "[X]"].into_iter().find_map(|task| bare.strip_prefix(task));
    task.unwrap_or(bare).trim_start()
}

fn label(text: &str) -> Option<Label> {
    let text = text.trim().trim_matches(['*', '_', '`', ':']).trim();
    [("alert", Label::Alert), ("severity", Label::Severity), ("threshold", Label::Threshold)]
        .into_iter()
        .find(|(name, _)| text.eq_ignore_ascii_case(name))
        .map(|(_, label)| label)
}

/// The anchor that GitHub makes of a heading.
fn slug(title: &str) -> String {
    title
        .trim()
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let value = |fields: &[Field]| match fields {
            [] => "-".to_owned(),
            fields => fields.iter().map(|f| &text[f.span.clone()]).collect::<Vec<_>>().join(" & "),
        };
        read(text)
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
            let mut anchors: Vec<String> = read(text).anchors.into_keys().collect();
            anchors.sort();
            anchors.join(" ")
        };
        assert_eq!(anchors("# Job Failures\n# Job Failures\n"), "job-failures job-failures-1");
        assert_eq!(anchors("# What's `P95`, really?\n"), "whats-p95-really");
        assert_eq!(anchors("# A {#b}\n<a id=\"c\"></a>\n\ntext <a name='d'></a>\n"), "a b c d");
    }
}
