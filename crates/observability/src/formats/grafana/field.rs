//! How the values of a panel are drawn, and how those of single series or columns differ.

use serde::{Serialize, Serializer};
use serde_json::Number;

use crate::job_state::JobState;
use crate::quantity::Unit;
use crate::severity::Severity;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FieldConfig {
    pub(super) color: Color,
    pub(super) custom: Custom,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) mappings: Vec<Mapping>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) min: Option<u32>,
    pub(super) no_value: &'static str,
    pub(super) thresholds: Thresholds,
    pub(super) unit: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Color {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) fixed_color: Option<&'static str>,
    pub(super) mode: &'static str,
}

#[derive(Serialize)]
pub(super) struct Thresholds {
    pub(super) mode: &'static str,
    pub(super) steps: Vec<Step>,
}

#[derive(Serialize)]
pub(super) struct Step {
    pub(super) color: &'static str,
    pub(super) value: Option<Number>,
}

/// What the field of each kind of panel has of its own.
pub(super) enum Custom {
    TimeSeries(Box<TimeSeriesField>),
    StateTimeline { fill_opacity: u8, line_width: u8 },
    BarGauge,
    Heatmap,
    Tile,
    Table { align: &'static str, cell: Cell },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TimeSeriesField {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) axis_soft_max: Option<Number>,
    /// Where bars stand: a count at a moment is about the time before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) bar_alignment: Option<i8>,
    pub(super) draw_style: &'static str,
    pub(super) fill_opacity: u8,
    pub(super) line_width: u8,
    pub(super) scale_distribution: ScaleDistribution,
    pub(super) show_points: &'static str,
    pub(super) stacking: Mode,
    pub(super) thresholds_style: Mode,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ScaleDistribution {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) linear_threshold: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) log: Option<u8>,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
}

#[derive(Serialize)]
pub(super) struct Mode {
    pub(super) mode: &'static str,
}

/// How the cell of a table looks.
#[derive(Clone, Copy, Serialize)]
pub(super) struct Cell {
    #[serde(skip_serializing_if = "Option::is_none")]
    mode: Option<&'static str>,
    #[serde(rename = "type")]
    kind: &'static str,
}

impl Cell {
    pub(super) const PLAIN: Self = Self { mode: None, kind: "auto" };
    pub(super) const COLOURED: Self = Self { mode: Some("basic"), kind: "color-background" };
}

impl Serialize for Custom {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct StateTimelineField {
            fill_opacity: u8,
            line_width: u8,
        }
        #[derive(Serialize)]
        struct NoField {}
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct TableField {
            align: &'static str,
            cell_options: Cell,
            filterable: bool,
            inspect: bool,
        }
        match self {
            Self::TimeSeries(field) => field.serialize(serializer),
            Self::StateTimeline { fill_opacity, line_width } => {
                StateTimelineField { fill_opacity: *fill_opacity, line_width: *line_width }
                    .serialize(serializer)
            }
            Self::BarGauge | Self::Heatmap | Self::Tile => NoField {}.serialize(serializer),
            Self::Table { align, cell } => {
                TableField { align, cell_options: *cell, filterable: true, inspect: false }
                    .serialize(serializer)
            }
        }
    }
}

/// The text and colour of a value.
pub(super) struct Mapping(pub(super) Vec<(String, &'static str, &'static str)>);

impl Serialize for Mapping {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;

        #[derive(Serialize)]
        struct Shown {
            color: &'static str,
            index: usize,
            text: &'static str,
        }
        struct Values<'a>(&'a [(String, &'static str, &'static str)]);
        impl Serialize for Values<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let shown = |(index, &(ref value, text, color)): (
                    usize,
                    &'_ (String, &'static str, &'static str),
                )| { (value.clone(), Shown { color, index, text }) };
                serializer.collect_map(self.0.iter().enumerate().map(shown))
            }
        }
        let mut out = serializer.serialize_struct("Mapping", 2)?;
        out.serialize_field("options", &Values(&self.0))?;
        out.serialize_field("type", "value")?;
        out.end()
    }
}

#[derive(Serialize)]
pub(super) struct Override {
    pub(super) matcher: Matcher,
    pub(super) properties: Vec<Property>,
}

#[derive(Serialize)]
pub(super) struct Matcher {
    pub(super) id: &'static str,
    pub(super) options: String,
}

/// What differs.
pub(super) enum Property {
    Color(&'static str),
    Dashed,
    Cell(Cell),
    Width(u32),
    Unit(&'static str),
    Mappings(Vec<Mapping>),
    Thresholds(Thresholds),
    Links(Vec<(String, String)>),
}

impl Serialize for Property {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Entry<'a, T> {
            id: &'static str,
            value: &'a T,
        }
        #[derive(Serialize)]
        struct Dash {
            dash: [u8; 2],
            fill: &'static str,
        }
        #[derive(Serialize)]
        struct DataLink<'a> {
            title: &'a str,
            url: &'a str,
        }
        match self {
            Self::Color(color) => {
                let value = &Color { fixed_color: Some(color), mode: "fixed" };
                Entry { id: "color", value }.serialize(serializer)
            }
            Self::Dashed => {
                let value = &Dash { dash: [10, 10], fill: "dash" };
                Entry { id: "custom.lineStyle", value }.serialize(serializer)
            }
            Self::Cell(value) => Entry { id: "custom.cellOptions", value }.serialize(serializer),
            Self::Width(value) => Entry { id: "custom.width", value }.serialize(serializer),
            Self::Unit(value) => Entry { id: "unit", value }.serialize(serializer),
            Self::Mappings(value) => Entry { id: "mappings", value }.serialize(serializer),
            Self::Thresholds(value) => Entry { id: "thresholds", value }.serialize(serializer),
            Self::Links(links) => {
                let links: Vec<_> = links.iter().map(|(title, url)| DataLink { title, url }).collect();
                Entry { id: "links", value: &links }.serialize(serializer)
            }
        }
    }
}

pub(super) const fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Count => "short",
        Unit::PerSecond => "cps",
        Unit::Ratio => "percentunit",
        Unit::Seconds => "s",
        Unit::Timestamp => "dateTimeAsIso",
        Unit::Number => "none",
    }
}

pub(super) const fn severity_colour(severity: Severity) -> &'static str {
    match severity {
        Severity::Warning => "orange",
        Severity::Critical => "red",
    }
}

pub(super) const fn state_colour(state: JobState) -> &'static str {
    match state {
        JobState::Unknown | JobState::Disabled => "#8e8e8e",
        JobState::Succeeding => "green",
        JobState::Failing => "yellow",
        JobState::Overdue => "orange",
        JobState::Broken => "red",
        JobState::Silent => "dark-red",
    }
}

/// Returns a number as JSON has it: a whole number without a point.
pub(super) fn number(value: f64) -> Option<Number> {
    if value.fract() == 0.0 && value.abs() < 9e15 {
        return Some(Number::from(value as i64));
    }
    Number::from_f64(value)
}
