//! What a firing alert has to say.

use std::collections::BTreeMap;

use crate::text::LabelValue;

/// The labels and annotations that a firing alert is expected to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wording {
    /// All labels but `alertname`.
    pub(crate) labels: BTreeMap<String, LabelValue>,
    /// The annotations, as people read them.
    pub(crate) annotations: BTreeMap<&'static str, String>,
}
