//! Mends the severities and thresholds of a runbook.

use std::ops::Range;

use super::alert_view::{Alert, AlertView};
use super::compare::compare_with;
use super::expected::{Expectations, Expected};
use super::ignore::has_comments;
use super::limits::excess;
use super::mend::{Mend, mended, mends};
use super::section::{Contents, read};
use crate::anchor::AnchorStyle;
use crate::findings::Finding;

/// Returns the runbook with every severity and threshold as the alerts have them. Nothing else
/// changes: what is right already stays as it is worded, and so do headings, the heads of tables
/// and what a comment suppresses.
///
/// A runbook that [`super::compare()`] does not read is returned as it is. Where mending would make
/// it larger than may be read, what is left over stays.
pub fn fix(alerts: &[Alert], text: &str) -> String {
    fix_except(alerts, text, None)
}

/// Marks findings as suppressed.
type Suppress<'a> = &'a dyn Fn(&mut Vec<Finding>);

/// Returns what [`fix`] does, but leaves alone what is suppressed elsewhere as well.
pub(crate) fn fix_except(alerts: &[Alert], text: &str, suppress: Option<Suppress<'_>>) -> String {
    if excess(text).is_some() {
        return text.to_owned();
    }
    let all = Expectations::new(alerts);
    Fixer::new(&all, suppress).fix(text)
}

/// Returns the head of an alert's section, as a runbook should have it.
pub fn section_for(alert: &Alert) -> String {
    Expected::new(AlertView::of(alert)).section()
}

/// How often a text is mended in another way because something is lost in it.
const MOST_TRIES: usize = 64;

/// How many bytes are read in such tries, so that a large page takes no longer than a second.
const MOST_READ: usize = 24 << 20;

/// What random signs stand around may read differently once a value has changed, so that another
/// pass is needed.
const MOST_PASSES: usize = 4;

struct Fixer<'a> {
    all: &'a Expectations<'a>,
    suppress: Option<Suppress<'a>>,
    tries_left: usize,
    /// How many times a text has been read: what takes long where it is large.
    reads: usize,
}

/// A text and what it says.
struct Page {
    text: String,
    contents: Contents,
}

impl<'a> Fixer<'a> {
    const fn new(all: &'a Expectations<'a>, suppress: Option<Suppress<'a>>) -> Self {
        Self { all, suppress, tries_left: 0, reads: 0 }
    }

    /// Returns a text as it is when nothing is left that can be mended.
    fn fix(&mut self, text: &str) -> String {
        self.tries_left = MOST_TRIES.min(MOST_READ / text.len().max(1));
        let mut page = self.read(text.to_owned());
        for pass in 0..MOST_PASSES {
            let mends = mends(&page.text, &page.contents, self.all, &self.suppressed(&page.text));
            let (next, is_mended) = self.mend(page, &mends, pass > 0);
            page = next;
            if !is_mended {
                break;
            }
        }
        page.text
    }

    fn read(&mut self, text: String) -> Page {
        self.reads += 1;
        let contents = read(&text, AnchorStyle::default(), &self.all.names);
        Page { text, contents }
    }

    /// Returns the places of the findings that are suppressed.
    fn suppressed(&self, text: &str) -> Vec<Range<usize>> {
        if self.suppress.is_none() && !has_comments(text) {
            return Vec::new();
        }
        let mut findings = compare_with(self.all, text);
        self.suppress.into_iter().for_each(|suppress| suppress(&mut findings));
        let suppressed = findings.into_iter().filter(|finding| finding.suppressed.is_some());
        suppressed.map(|finding| finding.location.position.span).collect()
    }

    /// Mends what can be mended without losing a field, and tells whether anything was. Where
    /// something is lost in one place, the others are mended all the same.
    fn mend(&mut self, page: Page, mends: &[Mend], is_plain: bool) -> (Page, bool) {
        for is_plain in if is_plain { [true].as_slice() } else { &[false, true] } {
            let next = mended(&page.text, mends, *is_plain);
            if next == page.text {
                return (page, false);
            }
            self.tries_left = self.tries_left.saturating_sub(1);
            if excess(&next).is_none() {
                let next = self.read(next);
                if fields(&next.contents) == fields(&page.contents) {
                    return (next, true);
                }
            }
        }
        if mends.len() == 1 || self.tries_left == 0 {
            return (page, false);
        }
        // The places before those that were mended are still where they were.
        let (first, last) = mends.split_at(mends.len() / 2);
        let (page, is_last_mended) = self.mend(page, last, is_plain);
        let (page, is_first_mended) = self.mend(page, first, is_plain);
        (page, is_last_mended || is_first_mended)
    }
}

/// Returns how many names and values a text has. A code span that a stray sign opens may take one
/// in.
fn fields(contents: &Contents) -> (usize, usize) {
    let values = contents.entries.iter().map(|entry| entry.severities.len() + entry.thresholds.len());
    (contents.entries.iter().map(|entry| entry.names.len()).sum(), values.sum())
}

#[cfg(test)]
mod tests {
    use jobwatch_catalogue::yaml;

    use super::super::limits::MAX_SIZE;
    use super::*;
    use crate::model::Model;

    /// However much is wrong, and whether or not all of it fits: the page is read once, and once
    /// more when it is mended.
    #[test]
    fn a_page_is_read_as_often_however_much_is_wrong() {
        let catalogue = yaml::parse(include_str!("../../../../jobs/catalogue.yaml")).unwrap().catalogue;
        let model = Model::new(&catalogue).unwrap();
        let all = Expectations::new(model.alerts());
        let section =
            "# S\nAlert: BackgroundJobCriticalQueueSize\nSeverity: none\nThreshold: > 5 for 9 minutes\n\n";
        let reads = |text: &str| {
            let mut fixer = Fixer::new(&all, None);
            let mended = fixer.fix(text);
            assert!(mended != text, "nothing is mended");
            fixer.reads
        };
        assert_eq!(reads(section), 2);
        assert_eq!(reads(&section.repeat(1_000)), 2);
        let many = section.repeat(1_000);
        let rest = "a".repeat(MAX_SIZE - many.len() - 1_000);
        assert_eq!(reads(&(many + &rest)), 2);
    }
}
