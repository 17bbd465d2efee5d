//! Whether words and values make a sentence of a form: all that it needs, and nothing that turns
//! its sense.

use std::ops::Range;

use super::alert_view::Quantity;
use super::value::{Preposition, Value};
use crate::sentence::words::{
    DENYING, DETERMINERS, FAILURE, JOBS, NEGATIONS, OF, OF_JOB, QUANTIFIERS, RUNS, TIME_AGO,
};
use crate::sentence::{Form, Time, Words};

/// A word of a sentence and its bytes.
pub(super) type Word<'t> = (&'t str, Range<usize>);

/// Returns whether words make sense in a form, around the values that stand between them.
///
/// # Errors
///
/// The bytes of the part that does not.
pub(super) fn has_sense(
    words: &[Word<'_>],
    values: &[Value],
    form: &Form,
    whole: &Range<usize>,
) -> Result<(), Range<usize>> {
    let needs = |group: &&[&str]| words.iter().any(|(word, _)| group.contains(word));
    if !form.needs.iter().all(needs) {
        return Err(whole.clone());
    }
    let is_denied = words.iter().any(|(word, _)| NEGATIONS.contains(word));
    let said = Said { words, values, form, is_denied };
    let unknown = said.find(|at| !form.has_word(words[at].0));
    let twice = || form.once.iter().find_map(|group| said.nth(group, 1));
    let turned = unknown
        .or_else(twice)
        .or_else(|| said.find(|at| said.denies_nothing(at)))
        .or_else(|| said.find(|at| said.is_of_many(at)))
        .or_else(|| said.denied_of_many())
        .or_else(|| said.find(|at| said.is_no_time_ago(at)))
        .or_else(|| said.counted_jobs())
        .or_else(|| said.share_of_failures());
    if let Some(at) = turned {
        return Err(words[at].1.clone());
    }
    said.time_within()
}

/// What a sentence says. Words of which its form is made have the sense that the form gives them.
struct Said<'a> {
    words: &'a [Word<'a>],
    values: &'a [Value],
    form: &'a Form,
    /// Whether it has a negation.
    is_denied: bool,
}

