//! Texts within strings of PromQL.

use std::fmt::{self, Write as _};

/// A text within a double-quoted string: whatever it holds, the string ends where it should.
pub(crate) struct Quoted<'a>(pub(crate) &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Grafana takes `$` and `[[` for variables, wherever they stand.
        if !self.0.contains(|c: char| c.is_control() || matches!(c, '\\' | '"' | '$' | '[')) {
            return f.write_str(self.0);
        }
        let mut before = ' ';
        for c in self.0.chars() {
            match c {
                '$' => f.write_str("\\x24")?,
                '[' if before == '[' => f.write_str("\\x5b")?,
                '\\' | '"' => write!(f, "\\{c}")?,
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                c if c.is_control() => write!(f, "\\u{:04x}", u32::from(c))?,
                c => f.write_char(c)?,
            }
            before = c;
        }
        Ok(())
    }
}
