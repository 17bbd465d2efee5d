//! Panels as Grafana reads them.

use std::cmp::Reverse;

use super::field::{
    Cell, Color, Custom, FieldConfig, Mapping, Matcher, Mode, Override, Property, ScaleDistribution, Step,
    Thresholds, TimeSeriesField, number, severity_colour, state_colour, unit,
};
use super::options::Options;
use super::target::{DATA_SOURCE, link, reference, target};
use super::wire::{FieldConfigSource, GridPosition, PanelOut, Transformation};
use crate::dashboard::{Column, ColumnKind, Exception, Field, Line, Panel, Purpose, Query, Scale, Visual};
use crate::job_state::JobState;
use crate::quantity::{Quantity, WHOLE};
use crate::severity::Severity;
use crate::text::JsonText;

const OK: &str = "green";
/// Neither all nor too little.
const IN_PART: &str = "yellow";
/// Neither good nor bad.
const NEUTRAL: &str = "blue";
/// Bars stand before the moment of their value.
const BEFORE: i8 = -1;

pub(super) fn panel<'a>(panel: &'a Panel, id: usize, position: GridPosition) -> PanelOut<'a> {
    let (is_instant, format) = match panel.visual {
        Visual::Gauge(_) | Visual::Tile(_) => (true, "time_series"),
        Visual::Table(_) => (true, "table"),
        Visual::Heatmap => (false, "heatmap"),
        Visual::Lines(_) | Visual::Points | Visual::Bars | Visual::States => (false, "time_series"),
    };
    let is_hourly = matches!(panel.visual, Visual::Bars | Visual::Points | Visual::Heatmap);
    let targets = panel.queries.iter().enumerate();
    PanelOut {
        data_source: DATA_SOURCE,
        description: JsonText::new(&panel.description),
        field_config: FieldConfigSource { defaults: defaults(panel), overrides: overrides(panel) },
        position,
        id,
        interval: is_hourly.then_some("1h"),
        links: panel.links.iter().map(link).collect(),
        options: options(&panel.visual),
        targets: targets.map(|(index, query)| target(query, index, is_instant, format)).collect(),
        title: JsonText::new(panel.title),
        transformations: match &panel.visual {
            Visual::Table(columns) => transformations(columns, panel.queries.len()),
            _ => Vec::new(),
        },
        kind: match panel.visual {
            Visual::Lines(_) | Visual::Points | Visual::Bars => "timeseries",
            Visual::Heatmap => "heatmap",
            Visual::Tile(_) => "stat",
            Visual::States => "state-timeline",
            Visual::Gauge(_) => "bargauge",
            Visual::Table(_) => "table",
        },
    }
}

fn options(visual: &Visual) -> Options {
    match visual {
        Visual::Lines(_) | Visual::Points => Options::lines(),
        Visual::Heatmap => Options::heatmap(),
        Visual::Tile(_) => Options::tile(),
        Visual::Bars => Options::bars(),
        Visual::States => Options::states(),
        Visual::Gauge(_) => Options::gauge(),
        Visual::Table(columns) => {
            let is_urgency = |column: &&Column| matches!(column.kind, ColumnKind::State);
            let last = columns.iter().rev().find(|column| matches!(column.field, Field::Value(_)));
            Options::table(columns.iter().find(is_urgency).or(last).map(|column| column.title.clone()))
        }
    }
}

fn defaults(panel: &Panel) -> FieldConfig {
    let (color, custom, thresholds, max) = match &panel.visual {
        Visual::Lines(scale) => {
            ("palette-classic", lines(*scale, &panel.lines), above(&panel.lines), whole(*scale))
        }
        Visual::Points => ("palette-classic", points(), above(&[]), None),
        Visual::Bars => ("palette-classic", bars(), above(&[]), None),
        Visual::Heatmap => ("palette-classic", Custom::Heatmap, above(&[]), None),
        Visual::Tile(severity) => ("thresholds", Custom::Tile, counted(*severity), None),
        Visual::States => {
            ("thresholds", Custom::StateTimeline { fill_opacity: 80, line_width: 0 }, above(&[]), None)
        }
        Visual::Gauge(_) => {
            let thresholds = panel.lines.iter().map(|line| (line.severity, line.value));
            ("thresholds", Custom::BarGauge, below(thresholds), Some(1))
        }
        Visual::Table(_) => {
            ("thresholds", Custom::Table { align: "auto", cell: Cell::PLAIN }, above(&[]), None)
        }
    };
    FieldConfig {
        color: Color { fixed_color: None, mode: color },
        custom,
        mappings: match panel.visual {
            Visual::States => vec![states()],
            _ => Vec::new(),
        },
        max,
        min: (!matches!(panel.visual, Visual::Table(_) | Visual::States)).then_some(0),
        no_value: panel.no_value,
        thresholds,
        unit: unit(panel.unit),
    }
}

