//! Grafana's format: the dashboard as JSON that Grafana imports.

mod field;
mod options;
mod panel;
mod render;
mod target;
mod wire;

use super::format::{Format, is_named};
use crate::artifact::{Artifact, HeaderPlace, RenderError};
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
    let path = FilePath::new(FOLDER, &format!("{}{END}", views.dashboard.uid));
    Ok(vec![Artifact { text: json(views, &path)?, path }])
}

/// Returns the dashboard as Grafana imports it, for a file at a path.
///
/// Errors: the writer refuses a text.
pub(super) fn json(views: &Views<'_>, path: &FilePath) -> Result<String, RenderError> {
    Ok(Artifact::written(path.clone(), render::render(&views.dashboard))?.text)
}
