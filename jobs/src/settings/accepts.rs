//! What can be written for a setting: its bounds stand once, for whoever reads it and for whoever
//! reads about it.

use std::fmt;
use std::time::Duration;

use jobwatch_catalogue::duration;

/// How a duration is written that is never reached.
pub(super) const OFF: &str = "off";

/// What can be written for a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepts {
    /// What the words say.
    Words(&'static str),
    /// A number from the least to the most.
    Numbers(u32, u32),
    /// A duration from the least to the most, in seconds; and an example.
    Durations(u64, u64, &'static str),
    /// The same, or `off`.
    DurationsOrOff(u64, u64, &'static str),
}

impl Accepts {
    /// The number that a text is. `None` if the setting takes none, or not this one.
    pub(super) fn number(self, text: &str) -> Option<u32> {
        let Self::Numbers(least, most) = self else { return None };
        text.parse().ok().filter(|number| (least..=most).contains(number))
    }

    /// The duration that a text is. `None` if the setting takes none, or not this one.
    pub(super) fn duration(self, text: &str) -> Option<Duration> {
        let (Self::Durations(least, most, _) | Self::DurationsOrOff(least, most, _)) = self else {
            return None;
        };
        duration::parse(text).ok().filter(|duration| (least..=most).contains(&duration.as_secs()))
    }

    /// The bounds, as `1 to 1000` or `1s to 1h`. `None` where there are none.
    pub fn bounds(self) -> Option<String> {
        match self {
            Self::Words(_) => None,
            Self::Numbers(least, most) => Some(format!("{least} to {most}")),
            Self::Durations(least, most, _) | Self::DurationsOrOff(least, most, _) => {
                let written = |seconds| duration::format(Duration::from_secs(seconds));
                Some(format!("{} to {}", written(least), written(most)))
            }
        }
    }
}

impl fmt::Display for Accepts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bounds = self.bounds().unwrap_or_default();
        match self {
            Self::Words(words) => f.write_str(words),
            Self::Numbers(..) => write!(f, "a number from {bounds}"),
            Self::Durations(.., example) => write!(f, "a duration from {bounds}, as `{example}`"),
            Self::DurationsOrOff(.., example) => {
                write!(f, "`{OFF}`, or a duration from {bounds}, as `{example}`")
            }
        }
    }
}
