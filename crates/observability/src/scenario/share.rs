//! Shares of a thousand, just beside a ratio.

/// A part of a thousand is the finest that the simulated ratios show.
pub const THOUSAND: u64 = 1000;

const MILLIONTHS: u64 = 1_000_000 / THOUSAND;

/// Returns how many of [`THOUSAND`] are just more than a ratio in millionths. `None` if more than
/// all would have to be.
pub fn part_above(ratio: u64) -> Option<u64> {
    let part = ratio / MILLIONTHS + 1;
    (part <= THOUSAND).then_some(part)
}

/// Returns how many of [`THOUSAND`] are just less than a ratio in millionths. `None` if the ratio
/// is zero.
pub fn part_below(ratio: u64) -> Option<u64> {
    ratio.div_ceil(MILLIONTHS).checked_sub(1).map(|part| part.min(THOUSAND))
}
