//! The runbook: reads it, holds it against the alerts, and mends what can be mended.
//!
//! A runbook is read through the events of a Markdown parser: [`compare()`] tells what differs,
//! [`fix()`] writes the severities and thresholds that the alerts have. The sentence of each alert
//! is data, its [`Form`](crate::sentence::Form).

mod alert_view;
mod amend;
mod aside;
mod block;
mod claims;
pub mod codes;
mod compare;
mod entry;
mod expected;
mod extent;
mod field;
mod fix;
mod fraction;
mod front_matter;
mod headings;
mod html;
mod html_table;
mod ignore;
mod inline;
mod judge;
mod label;
mod limits;
mod lines;
mod markdown;
mod mend;
mod names;
mod number_words;
mod piece;
mod relative;
mod remark;
mod report;
mod section;
mod sense;
mod severities;
mod spoken;
mod statement;
mod table;
mod token;
mod tokenize;
mod urgency;
mod value;
mod value_of;

pub use compare::{anchors, compare};
pub(crate) use fix::fix_except;
pub use fix::{fix, section_for};
pub use headings::heading_anchors;
pub use limits::{MAX_DEPTH, MAX_FINDINGS, MAX_SIGNS, MAX_SIZE};
pub use spoken::sentence;

#[cfg(test)]
mod tests;
