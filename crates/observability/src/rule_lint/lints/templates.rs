//! What the templates of alerts read.

/// What a template reads, and where in its text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Read<'t> {
    /// A label of the alert, with the bytes of its name.
    Label(&'t str, usize),
    /// The value of the expression.
    Value,
}

/// Returns what the actions of a template read of the alert. Where one asks Prometheus for something
/// of its own, `.Labels` and `.Value` are those of the answer, and are left out.
pub(super) fn read(text: &str) -> Vec<Read<'_>> {
    let mut found = Vec::new();
    let asks = ["range ", "with ", "query ", "template "].iter().any(|word| text.contains(word));
    let mut rest = 0;
    while let Some(start) = text[rest..].find("{{").map(|at| rest + at + 2) {
        let end = text[start..].find("}}").map_or(text.len(), |length| start + length);
        of_action(text, start, end, asks, &mut found);
        rest = end;
    }
    found
}

fn of_action<'t>(text: &'t str, start: usize, end: usize, asks: bool, found: &mut Vec<Read<'t>>) {
    let action = &text[start..end];
    for (at, _) in action.match_indices("abels") {
        let before = &action[..at];
        let is_own = before.ends_with("$l") || before.ends_with(".L") && !asks;
        let is_external = before.ends_with("externalL") || before.ends_with("ExternalL");
        let Some(after) = text.get(start + at + "abels".len()..end).filter(|_| is_own && !is_external) else {
            continue;
        };
        let named = match after.strip_prefix('.') {
            Some(name) => Some((name, start + at + "abels.".len())),
            // `index $labels "name"`
            None => {
                after.trim_start().strip_prefix('"').map(|name| (name, end - (after.trim_start().len() - 1)))
            }
        };
        let Some((name, place)) = named else { continue };
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let length = name.find(|c| !is_part(c)).unwrap_or(name.len());
        if length > 0 {
            found.push(Read::Label(&name[..length], place));
        }
    }
    let is_value = |word: &str| {
        action.match_indices(word).any(|(at, _)| {
            !action[at + word.len()..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        })
    };
    if is_value("$value") || is_value(".Value") && !asks {
        found.push(Read::Value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_and_values_are_found_in_actions_alone() {
        let check = |text: &str, expected: &[&str]| {
            let shown = read(text).into_iter().map(|read| match read {
                Read::Label(name, place) => {
                    assert!(text[place..].starts_with(name), "{text} {place}");
                    name
                }
                Read::Value => "value",
            });
            assert_eq!(shown.collect::<Vec<_>>(), expected, "{text}");
        };
        check("{{ $labels.job_name }} is {{ $value | humanize }}", &["job_name", "value"]);
        check("{{ .Labels.job }} {{.Value}}", &["job", "value"]);
        check("{{ index $labels \"a\" }}", &["a"]);
        check("$labels.a {{ $externalLabels.b }} {{ .ExternalLabels.c }}", &[]);
        check("{{ range query \"up\" }}{{ .Labels.a }}{{ .Value }}{{ end }}{{ $labels.b }}", &["b"]);
        check("{{ $labels", &[]);
        check("{{ $values }}", &[]);
    }
}