const fn whole(scale: Scale) -> Option<u32> {
    match scale {
        Scale::Whole => Some(1),
        Scale::Linear | Scale::Logarithmic { .. } => None,
    }
}

fn lines(scale: Scale, lines: &[Line]) -> Custom {
    let scale_distribution = match scale {
        Scale::Linear | Scale::Whole => {
            ScaleDistribution { linear_threshold: None, log: None, kind: "linear" }
        }
        Scale::Logarithmic { linear_below } => {
            ScaleDistribution { linear_threshold: Some(linear_below), log: Some(10), kind: "symlog" }
        }
    };
    Custom::TimeSeries(Box::new(TimeSeriesField {
        // A line that is far above all values is seen all the same.
        bar_alignment: None,
        axis_soft_max: lines.last().and_then(|line| number(line.value.as_f64())),
        draw_style: "line",
        fill_opacity: 0,
        line_width: 2,
        scale_distribution,
        show_points: "auto",
        stacking: Mode { mode: "none" },
        thresholds_style: Mode { mode: if lines.is_empty() { "off" } else { "dashed" } },
    }))
}

fn points() -> Custom {
    Custom::TimeSeries(Box::new(TimeSeriesField {
        axis_soft_max: None,
        bar_alignment: None,
        draw_style: "points",
        fill_opacity: 0,
        line_width: 1,
        scale_distribution: ScaleDistribution { linear_threshold: Some(1), log: Some(10), kind: "symlog" },
        show_points: "always",
        stacking: Mode { mode: "none" },
        thresholds_style: Mode { mode: "off" },
    }))
}

fn bars() -> Custom {
    Custom::TimeSeries(Box::new(TimeSeriesField {
        axis_soft_max: None,
        bar_alignment: Some(BEFORE),
        draw_style: "bars",
        fill_opacity: 70,
        line_width: 1,
        scale_distribution: ScaleDistribution { linear_threshold: None, log: None, kind: "linear" },
        show_points: "never",
        stacking: Mode { mode: "normal" },
        thresholds_style: Mode { mode: "off" },
    }))
}

/// Good, until there is anything.
fn counted(severity: Option<Severity>) -> Thresholds {
    let Some(severity) = severity else {
        return Thresholds { mode: "absolute", steps: vec![Step { color: NEUTRAL, value: None }] };
    };
    let any = Step { color: severity_colour(severity), value: number(1.0) };
    Thresholds { mode: "absolute", steps: vec![Step { color: OK, value: None }, any] }
}

/// Good, until a line is crossed.
fn above(lines: &[Line]) -> Thresholds {
    let good = Step { color: OK, value: None };
    let bad = lines
        .iter()
        .map(|line| Step { color: severity_colour(line.severity), value: number(line.value.as_f64()) });
    Thresholds { mode: "absolute", steps: std::iter::once(good).chain(bad).collect() }
}

/// Bad while more than a threshold is missing, good while less than half of it is: who runs often
/// fails now and then, and that is no colour's business.
fn below(thresholds: impl Iterator<Item = (Severity, Quantity)>) -> Thresholds {
    let mut steps = Vec::new();
    let mut from = None;
    let mut descending: Vec<(Severity, Quantity)> = thresholds.collect();
    descending.sort_by_key(|&(_, threshold)| Reverse(threshold));
    for &(severity, threshold) in &descending {
        steps.push(Step { color: severity_colour(severity), value: from });
        from = number(rest(threshold));
    }
    let Some(smallest) = descending.last().map(|&(_, threshold)| threshold) else {
        return above(&[]);
    };
    steps.push(Step { color: IN_PART, value: from });
    steps.push(Step { color: OK, value: number(rest(half(smallest))) });
    Thresholds { mode: "absolute", steps }
}

