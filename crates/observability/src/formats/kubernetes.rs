//! What the Kubernetes objects of all formats have in common.

use std::collections::BTreeMap;
use std::fmt::Display;

use jobwatch_catalogue::Catalogue;
use serde::{Serialize, Serializer};

use super::yaml::document;
use crate::artifact::{Artifact, RenderError, header};
use crate::target::Target;
use crate::text::{FilePath, KubernetesName};

/// The largest text that fits the annotation of client-side `kubectl apply`, in bytes
/// (<https://kubernetes.io/docs/reference/kubectl/generated/kubectl_apply/>).
pub(super) const MOST_CLIENT_SIDE: usize = 262_144;

/// An object.
#[derive(Serialize)]
pub(super) struct Object<'a, T: Serialize> {
    #[serde(rename = "apiVersion")]
    pub(super) api_version: &'static str,
    pub(super) kind: &'static str,
    pub(super) metadata: Metadata<'a>,
    #[serde(flatten)]
    pub(super) content: T,
}

impl Serialize for KubernetesName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// What an object is called, and how it is found.
#[derive(Serialize)]
pub(super) struct Metadata<'a> {
    name: KubernetesName,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<KubernetesName>,
    labels: BTreeMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    annotations: BTreeMap<&'a str, &'a str>,
}

impl<'a> Metadata<'a> {
    /// That of an object of a catalogue. Argo CD applies it by the server, because the annotation
    /// of the client has a limit.
    pub(super) fn of(catalogue: &'a Catalogue) -> Self {
        let kubernetes = catalogue.kubernetes();
        let namespace = kubernetes.namespace.as_deref().or(catalogue.namespace());
        let own = kubernetes.labels.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        Self {
            name: KubernetesName::new(catalogue.name()),
            namespace: namespace.map(KubernetesName::new),
            labels: [("app.kubernetes.io/managed-by", "jobwatch")].into_iter().chain(own).collect(),
            annotations: BTreeMap::from([("argocd.argoproj.io/sync-options", "ServerSideApply=true")]),
        }
    }

    /// That of an object which a name of its own may tell apart from the catalogue's first one.
    pub(super) fn named(catalogue: &'a Catalogue, name: Option<&str>) -> Self {
        let metadata = Self::of(catalogue);
        match name {
            Some(name) => metadata.further(name),
            None => metadata,
        }
    }

    /// That of a further object of the same kind and the same catalogue, which a number or a name
    /// tells apart.
    pub(super) fn further(mut self, which: impl Display) -> Self {
        self.name = self.name.further(which);
        self
    }

    /// The same with a further label.
    pub(super) fn label(mut self, key: &'a str, value: &'a str) -> Self {
        self.labels.insert(key, value);
        self
    }

    /// The same with a further annotation.
    pub(super) fn annotation(mut self, key: &'a str, value: &'a str) -> Self {
        self.annotations.insert(key, value);
        self
    }

    /// The same, of which Flux replaces nothing: it would take the variables of a dashboard for its
    /// own (<https://fluxcd.io/flux/components/kustomize/kustomizations/>).
    pub(super) fn not_substituted(self) -> Self {
        self.annotation("kustomize.toolkit.fluxcd.io/substitute", "disabled")
    }
}

/// How large an object may be.
pub(super) struct Limit {
    /// The most bytes.
    pub(super) most: usize,
    /// What may have so many, with its article.
    pub(super) kind: &'static str,
    /// The format.
    pub(super) target: Target,
    /// The format to choose instead, which takes more of the same.
    pub(super) instead: Option<Target>,
}

impl Limit {
    /// Returns a file that is small enough.
    ///
    /// Errors: the object is larger than Kubernetes takes.
    pub(super) fn check(&self, artifact: Artifact) -> Result<Artifact, RenderError> {
        let Self { most, kind, target, instead } = *self;
        let found = artifact.text.len();
        if found <= most {
            return Ok(artifact);
        }
        let mut hint = format!("split the catalogue, or leave the target `{}` out", target.as_str());
        if let Some(instead) = instead {
            hint.push_str(&format!(" and choose `{}`, which takes more", instead.as_str()));
        }
        Err(RenderError::TooLarge { path: artifact.path, found, most, kind, hint })
    }
}

/// Returns how the name of an object's file ends, which a name of its own may tell apart.
pub(super) fn further(name: Option<&str>, end: &str) -> String {
    match name {
        Some(name) => format!(".{name}{end}"),
        None => end.to_owned(),
    }
}

/// Returns the file of an object of a catalogue, in a folder and with an end of its name.
///
/// Errors: the writer refuses a text.
pub(super) fn file<T: Serialize>(
    catalogue: &Catalogue,
    (folder, end): (&'static str, &str),
    object: &Object<'_, T>,
) -> Result<Artifact, RenderError> {
    let path = FilePath::new(folder, &format!("{}{end}", catalogue.name()));
    Artifact::written(path, document(&header(catalogue), object))
}

/// Returns that a file is too large for one way to apply it. `None` if it is not.
pub(super) fn notice(artifact: &Artifact) -> Option<String> {
    let is_object = artifact.path.as_str().contains("/kubernetes/");
    (is_object && artifact.text.len() > MOST_CLIENT_SIDE).then(|| {
        format!(
            "{} has more than {MOST_CLIENT_SIDE} bytes, which client-side `kubectl apply` refuses: use `kubectl \
             apply --server-side`",
            artifact.path
        )
    })
}
