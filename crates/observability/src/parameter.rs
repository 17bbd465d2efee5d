//! The keys of the parameters of alerts, by which a catalogue sets them.

/// The threshold that a value is compared with.
pub const ABOVE: &str = "above";
/// The threshold that a value has to reach.
pub const AT_LEAST: &str = "at_least";
/// By what part a queue has to have grown.
pub const GROWTH: &str = "growth";
/// Over how long a queue has to have grown.
pub const OVER: &str = "over";
/// How long an execution may take.
pub const TIMEOUT: &str = "timeout";
