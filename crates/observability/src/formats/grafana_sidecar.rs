//! The format of Grafana's sidecar: the dashboard in a ConfigMap.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::format::{Format, is_further};
use super::grafana;
use super::kubernetes::{Limit, Metadata, Object, file, further};
use super::yaml::{Block, HEADER};
use crate::artifact::{Artifact, RenderError};
use crate::target::Target;
use crate::views::{DashboardText, Views};

const FOLDER: &str = "dashboards/kubernetes";

/// How the name of a file ends.
const END: &str = ".configmap.yaml";

/// The API server refuses larger ones
/// (<https://kubernetes.io/docs/concepts/configuration/configmap/>).
const LIMIT: Limit = Limit {
    most: 1_048_576,
    kind: "a ConfigMap",
    target: Target::GrafanaSidecar,
    instead: Some(Target::GrafanaOperator),
};

/// The dashboard as the sidecar finds it, by its usual label and annotation.
pub(super) const FORMAT: Format = Format {
    target: Some(LIMIT.target),
    folders: &[FOLDER],
    writes_to: |path, catalogue| is_further(path, catalogue, FOLDER, END),
    header: HEADER,
    files,
};

#[derive(Serialize)]
struct Content<'a> {
    data: BTreeMap<String, Block<'a>>,
}

fn files(views: &Views<'_>) -> Result<Vec<Artifact>, RenderError> {
    grafana::texts(views)?.iter().map(|dashboard| smallest(views, dashboard)).collect()
}

fn smallest(
    views: &Views<'_>,
    DashboardText { name, text }: &DashboardText,
) -> Result<Artifact, RenderError> {
    let name = name.as_deref();
    let plain = object(views, name, text)?;
    // The sidecar writes files as they come: what is compressed would reach Grafana compressed.
    if plain.text.len() <= LIMIT.most {
        return Ok(plain);
    }
    let failed = |error| RenderError::Text { path: plain.path.clone(), source: Box::new(error) };
    LIMIT.check(object(views, name, &dense(text).map_err(failed)?)?)
}

/// Returns JSON of an object with a line for each of its fields, and no blanks but those in texts.
///
/// Errors: it is no object.
fn dense(json: &str) -> Result<String, serde_json::Error> {
    let fields: BTreeMap<String, Value> = serde_json::from_str(json)?;
    let lines = fields.iter().map(|(key, value)| format!("{}:{value}", Value::from(key.as_str())));
    Ok(format!("{{\n{}\n}}\n", lines.collect::<Vec<_>>().join(",\n")))
}

/// Returns that a dashboard is written densely. `None` if it is not.
pub(super) fn notice(artifact: &Artifact) -> Option<String> {
    // With line breaks, its fields are indented further than its brace.
    let is_dense = artifact.text.contains("\n    {\n    \"");
    (artifact.path.as_str().ends_with(END) && is_dense).then(|| {
        let Limit { most, kind, .. } = LIMIT;
        format!(
            "{} has the dashboard without line breaks and blanks, because Kubernetes takes at most {most} bytes of {kind}",
            artifact.path
        )
    })
}

fn object(views: &Views<'_>, name: Option<&str>, text: &str) -> Result<Artifact, RenderError> {
    let catalogue = views.model.catalogue();
    let metadata = Metadata::named(catalogue, name);
    let metadata = metadata.label("grafana_dashboard", "1").not_substituted();
    let metadata = match &catalogue.kubernetes().folder {
        Some(folder) => metadata.annotation("grafana_folder", folder),
        None => metadata,
    };
    let data = BTreeMap::from([(grafana::file_name(views, name), Block::inner(text))]);
    let object = Object { api_version: "v1", kind: "ConfigMap", metadata, content: Content { data } };
    file(catalogue, (FOLDER, &further(name, END)), &object)
}
