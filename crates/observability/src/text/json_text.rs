//! Texts in JSON.

use std::borrow::Cow;

use jobwatch_catalogue::text::is_control;

/// A text in a file of JSON: whatever it was made of, it has no control characters but line breaks,
/// which some programs refuse even where they are escaped. Its writer quotes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonText<'t>(Cow<'t, str>);

impl<'t> JsonText<'t> {
    /// Makes a text of JSON. Control characters other than line breaks become spaces.
    pub fn new(text: &'t str) -> Self {
        let is_refused = |c: char| is_control(c) && c != '\n';
        match text.contains(is_refused) {
            true => Self(Cow::Owned(text.replace(is_refused, " "))),
            false => Self(Cow::Borrowed(text)),
        }
    }

    /// Makes a text of JSON of one that was put together for it.
    pub fn owned(text: String) -> JsonText<'static> {
        JsonText(Cow::Owned(JsonText::new(&text).0.into_owned()))
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn line_breaks_stay_and_other_control_characters_do_not() {
        assert_eq!(JsonText::new("a\n\"b\"\\").as_str(), "a\n\"b\"\\");
        assert_eq!(JsonText::new("a\r\n\u{7}\u{202e}b").as_str(), "a \n  b");
    }

    proptest! {
        #[test]
        fn any_text_is_read_back_as_it_was_made(text in any::<String>()) {
            let made = JsonText::new(&text);
            let written = serde_json::to_string(made.as_str()).unwrap();
            prop_assert_eq!(serde_json::from_str::<String>(&written).unwrap(), made.as_str());
            prop_assert!(!made.as_str().contains(|c| is_control(c) && c != '\n'));
            prop_assert_eq!(&JsonText::new(made.as_str()), &made);
        }
    }
}
