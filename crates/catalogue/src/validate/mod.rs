//! What makes a catalogue a good one. Catalogues in YAML and catalogues in Rust pass the same
//! checks.

mod addition;
mod job;
mod kubernetes;
mod labels;
mod words;

use std::collections::{HashMap, HashSet};

use self::job::{OfAll, default_timeout, job};
use self::labels::{
    all_grouping_labels, grouping_labels, is_label_name, labels_of_alerts, labels_of_jobs, labels_of_series,
};
use self::words::{add, folded, line, said, thresholds, url};
use crate::builder::CatalogueBuilder;
use crate::catalogue::{Catalogue, MAX_RETENTION, MIN_RETENTION};
use crate::duration;
use crate::expression::Expressions;
use crate::job_name::JobName;
use crate::kubernetes::is_dns_label;
use crate::problem::{CatalogueError, Problem, ProblemKind, Problems};
use crate::suppression::Suppression;
use crate::text::MAX_PATH;

impl CatalogueBuilder {
    /// Checks everything.
    ///
    /// # Errors
    ///
    /// [`CatalogueError`] holds the problems, each with the path to the value, as in
    /// `jobs[2].timeout`.
    pub fn build(self) -> Result<Catalogue, CatalogueError> {
        let mut problems = Problems::new();
        let catalogue = checked(self, &mut problems);
        match problems.found() {
            Some((problems, omitted)) => Err(CatalogueError { problems, omitted }),
            None => Ok(catalogue),
        }
    }
}

impl Catalogue {
    /// Returns the same catalogue with one label that tells copies apart, or with none, instead of
    /// its own. One that is no label of series, or that a job has, is not taken.
    #[must_use]
    pub fn grouped_by(&self, label: Option<&str>) -> Self {
        let mut catalogue = self.clone();
        let is_of_job = |label: &str| {
            catalogue.jobs.iter().any(|job| job.grouping_labels().iter().any(|known| known == label))
        };
        let taken = label.filter(|label| is_label_name(label) && !is_of_job(label));
        catalogue.grouping_labels = taken.map(str::to_owned).into_iter().collect();
        catalogue
    }
}

