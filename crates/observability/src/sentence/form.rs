//! The form of an alert's sentence, as data that the alert owns.

use super::words::{MEASURES, NEUTRAL, Words};
use crate::parameter::ABOVE;

/// The form of the sentence in which a runbook states the threshold of an alert.
///
/// A sentence is read in the form of the alert under which it stands. It may have words of the
/// form's own groups, [`MEASURES`] of what these name, words of its template, and [`NEUTRAL`]
/// words; any other word makes it unreadable, so that nothing which changes its sense is passed
/// over.
///
/// ```
/// use jobwatch_observability::sentence::Form;
///
/// const LAG: Form = Form { template: "Lag > {above}", needs: &[&["lag"]], ..Form::ABOVE };
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    /// The sentence, with the names of its parameters in braces. How long the condition has to hold
    /// is not part of it: that is written behind it.
    pub template: &'static str,
    /// Groups of words; a sentence of this form has at least one word of each.
    pub needs: &'static [Words],
    /// Groups of words that a sentence of this form may have as well.
    pub allows: &'static [Words],
    /// Groups of words of which a sentence has no two: two negations make the opposite.
    pub once: &'static [Words],
    /// What the sentence states. The first one is the threshold, which may differ from job to job;
    /// where there is none, the form has no parameter.
    pub parameters: &'static [Blank],
    /// Whether the sentence may leave out how the threshold is compared: "no success for 2 hours",
    /// "3 failures in a row".
    pub comparison_may_be_unsaid: bool,
    /// How a sentence may state a threshold that is a time.
    pub time: Time,
}

/// A place in a sentence for the value of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blank {
    /// The key of the parameter, in the template and in the alert: `above`, `at_least`, `growth`,
    /// `over`.
    pub name: &'static str,
    /// Where it stands in a sentence.
    pub stands: Stands,
    /// How it is spoken.
    pub spoken: Spoken,
}

/// Where a parameter stands in a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    /// Behind a comparison, in the order of the parameters.
    Compared,
    /// Behind a comparison that follows one of these words: "growing by > 50%".
    ComparedAfter(Words),
    /// A time behind "over", "within", "in" or "during".
    Over {
        /// What the sentence says with it, to be followed by a time: "the queue has to have grown
        /// over".
        says: &'static str,
    },
}

/// How a parameter is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spoken {
    /// A time in the largest unit that it is a whole number of; anything else as a catalogue has
    /// it: `50%`, `1000`.
    Plain,
    /// A time in seconds, unless it is whole hours.
    Seconds,
    /// A bare number with these words behind it: "failures/sec".
    NumberOf(&'static str),
}

/// How a sentence may state a threshold that is a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Time {
    /// Behind a comparison alone.
    Compared,
    /// Behind "over" as well: "P95 duration over 5 minutes".
    AfterOver,
    /// Behind "for" as well: "no successful run for 2 hours". The first time is then what is
    /// measured, not for how long the condition has to hold.
    AfterFor,
}

impl Form {
    /// A value above one threshold that is named `above`, spoken plainly. To be completed with a
    /// template and the groups of words that a sentence needs.
    pub const ABOVE: Self = Self {
        template: "> {above}",
        needs: &[],
        allows: &[],
        once: &[],
        parameters: &[Blank { name: ABOVE, stands: Stands::Compared, spoken: Spoken::Plain }],
        comparison_may_be_unsaid: false,
        time: Time::Compared,
    };

    /// A state without a threshold, as that of a run which takes too long. To be completed
    /// likewise.
    pub const STATE: Self = Self { template: "", parameters: &[], ..Self::ABOVE };

    /// Returns the parts of the template: `Ok` with a text, `Err` with the name of a parameter.
    pub(crate) fn parts(&self) -> impl Iterator<Item = Result<&'static str, &'static str>> {
        self.template
            .split('{')
            .enumerate()
            .flat_map(|(number, part)| match part.split_once('}') {
                Some((name, text)) if number > 0 => [Some(Err(name)), Some(Ok(text))],
                _ => [Some(Ok(part)), None],
            })
            .flatten()
    }

    /// Returns the text of the template right before a parameter; empty if it has none of this
    /// name.
    pub(crate) fn before(&self, name: &str) -> &'static str {
        let mut before = "";
        for part in self.parts() {
            match part {
                Ok(text) => before = text,
                Err(own) if own == name => return before,
                Err(_) => before = "",
            }
        }
        ""
    }

    /// Returns whether a sentence of this form may have this word.
    pub(crate) fn has_word(&self, word: &str) -> bool {
        NEUTRAL.contains(&word) || self.measures(word) || self.owns(word)
    }

    /// Returns whether a word says what a sentence of this form is about, or what is measured of
    /// it.
    pub(crate) fn measures(&self, word: &str) -> bool {
        let measures = MEASURES.iter().filter(|(thing, _)| self.needs.contains(thing));
        let mut words = self.needs.iter().copied().chain(measures.map(|(_, words)| *words));
        words.any(|group| group.contains(&word))
    }

    /// Returns whether a word is one of the form's own groups, or of its template.
    pub(crate) fn owns(&self, word: &str) -> bool {
        let is_in_template = || {
            let texts = self.parts().filter_map(Result::ok);
            let mut words = texts.flat_map(|text| text.split(|c: char| !(c.is_alphanumeric() || c == '_')));
            words.any(|own| own.to_lowercase() == word)
        };
        self.needs.iter().chain(self.allows).any(|group| group.contains(&word)) || is_in_template()
    }

    /// Returns how many of its parameters stand behind a comparison.
    pub(crate) fn compared(&self) -> usize {
        self.parameters.iter().filter(|parameter| !matches!(parameter.stands, Stands::Over { .. })).count()
    }
}
