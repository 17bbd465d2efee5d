//! Mends the severities and thresholds of a runbook.

use super::alert_view::{Alert, AlertView};
use super::compare::compare_with;
use super::expected::{Expectations, Expected};
use super::ignore::has_comments;
use super::limits::excess;
use super::mend::{Mend, mended, mends};
use super::section::read;
use crate::anchor::AnchorStyle;
use crate::findings::Finding;

/// Returns the runbook with every severity and threshold as the alerts have them. Nothing else
/// changes: what is right already stays as it is worded, and so do headings, the heads of tables
/// and what a comment accepts.
///
/// A runbook that [`super::compare()`] does not read is returned as it is. Where mending would make
/// it larger than may be read, what is left over stays.
pub fn fix(alerts: &[Alert], text: &str) -> String {
    fix_except(alerts, text, None)
}

/// Marks findings that somebody accepts as suppressed.
type Accept<'a> = &'a dyn Fn(&mut Vec<Finding>);

/// Returns what [`fix`] does, but leaves alone what is accepted elsewhere as well.
pub(crate) fn fix_except(alerts: &[Alert], text: &str, accept: Option<Accept<'_>>) -> String {
    if excess(text).is_some() {
        return text.to_owned();
    }
    let all = Expectations::new(alerts);
    let accepted = |text: &str| {
        if accept.is_none() && !has_comments(text) {
            return Vec::new();
        }
        let mut findings = compare_with(&all, text);
        accept.into_iter().for_each(|accept| accept(&mut findings));
        let accepted = findings.into_iter().filter(|finding| finding.suppressed.is_some());
        accepted.map(|finding| finding.location.position.span).collect()
    };
    // What random signs stand around may read differently once a value has changed, so that another
    // pass is needed.
    const MOST_PASSES: usize = 4;
    let mut fixer = Fixer { all: &all, tries_left: MOST_TRIES };
    let mut text = text.to_owned();
    for pass in 0..MOST_PASSES {
        let mends = mends(&text, &all, &accepted(&text));
        let next = fixer.mend(text.clone(), &mends, pass > 0);
        if next == text {
            break;
        }
        text = next;
    }
    text
}

/// Returns the head of an alert's section, as a runbook should have it.
pub fn section_for(alert: &Alert) -> String {
    Expected::new(AlertView::of(alert)).section()
}

/// How often a text is mended in another way because something is lost in it.
const MOST_TRIES: usize = 64;

struct Fixer<'a> {
    all: &'a Expectations<'a>,
    tries_left: usize,
}

impl Fixer<'_> {
    /// Mends what can be mended without losing a field. Where something is lost in one place, the
    /// others are mended all the same.
    fn mend(&mut self, text: String, mends: &[Mend], is_plain: bool) -> String {
        if mends.is_empty() {
            return text;
        }
        for is_plain in if is_plain { [true].as_slice() } else { &[false, true] } {
            let next = mended(&text, mends, *is_plain);
            self.tries_left = self.tries_left.saturating_sub(1);
            if excess(&next).is_none() && self.fields(&text) == self.fields(&next) {
                return next;
            }
        }
        if mends.len() == 1 || self.tries_left == 0 {
            return text;
        }
        // The places before those that were mended are still where they were.
        let (first, last) = mends.split_at(mends.len() / 2);
        let text = self.mend(text, last, is_plain);
        self.mend(text, first, is_plain)
    }

    /// Returns how many names and values a text has. A code span that a stray sign opens may take
    /// one in.
    fn fields(&self, text: &str) -> (usize, usize) {
        let entries = read(text, AnchorStyle::default(), &self.all.names).entries;
        let values = entries.iter().map(|entry| entry.severities.len() + entry.thresholds.len());
        (entries.iter().map(|entry| entry.names.len()).sum(), values.sum())
    }
}
