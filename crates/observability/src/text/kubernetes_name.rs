//! Names of objects in Kubernetes.

use std::fmt;

/// The name of an object in Kubernetes: what RFC 1123 calls a label, which every kind of object
/// takes. It has up to 63 small letters of ASCII, digits and `-`, and a letter or digit at both
/// ends: <https://kubernetes.io/docs/concepts/overview/working-with-objects/names/>.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KubernetesName(String);

const LONGEST: usize = 63;

/// How many bytes tell names apart that would be the same: `-` and eight digits.
const MARK: usize = 9;

impl KubernetesName {
    /// Makes a name of a text. One that is no such name gets small letters, `-` for what is not
    /// allowed, and a number that follows from the text behind it, so that two texts have two
    /// names.
    pub fn new(text: &str) -> Self {
        if is_name(text) {
            return Self(text.to_owned());
        }
        let kept = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
        let name: String = text.chars().map(kept).take(LONGEST - MARK).collect();
        let name = match name.trim_matches('-') {
            "" => "x",
            name => name,
        };
        Self(format!("{name}-{:08x}", fingerprint(text)))
    }

    /// Returns the name of a further object of the same kind, which a number or a name of its own
    /// tells apart. It has a dot, so that it is no name of another text; only kinds whose names may
    /// be those of domains take it.
    #[must_use]
    pub fn further(&self, which: impl fmt::Display) -> Self {
        Self(format!("{self}.{which}"))
    }

    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_name(text: &str) -> bool {
    let is_end = |c: Option<&u8>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let bytes = text.as_bytes();
    bytes.len() <= LONGEST
        && bytes.iter().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == b'-')
        && is_end(bytes.first())
        && is_end(bytes.last())
}

/// Returns the FNV-1a hash of a text, which is the same for every version of every program.
fn fingerprint(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

impl fmt::Display for KubernetesName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_stays_and_other_texts_become_one() {
        let name = |text: &str| KubernetesName::new(text).to_string();
        assert_eq!(name("background-jobs"), "background-jobs");
        assert_eq!(name("Shop.Jobs"), "shop-jobs-1b43aa3d");
        assert_eq!(name(""), "x-811c9dc5");
        assert_eq!(name("a\n---\nkind: Secret").split('-').next(), Some("a"));
        assert_ne!(name("Shop"), name("SHOP"));
    }

    proptest! {
        #[test]
        fn any_text_makes_a_name(text in any::<String>(), more in "[A-Za-z.-]{0,80}") {
            for text in [&text, &more, &format!("{more}{text}")] {
                let name = KubernetesName::new(text);
                prop_assert!(is_name(name.as_str()), "{}", name);
                prop_assert_eq!(&KubernetesName::new(name.as_str()), &name);
                prop_assert_eq!(name.as_str() == text, is_name(text));
            }
        }
    }
}
