//! Whether the Kubernetes objects of a catalogue can be applied, and which formats there are.

use std::collections::BTreeMap;

use super::words::{add, line, said};
use crate::kubernetes::{Kubernetes, is_dns_label, is_label_key, is_label_value};
use crate::problem::{ProblemKind, Problems};
use crate::text;

/// Returns what the objects say.
pub(super) fn kubernetes(problems: &mut Problems, given: Kubernetes) -> Kubernetes {
    let namespace = given.namespace.map(|namespace| namespace.trim().to_owned());
    if namespace.as_deref().is_some_and(|namespace| !is_dns_label(namespace)) {
        add(problems, "kubernetes.namespace", ProblemKind::Namespace);
    }
    let folder = given.folder.map(|folder| {
        said(problems, "kubernetes.folder", folder, "name the folder in Grafana, or leave the key out")
    });
    labels(problems, "kubernetes.labels", &given.labels);
    labels(problems, "kubernetes.instance_selector", &given.instance_selector);
    Kubernetes { namespace, folder, ..given }
}

fn labels(problems: &mut Problems, path: &str, given: &BTreeMap<String, String>) {
    if given.len() > text::MAX_LABELS {
        add(problems, path, ProblemKind::TooManyLabels { found: given.len() });
    }
    for (key, value) in given {
        let path = format_args!("{path}.{key}");
        if !is_label_key(key) {
            add(problems, path, ProblemKind::KubernetesLabelKey(text::shown(key)));
        } else if !is_label_value(value) {
            add(problems, path, ProblemKind::KubernetesLabelValue);
        }
    }
}

/// Returns the names of formats, each once.
pub(super) fn targets(problems: &mut Problems, given: Option<Vec<String>>) -> Option<Vec<String>> {
    let given = given?;
    if given.is_empty() {
        add(problems, "targets", ProblemKind::NoTargets);
    }
    let mut checked: Vec<String> = Vec::new();
    for (index, name) in given.into_iter().enumerate() {
        let path = format_args!("targets[{index}]");
        let name = line(problems, path, name, text::MAX_WORD);
        if checked.contains(&name) {
            add(problems, path, ProblemKind::TargetTwice(name));
        } else {
            checked.push(name);
        }
    }
    Some(checked)
}
