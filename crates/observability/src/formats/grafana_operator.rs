//! The Grafana operator's format: the dashboard as a `GrafanaDashboard`.

use std::collections::BTreeMap;
use std::io::Write;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use flate2::{Compression, GzBuilder};
use serde::Serialize;

use super::format::{Format, is_further};
use super::grafana;
use super::kubernetes::{Limit, MOST_CLIENT_SIDE, Metadata, Object, file, further};
use super::yaml::{Block, HEADER};
use crate::artifact::{Artifact, RenderError};
use crate::target::Target;
use crate::views::{DashboardText, Views};

const FOLDER: &str = "dashboards/kubernetes";

/// How the name of a file ends.
const END: &str = ".grafanadashboard.yaml";

/// What etcd takes of an object.
const LIMIT: Limit =
    Limit { most: 1_572_864, kind: "a GrafanaDashboard", target: Target::GrafanaOperator, instead: None };

/// The field of a dashboard that is compressed.
const COMPRESSED: &str = "gzipJson";

/// What gzip writes for a system that nobody tells, so that every machine writes the same.
const UNKNOWN_SYSTEM: u8 = 255;

/// The dashboard as the operator reads it.
pub(super) const FORMAT: Format = Format {
    target: Some(LIMIT.target),
    folders: &[FOLDER],
    writes_to: |path, catalogue| is_further(path, catalogue, FOLDER, END),
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
    #[serde(flatten)]
    dashboard: Dashboard<'a>,
}

/// The dashboard in one of the forms that the operator takes.
#[derive(Serialize)]
enum Dashboard<'a> {
    #[serde(rename = "json")]
    Plain(Block<'a>),
    /// In gzip, and that in base64.
    #[serde(rename = "gzipJson")]
    Compressed(String),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Selector<'a> {
    match_labels: &'a BTreeMap<String, String>,
}

fn files(views: &Views<'_>) -> Result<Vec<Artifact>, RenderError> {
    grafana::texts(views)?.iter().map(|dashboard| smallest(views, dashboard)).collect()
}

fn smallest(
    views: &Views<'_>,
    DashboardText { name, text }: &DashboardText,
) -> Result<Artifact, RenderError> {
    let json = Block::inner(text);
    let compressed = || Dashboard::Compressed(compress(text.trim_end_matches('\n')));
    let name = name.as_deref();
    let plain = object(views, name, Dashboard::Plain(json))?;
    // Where people can read it and compare, it is worth more than small.
    if plain.text.len() <= MOST_CLIENT_SIDE {
        return Ok(plain);
    }
    LIMIT.check(object(views, name, compressed())?)
}

fn object(views: &Views<'_>, name: Option<&str>, dashboard: Dashboard<'_>) -> Result<Artifact, RenderError> {
    let catalogue = views.model.catalogue();
    let kubernetes = catalogue.kubernetes();
    let object = Object {
        api_version: "grafana.integreatly.org/v1beta1",
        kind: "GrafanaDashboard",
        metadata: Metadata::named(catalogue, name).not_substituted(),
        content: Content {
            spec: Spec {
                instance_selector: Selector { match_labels: &kubernetes.instance_selector },
                folder: kubernetes.folder.as_deref(),
                dashboard,
            },
        },
    };
    file(catalogue, (FOLDER, &further(name, END)), &object)
}

fn compress(json: &str) -> String {
    let header = GzBuilder::new().operating_system(UNKNOWN_SYSTEM);
    let mut writer = header.write(Vec::new(), Compression::best());
    #[expect(clippy::expect_used, reason = "memory takes whatever is written to it")]
    let bytes = writer.write_all(json.as_bytes()).and_then(|()| writer.finish()).expect("it is in memory");
    BASE64_STANDARD.encode(bytes)
}

/// Returns that a dashboard is compressed. `None` if it is not.
pub(super) fn notice(artifact: &Artifact) -> Option<String> {
    let is_compressed = artifact.text.contains(&format!("\n  {COMPRESSED}: "));
    (artifact.path.as_str().ends_with(END) && is_compressed).then(|| {
        format!(
            "{} has the dashboard in gzip ({COMPRESSED}), because it is larger than {MOST_CLIENT_SIDE} bytes",
            artifact.path
        )
    })
}
