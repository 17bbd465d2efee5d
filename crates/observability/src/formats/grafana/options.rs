//! The options of a panel, which depend on its kind: legend, tooltip, layout.

use serde::{Serialize, Serializer};

use super::field::unit;
use crate::quantity::Unit;

/// The options of a panel, by its kind.
pub(super) enum Options {
    TimeSeries(TimeSeries),
    StateTimeline(StateTimeline),
    BarGauge(BarGauge),
    Heatmap(Heatmap),
    Tile(Tile),
    Table(Table),
}

impl Serialize for Options {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::TimeSeries(options) => options.serialize(serializer),
            Self::StateTimeline(options) => options.serialize(serializer),
            Self::BarGauge(options) => options.serialize(serializer),
            Self::Heatmap(options) => options.serialize(serializer),
            Self::Tile(options) => options.serialize(serializer),
            Self::Table(options) => options.serialize(serializer),
        }
    }
}

#[derive(Serialize)]
pub(super) struct TimeSeries {
    legend: Legend,
    tooltip: Tooltip,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StateTimeline {
    align_value: &'static str,
    legend: Legend,
    merge_values: bool,
    row_height: f64,
    show_value: &'static str,
    tooltip: Tooltip,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BarGauge {
    display_mode: &'static str,
    legend: Legend,
    max_viz_height: u32,
    min_viz_height: u32,
    min_viz_width: u32,
    name_placement: &'static str,
    orientation: &'static str,
    reduce_options: Reduce,
    show_unfilled: bool,
    sizing: &'static str,
    value_mode: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Heatmap {
    calculate: bool,
    cell_gap: u8,
    color: HeatmapColor,
    exemplars: Exemplars,
    filter_values: FilterValues,
    legend: Shown,
    rows_frame: RowsFrame,
    show_value: &'static str,
    tooltip: HeatmapTooltip,
    y_axis: YAxis,
}

#[derive(Serialize)]
struct HeatmapColor {
    exponent: f64,
    fill: &'static str,
    mode: &'static str,
    reverse: bool,
    scale: &'static str,
    scheme: &'static str,
    steps: u8,
}

#[derive(Serialize)]
struct Exemplars {
    color: &'static str,
}

#[derive(Serialize)]
struct FilterValues {
    le: f64,
}

#[derive(Serialize)]
struct Shown {
    show: bool,
}

#[derive(Serialize)]
struct RowsFrame {
    layout: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HeatmapTooltip {
    mode: &'static str,
    show_color_scale: bool,
    y_histogram: bool,
}

#[derive(Serialize)]
struct YAxis {
    unit: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Tile {
    color_mode: &'static str,
    graph_mode: &'static str,
    justify_mode: &'static str,
    orientation: &'static str,
    percent_change_color_mode: &'static str,
    reduce_options: Reduce,
    show_percent_change: bool,
    text_mode: &'static str,
    wide_layout: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Table {
    cell_height: &'static str,
    frame_index: u32,
    show_header: bool,
    sort_by: Vec<SortBy>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Legend {
    calcs: Vec<&'static str>,
    display_mode: &'static str,
    placement: &'static str,
    show_legend: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    sort_by: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sort_desc: Option<bool>,
}

#[derive(Serialize)]
struct Tooltip {
    mode: &'static str,
    sort: &'static str,
}

#[derive(Serialize)]
struct Reduce {
    calcs: [&'static str; 1],
    fields: &'static str,
    values: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SortBy {
    desc: bool,
    display_name: String,
}

const ALL: Tooltip = Tooltip { mode: "multi", sort: "desc" };

impl Options {
    /// Lines, with the latest and the highest value of each.
    pub(super) fn lines() -> Self {
        let legend = Legend {
            calcs: vec!["lastNotNull", "max"],
            display_mode: "table",
            placement: "right",
            show_legend: true,
            sort_by: Some("Last *"),
            sort_desc: Some(true),
        };
        Self::TimeSeries(TimeSeries { legend, tooltip: ALL })
    }

    /// Counts, with their sums.
    pub(super) fn bars() -> Self {
        let legend = Legend {
            calcs: vec!["sum"],
            display_mode: "table",
            placement: "right",
            show_legend: true,
            sort_by: Some("Total"),
            sort_desc: Some(true),
        };
        Self::TimeSeries(TimeSeries { legend, tooltip: ALL })
    }

    /// States over time, equal ones merged.
    pub(super) fn states() -> Self {
        Self::StateTimeline(StateTimeline {
            align_value: "left",
            legend: Legend::list(true),
            merge_values: true,
            row_height: 0.9,
            show_value: "auto",
            tooltip: Tooltip { mode: "single", sort: "none" },
        })
    }

    /// How many values are how large, the buckets of a histogram from bottom to top.
    pub(super) fn heatmap() -> Self {
        Self::Heatmap(Heatmap {
            calculate: false,
            cell_gap: 1,
            color: HeatmapColor {
                exponent: 0.5,
                fill: "dark-orange",
                mode: "scheme",
                reverse: false,
                scale: "exponential",
                scheme: "Oranges",
                steps: 64,
            },
            exemplars: Exemplars { color: "rgba(255,0,255,0.7)" },
            // What is empty has no cell. No execution is a tenth of one.
            filter_values: FilterValues { le: 0.1 },
            legend: Shown { show: true },
            rows_frame: RowsFrame { layout: "auto" },
            show_value: "never",
            tooltip: HeatmapTooltip { mode: "single", show_color_scale: false, y_histogram: true },
            y_axis: YAxis { unit: unit(Unit::Seconds) },
        })
    }

    /// One number.
    pub(super) fn tile() -> Self {
        Self::Tile(Tile {
            color_mode: "background",
            graph_mode: "none",
            justify_mode: "auto",
            orientation: "auto",
            percent_change_color_mode: "standard",
            reduce_options: Reduce { calcs: ["lastNotNull"], fields: "", values: false },
            show_percent_change: false,
            text_mode: "value",
            wide_layout: true,
        })
    }

    /// A bar for each series' latest value.
    pub(super) fn gauge() -> Self {
        Self::BarGauge(BarGauge {
            display_mode: "basic",
            legend: Legend::list(false),
            max_viz_height: 60,
            min_viz_height: 16,
            min_viz_width: 8,
            name_placement: "left",
            orientation: "horizontal",
            reduce_options: Reduce { calcs: ["lastNotNull"], fields: "", values: false },
            show_unfilled: true,
            sizing: "auto",
            value_mode: "color",
        })
    }

    /// A table, sorted by a column, the highest value first.
    pub(super) fn table(sort_by: Option<String>) -> Self {
        let sort_by = sort_by.map(|display_name| SortBy { desc: true, display_name });
        Self::Table(Table {
            cell_height: "sm",
            frame_index: 0,
            show_header: true,
            sort_by: sort_by.into_iter().collect(),
        })
    }
}

impl Legend {
    const fn list(show_legend: bool) -> Self {
        Self {
            calcs: Vec::new(),
            display_mode: "list",
            placement: "bottom",
            show_legend,
            sort_by: None,
            sort_desc: None,
        }
    }
}
