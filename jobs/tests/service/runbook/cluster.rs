//! A cluster as the manifests make it, without one: it knows what they define, and the commands
//! that are executed inside pods are executed here.

use std::fmt::Write;

use e2e::redis::Redis;
use serde_json::Value;

use super::database::Database;
use super::shell;
use crate::manifests::{self, object};

/// How a pod of the service is written whose real name is to be looked up.
const A_POD: &str = "NAME";

pub(super) struct Cluster {
    objects: Vec<Value>,
    database: Database,
    redis: Redis,
    log: String,
}

impl Cluster {
    /// The cluster of the small overlay, whose service has logged something.
    pub(super) async fn start(log: String) -> Self {
        let objects = manifests::objects(manifests::DEV);
        let database = Database::start(&objects).await;
        Self { objects, database, redis: Redis::start(""), log }
    }

    /// What a line of `kubectl` shows, by its words after that. A line that names what is not
    /// there, or that has an option or a verb that is not known here, is refused.
    pub(super) fn answer(&self, words: &[String]) -> String {
        let told = words.join(" ");
        let (words, inside) = match words.iter().position(|word| word == "--") {
            Some(at) => (&words[..at], &words[at + 1..]),
            None => (words, &[][..]),
        };
        let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
        let mut take = |option: &[&str]| {
            let at = words.windows(option.len()).position(|part| part == option);
            at.map(|at| drop(words.drain(at..at + option.len()))).is_some()
        };
        // Kustomize takes the namespace from the overlay.
        let namespaced = take(&["-n", "clipper"]) || take(&["-k", "jobs/deploy/overlays/production"]);
        assert!(namespaced, "`{told}` does not name the namespace");
        let selects = take(&["-l", "app=backend"]);
        let _ = take(&["-it"]) || take(&["-f"]) || take(&["-o", "yaml"]);
        let is_option = |word: &&str| {
            let number = |prefix| word.strip_prefix(prefix).is_some_and(|rest| rest.parse::<u32>().is_ok());
            word.starts_with("--since=") || number("--tail=") || number("--replicas=") || *word == "--tail=-1"
        };
        let is_whole = words.contains(&"--tail=-1");
        words.retain(|word| !is_option(word));
        match words.as_slice() {
            ["diff" | "apply"] => told,
            ["logs", target] => {
                self.workload(target);
                self.log.clone()
            }
            // Of pods that are selected, ten lines each are shown unless all are asked for.
            ["logs"] if selects && is_whole => self.log.clone(),
            ["get" | "top", "pods"] => self.pods(selects),
            ["describe" | "delete", "pod", name] => self.pod(name),
            ["get" | "edit", "configmap", name] => self.named("ConfigMap", name),
            ["port-forward", target, "8080:8080"]
            | ["rollout", "history" | "status" | "undo" | "restart", target]
            | ["describe" | "scale", target] => self.workload(target),
            ["scale", "deployment", name] => self.named("Deployment", name),
            ["exec", target] => {
                self.workload(target);
                self.inside(target, inside)
            }
            _ => panic!("`kubectl {told}` is no line that this test knows"),
        }
    }

    /// What a command shows inside a pod. Those of the service are left to who knows the service.
    fn inside(&self, target: &str, command: &[String]) -> String {
        match command {
            [name, ..] if name == "clipper-jobs" || name == "curl" => command.join(" "),
            [name] if name == "env" => self.environment(),
            [name, rest @ ..] if name == "psql" => {
                assert!(target.starts_with("postgres-"), "{target} has no psql");
                self.database.psql(rest)
            }
            [name, rest @ ..] if name == "redis-cli" => {
                assert!(target.contains("redis"), "{target} has no redis-cli");
                let url = self.redis.url();
                let (_, port) = url.rsplit_once(':').unwrap();
                shell::pipe(&format!("redis-cli -p {port} {}", rest.join(" ")), "").unwrap()
            }
            [] => String::from("a shell"),
            _ => panic!("`{}` is not known to be in the pod", command.join(" ")),
        }
    }

    /// What a query of a page answers.
    pub(super) fn sql(&self, query: &str) -> String {
        self.database.psql(&["-U", "clipper", "-c", query].map(str::to_owned))
    }

    fn named(&self, kind: &str, name: &str) -> String {
        serde_yaml::to_string(object(&self.objects, kind, name)).unwrap()
    }

    /// Whether the service takes something from a secret.
    pub(super) fn has_secret(&self, name: &str) -> bool {
        let pod = &object(&self.objects, "Deployment", "backend")["spec"]["template"]["spec"];
        let mut variables = pod["containers"][0]["env"].as_array().unwrap().iter();
        variables.any(|variable| variable["valueFrom"]["secretKeyRef"]["name"] == name)
    }

    /// `deployment/NAME`, or a pod.
    pub(super) fn workload(&self, target: &str) -> String {
        match target.split_once('/') {
            Some(("deployment", name)) => self.named("Deployment", name),
            Some(_) => panic!("{target} is not known here"),
            None => self.pod(target),
        }
    }

    fn pod(&self, name: &str) -> String {
        let pods = self.pods(name == A_POD);
        let is = |line: &&str| name == A_POD || line.split(' ').next() == Some(name);
        pods.lines().find(is).unwrap_or_else(|| panic!("no pod is called {name}: {pods}")).to_owned()
    }

    /// The pods as they are listed: those of a Deployment have names that nobody can know.
    fn pods(&self, of_service: bool) -> String {
        let mut pods = String::new();
        for object in &self.objects {
            let name = object["metadata"]["name"].as_str().unwrap();
            let end = match object["kind"].as_str().unwrap() {
                "Deployment" => "5d9c7b8f6c-x2x4z",
                "StatefulSet" => "0",
                _ => continue,
            };
            if !of_service || object["spec"]["template"]["metadata"]["labels"]["app"] == "backend" {
                writeln!(pods, "{name}-{end} 1/1 Running 0 5d").unwrap();
            }
        }
        pods
    }

    fn environment(&self) -> String {
        let data = object(&self.objects, "ConfigMap", "backend-config")["data"].as_object().unwrap();
        data.iter().map(|(name, value)| format!("{name}={}\n", value.as_str().unwrap())).collect()
    }
}
