//! The Prometheus operator's format: the rules as a `PrometheusRule`.

use serde::Serialize;

use super::format::{Format, is_named};
use super::kubernetes::{Limit, Metadata, Object, written};
use super::prometheus::{RuleFile, rule_file};
use super::yaml::HEADER;
use crate::artifact::{Artifact, RenderError};
use crate::target::Target;
use crate::views::Views;

const FOLDER: &str = "alerts/kubernetes";

/// How the name of a file ends.
const END: &str = ".prometheusrule.yaml";

/// The admission of the operator refuses larger ones
/// (<https://github.com/prometheus-operator/prometheus-operator/issues/2908>).
const LIMIT: Limit = Limit { most: 524_288, kind: "a PrometheusRule", target: Target::PrometheusOperator };

/// The rules as the operator reads them.
pub(super) const FORMAT: Format = Format {
    target: Some(LIMIT.target),
    folders: &[FOLDER],
    writes_to: |path, catalogue| is_named(path, catalogue, FOLDER, END),
    header: HEADER,
    files,
};

#[derive(Serialize)]
struct Content<'a> {
    spec: RuleFile<'a>,
}

fn files(views: &Views<'_>) -> Result<Vec<Artifact>, RenderError> {
    let catalogue = views.model.catalogue();
    let object = Object {
        api_version: "monitoring.coreos.com/v1",
        kind: "PrometheusRule",
        metadata: Metadata::of(catalogue),
        content: Content { spec: rule_file(&views.groups) },
    };
    written(catalogue, (FOLDER, END), &object, &LIMIT)
}
