//! The mutants that no test notices, each with the reason: that what follows from the rules is the
//! same, or what no scenario shows. The latter are what more scenarios are to be about.

pub(super) mod any;
pub(super) mod clipper;
pub(super) mod payments;
