//! The trial: Prometheus evaluates the rules, and says where they do something else than the second
//! opinion says. The opinion goes in as series beside those of the jobs, and one more rule records
//! the first moment of each disagreement.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use e2e::{generated, promtool};
use jobwatch_catalogue::Catalogue;
use jobwatch_observability::artifact::Artifact;
use jobwatch_observability::text::FilePath;
use jobwatch_observability::views::Views;

use super::absence::absence;
use super::clock::Clock;
use super::event_log::EventLog;
use super::exposition::{self, Series};
use super::job::Job;
use super::opinion::{Opinion, opinions};
use super::play::played;
use super::story::Story;
use super::truth::Zone;

/// Which environments the rules look at, and how they tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// Every namespace there is.
    Namespaces,
    /// Copies in several clusters.
    Clusters,
    /// One namespace: what happens in others is nobody's business here.
    OneNamespace,
}

/// What all cases of a trial have in common.
#[derive(Debug, Clone, Copy)]
pub(super) struct World {
    pub(super) scope: Scope,
    pub(super) clock: Clock,
}

/// A job, and what happens to it in each environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Case {
    pub(super) job: Job,
    pub(super) stories: Vec<Story>,
}

/// Where the rules do something else than the opinion says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Disagreement {
    pub(super) alert: String,
    pub(super) escalates: Option<String>,
    /// The place of the job in the trial.
    pub(super) case: usize,
    /// The label of the environment, where the alert has it.
    pub(super) environment: Option<(String, String)>,
    /// Whether the alert fires, and must not. Otherwise it must, and does not.
    pub(super) fires: bool,
    pub(super) at: u64,
}

/// One trial: cases, and what is made of them.
pub(super) struct Trial<'a> {
    pub(super) world: World,
    pub(super) cases: &'a [Case],
    /// What happens to each job in each environment.
    pub(super) logs: Vec<Vec<EventLog>>,
    catalogue: Catalogue,
}

const JOB: &str = "job_";
/// The group of the rule that compares.
const JUDGE: &str = "judge";
const BY: &str = "alertname, escalates, job_name, namespace, cluster";

impl<'a> Trial<'a> {
    pub(super) fn new(world: World, cases: &'a [Case]) -> Self {
        let builder = Catalogue::builder("trial").name("trial").target("prometheus");
        let builder = match world.scope {
            Scope::Namespaces => builder,
            Scope::Clusters => builder.grouping_label("cluster"),
            Scope::OneNamespace => builder.namespace("shop"),
        };
        let jobs = cases.iter().enumerate();
        let jobs = jobs.map(|(place, case)| case.job.draft(&format!("{JOB}{place}")));
        let catalogue = jobs.fold(builder, |builder, job| builder.job(job)).build().unwrap();
        let log = |case: &Case| {
            let of = |story| played(&case.job, story, world.clock);
            case.stories.iter().map(of).collect()
        };
        Self { world, cases, logs: cases.iter().map(log).collect(), catalogue }
    }

    /// The rules that are generated for its jobs.
    pub(super) fn rules(&self) -> Artifact {
        generated::rule_file(&self.catalogue)
    }

    /// Lets Prometheus evaluate some rules, and returns where they differ from the opinion: the
    /// first moment of each way of doing so.
    #[track_caller]
    pub(super) fn disagreements(&self, rules: Artifact) -> Vec<Disagreement> {
        let mut series = self.series(self.world.clock);
        series.extend(self.opinions());
        let question =
            format!("expr: 'max by ({BY}, is) (disagreement)', eval_time: {}s", self.world.clock.end);
        let judge = judge(self.world.clock);
        let text = self.file(&["../trial.rules.yaml", "../judge.yaml"], &series, self.world.clock, &question);
        let test = Artifact { path: FilePath::new("alerts/tests", "trial.yaml"), text };
        let verdicts = promtool::test_rules(&[rules, judge, test]);
        let [verdict] = verdicts.as_slice() else { panic!("one test, not {}", verdicts.len()) };
        if verdict.passed {
            return Vec::new();
        }
        let got = verdict.output.lines().find_map(|line| line.trim_start().strip_prefix("got: "));
        let found = got.and_then(disagreements);
        found.unwrap_or_else(|| panic!("promtool could not evaluate the rules: {}", verdict.output))
    }

    /// A test file of promtool with rules, series and a question.
    pub(super) fn file(&self, rules: &[&str], series: &[Series], clock: Clock, question: &str) -> String {
        let model = generated::model(&self.catalogue);
        let groups = Views::new(&model, &[]).groups;
        let mut groups: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
        groups.extend(rules.get(1).map(|_| JUDGE));
        let mut text = format!(
            "rule_files: [{}]\nevaluation_interval: {}s\ngroup_eval_order: [{}]\n\
             tests:\n  - interval: {}s\n    input_series:\n",
            rules.join(", "),
            clock.evaluation,
            groups.join(", "),
            clock.scrape,
        );
        for (selector, values) in series {
            // Writing to a text cannot fail.
            let _ = writeln!(text, "      - {{series: '{selector}', values: '{values}'}}");
        }
        text + &format!("    promql_expr_test:\n      - {{{question}}}\n")
    }

    /// What Prometheus scrapes, until the end of a clock.
    pub(super) fn series(&self, clock: Clock) -> Vec<Series> {
        let mut all = Vec::new();
        for (place, (case, logs)) in self.cases.iter().zip(&self.logs).enumerate() {
            let promise = case.job.promise();
            for (environment, log) in logs.iter().enumerate() {
                let (label, value) = self.environment(environment);
                let labels = format!("job_name=\"{JOB}{place}\", {label}=\"{value}\"");
                all.extend(exposition::series(log, &promise, clock, &labels));
            }
        }
        all
    }