/// Returns the catalogue as far as it can be used; it is complete if no problem was added.
fn checked(builder: CatalogueBuilder, problems: &mut Problems) -> Catalogue {
    if !is_catalogue_name(&builder.name) {
        add(problems, "name", ProblemKind::CatalogueName);
    }
    let service = said(problems, "service", builder.service, "name the service that the jobs belong to");
    let title = builder.title.map(|title| said(problems, "title", title, "say what the dashboard is about"));
    let namespace = builder.namespace.map(|namespace| namespace.trim().to_owned());
    if namespace.as_deref().is_some_and(|namespace| !is_dns_label(namespace)) {
        add(problems, "namespace", ProblemKind::Namespace);
    }
    let selector = labels_of_series(problems, builder.selector);
    let labels = labels_of_alerts(problems, ("labels", "defaults.owner"), builder.labels, builder.owner);
    let grouping_labels = grouping_labels(problems, "grouping_labels", builder.grouping_labels, &[], &labels);
    let timeout = builder.timeout.inspect(|timeout| default_timeout(problems, *timeout));
    let runbook = builder.runbook.map(|path| line(problems, "runbook", path, MAX_PATH));
    if runbook.as_deref().is_some_and(|path| !is_inner_path(path)) {
        add(problems, "runbook", ProblemKind::Path);
    }
    let runbook_url = url(problems, "runbook_url", builder.runbook_url);
    let grafana_url = url(problems, "grafana_url", builder.grafana_url);
    let logs_url = url(problems, "logs_url", builder.logs_url);
    if builder.dashboard_uid.as_deref().is_some_and(|uid| !is_uid(uid)) {
        add(problems, "dashboard_uid", ProblemKind::DashboardUid);
    }
    let dashboard_uid = builder.dashboard_uid.unwrap_or_else(|| builder.name.clone());
    if !(MIN_RETENTION..=MAX_RETENTION).contains(&builder.retention) {
        add(problems, "retention", ProblemKind::Retention(duration::format(builder.retention)));
    }
    let targets = kubernetes::targets(problems, builder.targets);
    let kubernetes = kubernetes::kubernetes(problems, builder.kubernetes);
    let thresholds = thresholds(problems, "alerts", builder.thresholds);
    if builder.jobs.is_empty() {
        add(problems, "jobs", ProblemKind::NoJobs);
    }
    // A suppression may name a job that has problems of its own.
    let named: HashSet<String> = match builder.suppressed.iter().any(|suppression| suppression.job.is_some())
    {
        true => builder.jobs.iter().map(|job| job.name.clone()).collect(),
        false => HashSet::new(),
    };
    let mut jobs = Vec::with_capacity(builder.jobs.len());
    let mut expressions = Expressions::default();
    let mut names: HashMap<JobName, usize> = HashMap::with_capacity(builder.jobs.len());
    for (index, draft) in builder.jobs.into_iter().enumerate() {
        let path = format!("jobs[{index}]");
        let of_all = OfAll { timeout, grouping_labels: &grouping_labels, labels: &labels };
        let Some(job) = job(problems, &path, draft, of_all, &mut expressions) else { continue };
        if let Some(first) = names.get(&job.name) {
            let kind = || ProblemKind::DuplicateName { name: job.name.to_string(), other: first + 1 };
            problems.add(|| Problem { path: format!("{path}.name"), kind: kind() });
            continue;
        }
        names.insert(job.name.clone(), index);
        jobs.push((path, job));
    }
    labels_of_jobs(problems, &labels, &jobs);
    all_grouping_labels(problems, &grouping_labels, &jobs);
    let suppressed = builder.suppressed.into_iter().enumerate();
    let suppressed = suppressed
        .map(|(index, suppression)| self::suppression(problems, index, suppression, &named))
        .collect();
    let runbook = runbook.unwrap_or_else(|| format!("docs/runbooks/{}.md", builder.name));
    Catalogue {
        title: title.unwrap_or_else(|| format!("{} Monitoring", capitalised(&builder.name))),
        name: builder.name,
        service,
        namespace,
        selector,
        grouping_labels,
        labels,
        timeout,
        runbook_url: runbook_url.unwrap_or_else(|| runbook.clone()),
        runbook,
        grafana_url: grafana_url.map(|url| url.trim_end_matches('/').to_owned()),
        logs_url,
        dashboard_uid,
        retention: builder.retention,
        targets,
        kubernetes,
        thresholds,
        suppressed,
        jobs: jobs.into_iter().map(|(_, job)| job).collect(),
    }
}

fn suppression(
    problems: &mut Problems,
    index: usize,
    given: Suppression,
    named: &HashSet<String>,
) -> Suppression {
    let path = format!("suppress[{index}]");
    let code = said(problems, format_args!("{path}.code"), given.code, "name the code of the finding");
    let alert = given.alert.map(|alert| {
        said(problems, format_args!("{path}.alert"), alert, "name the alert, or leave the key out")
    });
    let reason = folded(problems, format_args!("{path}.reason"), &given.reason);
    if reason.is_empty() {
        let kind = ProblemKind::EmptyText("say why the team lives with the finding");
        add(problems, format_args!("{path}.reason"), kind);
    }
    if let Some(name) = given.job.as_ref().filter(|name| !named.contains(name.as_str())) {
        add(problems, format_args!("{path}.job"), ProblemKind::UnknownJob(name.to_string()));
    }
    Suppression { code, alert, job: given.job, reason }
}

fn is_catalogue_name(name: &str) -> bool {
    is_dns_label(name) && name.len() <= 40 && name.starts_with(|c: char| c.is_ascii_lowercase())
}

/// Returns whether Grafana takes a text for the uid of a dashboard
/// (<https://grafana.com/docs/grafana/latest/developers/http_api/dashboard/>).
fn is_uid(uid: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    (1..=40).contains(&uid.len()) && uid.chars().all(fits)
}

fn is_inner_path(path: &str) -> bool {
    // A backslash and a drive's colon mean something to Windows.
    !path.is_empty()
        && !path.starts_with('/')
        && !path.contains(['\\', ':'])
        && path.split('/').all(|part| part != "..")
}

fn capitalised(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
    };
    name.split('-').filter_map(word).collect::<Vec<_>>().join(" ")
}
