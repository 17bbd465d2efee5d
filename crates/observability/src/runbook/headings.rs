//! Where the links into a runbook can lead.

use super::block::Block;
use super::limits::excess;
use super::markdown::blocks;
use crate::anchor::{AnchorStyle, Anchors};

/// Returns the anchors of all headings of a runbook, in their order, those that are set by hand
/// among them where a page takes them. `None` if the runbook is too much to be read.
pub fn heading_anchors(text: &str, style: AnchorStyle) -> Option<Vec<String>> {
    if excess(text).is_some() {
        return None;
    }
    let mut anchors = Anchors::new(style);
    let mut all = Vec::new();
    blocks(text, style, |block| {
        if let Block::Heading(heading) = block {
            let made = anchors.next(&heading.shown);
            all.extend(heading.id);
            all.push(made);
        }
    });
    Some(all)
}
