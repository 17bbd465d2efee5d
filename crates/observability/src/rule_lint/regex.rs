//! Regular expressions of matchers, as far as they are plain.

/// How many alternatives are told apart.
const MOST: usize = 1_000;

/// Characters that mean something in a regular expression.
const SPECIAL: [char; 13] = ['.', '+', '*', '?', '(', ')', '[', ']', '{', '}', '^', '$', '\\'];

/// Returns the texts that a regular expression matches, where it is nothing but texts with `|`
/// between them. `None` if it is more than that.
pub(super) fn alternatives(regex: &str) -> Option<Vec<String>> {
    let inner = regex.strip_prefix('^').unwrap_or(regex);
    let inner = inner.strip_suffix('$').filter(|inner| !inner.ends_with('\\')).unwrap_or(inner);
    let inner = match inner.strip_prefix("(?:").or_else(|| inner.strip_prefix('(')) {
        Some(rest) => rest.strip_suffix(')')?,
        None => inner,
    };
    let alternatives: Vec<String> = split(inner)?;
    (alternatives.len() <= MOST).then_some(alternatives)
}

fn split(inner: &str) -> Option<Vec<String>> {
    let mut all = vec![String::new()];
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        let literal = match character {
            '|' => {
                all.push(String::new());
                continue;
            }
            // An escaped sign stands for itself; an escaped letter is a class.
            '\\' => characters.next().filter(|escaped| !escaped.is_alphanumeric())?,
            character if SPECIAL.contains(&character) => return None,
            character => character,
        };
        all.last_mut()?.push(literal);
    }
    Some(all)
}

/// Returns whether a regular expression matches whatever there is, but for the empty text.
pub(super) fn is_anything(regex: &str) -> bool {
    matches!(regex, ".+" | "^.+$" | "(.+)" | ".*.+" | ".+.*")
}

/// Returns whether a regular expression matches everything, the empty text among it.
pub(super) fn is_everything(regex: &str) -> bool {
    matches!(regex, ".*" | "^.*$" | "(.*)" | ".*.*")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_alternatives_are_told() {
        let check = |regex: &str, expected: Option<&[&str]>| {
            let expected = expected.map(|all| all.iter().map(|&one| one.to_owned()).collect());
            assert_eq!(alternatives(regex), expected, "{regex}");
        };
        check("a", Some(&["a"]));
        check("a|b", Some(&["a", "b"]));
        check("^(?:a|b)$", Some(&["a", "b"]));
        check("a|", Some(&["a", ""]));
        check(r"a\.b", Some(&["a.b"]));
        check(r"\d", None);
        check("a.*", None);
        check("(a|b", None);
        check("a(b|c)", None);
        check(r"a\$", Some(&["a$"]));
    }
}