impl Said<'_> {
    fn find(&self, mut is: impl FnMut(usize) -> bool) -> Option<usize> {
        (0..self.words.len()).find(|at| is(*at))
    }

    fn word(&self, at: usize) -> &str {
        self.words.get(at).map_or("", |(word, _)| word)
    }

    fn before(&self, at: usize) -> &str {
        at.checked_sub(1).map_or("", |before| self.word(before))
    }

    /// Returns the place of a word of a group, counted from 0 on.
    fn nth(&self, group: Words, number: usize) -> Option<usize> {
        self.words
            .iter()
            .enumerate()
            .filter(|(_, (word, _))| group.contains(word))
            .nth(number)
            .map(|(at, _)| at)
    }

    /// Returns the words behind one, up to the next value.
    fn up_to_value(&self, at: usize) -> impl Iterator<Item = &str> {
        let start = self.words[at].1.start;
        let value = self.values.iter().map(|value| value.span.start).find(|value| *value > start);
        let rest = self.words[at + 1..].iter();
        rest.take_while(move |(_, span)| value.is_none_or(|value| span.start < value)).map(|(word, _)| *word)
    }

    /// Returns whether a word is about something before the next value: "no success for 2 hours",
    /// but not "no more than 2 hours since the last success".
    fn is_about(&self, at: usize) -> bool {
        let own = self.word(at);
        let is_thing =
            |word: &str| !NEGATIONS.contains(&word) && !TIME_AGO.contains(&word) && self.form.measures(word);
        self.up_to_value(at).take_while(|word| *word != own).any(is_thing)
    }

    /// Returns whether a word denies a comparison, in place of what the form is about.
    fn denies_nothing(&self, at: usize) -> bool {
        DENYING.contains(&self.word(at)) && !self.is_about(at)
    }

    /// Returns whether a word makes a condition of one job or run into one of many, or of some of
    /// them: "all jobs", "one of three".
    fn is_of_many(&self, at: usize) -> bool {
        let (word, next) = (self.word(at), self.word(at + 1));
        if !QUANTIFIERS.contains(&word) || self.form.owns(word) {
            return false;
        }
        let is_many = match word {
            // "More than half of all runs"
            "all" => {
                let rest = || self.words[at + 1..].iter().map(|(word, _)| *word);
                let thing =
                    rest().find(|word| !matches!(*word, "its" | "job" | "the") && !OF_JOB.contains(word));
                let is_thing = thing.is_some_and(|word| RUNS.contains(&word) || self.form.measures(word));
                self.before(at) != "of" || !is_thing
            }
            "each" | "every" | "always" => !OF.contains(&self.before(at)),
            "any" => next == "one",
            _ => false,
        };
        is_many || next == "of"
    }

    /// "Not all runs succeed" is true when one fails, "no job succeeds" when all of them do.
    fn denied_of_many(&self) -> Option<usize> {
        let mut is_denied = false;
        let mut is_next = false;
        let mut is_any = false;
        self.find(|at| {
            let word = self.word(at);
            if DENYING.contains(&word) {
                (is_denied, is_next, is_any) = (true, true, false);
                return false;
            }
            let is_many = matches!(word, "all" | "always" | "each" | "every");
            is_any |= word == "any";
            let is_job = JOBS.contains(&word) && (is_next || is_any) && !self.belongs(at);
            is_next &= self.form.measures(word) || DETERMINERS.contains(&word);
            is_any &= word == "any" || DETERMINERS.contains(&word);
            is_denied && (is_job || (is_many && !self.form.owns(word)))
        })
    }

    /// Returns whether a job is named for what belongs to it: "no job run", "the job has".
    fn belongs(&self, at: usize) -> bool {
        RUNS.contains(&self.word(at + 1))
    }

    /// Returns whether a word about a time that has passed says something else: "since the last
    /// success" has no success that is missing, and "since 2 hours" has one.
    fn is_no_time_ago(&self, at: usize) -> bool {
        match self.word(at) {
            "since" => self.is_about(at) == self.is_denied,
            "ago" => {
                let span = &self.words[at].1;
                let end = at.checked_sub(1).map_or(0, |before| self.words[before].1.end);
                !self.values.iter().any(|value| (end..span.start).contains(&value.span.start))
            }
            _ => false,
        }
    }

    /// Returns the place of jobs that are counted in place of runs: "50% of jobs failed", "3 failed
    /// jobs".
    fn counted_jobs(&self) -> Option<usize> {
        if !self.form.needs.contains(&FAILURE) {
            return None;
        }
        let counts = |value: &&Value| matches!(value.quantity, Quantity::Ratio(_) | Quantity::Count(_));
        let counted = self.values.iter().filter(counts).find_map(|value| {
            let first = self.words.partition_point(|(_, span)| span.start < value.span.end);
            let is_before = |at: &usize| self.word(*at) == "of" || DETERMINERS.contains(&self.word(*at));
            let thing = (first..self.words.len()).find(|at| !is_before(at))?;
            let is_of = self.words[first..thing].iter().any(|(word, _)| *word == "of");
            let is_jobs = match self.word(thing) {
                "jobs" => true,
                "job" => is_of && !self.belongs(thing),
                _ => false,
            };
            is_jobs.then_some(thing)
        });
        let fails = |at: usize| FAILURE.contains(&self.before(at)) || FAILURE.contains(&self.word(at + 1));
        counted.or_else(|| self.find(|at| self.word(at) == "jobs" && fails(at)))
    }

    /// Returns the place of failures of which a share is told: "50% of failed runs" are of another
    /// whole than "50% of runs failed".
    fn share_of_failures(&self) -> Option<usize> {
        let shares = self.values.iter().filter(|value| matches!(value.quantity, Quantity::Ratio(_)));
        shares.map(|value| self.words.partition_point(|(_, span)| span.start < value.span.end)).find_map(
            |of| {
                let is_article = |at: &usize| DETERMINERS.contains(&self.word(*at));
                let thing = (of + 1..self.words.len()).find(|at| !is_article(at))?;
                (self.word(of) == "of" && FAILURE.contains(&self.word(thing))).then_some(thing)
            },
        )
    }

    /// "No success in 2 hours" is measured by how long nothing came; "due in 2 minutes" is about
    /// what will come.
    fn time_within(&self) -> Result<(), Range<usize>> {
        let first = self.values.first().filter(|value| value.preposition == Some(Preposition::Within));
        match first {
            Some(value) if self.form.time == Time::AfterFor && !self.is_denied => Err(value.span.clone()),
            _ => Ok(()),
        }
    }
}
