//! What a catalogue says about alerts: settings in place of their defaults, and whether they are
//! on.

use std::collections::BTreeMap;

/// Overrides by the name of the alert.
pub type Thresholds = BTreeMap<String, ThresholdOverride>;

/// What a catalogue says about one alert: values by key, as they are written, or that it is off.
///
/// Which alerts there are, which keys each has and what their values mean is not known here:
/// whoever defines the alerts checks them.
///
/// ```
/// use jobwatch_catalogue::ThresholdOverride;
///
/// let set = ThresholdOverride::new().set("above", "26h").set("for", "15m");
/// assert_eq!(set.get("above"), Some("26h"));
/// assert_eq!(ThresholdOverride::off().is_on(), Some(false));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ThresholdOverride {
    /// Ordered by key. A list, because there are many overrides with few values each.
    values: Vec<(String, String)>,
    is_on: Option<bool>,
}

impl ThresholdOverride {
    /// An override that sets nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Switches the alert off.
    pub fn off() -> Self {
        Self { is_on: Some(false), ..Self::default() }
    }

    /// Switches the alert on, for a job whose catalogue switches it off.
    pub fn on() -> Self {
        Self { is_on: Some(true), ..Self::default() }
    }

    /// Returns whether it switches the alert on or off. Whoever sets a value wants the alert.
    /// `None` if it says nothing about that.
    pub fn is_on(&self) -> Option<bool> {
        self.is_on.or_else(|| (!self.values.is_empty()).then_some(true))
    }

    /// Switches the alert on or off, whatever else is set.
    #[must_use]
    pub fn switched(self, is_on: bool) -> Self {
        Self { is_on: Some(is_on), ..self }
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

    /// The same with each key and value as a function returns them.
    pub(crate) fn map(self, mut each: impl FnMut(String, String) -> (String, String)) -> Self {
        let mut mapped = Self { values: Vec::with_capacity(self.values.len()), is_on: self.is_on };
        for (key, value) in self.values {
            let (key, value) = each(key, value);
            mapped.insert(key, value);
        }
        mapped
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

    #[test]
    fn whoever_sets_a_value_wants_the_alert() {
        let check = |set: ThresholdOverride, expected| assert_eq!(set.is_on(), expected);
        check(ThresholdOverride::new(), None);
        check(ThresholdOverride::new().set("above", 5), Some(true));
        check(ThresholdOverride::on(), Some(true));
        check(ThresholdOverride::off(), Some(false));
        check(ThresholdOverride::off().set("above", 5), Some(false));
    }
}
