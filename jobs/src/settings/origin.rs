//! Where the values of settings come from.

/// A setting, and where its value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The variable that sets it.
    pub variable: String,
    /// The value in force, or `***`.
    pub value: String,
    /// `environment`, `catalogue` or `default`, or a reason why it cannot be otherwise.
    pub origin: &'static str,
}
