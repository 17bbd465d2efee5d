//! The Grafana operator's format: the dashboard as a `GrafanaDashboard`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::format::{Format, is_named};
use super::grafana;
use super::kubernetes::{Limit, Metadata, Object, written};
use super::yaml::{Block, HEADER};
use crate::artifact::{Artifact, RenderError};
use crate::target::Target;
use crate::views::Views;

const FOLDER: &str = "dashboards/kubernetes";

/// How the name of a file ends.
const END: &str = ".grafanadashboard.yaml";

/// What etcd takes of an object.
const LIMIT: Limit = Limit { most: 1_572_864, kind: "a GrafanaDashboard", target: Target::GrafanaOperator };

/// The dashboard as the operator reads it.
pub(super) const FORMAT: Format = Format {
    target: Some(LIMIT.target),
    folders: &[FOLDER],
    writes_to: |path, catalogue| is_named(path, catalogue, FOLDER, END),
    header: HEADER,
    files,
};

#[derive(Serialize)]
struct Content<'a> {
    spec: Spec<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Spec<'a> {
    instance_selector: Selector<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    folder: Option<&'a str>,
    json: Block,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Selector<'a> {
    match_labels: &'a BTreeMap<String, String>,
}

fn files(views: &Views<'_>) -> Result<Vec<Artifact>, RenderError> {
    let catalogue = views.model.catalogue();
    let kubernetes = catalogue.kubernetes();
    let object = Object {
        api_version: "grafana.integreatly.org/v1beta1",
        kind: "GrafanaDashboard",
        metadata: Metadata::of(catalogue).not_substituted(),
        content: Content {
            spec: Spec {
                instance_selector: Selector { match_labels: &kubernetes.instance_selector },
                folder: kubernetes.folder.as_deref(),
                json: grafana::block(views)?,
            },
        },
    };
    written(catalogue, (FOLDER, END), &object, &LIMIT)
}
