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
