//! Where the parameters of an alert stand in a text: found by giving them values that nothing else
//! has.

use crate::definition::{Operand, Parameter, SetBy};
use crate::model::Alert;
use crate::quantity::{Quantity, WHOLE};

/// The value of an alert's first parameter, in whole units: larger than anything that is measured.
const MARK: u64 = 7_654_321_000;
/// How far apart the values of its parameters are.
const APART: u64 = 10;
/// What a job has that differs from the others.
const OTHER: u64 = 5;

/// How a hole is written: `@{above}`.
fn hole(key: &str) -> String {
    format!("@{{{key}}}")
}

/// A parameter that a configuration can set.
#[derive(Clone, Copy)]
pub(super) struct Settable {
    /// Its place among the parameters of its alert.
    pub(super) place: usize,
    /// What it is.
    pub(super) parameter: &'static Parameter,
}

impl Settable {
    /// Returns the parameters of an alert that can be set: not those that follow from each job, and
    /// of those behind the threshold none of which the catalogue has another for some job.
    pub(super) fn of(alert: &Alert) -> Vec<Self> {
        let all = alert.definition.parameters.iter().enumerate();
        let all = all.map(|(place, parameter)| Self { place, parameter });
        let is_same = |place: usize| matches!(alert.operands.get(place), Some(Operand::Same(_)));
        all.filter(|of| of.parameter.set_by != SetBy::Nobody && (of.place == 0 || is_same(of.place)))
            .collect()
    }

    /// Returns the value that marks it.
    pub(super) fn mark(self) -> Quantity {
        self.marked(MARK)
    }

    /// Returns a value that marks it, and is another.
    pub(super) fn other_mark(self) -> Quantity {
        self.marked(MARK + OTHER)
    }

    fn marked(self, mark: u64) -> Quantity {
        let number = mark + APART * self.place as u64;
        match self.parameter.default {
            Quantity::PerSecond(_) => Quantity::PerSecond(number * WHOLE),
            Quantity::Ratio(_) => Quantity::Ratio(number * WHOLE),
            Quantity::Duration(_) => Quantity::Duration(number),
            Quantity::Count(_) => Quantity::Count(number),
        }
    }

    /// Returns a text with holes where it has the mark, in whatever form.
    fn cut(self, text: &str) -> String {
        let (key, mark) = (self.parameter.key, self.mark());
        let shown = mark.to_string();
        let mut text = match mark {
            Quantity::Count(number) => text.replace(&grouped(number), &hole(&format!("{key}:grouped"))),
            _ => text.replace(&shown, &hole(&format!("{key}:shown"))),
        };
        if let Quantity::Ratio(millionths) = mark {
            let factor = Quantity::Ratio(millionths + WHOLE).to_promql();
            text = text.replace(&factor, &hole(&format!("1+{key}")));
        }
        text.replace(&mark.to_promql(), &hole(key))
    }
}

/// Returns a text with holes where it has the marks of an alert's parameters.
pub(super) fn cut(settable: &[Settable], text: &str) -> String {
    settable.iter().fold(text.to_owned(), |text, of| of.cut(&text))
}

/// Returns a number in groups of three digits, as texts of alerts have it.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let comma = |place: usize| place > 0 && (digits.len() - place).is_multiple_of(3);
    digits.char_indices().map(|(at, c)| if comma(at) { format!(",{c}") } else { c.to_string() }).collect()
}
