//! Which keys a catalogue has, and what may stand behind each: what the reader looks for, and what
//! a schema for editors says.

use crate::catalogue::{MAX_RETENTION, MIN_RETENTION};
use crate::schedule::MAX_INTERVAL;

const DAY: u64 = 86_400;

/// A key of a map.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// How it is written.
    pub name: &'static str,
    /// What may stand behind it.
    pub value: Kind,
    /// Whether it has to be there.
    pub is_required: bool,
    /// What it means, in a sentence or two.
    pub says: &'static str,
}

/// What may stand behind a key.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// A text of one line that says something.
    Text,
    /// A text that may be on several lines.
    Prose,
    /// A text on several lines that says something.
    Reason,
    /// The name of a catalogue.
    CatalogueName,
    /// The name of a job.
    JobName,
    /// The name of a namespace of Kubernetes.
    Namespace,
    /// A path below the folder that files are generated into.
    Path,
    /// The name of a time zone.
    Timezone,
    /// The name of an environment variable.
    Variable,
    /// A text that is a URL.
    Url,
    /// A duration, as `1h30m`, of so many seconds at least and at most.
    Duration {
        /// The shortest.
        least: u64,
        /// The longest.
        most: u64,
    },
    /// A cron expression, or a list of them.
    CronExpressions,
    /// The name of a label, or a list of them.
    LabelNames,
    /// The name of a format, or a list of them.
    Targets,
    /// Texts by the keys of labels of Kubernetes objects.
    KubernetesLabels,
    /// `true` or `false`.
    Truth,
    /// Texts by the names of labels.
    Labels(LabelsOf),
    /// What is set for alerts, by their names.
    Alerts(AlertsOf),
    /// One map.
    Map(&'static [Key]),
    /// A list of maps.
    List(&'static [Key]),
    /// The earlier name of another key, which stands for it as long as that is not there.
    EarlierNameOf(&'static str),
}

/// What has labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelsOf {
    /// Series, which are selected by them.
    Series,
    /// Alerts, which get them.
    Alerts,
}

/// Whose alerts are set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlertsOf {
    /// Those of all jobs.
    Catalogue,
    /// Those of one job.
    Job,
}

const fn key(name: &'static str, value: Kind, says: &'static str) -> Key {
    Key { name, value, is_required: false, says }
}

const fn required(name: &'static str, value: Kind, says: &'static str) -> Key {
    Key { name, value, is_required: true, says }
}

const ALERTS_SAY: &str =
    "What is set for alerts, by their names: thresholds, `for`, `severity`, or `off` and `on`.";
const LABELS_SAY: &str = "Labels of the alerts, by which they are routed.";
const OWNER_SAYS: &str = "Who is told when something is wrong: the label `owner` of the alerts.";

/// The keys of a catalogue.
pub const CATALOGUE: [Key; 20] = [
    key(
        "name",
        Kind::CatalogueName,
        "The catalogue's name: in the names of the generated files, of rule groups and of the dashboard. \
         `background-jobs` by default.",
    ),
    key(
        "title",
        Kind::Text,
        "The title of the dashboard. By default the name with capitals, and `Monitoring`.",
    ),
    required(
        "service",
        Kind::Text,
        "The service that the jobs belong to: the label `service` of every alert.",
    ),
    key("namespace", Kind::Namespace, "The Kubernetes namespace that the service runs in. None by default."),
    key(
        "selector",
        Kind::Labels(LabelsOf::Series),
        "Labels that every series of the service has, so that the rules read no other service's series.",
    ),
    key(
        "grouping_labels",
        Kind::LabelNames,
        "Labels of series that tell copies of the same job apart besides the namespace, as `cluster`. Each copy is \
         judged on its own. None by default.",
    ),
    key(
        "labels",
        Kind::Labels(LabelsOf::Alerts),
        "Labels of every alert; the same as `labels` in `defaults`.",
    ),
    key(
        "runbook",
        Kind::Path,
        "Where the runbook lies, from the folder that files are generated into. By default the catalogue's \
         name in `docs/runbooks`.",
    ),
    key("runbook_url", Kind::Url, "Where people find the runbook. By default its path."),
    key("grafana_url", Kind::Url, "Where people find Grafana. By default links have a path alone."),
    key(
        "logs_url",
        Kind::Url,
        "Where people find the logs of a job: its name is put behind this. By default the dashboard has no link to logs.",
    ),
    key(
        "retention",
        Kind::Duration { least: MIN_RETENTION.as_secs(), most: MAX_RETENTION.as_secs() },
        "How long Prometheus keeps samples, from `1d` to `3650d`: no rule looks back over more. `15d` by default, as \
         in Prometheus.",
    ),
    key(
        "targets",
        Kind::Targets,
        "Which formats are generated: a name, or a list. By default those for Prometheus and Grafana, and the rule \
         tests.",
    ),
    key("kubernetes", Kind::Map(&KUBERNETES), "What the Kubernetes objects say, where a target writes some."),
    key("defaults", Kind::Map(&DEFAULTS), "What holds for each job that does not say otherwise."),
    key("alerts", Kind::Alerts(AlertsOf::Catalogue), ALERTS_SAY),
    key("thresholds", Kind::EarlierNameOf("alerts"), "The earlier name of `alerts`."),
    key("suppress", Kind::List(&SUPPRESSION), "Findings that the team knows of and lives with."),
    key("accept", Kind::EarlierNameOf("suppress"), "The earlier name of `suppress`."),
    required("jobs", Kind::List(&JOB), "The jobs, each with a name, a summary, and when it is due."),
];

