//! Values of labels.

use std::fmt;

use jobwatch_catalogue::text::is_control;

/// The value of a label as Prometheus stores it: one line of text, which nothing expands.
///
/// A label that a rule adds to an alert is a [`Template`](super::Template) instead: Prometheus
/// expands it when the alert fires.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LabelValue(String);

impl LabelValue {
    /// Makes the value of a label of a text. Line breaks and other control characters become
    /// spaces.
    pub fn new(text: &str) -> Self {
        Self(text.replace(is_control, " "))
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LabelValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_value_is_one_line() {
        assert_eq!(LabelValue::new("a\nb\u{202e}c\0").as_str(), "a b c ");
        assert_eq!(LabelValue::new("{{ query \"up\" }} $x").as_str(), "{{ query \"up\" }} $x");
    }

    proptest! {
        #[test]
        fn any_text_makes_a_value_without_control_characters(text in any::<String>()) {
            let value = LabelValue::new(&text);
            prop_assert!(!value.as_str().contains(is_control));
            prop_assert_eq!(&LabelValue::new(value.as_str()), &value);
            let is_plain = !text.contains(is_control);
            prop_assert_eq!(value.as_str() == text, is_plain);
        }
    }
}
