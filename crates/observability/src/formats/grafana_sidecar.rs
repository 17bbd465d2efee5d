//! The format of Grafana's sidecar: the dashboard in a ConfigMap.

use std::collections::BTreeMap;

use serde::Serialize;

use super::format::{Format, is_named};
use super::grafana;
use super::kubernetes::{Limit, Metadata, Object, file};
use super::yaml::{Block, HEADER};
use crate::artifact::{Artifact, RenderError};
use crate::target::Target;
use crate::views::Views;

const FOLDER: &str = "dashboards/kubernetes";

/// How the name of a file ends.
const END: &str = ".configmap.yaml";

/// The API server refuses larger ones
/// (<https://kubernetes.io/docs/concepts/configuration/configmap/>).
const LIMIT: Limit = Limit { most: 1_048_576, kind: "a ConfigMap", target: Target::GrafanaSidecar };

/// The dashboard as the sidecar finds it, by its usual label and annotation.
pub(super) const FORMAT: Format = Format {
    target: Some(LIMIT.target),
    folders: &[FOLDER],
    writes_to: |path, catalogue| is_named(path, catalogue, FOLDER, END),
    header: HEADER,
    files,
};

#[derive(Serialize)]
struct Content {
    data: BTreeMap<String, Block>,
}

fn files(views: &Views<'_>) -> Result<Vec<Artifact>, RenderError> {
    let catalogue = views.model.catalogue();
    let json = grafana::block(views)?;
    let metadata = Metadata::of(catalogue).label("grafana_dashboard", "1").not_substituted();
    let metadata = match &catalogue.kubernetes().folder {
        Some(folder) => metadata.annotation("grafana_folder", folder),
        None => metadata,
    };
    let object = Object {
        api_version: "v1",
        kind: "ConfigMap",
        metadata,
        content: Content { data: BTreeMap::from([(format!("{}.json", catalogue.name()), json)]) },
    };
    Ok(vec![LIMIT.check(file(catalogue, (FOLDER, END), &object)?)?])
}
