//! Grafana's format: the dashboard as JSON that Grafana imports.

mod field;
mod options;
mod panel;
mod render;
mod target;
mod wire;

use super::format::{Format, is_named};
use super::yaml::Block;
use crate::artifact::{Artifact, HeaderPlace, RenderError};
use crate::dashboard::Dashboard;
use crate::target::Target;
use crate::text::FilePath;
use crate::views::Views;

const FOLDER: &str = "dashboards";

/// How the name of a dashboard's file ends.
const END: &str = ".json";

/// The dashboard that Grafana imports.
pub(super) const FORMAT: Format = Format {
    target: Some(Target::Grafana),
    folders: &[FOLDER],
    writes_to: |path, catalogue| is_named(path, catalogue, FOLDER, END),
    header: HeaderPlace::Description,
    files,
};

fn files(views: &Views<'_>) -> Result<Vec<Artifact>, RenderError> {
    Ok(vec![file(views)?])
}

fn file(views: &Views<'_>) -> Result<Artifact, RenderError> {
    let path = FilePath::new(FOLDER, &format!("{}{END}", views.model.catalogue().name()));
    Artifact::written(path, render::render(&views.dashboard))
}

/// Returns a dashboard as a value of JSON.
///
/// Errors: the writer refuses a text.
pub(super) fn value(dashboard: &Dashboard) -> Result<serde_json::Value, serde_json::Error> {
    serde_json::from_str(&render::render(dashboard)?)
}

/// Returns the dashboard as Grafana imports it, for a file that holds it.
///
/// Errors: the writer refuses a text.
pub(super) fn block(views: &Views<'_>) -> Result<Block, RenderError> {
    Ok(Block::inner(file(views)?.text))
}
