//! Why a text is no expression.

use std::ops::Range;

/// Why a text is no expression that Prometheus evaluates.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct QueryError {
    /// What is wrong.
    pub message: String,
    /// The bytes at fault. Empty at the end of the text.
    pub span: Range<usize>,
}

impl QueryError {
    pub(super) fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { message: message.into(), span }
    }
}
