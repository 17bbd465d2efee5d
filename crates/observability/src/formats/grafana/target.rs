//! Queries and links as panels have them.

use super::wire::{DataSourceRef, LinkOut, TargetOut};
use crate::dashboard::{Link, Query, TAG};
use crate::text::JsonText;

pub(super) const DATA_SOURCE: DataSourceRef = DataSourceRef { kind: "prometheus", uid: "${datasource}" };

pub(super) fn link(link: &Link) -> LinkOut<'_> {
    LinkOut {
        as_dropdown: false,
        icon: "doc",
        include_vars: false,
        keep_time: false,
        tags: &[],
        target_blank: true,
        title: JsonText::new(&link.title),
        tooltip: "",
        kind: "link",
        url: JsonText::new(&link.url),
    }
}

/// A menu of all dashboards that Jobwatch generates.
pub(super) fn related() -> LinkOut<'static> {
    LinkOut {
        as_dropdown: true,
        icon: "dashboard",
        // Another dashboard has other jobs.
        include_vars: false,
        keep_time: true,
        tags: &[TAG],
        target_blank: false,
        title: JsonText::new("Other background jobs"),
        tooltip: "",
        kind: "dashboards",
        url: JsonText::new(""),
    }
}

/// Returns the letters by which a panel tells its queries apart: A to Z, then AA.
pub(super) fn reference(index: usize) -> String {
    let letter = char::from(b'A' + (index % 26) as u8);
    match index / 26 {
        0 => letter.to_string(),
        more => format!("{}{letter}", reference(more - 1)),
    }
}

pub(super) fn target<'a>(
    query: &'a Query,
    index: usize,
    is_instant: bool,
    format: &'static str,
) -> TargetOut<'a> {
    TargetOut {
        data_source: DATA_SOURCE,
        editor_mode: "code",
        expr: query.expression.to_string(),
        format,
        instant: is_instant,
        legend_format: JsonText::new(&query.legend),
        range: !is_instant,
        ref_id: reference(index),
    }
}
