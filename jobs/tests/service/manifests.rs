//! The manifests, held against the service that they start.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clipper_jobs::service;
use clipper_jobs::settings::{SETTINGS, Settings};
use e2e::postgres::Postgres;
use e2e::repository;
use jobwatch_catalogue::duration;
use reqwest::Method;
use serde::Deserialize;
use serde_json::Value;

use crate::process::{Service, execute};

const BASE: &str = "base";
pub(crate) const DEV: &str = "overlays/dev";
const PRODUCTION: &str = "overlays/production";
const AUTOSCALING: &str = "components/autoscaling";

/// The objects that a folder defines, with those of the folders that it builds upon. What its
/// patches change is left to `kubectl`.
pub(crate) fn objects(folder: &str) -> Vec<Value> {
    let folder = deploy().join(folder);
    let kustomization = documents(&folder.join("kustomization.yaml")).remove(0);
    let mut found = Vec::new();
    for resource in list(&kustomization["resources"]) {
        let path = folder.join(text(resource));
        if path.is_dir() {
            found.extend(objects(path.to_str().unwrap()));
        } else {
            found.extend(documents(&path));
        }
    }
    found
}

/// The only object of a kind and a name.
pub(crate) fn object<'o>(objects: &'o [Value], kind: &str, name: &str) -> &'o Value {
    let is = |object: &&Value| object["kind"] == kind && object["metadata"]["name"] == name;
    let found: Vec<&Value> = objects.iter().filter(is).collect();
    assert_eq!(found.len(), 1, "{kind} {name}");
    found[0]
}

fn deploy() -> PathBuf {
    repository::root().join("jobs/deploy")
}

