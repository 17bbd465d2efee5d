//! What a catalogue sets in place of an alert's defaults.

use std::collections::BTreeMap;

/// Overrides by the name of the alert.
pub type Thresholds = BTreeMap<String, ThresholdOverride>;

/// What a catalogue says about one alert: values by key, as they are written.
///
/// Which alerts there are, which keys each has and what their values mean is not known here:
/// whoever defines the alerts checks them.
///
/// ```
/// use jobwatch_catalogue::ThresholdOverride;
///
/// let set = ThresholdOverride::new().set("above", "26h").set("for", "15m");
/// assert_eq!(set.get("above"), Some("26h"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ThresholdOverride {
    /// Ordered by key. A list, because there are many overrides with few values each.
    values: Vec<(String, String)>,
}

impl ThresholdOverride {
    /// An override that sets nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the value of a key, in the notation of a catalogue: `26h`, `0.5`, `50%`.
    #[must_use]
    #[allow(clippy::needless_pass_by_value, reason = "callers hand over numbers and literals")]
    pub fn set(mut self, key: impl Into<String>, value: impl ToString) -> Self {
        self.insert(key.into(), value.to_string());
        self
    }

    pub(crate) fn insert(&mut self, key: String, value: String) {
        match self.values.binary_search_by(|(known, _)| known.cmp(&key)) {
            Ok(at) => self.values[at].1 = value,
            Err(at) => self.values.insert(at, (key, value)),
        }
    }

    /// Returns the value of a key, or `None` if it is not set.
    pub fn get(&self, key: &str) -> Option<&str> {
        let at = self.values.binary_search_by(|(known, _)| known.as_str().cmp(key)).ok()?;
        Some(&self.values[at].1)
    }

    /// Returns all keys with their values, ordered by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Returns whether it sets nothing.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

impl IntoIterator for ThresholdOverride {
    type Item = (String, String);
    type IntoIter = std::vec::IntoIter<(String, String)>;

    fn into_iter(self) -> Self::IntoIter {
        self.values.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_of_a_key_holds() {
        let set = ThresholdOverride::new().set("for", "5m").set("above", 0.5).set("for", "15m");
        assert_eq!(set.iter().collect::<Vec<_>>(), [("above", "0.5"), ("for", "15m")]);
        assert_eq!((set.get("for"), set.get("over")), (Some("15m"), None));
    }
}
