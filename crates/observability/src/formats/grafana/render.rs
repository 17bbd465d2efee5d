//! Lays the dashboard out.

use super::panel;
use super::target::{DATA_SOURCE, link, related};
use super::wire::{
    Annotation, Annotations, DashboardOut, GridPosition, Node, PanelOut, RowOut, Templating, TimeRange,
    VariableOption, VariableOut,
};
use crate::dashboard::{Dashboard, Row, Variable};
use crate::promql::{Expr, Operator};
use crate::quantity::Quantity;
use crate::text::JsonText;

/// The version of the dashboard model that Grafana 11 to 13 read as it is or migrate on their own.
const SCHEMA_VERSION: u32 = 41;
/// How many columns the grid has.
const GRID_WIDTH: u32 = 24;
const ROW_HEIGHT: u32 = 1;

/// Returns the text of a dashboard, with a line break at its end.
pub(super) fn render(dashboard: &Dashboard) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(&DashboardOut {
        annotations: Annotations { list: [firing(dashboard), started(dashboard)] },
        description: JsonText::new(&dashboard.description),
        editable: true,
        graph_tooltip: 1,
        id: None,
        links: dashboard.links.iter().map(link).chain([related()]).collect(),
        panels: nodes(dashboard),
        refresh: "1m",
        schema_version: SCHEMA_VERSION,
        tags: dashboard.tags.iter().map(|tag| JsonText::new(tag)).collect(),
        templating: Templating { list: variables(dashboard) },
        time: TimeRange { from: "now-24h", to: "now" },
        timezone: "browser",
        title: JsonText::owned(without_variables(&dashboard.title)),
        uid: JsonText::new(&dashboard.uid),
    })?;
    text.push('\n');
    Ok(text)
}

/// Returns a text in which Grafana finds no variable: an invisible character stands behind what one
/// would begin with.
fn without_variables(text: &str) -> String {
    const WORD_JOINER: &str = "\u{2060}";
    text.replace('$', &format!("${WORD_JOINER}")).replace("[[", &format!("[{WORD_JOINER}["))
}

/// Rows and panels with their numbers and their places in the grid, filled from left to right.
fn nodes(dashboard: &Dashboard) -> Vec<Node<'_>> {
    let mut nodes = Vec::new();
    let (mut id, mut top) = (0, 0);
    for row in &dashboard.rows {
        id += 1;
        let position = GridPosition { h: ROW_HEIGHT, w: GRID_WIDTH, x: 0, y: top };
        let (id_of_row, is_closed) = (id, row.is_closed);
        top += ROW_HEIGHT;
        let (panels, bottom) = placed(row, top, &mut id);
        let (inner, after) = if is_closed { (panels, Vec::new()) } else { (Vec::new(), panels) };
        // What is closed takes no room.
        top = if is_closed { top } else { bottom };
        nodes.push(Node::Row(RowOut {
            collapsed: is_closed,
            position,
            id: id_of_row,
            panels: inner,
            repeat: row.repeated_by,
            title: row.title,
            kind: "row",
        }));
        nodes.extend(after.into_iter().map(|panel| Node::Panel(Box::new(panel))));
    }
    nodes
}

/// Returns the panels of a row, from `top` on, and where they end.
fn placed<'a>(row: &'a Row, mut top: u32, id: &mut usize) -> (Vec<PanelOut<'a>>, u32) {
    let (mut left, mut height) = (0, 0);
    let mut panels = Vec::new();
    for panel in &row.panels {
        if left + panel.width > GRID_WIDTH {
            top += height;
            (left, height) = (0, 0);
        }
        *id += 1;
        let position = GridPosition { h: panel.height, w: panel.width, x: left, y: top };
        panels.push(panel::panel(panel, *id, position));
        left += panel.width;
        height = height.max(panel.height);
    }
    (panels, top + height)
}

fn firing(dashboard: &Dashboard) -> Annotation {
    Annotation {
        data_source: DATA_SOURCE,
        enable: true,
        expr: dashboard.firing.to_string(),
        icon_color: "red",
        name: "Firing alerts",
        step: "60s",
        tag_keys: "severity,job_name",
        text_format: "{{job_name}}",
        title_format: "{{alertname}}",
        use_value_for_time: false,
    }
}

/// A mark where a process started: the value says when.
fn started(dashboard: &Dashboard) -> Annotation {
    let milliseconds = Expr::from(Quantity::Count(1_000));
    Annotation {
        data_source: DATA_SOURCE,
        enable: true,
        expr: milliseconds.binary(Operator::Multiply, dashboard.started.clone()).to_string(),
        icon_color: "blue",
        name: "Starts of processes",
        step: "60s",
        tag_keys: "instance",
        text_format: "{{instance}}",
        title_format: "Process started",
        use_value_for_time: true,
    }
}

fn variables(dashboard: &Dashboard) -> Vec<VariableOut> {
    let data_source = VariableOut {
        all_value: None,
        current: None,
        data_source: None,
        description: "The Prometheus server that evaluates the rules.".to_owned(),
        hide: 0,
        include_all: false,
        label: "Data source".to_owned(),
        multi: false,
        name: "datasource".to_owned(),
        query: "prometheus".to_owned(),
        refresh: 1,
        sort: 0,
        kind: "datasource",
    };
    std::iter::once(data_source).chain(dashboard.variables.iter().map(variable)).collect()
}

fn variable(variable: &Variable) -> VariableOut {
    VariableOut {
        all_value: Some(variable.all),
        current: Some(VariableOption { selected: true, text: ["All"], value: ["$__all"] }),
        data_source: Some(DATA_SOURCE),
        description: variable.description.clone(),
        hide: 0,
        include_all: true,
        label: variable.label.clone(),
        multi: true,
        name: variable.name.clone(),
        query: format!("label_values({}, {})", variable.series, variable.values_of),
        // Jobs come and go within the time range that is looked at.
        refresh: 2,
        sort: 1,
        kind: "query",
    }
}
