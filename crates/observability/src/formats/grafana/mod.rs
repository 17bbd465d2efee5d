//! Grafana's format: the dashboard as JSON that Grafana imports.

mod field;
mod options;
mod panel;
mod render;
mod target;
mod wire;

use super::format::{Format, catalogue_between};
use crate::artifact::{Artifact, HeaderPlace, RenderError};
use crate::text::FilePath;
use crate::views::Views;

const FOLDER: &str = "dashboards";

/// How the name of a dashboard's file ends.
const END: &str = ".json";

/// The dashboard that Grafana imports.
pub(super) const FORMAT: Format = Format {
    folders: &[FOLDER],
    catalogue_in: |path| catalogue_between(path, FOLDER, END),
    header: HeaderPlace::Description,
    files,
};

fn files(views: &Views<'_>) -> Result<Vec<Artifact>, RenderError> {
    let path = FilePath::new(FOLDER, &format!("{}{END}", views.dashboard.uid));
    Ok(vec![Artifact::written(path, render::render(&views.dashboard))?])
}