/// The keys of what holds for each job that does not say otherwise.
pub const DEFAULTS: [Key; 5] = [
    key(
        "timeout",
        Kind::Duration { least: 1, most: DAY },
        "How long an execution may take before it is stopped: at most a day.",
    ),
    key("owner", Kind::Text, OWNER_SAYS),
    key("labels", Kind::Labels(LabelsOf::Alerts), LABELS_SAY),
    key("alerts", Kind::Alerts(AlertsOf::Catalogue), ALERTS_SAY),
    key("thresholds", Kind::EarlierNameOf("alerts"), "The earlier name of `alerts`."),
];

/// The keys of what Kubernetes objects say.
pub const KUBERNETES: [Key; 4] = [
    key("namespace", Kind::Namespace, "The namespace of the objects. The service's by default."),
    key("labels", Kind::KubernetesLabels, "Labels of the objects, by which a Prometheus finds its rules."),
    key("folder", Kind::Text, "The folder of the dashboard in Grafana. The general one by default."),
    key(
        "instance_selector",
        Kind::KubernetesLabels,
        "The labels of the Grafana that the Grafana operator puts the dashboard into. `{dashboards: grafana}` by \
         default.",
    ),
];

/// The keys of a job.
pub const JOB: [Key; 15] = [
    required("name", Kind::JobName, "The job's name, the value of the label `job_name`."),
    required("summary", Kind::Prose, "What the job does, in one sentence."),
    key(
        "interval",
        Kind::Duration { least: 1, most: MAX_INTERVAL.as_secs() },
        "The job is due again and again after this time. Or `cron` says when.",
    ),
    key(
        "cron",
        Kind::CronExpressions,
        "When the job is due: `minute hour day month weekday`, with a second in front or without, or a list of up \
         to eight such expressions. A time that several name is due once.",
    ),
    key("timezone", Kind::Timezone, "The time zone of `cron`, as `Europe/Berlin`. `UTC` by default."),
    key(
        "interval_variable",
        Kind::Variable,
        "The environment variable that overrides the interval. By default the name in capitals and `_INTERVAL`.",
    ),
    key(
        "timeout",
        Kind::Duration { least: 1, most: MAX_INTERVAL.as_secs() },
        "How long an execution may take before it is stopped and counts as failed. By default that of `defaults`, \
         or half the shortest time between two due times: at least 15 minutes, at most an hour.",
    ),
    key("items", Kind::Text, "What its items are. Without it there is no alert about items."),
    key("queue", Kind::Text, "What waits in its queue. Without it there is no alert about a queue."),
    key(
        "enabled",
        Kind::Truth,
        "Whether the job runs. No rule watches one that does not. `true` by default.",
    ),
    key(
        "grouping_labels",
        Kind::LabelNames,
        "Further such labels for this job, as `host` where it runs on each host by intention: then it is judged host \
         by host. None by default, so that the processes of a namespace are replicas of one.",
    ),
    key("owner", Kind::Text, OWNER_SAYS),
    key("labels", Kind::Labels(LabelsOf::Alerts), LABELS_SAY),
    key("alerts", Kind::Alerts(AlertsOf::Job), ALERTS_SAY),
    key("thresholds", Kind::EarlierNameOf("alerts"), "The earlier name of `alerts`."),
];

/// The keys of a suppression.
pub const SUPPRESSION: [Key; 4] = [
    required("code", Kind::Text, "The code of the finding, as `jobwatch explain` lists them."),
    key("alert", Kind::Text, "The alert that the finding is about. Without it all findings of this code."),
    key("job", Kind::JobName, "The job that the finding is about. Without it all jobs."),
    required("reason", Kind::Reason, "Why the team lives with it."),
];
