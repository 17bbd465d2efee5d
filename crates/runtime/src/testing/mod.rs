//! What goes wrong, and what time it is, in tests of yours.

pub mod conformance;
mod faulty_store;
mod virtual_clock;

pub use faulty_store::{Fault, FaultyStore};
pub use virtual_clock::VirtualClock;
