//! The expressions of a dashboard's panels.

use crate::query::{self, QueryError};

/// What Grafana puts in place of its own variables, in an order in which none begins with an
/// earlier one.
const OWN: [(&str, &str); 6] = [
    ("$__rate_interval", "5m"),
    ("$__interval_ms", "60000"),
    ("$__interval", "1m"),
    ("$__range_ms", "3600000"),
    ("$__range_s", "3600"),
    ("$__range", "1h"),
];

/// What stands for a variable within a string.
const WITHIN: &str = "x";

/// Checks an expression as Grafana sends it. One that has a variable outside of strings may be
/// anything, and is not judged.
///
/// Errors: Prometheus would refuse it.
pub(super) fn check(expression: &str) -> Result<(), QueryError> {
    let known = OWN.iter().fold(expression.to_owned(), |text, (name, value)| {
        let braced = format!("${{{}}}", &name[1..]);
        text.replace(&braced, value).replace(name, value)
    });
    match filled(&known) {
        Some(filled) => query::parse(&filled).map(drop),
        None => Ok(()),
    }
}

/// Returns an expression with a word in place of each variable. `None` if one stands outside of
/// strings.
fn filled(expression: &str) -> Option<String> {
    let mut filled = String::with_capacity(expression.len());
    let mut quote = None;
    let mut rest = expression;
    while let Some(c) = rest.chars().next() {
        let variable = variable(rest);
        match (quote, variable) {
            (None, Some(_)) => return None,
            (Some(_), Some(length)) => {
                filled.push_str(WITHIN);
                rest = &rest[length..];
                continue;
            }
            (Some('"' | '\''), None) if c == '\\' => {
                // What is escaped ends no string.
                let length = rest.chars().take(2).map(char::len_utf8).sum();
                filled.push_str(&rest[..length]);
                rest = &rest[length..];
                continue;
            }
            (None, None) if matches!(c, '"' | '\'' | '`') => quote = Some(c),
            (Some(opened), None) if opened == c => quote = None,
            _ => {}
        }
        filled.push(c);
        rest = &rest[c.len_utf8()..];
    }
    Some(filled)
}

/// Returns how many bytes the variable has that a text begins with. `None` if it begins with none.
fn variable(text: &str) -> Option<usize> {
    if let Some(rest) = text.strip_prefix("${") {
        return rest.find('}').map(|end| end + "${}".len());
    }
    if let Some(rest) = text.strip_prefix("[[") {
        let end = rest.find("]]")?;
        return rest[..end].chars().all(is_of_name).then_some(end + "[[]]".len());
    }
    let length = text.strip_prefix('$')?.chars().take_while(|c| is_of_name(*c)).count();
    (length > 0).then_some(length + 1)
}

const fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn taken(expression: &str) {
        assert_eq!(check(expression), Ok(()), "{expression}");
    }

    #[track_caller]
    fn refused(expression: &str) {
        assert!(check(expression).is_err(), "{expression}");
    }

    #[test]
    fn variables_are_filled_in_as_grafana_does() {
        taken(r#"sum by (job_name) (rate(a{job_name=~"$job_name"}[$__rate_interval])) / $__range_s"#);
        taken(r#"a{b=~"${job:regex}", c="\"$x", d=~'[[y]]'} offset ${__interval}"#);
        // What comes out of a variable is not known here.
        taken("rate(a[$window]) + $anything(");
        refused("rate(a[$__rate_interval]");
        refused(r#"a{b="$c" + 1"#);
        refused(r#"a{b="\"} + $c"#);
    }
}
