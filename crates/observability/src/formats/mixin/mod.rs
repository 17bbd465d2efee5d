//! The format of jsonnet mixins: rules and dashboard with settings that can be overridden
//! (<https://monitoring.mixins.dev/>).
//!
//! What is generated stands in a file as it is. A library writes those parts of it anew that follow
//! from a setting that is overridden.

mod config;
mod dashed;
mod generated;
mod grouped;
mod holes;
mod marks;
mod off;
mod reserved;
mod rule;
mod variants;
mod written;

use serde_json::json;

use super::format::Format;
use crate::artifact::{Artifact, HeaderPlace, RenderError, header};
use crate::target::Target;
use crate::text::FilePath;
use crate::views::Views;

const FOLDER: &str = "alerts/mixin";

/// What is imported: the settings, and the fields of a mixin.
const MIXIN: &str = "mixin.libsonnet";
/// What is generated, as values.
const GENERATED: &str = "generated.libsonnet";
/// What makes one out of the other: the same for every catalogue. The first is imported.
const LIBRARY: [(&str, &str); 8] = [
    ("library.libsonnet", include_str!("library.libsonnet")),
    ("dashboard.libsonnet", include_str!("dashboard.libsonnet")),
    ("labels.libsonnet", include_str!("labels.libsonnet")),
    ("off.libsonnet", include_str!("off.libsonnet")),
    ("rules.libsonnet", include_str!("rules.libsonnet")),
    ("settings.libsonnet", include_str!("settings.libsonnet")),
    ("text.libsonnet", include_str!("text.libsonnet")),
    ("thresholds.libsonnet", include_str!("thresholds.libsonnet")),
];
/// What jsonnet-bundler reads.
const PACKAGE: &str = "jsonnetfile.json";

/// The mixin, which one catalogue of a folder can have.
pub(super) const FORMAT: Format = Format {
    target: Some(Target::Mixin),
    folders: &[FOLDER],
    writes_to: |path, catalogue| names().any(|name| is_in(path, catalogue, name)),
    header: HeaderPlace::FirstLine { before: "// ", after: "" },
    files,
};

/// The file that makes a package of it.
pub(super) const PACKAGE_FORMAT: Format = Format {
    target: Some(Target::Mixin),
    folders: &[FOLDER],
    writes_to: |path, catalogue| is_in(path, catalogue, PACKAGE),
    header: HeaderPlace::Description,
    files: package,
};

/// Returns the names of the files of jsonnet.
fn names() -> impl Iterator<Item = &'static str> {
    [MIXIN, GENERATED].into_iter().chain(LIBRARY.into_iter().map(|(name, _)| name))
}

/// Returns whether a path is that of a file of the mixin of a catalogue.
fn is_in(path: &str, catalogue: &str, name: &str) -> bool {
    !catalogue.is_empty() && path.strip_prefix(FOLDER).and_then(|path| path.strip_prefix('/')) == Some(name)
}

fn files(views: &Views<'_>) -> Result<Vec<Artifact>, RenderError> {
    let file = |name: &str, body: Result<String, serde_json::Error>| {
        let header = header(views.model.catalogue());
        Artifact::written(FilePath::new(FOLDER, name), body.map(|body| format!("// {header}\n{body}")))
    };
    let generated = generated::generated(views).and_then(|value| serde_json::to_string_pretty(&value));
    let mut files =
        vec![file(MIXIN, mixin(views))?, file(GENERATED, generated.map(|text| format!("{text}\n")))?];
    for (name, text) in LIBRARY {
        files.push(file(name, Ok(text.to_owned()))?);
    }
    Ok(files)
}

fn mixin(views: &Views<'_>) -> Result<String, serde_json::Error> {
    let config = config::config(views.model).map_err(serde::ser::Error::custom)?;
    let [(library, _), ..] = LIBRARY;
    Ok(format!(
        "// Settings, and the rules and the dashboard that follow from them. Override what differs:\n\
         //   (import '{MIXIN}') + {{ _config+:: {{ dashboardUID: 'jobs-staging' }} }}\n\
         local library = import '{library}';\n\
         local settings = {{\n  _config+:: {{\n{config}  }},\n}};\n\
         settings + library(import '{GENERATED}', settings._config)\n"
    ))
}

fn package(views: &Views<'_>) -> Result<Vec<Artifact>, RenderError> {
    let package = json!({
        "version": 1,
        "description": header(views.model.catalogue()).as_str(),
        "dependencies": [],
        "legacyImports": false,
    });
    let text = serde_json::to_string_pretty(&package).map(|text| format!("{text}\n"));
    Ok(vec![Artifact::written(FilePath::new(FOLDER, PACKAGE), text)?])
}
