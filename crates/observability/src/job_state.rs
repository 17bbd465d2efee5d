//! How a job is doing.

/// How a job is doing, as the recorded state numbers it: the higher, the more it needs somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum JobState {
    /// It has not succeeded yet, as far as is known.
    Unknown,
    /// It is switched off.
    Disabled,
    /// It has succeeded, and nothing failed lately.
    Succeeding,
    /// Some of its executions failed lately.
    Failing,
    /// It has not succeeded for too long.
    Overdue,
    /// Most of its executions failed lately.
    Broken,
    /// It exposes nothing.
    Silent,
}

impl JobState {
    /// Every state, in the order of their numbers.
    pub const ALL: [Self; 7] = [
        Self::Unknown,
        Self::Disabled,
        Self::Succeeding,
        Self::Failing,
        Self::Overdue,
        Self::Broken,
        Self::Silent,
    ];

    /// Returns what the dashboard says.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Unknown => "No success yet",
            Self::Disabled => "Disabled",
            Self::Succeeding => "Succeeding",
            Self::Failing => "Some fail",
            Self::Overdue => "Overdue",
            Self::Broken => "Most fail",
            Self::Silent => "No metrics",
        }
    }

    /// Returns the number.
    pub const fn number(self) -> u64 {
        self as u64
    }
}
