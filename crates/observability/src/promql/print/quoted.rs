//! Texts within strings of PromQL.

use std::fmt;

/// A text within a double-quoted string: whatever it holds, the string ends where it should.
pub(crate) struct Quoted<'a>(pub(crate) &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_to(f)
    }
}

impl Quoted<'_> {
    /// Writes the text without its quotes.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub(crate) fn write_to(&self, out: &mut impl fmt::Write) -> fmt::Result {
        if is_plain(self.0) {
            return out.write_str(self.0);
        }
        // Grafana takes `$` and `[[` for variables, wherever they stand.
        let mut before = ' ';
        for c in self.0.chars() {
            match c {
                '$' => out.write_str("\\x24")?,
                '[' if before == '[' => out.write_str("\\x5b")?,
                '\\' | '"' => write!(out, "\\{c}")?,
                '\n' => out.write_str("\\n")?,
                '\r' => out.write_str("\\r")?,
                '\t' => out.write_str("\\t")?,
                c if c.is_control() => write!(out, "\\u{:04x}", u32::from(c))?,
                c => out.write_char(c)?,
            }
            before = c;
        }
        Ok(())
    }
}

/// Returns whether a text has nothing but signs of ASCII that mean themselves. Each byte is looked
/// at, even behind one that decides: so compilers look at many at once.
fn is_plain(text: &str) -> bool {
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') & !matches!(byte, b'\\' | b'"' | b'$' | b'[');
    text.bytes().fold(true, |plain, byte| plain & is_plain(byte))
}
