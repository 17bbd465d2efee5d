//! Templates that Prometheus expands when an alert fires.

use std::fmt;

/// A label value or an annotation of an alert: text, and what Prometheus puts in when the alert
/// fires.
///
/// Text is taken as it is. A brace that would begin an action is written as one that yields a
/// brace: <https://prometheus.io/docs/prometheus/latest/configuration/template_reference/>.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Template(String);

impl Template {
    /// A template that yields a text as it is.
    pub fn literal(text: &str) -> Self {
        let mut template = Self::default();
        template.push_text(text);
        template
    }

    /// A template as somebody wrote it for Prometheus, with its actions.
    pub const fn written(template: String) -> Self {
        Self(template)
    }

    /// Adds a text.
    pub fn push_text(&mut self, text: &str) {
        for c in text.chars() {
            // Two braces begin an action even if they come from two texts.
            if c == '{' && self.0.ends_with('{') {
                self.0.pop();
                self.0.push_str("{{ \"{{\" }}");
            } else {
                self.0.push(c);
            }
        }
    }

    /// Adds what an action yields, which is written in Go's template language without its braces.
    pub fn push_action(&mut self, action: &str) {
        // A brace right before the action would be taken for its beginning.
        if self.0.ends_with('{') {
            self.0.pop();
            self.0.push_str("{{ \"{\" }}");
        }
        self.0.push_str("{{ ");
        self.0.push_str(action);
        self.0.push_str(" }}");
    }

    /// As Prometheus reads it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(Template::literal(text).as_str(), expected);
    }

    #[test]
    fn text_stays_text() {
        check("a {b} }} c", "a {b} }} c");
        check("{{ query \"up\" }}", "{{ \"{{\" }} query \"up\" }}");
        check("{{{", "{{ \"{{\" }}{");
        check("{{{{", "{{ \"{{\" }}{{ \"{{\" }}");
    }

    #[test]
    fn an_action_is_told_from_the_text_around_it() {
        let mut template = Template::literal("{");
        template.push_action("$value");
        template.push_text("}");
        assert_eq!(template.as_str(), "{{ \"{\" }}{{ $value }}}");
    }
}
