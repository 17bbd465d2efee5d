//! The Prometheus operator's format: the rules as a `PrometheusRule`.

use serde::Serialize;

use super::format::{Format, is_named};
use super::kubernetes::{Limit, Metadata, Object, file};
use super::prometheus::{RuleFile, rule_file};
use super::yaml::HEADER;
use crate::artifact::{Artifact, RenderError};
use crate::rules::WrittenGroup;
use crate::target::Target;
use crate::views::Views;

const FOLDER: &str = "alerts/kubernetes";

/// How the name of a file ends.
const END: &str = ".prometheusrule.yaml";

/// The admission of the operator refuses larger ones
/// (<https://github.com/prometheus-operator/prometheus-operator/issues/2908>).
const LIMIT: Limit =
    Limit { most: 524_288, kind: "a PrometheusRule", target: Target::PrometheusOperator, instead: None };

/// The rules as the operator reads them.
pub(super) const FORMAT: Format =
    Format { target: Some(LIMIT.target), folders: &[FOLDER], writes_to: is_object, header: HEADER, files };

#[derive(Serialize)]
struct Content<'a> {
    spec: RuleFile<'a>,
}

fn files(views: &Views<'_>) -> Result<Vec<Artifact>, RenderError> {
    split(views, &LIMIT)
}

/// Returns the objects: one, or as many as it takes for each to be small enough. Groups are
/// evaluated on their own in whatever object they are, so that nothing changes by it; a group stays
/// together, because its rules read each other.
///
/// Errors: a group alone is larger than Kubernetes takes.
pub(super) fn split(views: &Views<'_>, limit: &Limit) -> Result<Vec<Artifact>, RenderError> {
    let mut objects: Vec<Artifact> = Vec::new();
    let mut left = views.written();
    loop {
        let number = objects.len() + 1;
        let mut taken = left.len();
        let mut written = object(views, number, left)?;
        while written.text.len() > limit.most && taken > 1 {
            taken -= 1;
            written = object(views, number, &left[..taken])?;
        }
        objects.push(limit.check(written)?);
        left = &left[taken..];
        if left.is_empty() {
            return Ok(objects);
        }
    }
}

/// Returns the object of a number, from 1 on.
fn object(views: &Views<'_>, number: usize, groups: &[WrittenGroup]) -> Result<Artifact, RenderError> {
    let catalogue = views.model.catalogue();
    let metadata = Metadata::of(catalogue);
    let (metadata, end) = match number {
        1 => (metadata, END.to_owned()),
        _ => (metadata.further(number), format!(".{number}{END}")),
    };
    let object = Object {
        api_version: "monitoring.coreos.com/v1",
        kind: "PrometheusRule",
        metadata,
        content: Content { spec: rule_file(groups) },
    };
    file(catalogue, (FOLDER, &end), &object)
}

/// Returns whether a path is that of the first or of a further object of a catalogue.
fn is_object(path: &str, catalogue: &str) -> bool {
    let number = path.strip_suffix(END).and_then(|start| start.rsplit_once('.')).map(|(_, number)| number);
    let end = match number {
        Some(number) if number.parse::<usize>().is_ok_and(|parsed| parsed.to_string() == number) => {
            format!(".{number}{END}")
        }
        _ => END.to_owned(),
    };
    is_named(path, catalogue, FOLDER, &end)
}

/// Returns that the rules are in several objects. `None` if they are in one, or in none.
pub(super) fn notice(files: &[Artifact]) -> Option<String> {
    let objects = files.iter().filter(|file| file.path.as_str().ends_with(END)).count();
    let Limit { most, kind, .. } = LIMIT;
    (objects > 1).then(|| {
        format!(
            "{FOLDER} has the rules in {objects} objects, because Kubernetes takes at most {most} bytes of {kind}: \
             apply all of them"
        )
    })
}
