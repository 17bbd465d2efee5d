//! The runbook: reads it, holds it against the alerts, and mends what can be mended.

mod compare;
mod figure;
mod fix;
mod judge;
mod section;
mod sentence;
mod statement;
mod token;
mod vocabulary;

pub use compare::compare;
pub use fix::{fix, section_for};
pub use sentence::sentence;

#[cfg(test)]
mod tests;
