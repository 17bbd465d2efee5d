//! Why a text is no template.

use std::ops::Range;

/// Why a text is no template that Prometheus takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::rule_lint) struct TemplateError {
    /// What is wrong.
    pub(in crate::rule_lint) message: String,
    /// The bytes at fault.
    pub(in crate::rule_lint) span: Range<usize>,
}

impl TemplateError {
    pub(super) fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { message: message.into(), span }
    }
}
