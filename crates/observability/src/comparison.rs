//! How a value is compared with a threshold.

use strum::IntoStaticStr;

/// How a value is compared with a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, IntoStaticStr)]
pub enum Comparison {
    /// `>`: the condition holds above the threshold.
    #[strum(serialize = ">")]
    Above,
    /// `>=`: the condition holds from the threshold on.
    #[strum(serialize = ">=")]
    AtLeast,
    /// `<`: the condition holds below the threshold.
    #[strum(serialize = "<")]
    Below,
    /// `<=`: the condition holds up to the threshold.
    #[strum(serialize = "<=")]
    AtMost,
}

impl Comparison {
    /// Returns its sign.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Returns whether both look in the same direction: "more than" and "at least" do.
    pub(crate) const fn has_direction_of(self, other: Self) -> bool {
        matches!(self, Self::Above | Self::AtLeast) == matches!(other, Self::Above | Self::AtLeast)
    }

    /// Returns whether a value that meets the threshold counts.
    pub(crate) const fn includes_threshold(self) -> bool {
        matches!(self, Self::AtLeast | Self::AtMost)
    }
}
