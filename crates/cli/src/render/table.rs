//! Tables that fit 100 columns, and paste into Markdown.

use comfy_table::{ContentArrangement, Table, presets};

const WIDTH: u16 = 100;

/// Returns an empty table with its column heads.
pub(crate) fn new(heads: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::ASCII_MARKDOWN)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(WIDTH)
        .set_header(heads);
    table
}

/// Returns a text that a cell of Markdown shows as it is, in one line.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '|' | '\\' | '`' | '*' | '_' | '<' | '>' | '[' | ']' | '#' | '~' | '$' | '@') {
            escaped.push('\\');
        }
        escaped.push(if c.is_control() { ' ' } else { c });
    }
    escaped
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::escaped;

    #[test]
    fn a_cell_of_markdown_shows_every_sign() {
        assert_snapshot!(escaped("a_b | `c` <d>\ne"), @r"a\_b \| \`c\` \<d\> e");
    }
}
