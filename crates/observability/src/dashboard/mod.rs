//! The dashboard: what somebody on call looks at, from what fires down to single values.
//!
//! Panels read the recorded series that the rules read, through the same selectors, and draw a line
//! where a rule has its threshold. A panel about each job stays readable however many jobs there
//! are: it draws those nearest to their thresholds.

mod board;
mod describe;
mod draft;
mod jobs;
mod layout;
mod links;
mod panel;
mod panels;
#[cfg(test)]
mod tests;
mod thresholds;

pub use board::{Board, MOST_DRAWN};
pub use draft::{Draft, FULL, HALF, value};
pub use layout::{Dashboard, Row, TAG, Variable};
pub use panel::{Column, ColumnKind, Exception, Field, Line, Link, Panel, Purpose, Query, Scale, Visual};
pub use panels::PanelFunction;