/// Returns what is left of the whole without a part.
fn rest(part: Quantity) -> f64 {
    match part {
        Quantity::Ratio(millionths) => Quantity::Ratio(WHOLE.saturating_sub(millionths)).as_f64(),
        _ => 0.0,
    }
}

fn half(part: Quantity) -> Quantity {
    match part {
        Quantity::Ratio(millionths) => Quantity::Ratio(millionths / 2),
        other => other,
    }
}

fn states() -> Mapping {
    let mapped = |state: JobState| (state.number().to_string(), state.text(), state_colour(state));
    Mapping(JobState::ALL.into_iter().map(mapped).collect())
}

fn overrides(panel: &Panel) -> Vec<Override> {
    match &panel.visual {
        Visual::Heatmap | Visual::Tile(_) => Vec::new(),
        Visual::Lines(_) | Visual::Points | Visual::Bars | Visual::States => {
            panel.queries.iter().enumerate().filter_map(|(index, query)| series(index, query)).collect()
        }
        Visual::Gauge(exceptions) => exceptions.iter().map(exception).collect(),
        Visual::Table(columns) => columns.iter().filter_map(cells).collect(),
    }
}

fn series(index: usize, query: &Query) -> Option<Override> {
    if let Purpose::Threshold(severity) = query.purpose {
        return Some(Override {
            matcher: Matcher { id: "byFrameRefID", options: reference(index) },
            properties: vec![Property::Dashed, Property::Color(severity_colour(severity))],
        });
    }
    query.legend.ends_with("{{status}}").then(|| Override {
        matcher: Matcher { id: "byRegexp", options: "/ failed$/".to_owned() },
        properties: vec![Property::Color(severity_colour(Severity::Critical))],
    })
}

fn exception(exception: &Exception) -> Override {
    let jobs: Vec<String> = exception.jobs.iter().map(|job| job.as_str().replace('.', "[.]")).collect();
    let thresholds = std::iter::once((exception.severity, exception.value));
    Override {
        matcher: Matcher { id: "byRegexp", options: format!("/^({})( |$)/", jobs.join("|")) },
        properties: vec![Property::Thresholds(below(thresholds))],
    }
}

fn cells(column: &Column) -> Option<Override> {
    let mut properties = match column.kind {
        ColumnKind::Text => Vec::new(),
        ColumnKind::Severity => {
            let mapped = |severity: Severity| {
                (severity.as_str().to_owned(), severity.as_str(), severity_colour(severity))
            };
            vec![
                Property::Mappings(vec![Mapping(vec![
                    mapped(Severity::Critical),
                    mapped(Severity::Warning),
                ])]),
                Property::Cell(Cell::COLOURED),
                Property::Width(110),
            ]
        }
        ColumnKind::State => {
            vec![Property::Mappings(vec![states()]), Property::Cell(Cell::COLOURED), Property::Width(130)]
        }
        ColumnKind::Value(of) => vec![Property::Unit(unit(of))],
    };
    if !column.links.is_empty() {
        let links = column.links.iter().map(|link| (link.title.clone(), link.url.clone()));
        properties.push(Property::Links(links.collect()));
    }
    (!properties.is_empty())
        .then(|| Override { matcher: Matcher { id: "byName", options: column.title.to_owned() }, properties })
}

/// Keeps what the columns show, joins it by job, and puts it in order.
fn transformations(columns: &[Column], queries: usize) -> Vec<Transformation> {
    let field = |column: &Column| match &column.field {
        Field::Label(label) => label.clone(),
        Field::Value(_) if queries == 1 => "Value".to_owned(),
        Field::Value(index) => format!("Value #{}", reference(*index)),
    };
    let fields: Vec<(String, String)> =
        columns.iter().map(|column| (field(column), column.title.clone())).collect();
    let names: Vec<&str> = fields.iter().map(|(field, _)| field.as_str()).collect();
    let keep = Transformation::Keep(format!("/^({})$/", names.join("|")));
    let join = columns.iter().find_map(|column| match &column.field {
        Field::Label(label) if queries > 1 => Some(Transformation::Join(label.clone())),
        _ => None,
    });
    std::iter::once(keep).chain(join).chain([Transformation::Arrange(fields)]).collect()
}
