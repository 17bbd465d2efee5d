//! How much of a runbook is read: bounds within which reading takes well under a second.

/// The largest size of a runbook in bytes. Whoever reads one from a file need read no further than
/// one byte beyond it.
pub const MAX_SIZE: usize = 2 << 20;

/// How many lists and quotations may stand within each other.
pub const MAX_DEPTH: usize = 100;

/// How many signs of Markdown and line breaks a runbook may have: a parser keeps about a hundred
/// bytes for each. A page that people write has a tenth as many as it has bytes.
pub const MAX_SIGNS: usize = 500_000;

/// How many findings are built; those beyond are counted. How many somebody is shown is for whoever
/// shows them: this bounds memory.
pub const MAX_FINDINGS: usize = 10_000;

/// Why a runbook is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Excess {
    #[error("the runbook is larger than {} MiB, and is not read", MAX_SIZE >> 20)]
    Size,
    #[error("the runbook has more than {MAX_SIGNS} signs of Markdown and line breaks, and is not read")]
    Signs,
    #[error("more than {MAX_DEPTH} lists and quotations stand within each other: the runbook is not read")]
    Depth {
        /// Where the first one stands that is too much.
        at: usize,
    },
}

/// Returns what makes a runbook too much to be read; `None` if nothing does.
///
/// The depth is bounded here because a parser goes through all open lists and quotations for each
/// line of a paragraph. What is counted are marks at the start of lines, each further to the right
/// than the one that it stands within. That is never less than the true depth; it may be more,
/// which matters to no text that people write.
pub(super) fn excess(text: &str) -> Option<Excess> {
    if text.len() > MAX_SIZE {
        return Some(Excess::Size);
    }
    let is_sign = |byte: &u8| {
        matches!(
            byte,
            b'\n' | b'\r' | b'*' | b'_' | b'[' | b']' | b'<' | b'&' | b'|' | b'`' | b'\\' | b'!' | b':'
        )
    };
    if text.bytes().filter(is_sign).count() > MAX_SIGNS {
        return Some(Excess::Signs);
    }
    let mut open: Vec<usize> = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive(['\n', '\r']) {
        for mark in Marks::new(line) {
            while open.last().is_some_and(|column| *column >= mark.column) {
                open.pop();
            }
            open.push(mark.column);
            if open.len() > MAX_DEPTH {
                return Some(Excess::Depth { at: start + mark.at });
            }
        }
        start += line.len();
    }
    None
}

/// The marks at the start of a line that open a list, a quotation or a definition.
struct Marks<'l> {
    line: &'l [u8],
    at: usize,
    column: usize,
}

struct Mark {
    at: usize,
    column: usize,
}

impl<'l> Marks<'l> {
    fn new(line: &'l str) -> Self {
        let line = line.as_bytes();
        let bare = line.trim_ascii();
        let is_rule = bare
            .iter()
            .find(|c| matches!(c, b'-' | b'*' | b'_'))
            .is_some_and(|first| bare.iter().all(|c| c == first || c.is_ascii_whitespace()));
        Self { line: if is_rule { &[] } else { line }, at: 0, column: 0 }
    }
}

impl Iterator for Marks<'_> {
    type Item = Mark;

    fn next(&mut self) -> Option<Mark> {
        while let Some(blank @ (b' ' | b'\t')) = self.line.get(self.at) {
            self.at += 1;
            self.column = if *blank == b'\t' { (self.column / 4 + 1) * 4 } else { self.column + 1 };
        }
        let rest = self.line.get(self.at..)?;
        let blank_at = |at: usize| rest.get(at).is_none_or(u8::is_ascii_whitespace);
        let length = match rest.first()? {
            b'>' => 1,
            b'-' | b'*' | b'+' | b':' if blank_at(1) => 1,
            b'0'..=b'9' => {
                let digits = rest.iter().take(10).take_while(|c| c.is_ascii_digit()).count();
                if digits > 9 || !matches!(rest.get(digits), Some(b'.' | b')')) || !blank_at(digits + 1) {
                    return None;
                }
                digits + 1
            }
            b'[' if rest.get(1) == Some(&b'^') => {
                let end = rest.iter().position(|c| *c == b']')?;
                if rest.get(end + 1) != Some(&b':') {
                    return None;
                }
                end + 2
            }
            _ => return None,
        };
        let mark = Mark { at: self.at, column: self.column };
        self.at += length;
        self.column += length;
        Some(mark)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<Excess>) {
        assert_eq!(excess(text), expected);
    }

    #[test]
    fn what_people_write_is_read() {
        check(include_str!("../../../../docs/runbooks/background-jobs.md"), None);
        check(&"- ".repeat(500), None);
        check(&format!("{}\n", "* ".repeat(500)).repeat(3), None);
        check(&"- a\n".repeat(1_000), None);
        check(&"> - a\n>   - b\n".repeat(1_000), None);
        check(&"\n".repeat(MAX_SIGNS), None);
        check(&"a".repeat(MAX_SIZE), None);
    }

    #[test]
    fn what_is_too_large_or_too_deep_is_refused() {
        check(&"a".repeat(MAX_SIZE + 1), Some(Excess::Size));
        check(&"\n".repeat(MAX_SIGNS + 1), Some(Excess::Signs));
        check(&"[".repeat(MAX_SIGNS + 1), Some(Excess::Signs));
        for mark in ["- ", "+ ", "> ", ">", "1. ", "12) ", "- > ", "1. - "] {
            let found = excess(&format!("text\n{}a", mark.repeat(MAX_DEPTH + 1)));
            assert!(matches!(found, Some(Excess::Depth { .. })), "{mark}: {found:?}");
        }
        let by_indentation: String = (0..200).map(|depth| format!("{}- a\n", "  ".repeat(depth))).collect();
        check(
            &by_indentation,
            Some(Excess::Depth { at: (0..MAX_DEPTH).map(|d| 2 * d + 4).sum::<usize>() + 200 }),
        );
    }
}