    /// The label of an environment.
    fn environment(&self, place: usize) -> (&'static str, String) {
        match (self.world.scope, place) {
            (Scope::Namespaces, _) => ("namespace", format!("n{place}")),
            (Scope::Clusters, _) => ("cluster", format!("c{place}")),
            (Scope::OneNamespace, 0) => ("namespace", "shop".to_owned()),
            (Scope::OneNamespace, _) => ("namespace", format!("staging{place}")),
        }
    }

    /// Every opinion as a series: 1 where the alert must fire, 0 where it must not, else 2.
    fn opinions(&self) -> Vec<Series> {
        const ABSENT: &str = "BackgroundJobMetricsAbsent";
        let (scope, clock) = (self.world.scope, self.world.clock);
        let mut all = Vec::new();
        for (place, (case, logs)) in self.cases.iter().zip(&self.logs).enumerate() {
            let promise = case.job.promise();
            let mut say = |environment: Option<usize>, opinion: &Opinion| {
                let mut selector =
                    format!("opinion{{alertname=\"{}\", job_name=\"{JOB}{place}\"", opinion.alert);
                if let Some(warning) = opinion.escalates {
                    let _ = write!(selector, ", escalates=\"{warning}\"");
                }
                if let Some((label, value)) = environment.map(|place| self.environment(place)) {
                    let _ = write!(selector, ", {label}=\"{value}\"");
                }
                all.push((selector + "}", values(&opinion.zones, clock)));
            };
            let watched = if scope == Scope::OneNamespace { 1 } else { logs.len() };
            for (environment, log) in logs.iter().take(watched).enumerate() {
                for opinion in opinions(log, &promise, clock) {
                    say(Some(environment), &opinion);
                }
            }
            let watched: Vec<&EventLog> = logs.iter().take(watched).collect();
            let (anywhere, each) = absence(&watched, clock, scope == Scope::Clusters);
            let absent = |zones| Opinion { alert: ABSENT, escalates: None, zones };
            say((scope == Scope::OneNamespace).then_some(0), &absent(anywhere));
            if scope == Scope::Clusters {
                for (environment, zones) in each.into_iter().enumerate() {
                    say(Some(environment), &absent(zones));
                }
            }
        }
        all
    }
}

/// Zones as samples, at every scrape until the next evaluation.
fn values(zones: &[Zone], clock: Clock) -> String {
    let number = |zone: &Zone| match zone {
        Zone::Fires => 1,
        Zone::Silent => 0,
        Zone::Either => 2,
    };
    let times = (clock.evaluation / clock.scrape) as usize;
    let samples: Vec<Option<u64>> =
        zones.iter().flat_map(|zone| std::iter::repeat_n(Some(number(zone)), times)).collect();
    exposition::values(&samples)
}

/// The rule that records the first moment at which an alert is silent that must fire, or fires and
/// must not, or is about something of which there is no opinion. Promtool loads no more than 10,000
/// samples for a question, so that this cannot be one about all moments.
fn judge(clock: Clock) -> Artifact {
    let firing = "ALERTS{alertstate=\"firing\"}";
    let first = |is: &str, when: String| {
        format!("label_replace(min by ({BY}) (time() * ({when})), \"is\", \"{is}\", \"\", \"\")")
    };
    let all = [
        first("silent", format!("(opinion == 1) unless on ({BY}) {firing}")),
        first("firing", format!("{firing} and on ({BY}) (opinion == 0)")),
        first("unforeseen", format!("{firing} unless on ({BY}) opinion")),
    ];
    let known = format!("last_over_time(disagreement[{}s])", 2 * clock.evaluation);
    let text = format!(
        "groups: [{{name: {JUDGE}, rules: [{{record: disagreement, expr: '{known} or on ({BY}, is) ({})'}}]}}]\n",
        all.join(" or ")
    );
    Artifact { path: FilePath::new("alerts", "judge.yaml"), text }
}

/// Reads what promtool got: `{alertname="A", is="silent"} 6E+01, {…} 1.2E+02`. `None` if it is
/// something else.
fn disagreements(got: &str) -> Option<Vec<Disagreement>> {
    let mut all = Vec::new();
    for sample in got.trim_end().split_inclusive("}").collect::<Vec<_>>().windows(2) {
        let [labels, after] = sample else { return None };
        let labels = labels.rsplit_once('{')?.1.strip_suffix('}')?;
        let mut labels: BTreeMap<&str, &str> =
            labels.split(", ").filter_map(|label| label.split_once('=')).collect();
        let mut take = |label: &str| Some(labels.remove(label)?.trim_matches('"').to_owned());
        let value = after.trim_start().split([',', ' ']).next()?;
        let environment = ["namespace", "cluster"];
        let environment = environment.into_iter().find_map(|label| Some((label.to_owned(), take(label)?)));
        all.push(Disagreement {
            alert: take("alertname")?,
            escalates: take("escalates"),
            case: take("job_name")?.strip_prefix(JOB)?.parse().ok()?,
            environment,
            fires: take("is")? != "silent",
            at: value.parse::<f64>().ok()? as u64,
        });
    }
    all.sort_by_key(|found| found.at);
    (!all.is_empty()).then_some(all)
}
