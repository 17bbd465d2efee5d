//! What the Kubernetes objects of a catalogue say besides the rules and the dashboard.

use std::collections::BTreeMap;

/// The labels of a dashboard's Grafana where nobody says which: those of the examples of the
/// Grafana operator (<https://grafana.github.io/grafana-operator/docs/dashboards/>).
const DEFAULT_INSTANCE_LABEL: (&str, &str) = ("dashboards", "grafana");

/// What the Kubernetes objects of a catalogue say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kubernetes {
    /// The namespace that the objects are in. `None` for the service's, or for whichever they are
    /// applied to.
    pub namespace: Option<String>,
    /// Further labels of each object, by which a Prometheus finds its rules. Defaults to none.
    pub labels: BTreeMap<String, String>,
    /// The folder of the dashboard in Grafana. `None` for the general one.
    pub folder: Option<String>,
    /// The labels of the Grafana that the Grafana operator puts the dashboard into.
    pub instance_selector: BTreeMap<String, String>,
}

impl Default for Kubernetes {
    fn default() -> Self {
        let (label, value) = DEFAULT_INSTANCE_LABEL;
        Self {
            namespace: None,
            labels: BTreeMap::new(),
            folder: None,
            instance_selector: BTreeMap::from([(label.to_owned(), value.to_owned())]),
        }
    }
}

/// Returns whether a text can be the key of a label: a name, behind a domain and a slash or not
/// (<https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/>).
pub(crate) fn is_label_key(key: &str) -> bool {
    let (domain, name) = key.rsplit_once('/').map_or((None, key), |(domain, name)| (Some(domain), name));
    let is_domain = |domain: &str| domain.len() <= 253 && domain.split('.').all(is_dns_label);
    domain.is_none_or(is_domain) && !name.is_empty() && is_label_value(name)
}

/// Returns whether a text can be the value of a label: at most 63 letters, digits, `-`, `_` and
/// `.`, with a letter or a digit at both ends, or nothing.
pub(crate) fn is_label_value(value: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let has_ends = [value.bytes().next(), value.bytes().next_back()];
    value.len() <= 63
        && value.bytes().all(is_inner)
        && has_ends.into_iter().flatten().all(|byte| byte.is_ascii_alphanumeric())
}

/// Returns whether a text can be the name of a namespace: at most 63 small letters, digits and `-`,
/// with a letter or a digit at both ends.
pub(crate) fn is_dns_label(name: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&name.len())
        && name.bytes().all(is_inner)
        && !name.starts_with('-')
        && !name.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, is_key: bool, is_value: bool) {
        assert_eq!((is_label_key(text), is_label_value(text)), (is_key, is_value), "{text}");
    }

    #[test]
    fn labels_are_as_kubernetes_has_them() {
        check("release", true, true);
        check("app.kubernetes.io/part-of", true, false);
        check("example.com/a/b", false, false);
        check("Example.com/a", false, false);
        check("/a", false, false);
        check("a/", false, false);
        check("", false, true);
        check("A_b-c.d", true, true);
        check("-a", false, false);
        check("a.", false, false);
        check("ä", false, false);
        check("a b", false, false);
        check(&"a".repeat(63), true, true);
        check(&"a".repeat(64), false, false);
        check(&format!("{}/a", "a".repeat(64)), false, false);
    }
}
