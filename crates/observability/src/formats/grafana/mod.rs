//! Grafana's format: the dashboard as JSON that Grafana imports.

mod field;
mod options;
mod panel;
mod render;
mod target;
mod wire;

use super::format::{Format, is_further};
use crate::artifact::{Artifact, HeaderPlace, RenderError};
use crate::dashboard::Dashboard;
use crate::target::Target;
use crate::text::FilePath;
use crate::views::{DashboardText, Views};

const FOLDER: &str = "dashboards";

/// How the name of a dashboard's file ends.
const END: &str = ".json";

/// The dashboard that Grafana imports.
pub(super) const FORMAT: Format = Format {
    target: Some(Target::Grafana),
    folders: &[FOLDER],
    writes_to: |path, catalogue| is_further(path, catalogue, FOLDER, END),
    header: HeaderPlace::Description,
    files,
};

fn files(views: &Views<'_>) -> Result<Vec<Artifact>, RenderError> {
    let file = |DashboardText { name, text }: &DashboardText| Artifact {
        path: path(views, name.as_deref()),
        text: text.clone(),
    };
    Ok(texts(views)?.iter().map(file).collect())
}

fn path(views: &Views<'_>, name: Option<&str>) -> FilePath {
    FilePath::new(FOLDER, &file_name(views, name))
}

/// Returns the name of the file of a dashboard: the catalogue's own, or one of another name.
pub(super) fn file_name(views: &Views<'_>, name: Option<&str>) -> String {
    let catalogue = views.model.catalogue().name();
    match name {
        Some(name) => format!("{catalogue}.{name}{END}"),
        None => format!("{catalogue}{END}"),
    }
}

/// Returns the dashboards as Grafana imports them, the catalogue's own first. All formats share
/// them.
///
/// Errors: the writer refuses a text.
pub(super) fn texts<'v>(views: &'v Views<'_>) -> Result<&'v [DashboardText], RenderError> {
    let failed =
        |error: serde_json::Error| RenderError::Text { path: path(views, None), source: Box::new(error) };
    views.dashboards(render::render).map_err(failed)
}

/// Returns a dashboard as a value of JSON.
///
/// Errors: the writer refuses a text.
pub(super) fn value(dashboard: &Dashboard) -> Result<serde_json::Value, serde_json::Error> {
    serde_json::from_str(&render::render(dashboard)?)
}