fn documents(path: &Path) -> Vec<Value> {
    let read = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_yaml::Deserializer::from_str(&read).map(|document| Value::deserialize(document).unwrap()).collect()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

/// The container of the service.
fn container(objects: &[Value]) -> &Value {
    &object(objects, "Deployment", "backend")["spec"]["template"]["spec"]["containers"][0]
}

/// The variables that the manifests set, but for secrets.
fn configured(objects: &[Value]) -> BTreeMap<String, String> {
    let data = object(objects, "ConfigMap", "backend-config")["data"].as_object().unwrap();
    data.iter().map(|(variable, value)| (variable.clone(), text(value).to_owned())).collect()
}

#[test]
fn every_file_is_part_of_its_folder() {
    for folder in [BASE, DEV, PRODUCTION, AUTOSCALING] {
        let kustomization = documents(&deploy().join(folder).join("kustomization.yaml")).remove(0);
        let patches = list(&kustomization["patches"]).iter().filter_map(|patch| patch["path"].as_str());
        let listed = list(&kustomization["resources"]).iter().map(text).chain(patches);
        let listed: BTreeSet<_> =
            listed.filter(|path| !path.starts_with("..")).chain(["kustomization.yaml"]).collect();
        let entries = fs::read_dir(deploy().join(folder)).unwrap();
        let names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        assert_eq!(names.iter().map(String::as_str).collect::<BTreeSet<_>>(), listed, "{folder}");
    }
}

/// Variables are those of the service, and what they are set to is what holds without them.
#[test]
fn variables_and_their_values_are_those_of_the_service() {
    let catalogue = service::catalogue().unwrap();
    let defaults = Settings::read(&catalogue, |_| None).unwrap().origins;
    let objects = objects(DEV);
    let mut variables = configured(&objects);
    for job in catalogue.jobs() {
        assert!(variables.contains_key(job.interval_variable()), "on call looks for the intervals there");
    }
    let secrets: BTreeMap<&str, &Value> = list(&container(&objects)["env"])
        .iter()
        .map(|variable| (text(&variable["name"]), &variable["valueFrom"]["secretKeyRef"]))
        .collect();
    let expected: BTreeSet<_> = SETTINGS
        .iter()
        .filter(|setting| setting.unit.starts_with("secret"))
        .map(|setting| setting.variable)
        .collect();
    assert_eq!(secrets.keys().copied().collect::<BTreeSet<_>>(), expected);
    let kustomization = documents(&deploy().join(DEV).join("kustomization.yaml")).remove(0);
    let generated = &kustomization["secretGenerator"][0];
    assert_eq!(generated["name"], "backend-secrets");
    let literals = list(&generated["literals"]).iter().map(|literal| text(literal).split_once('=').unwrap());
    let literals: BTreeMap<_, _> = literals.collect();
    for (variable, reference) in secrets {
        assert_eq!((&reference["name"], &reference["key"]), (&"backend-secrets".into(), &variable.into()));
        let is_there = literals.contains_key(variable);
        assert!(is_there || reference["optional"] == true, "{variable} keeps the pod from starting");
    }
    variables.extend(literals.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
    let settings = Settings::read(&catalogue, |variable| variables.get(variable).cloned()).unwrap();
    let mut differing = Vec::new();
    for (set, default) in settings.origins.iter().zip(&defaults) {
        variables.remove(&set.variable);
        if set.value != default.value {
            differing.push(set.variable.as_str());
        }
    }
    assert!(variables.is_empty(), "the service knows none of {variables:?}");
    assert_eq!(differing, ["DATABASE_URL", "BIND", "ADMIN_TOKEN", "REDIS_URL"]);
    // The overlay of production sets what the service knows, too.
    let of_production = documents(&deploy().join(PRODUCTION).join("settings.yaml"));
    for variable in configured(&of_production).keys() {
        assert!(defaults.iter().any(|default| default.variable == *variable), "{variable}");
    }
}

/// The service writes nowhere but in its database: the root of its container is read-only.
#[tokio::test]
async fn what_is_probed_and_scraped_answers_and_no_file_is_written() {
    let server = Postgres::start();
    let service = Service::start(&[("DATABASE_URL", server.url("service", "").as_str())]).await;
    let objects = objects(BASE);
    let container = container(&objects);
    let port = &container["ports"][0];
    let settings = Settings::read(&service::catalogue().unwrap(), |_| None).unwrap();
    assert_eq!((&port["name"], &port["containerPort"]), (&"http".into(), &settings.port.into()));
    let mut paths = Vec::new();
    for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
        let asked = &container[probe]["httpGet"];
        assert_eq!(asked["port"], port["name"], "{probe}");
        paths.push(text(&asked["path"]));
    }
    let of_service = &object(&objects, "Service", "backend")["spec"]["ports"][0];
    assert_eq!((&of_service["targetPort"], &of_service["port"]), (&port["name"], &settings.port.into()));
    let endpoint = &object(&objects, "ServiceMonitor", "backend")["spec"]["endpoints"][0];
    assert_eq!(endpoint["port"], of_service["name"]);
    paths.push(text(&endpoint["path"]));
    for path in &paths {
        let (status, body) = service.ask(Method::GET, path, "", None).await.unwrap();
        assert_eq!(status, 200, "{path}: {body}");
    }
    assert_eq!(paths, ["/healthz", "/healthz", "/readyz", "/metrics"]);
    let entries = fs::read_dir(service.folder.path()).unwrap();
    let written: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(written, ["log"]);
    assert_eq!(list(&container["args"]), ["serve"]);
    assert_eq!(execute(service.folder.path(), &["serve", "--help"], &[]).0, 0);
}

#[test]
fn what_the_service_takes_its_time_for_is_waited_for() {
    let objects = objects(BASE);
    let runtime = jobwatch_runtime::Settings::default();
    let pod = &object(&objects, "Deployment", "backend")["spec"]["template"]["spec"];
    let killed_after = Duration::from_secs(pod["terminationGracePeriodSeconds"].as_u64().unwrap());
    assert!(killed_after > runtime.drain + runtime.grace + runtime.store_timeout);
    let endpoint = &object(&objects, "ServiceMonitor", "backend")["spec"]["endpoints"][0];
    let interval = duration::parse(text(&endpoint["interval"])).unwrap();
    let delay = Settings::read(&service::catalogue().unwrap(), |_| None).unwrap().start_delay;
    assert!(delay >= 2 * interval, "a run would end before its counters were seen at zero");
}

/// Objects find each other by labels, by names, and by names of ports.
#[test]
fn what_an_object_refers_to_is_there() {
    let objects = [objects(DEV), objects(AUTOSCALING)].concat();
    let is_pods = |object: &&Value| object["spec"]["template"]["spec"]["containers"].is_array();
    let pods: Vec<&Value> =
        objects.iter().filter(is_pods).map(|object| &object["spec"]["template"]).collect();
    assert_eq!(pods.len(), 3);
    let mut selectors = 0;
    for object in &objects {
        let (kind, spec) = (text(&object["kind"]), &object["spec"]);
        let selector = match kind {
            "Service" => &spec["selector"],
            "NetworkPolicy" => &spec["podSelector"]["matchLabels"],
            "ConfigMap" | "Namespace" | "HorizontalPodAutoscaler" => continue,
            _ => &spec["selector"]["matchLabels"],
        };
        let has = |labels: &Value| {
            selector.as_object().unwrap().iter().all(|(label, value)| labels[label.as_str()] == *value)
        };
        let services = objects.iter().filter(|object| object["kind"] == "Service");
        let mut candidates: Vec<&Value> = pods.clone();
        if kind == "ServiceMonitor" {
            candidates = services.collect();
        }
        assert!(candidates.iter().any(|found| has(&found["metadata"]["labels"])), "{kind} {selector}");
        selectors += 1;
    }
    assert_eq!(selectors, 9);
    let scaled = &object(&objects, "HorizontalPodAutoscaler", "backend")["spec"]["scaleTargetRef"];
    object(&objects, text(&scaled["kind"]), text(&scaled["name"]));
    for pod in &pods {
        for container in list(&pod["spec"]["containers"]) {
            for source in list(&container["envFrom"]) {
                object(&objects, "ConfigMap", text(&source["configMapRef"]["name"]));
            }
        }
        for volume in list(&pod["spec"]["volumes"]) {
            if let Some(name) = volume["configMap"]["name"].as_str() {
                object(&objects, "ConfigMap", name);
            }
        }
    }
}

#[test]
fn pods_may_do_no_more_than_they_need() {
    for object in objects(DEV) {
        let pod = &object["spec"]["template"]["spec"];
        for container in list(&pod["containers"]) {
            let name = &container["name"];
            assert_eq!(pod["securityContext"]["runAsNonRoot"], true, "{name}");
            assert_eq!(pod["securityContext"]["seccompProfile"]["type"], "RuntimeDefault", "{name}");
            assert_eq!(pod["automountServiceAccountToken"], false, "{name}");
            let context = &container["securityContext"];
            assert_eq!(context["readOnlyRootFilesystem"], true, "{name}");
            assert_eq!(context["allowPrivilegeEscalation"], false, "{name}");
            assert_eq!(list(&context["capabilities"]["drop"]), ["ALL"], "{name}");
            let resources = &container["resources"];
            assert!(resources["requests"]["cpu"].is_string(), "{name}");
            assert!(resources["requests"]["memory"].is_string(), "{name}");
            assert!(resources["limits"]["memory"].is_string(), "{name}");
        }
    }
}

#[test]
fn the_image_is_built_of_the_whole_workspace_by_its_toolchain() {
    let containerfile = repository::read("jobs/deploy/Containerfile");
    let pinned = repository::read("rust-toolchain.toml");
    let version = pinned.lines().find_map(|line| line.strip_prefix("channel = ")).unwrap().trim_matches('"');
    assert!(containerfile.contains(&format!("rust:{version}-")), "the image's toolchain is not {version}");
    assert!(containerfile.contains(&format!("RUSTUP_TOOLCHAIN={version}\n")));
    let settings = Settings::read(&service::catalogue().unwrap(), |_| None).unwrap();
    assert!(containerfile.contains(&format!("EXPOSE {}\n", settings.port)));
    let objects = objects(BASE);
    let pod = &object(&objects, "Deployment", "backend")["spec"]["template"]["spec"];
    let user = &pod["securityContext"]["runAsUser"];
    assert!(containerfile.contains(&format!("USER {user}:")));
    let copied: Vec<&str> = containerfile.lines().filter_map(|line| line.strip_prefix("COPY ")).collect();
    let copied: BTreeSet<&str> = copied.iter().flat_map(|line| line.split(' ')).collect();
    let manifest = repository::read("Cargo.toml");
    let members = manifest.lines().find_map(|line| line.strip_prefix("members = ")).unwrap();
    let members: Vec<String> = serde_json::from_str(members).unwrap();
    for member in &members {
        let folder = member.split('/').next().unwrap_or_default();
        assert!(copied.contains(folder), "{member} is not copied");
    }
    // What a build reads beside the packages.
    for file in ["Cargo.toml", "Cargo.lock", ".cargo"] {
        assert!(copied.contains(file), "{file} is not copied");
    }
}
