//! `jobwatch prove`

use std::io::IsTerminal;
use std::num::NonZeroUsize;
use std::path::Path;
use std::thread;

use jobwatch_catalogue::yaml::{YamlError, YamlProblem};
use jobwatch_observability::Model;
use jobwatch_observability::artifact::RenderError;
use jobwatch_observability::proof::{Observed, Plan, Report, Rules, Wanted};
use jobwatch_observability::rule_file::{self, RuleFileError, RuleGroup, RuleKind};
use jobwatch_observability::text::FilePath;

use crate::error::Error;
use crate::exit::Exit;
use crate::files::{self, Input};
use crate::locate::Paths;
use crate::options::Shared;
use crate::output::Output;
use crate::promtool::{self, Printed, PromtoolError, Runner};
use crate::prove_options::{ProofFormat, Prove};
use crate::render::reason::Reason;
use crate::render::{error_markdown, junit, proof_json, proof_junit, proof_table};
use crate::source;
use crate::working_folder::WorkingFolder;

const RULES: Input = Input {
    what: "rule file",
    most_bytes: rule_file::MAX_BYTES,
    hint: "name a file of rules with `--rules FILE`, as Prometheus loads it, or a PrometheusRule",
};

pub(crate) fn run(
    arguments: &Prove,
    shared: &Shared,
    here: &WorkingFolder,
    output: &mut Output,
) -> Result<Exit, Error> {
    let paths = Paths::find(shared, here)?;
    let is_piped = arguments.rules.iter().any(|path| files::is_standard_input(path));
    if is_piped && paths.catalogues.iter().any(|catalogue| files::is_standard_input(&catalogue.path)) {
        return Err(Error::OneInput);
    }
    let sources = source::read_all(&paths.catalogues, output)?;
    let models = source::models(&sources)?;
    let given = given_rules(arguments)?;
    let rules = if arguments.rules.is_empty() { Rules::OfModel } else { Rules::Given(&given) };
    let plans = plans(&models, rules, arguments)?;
    let promtool = promtool::find(arguments.promtool.as_deref())?;
    let at_a_time = arguments.jobs.or_else(|| thread::available_parallelism().ok());
    let runner = Runner::new(promtool, at_a_time.unwrap_or(NonZeroUsize::MIN), arguments.timeout)?;
    let mut progress = Progress::new(plans.iter().map(|plan| plan.simulations.len()).sum());
    let mut reports = Vec::with_capacity(plans.len());
    for plan in &plans {
        let tests: Vec<&str> = plan.simulations.iter().map(|simulation| simulation.text.as_str()).collect();
        let printed = runner.run((Plan::RULES, &plan.rules), &tests, |done| progress.tell(done, output));
        if printed.is_err() {
            progress.clear(output);
        }
        let observed: Result<Vec<Observed>, Error> = printed?.iter().map(observed).collect();
        reports.push(Report::new(plan, &observed?));
        progress.before += tests.len();
    }
    progress.clear(output);
    let proofs: Vec<(&Plan, &Report)> = plans.iter().zip(&reports).collect();
    output.result(&match arguments.format.unwrap_or(ProofFormat::Table) {
        ProofFormat::Table => proof_table::table(&proofs),
        ProofFormat::Markdown => proof_table::markdown(&proofs),
        ProofFormat::Json => proof_json::proof(&proofs)?,
        ProofFormat::Junit => proof_junit::proof(&proofs),
    })?;
    let is_kept = reports.iter().all(|report| report.broken().next().is_none());
    Ok(if is_kept { Exit::Clean } else { Exit::Findings })
}

