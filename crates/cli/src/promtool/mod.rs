//! Runs promtool, several at a time, and leaves nothing behind.

mod error;
mod find;
mod process;
mod run;

pub(crate) use error::PromtoolError;
pub(crate) use find::find;
pub(crate) use run::{Printed, Runner};
