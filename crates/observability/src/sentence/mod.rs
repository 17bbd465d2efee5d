//! The form of an alert's sentence in a runbook: its words, and where the parameters stand.
//!
//! Nothing here reads a runbook or knows an alert: an alert has a [`Form`] as it has a name.

mod form;
pub mod words;

pub use form::{Blank, Form, Spoken, Stands, Time};
pub use words::Words;