/// Returns why there is no proof, in a format that is read elsewhere. `None` for a terminal.
///
/// Errors: it cannot be written.
pub(super) fn failed(reasons: &[Reason<'_>], format: ProofFormat) -> Result<Option<String>, Error> {
    Ok(match format {
        ProofFormat::Table => None,
        ProofFormat::Markdown => Some(error_markdown::failed("Nothing was proved", reasons)),
        ProofFormat::Json => Some(proof_json::failed(reasons)?),
        ProofFormat::Junit => Some(junit::failed(reasons, "jobwatch prove")),
    })
}

fn observed(printed: &Printed) -> Result<Observed, Error> {
    let observed = Observed::read(printed.passed, &printed.text);
    observed.map_err(|error| PromtoolError::Refused(error.to_string()).into())
}

/// Reads the rules that are given. Errors: a file cannot be read, or none of them has an alert.
fn given_rules(arguments: &Prove) -> Result<Vec<RuleGroup>, Error> {
    let mut groups = Vec::new();
    let mut errors = Vec::new();
    for path in &arguments.rules {
        match read_rules(path) {
            Ok(more) => groups.extend(more),
            Err(error) => errors.push(error),
        }
    }
    if let Some(error) = Error::together(errors) {
        return Err(error);
    }
    let mut rules = groups.iter().flat_map(|group: &RuleGroup| &group.rules);
    match arguments.rules.is_empty() || rules.any(|rule| rule.kind == RuleKind::Alert) {
        true => Ok(groups),
        false => Err(Error::NoAlert { looked_at: arguments.rules.clone() }),
    }
}

fn read_rules(path: &Path) -> Result<Vec<RuleGroup>, Error> {
    let text = files::read(path, &RULES)?;
    rule_file::read(&text).map_err(|RuleFileError { position, message, hint }| {
        let problem = YamlProblem { position, path: String::new(), message, hint: Some(hint) };
        let error = YamlError { problems: vec![problem], omitted: 0 };
        Error::Problems { path: path.to_owned(), text, error }
    })
}

fn plans(models: &[Model<'_>], rules: Rules<'_>, arguments: &Prove) -> Result<Vec<Plan>, Error> {
    let jobs = || models.iter().flat_map(|model| model.jobs()).map(|job| job.spec.name().as_str());
    known("job", &arguments.job, &jobs().collect::<Vec<_>>())?;
    let plan = |model: &Model<'_>, scenarios| {
        let wanted = Wanted { jobs: &arguments.job, scenarios };
        let unwritten = |source| RenderError::Text {
            path: FilePath::new("", Plan::RULES),
            source: Box::from(format!("{source}")),
        };
        Plan::new(model, rules, &wanted).map_err(unwritten)
    };
    if !arguments.scenario.is_empty() {
        let mut names = Vec::new();
        for model in models {
            let all = plan(model, &[])?;
            names.extend(all.cases.iter().map(|case| case.name()));
        }
        names.sort_unstable();
        names.dedup();
        known("scenario", &arguments.scenario, &names)?;
    }
    let plans: Result<Vec<Plan>, RenderError> =
        models.iter().map(|model| plan(model, &arguments.scenario)).collect();
    Ok(plans?)
}

/// Errors: one of the names is not known.
fn known(what: &'static str, names: &[String], known: &[&str]) -> Result<(), Error> {
    const MOST: usize = 30;
    let Some(name) = names.iter().find(|name| !known.contains(&name.as_str())) else { return Ok(()) };
    let mut listed = known.iter().take(MOST).copied().collect::<Vec<_>>().join(", ");
    if known.len() > MOST {
        listed.push_str(", …");
    }
    Err(Error::NotKnown { what, name: name.clone(), known: listed })
}

/// How far the proof is, for whoever sits in front of a terminal.
struct Progress {
    is_shown: bool,
    all: usize,
    /// How many simulations were done before those that are counted.
    before: usize,
}

impl Progress {
    fn new(all: usize) -> Self {
        Self { is_shown: std::io::stderr().is_terminal(), all, before: 0 }
    }

    fn tell(&self, done: usize, output: &mut Output) {
        if self.is_shown {
            output.message(&format!("\r{} of {} simulations", self.before + done, self.all));
        }
    }

    fn clear(&self, output: &mut Output) {
        if self.is_shown {
            output.message(&format!("\r{}\r", " ".repeat(40)));
        }
    }
}
