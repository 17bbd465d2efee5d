//! What can be typed.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use jobwatch_catalogue::duration;

use crate::diff_options::{Diff, DiffFormat};
use crate::generate_options::{EVALUATE, Generate, Overlaid};
use crate::options::{Shared, once, quoted};
use crate::prove_options::{ProofFormat, Prove};

const EXAMPLES: &str = "\
Examples:
  jobwatch init                            write a first catalogue and its runbook
  jobwatch                                 write alerts/ and dashboards/ from jobs/catalogue.yaml
  jobwatch generate --check                say what would change, in words; for pipelines
  jobwatch check                           hold the runbook against the rules
  jobwatch check --format github           the same, as annotations of a pull request
  jobwatch --catalogue team/jobs.yaml --out-dir gitops
                                           another catalogue, into another folder
  jobwatch check --catalogue teams         all catalogues in a folder
  jobwatch lint rules/*.yaml               what makes rules silent or noisy, whoever wrote them
  jobwatch runbook --write                 add the sections that the runbook lacks
  jobwatch diff --revision main            what differs from another commit, in words
  jobwatch explain alert-never-fires       the long story of a finding
  jobwatch prove --rules old.rules.yaml    which of these rules fire when they should

Exit codes:
  0  clean
  1  findings, or files that are not up to date
  2  could not run";

/// Alert rules, a Grafana dashboard and a checked runbook from one catalogue of background jobs.
#[derive(Debug, Parser)]
#[command(name = "jobwatch", version, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    #[command(flatten)]
    pub(crate) shared: Shared,

    /// What `jobwatch` does without a subcommand.
    #[command(flatten)]
    pub(crate) generate: Generate,

    /// How `check`, `lint`, `list`, `prove` and `diff` print; it may stand behind them as well.
    #[arg(long, value_enum)]
    format: Option<Format>,
}

impl Arguments {
    /// Reads the command line. Ends the process where it cannot be understood, and after `--help`
    /// and `--version`.
    pub(crate) fn read() -> Self {
        Self::of(std::env::args_os()).unwrap_or_else(|error| error.exit())
    }

    /// Returns the whole command line: what is shared can stand before a command and behind it.
    pub(crate) fn whole() -> clap::Command {
        let shared = Shared::augment_args(clap::Command::default());
        Self::command().mut_subcommands(|command| command.args(shared.get_arguments()))
    }

    /// Reads words of which the first is the command's own name.
    ///
    /// Errors: they cannot be understood, or ask for help.
    fn of(words: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> Result<Self, clap::Error> {
        let matches = Self::whole().try_get_matches_from(words)?;
        let mut arguments = Self::from_arg_matches(&matches)?;
        if let Some((name, behind)) = matches.subcommand() {
            let behind = Shared::from_arg_matches(behind)?;
            arguments
                .join(name, behind)
                .map_err(|message| Self::whole().error(ErrorKind::ArgumentConflict, message))?;
        } else {
            let checked = arguments.generate.check_faster(&arguments.shared);
            checked.map_err(|message| Self::whole().error(ErrorKind::ArgumentConflict, message))?;
        }
        Ok(arguments)
    }

    /// Adds what was said behind a command to what was said before it, and gives the command what
    /// belongs to it alone.
    ///
    /// Errors: something belongs to another command, or can be said once and was said twice.
    fn join(&mut self, name: &str, behind: Shared) -> Result<(), String> {
        self.shared = std::mem::take(&mut self.shared).and(behind)?;
        if let Some(Command::Check(check)) = &mut self.command {
            check.overlaid.add(&mut self.generate.overlaid)?;
        }
        let format = self.format.take();
        if let (Some(format), Some(Command::Check(check))) = (format, &mut self.command) {
            check.format = once("--format", Some(format), check.format)?;
        } else if let (Some(format), Some(Command::Lint(lint))) = (format, &mut self.command) {
            lint.format = once("--format", Some(format), lint.format)?;
        } else if let (Some(format), Some(Command::List(list))) = (format, &mut self.command) {
            list.format = once("--format", Some(ListFormat::of(format)?), list.format)?;
        } else if let (Some(format), Some(Command::Prove(prove))) = (format, &mut self.command) {
            let format = match format {
                Format::Human => ProofFormat::Table,
                Format::Json => ProofFormat::Json,
                Format::Junit => ProofFormat::Junit,
                Format::Github | Format::Sarif => return Err(ProofFormat::not_for_findings()),
            };
            prove.format = once("--format", Some(format), prove.format)?;
        } else if let (Some(format), Some(Command::Diff(diff))) = (format, &mut self.command) {
            diff.format = once("--format", Some(DiffFormat::of(format)?), diff.format)?;
        } else if format.is_some() {
            let with = "`check`, `lint`, `list`, `prove` and `diff`";
            return Err(format!("`--format` belongs to {with}: `{name}` has no formats"));
        }
        if let Some(Command::Generate(generate)) = &mut self.command {
            generate.add(&mut self.generate)?;
            generate.check_faster(&self.shared)?;
            if generate.check && generate.stdout {
                return Err("`--check` and `--stdout` exclude each other: leave one of them out".to_owned());
            }
        } else if let Some(option) = self.generate.first_option() {
            return Err(format!("`{option}` belongs to `generate`: write `jobwatch generate {option}`"));
        }
        Ok(())
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write the alert rules, their tests and the dashboard; the default.
    ///
    /// Only files that differ are written: all of them beside their places first, and then each is
    /// renamed into its own. Generated files that the catalogue no longer has are removed. A file
    /// that was not generated, or from another catalogue, is never overwritten and never removed.
    /// Of two that generate into one folder, the second waits for the first.
    Generate(Generate),
    /// Hold the runbook against the rules, and ask whether each alert can fire.
    ///
    /// Every alert needs a section with its name, severity and threshold:
    ///
    ///     ### Job Failures
    ///     **Alert**: `BackgroundJobFailing`
    ///     **Severity**: Warning
    ///     **Threshold**: > 0.1 failures/sec for 5 minutes
    ///
    /// Findings that the catalogue suppresses are shown with their reason and fail nothing.
    /// People are shown the first 50 findings and programs the first 1,000: those that fail
    /// the check before others, and then how many more there are.
    #[command(verbatim_doc_comment)]
    #[allow(
        rustdoc::invalid_rust_codeblocks,
        reason = "the help shows a section of a runbook as it is written"
    )]
    Check(Check),
    /// Find what makes rules silent or noisy, without Prometheus, in any files of rules.
    ///
    /// Plain rule files and PrometheusRule manifests are read. Labels and values are followed
    /// through each expression: sides that never match, comparisons that never hold, ranges that
    /// are too short, texts that read labels which are not there, and more; `jobwatch explain`
    /// lists all.
    ///
    /// No catalogue is needed. One that is given or found says more: how often its jobs are due,
    /// what they expose, for how long samples are kept, and where the runbook is.
    ///
    /// A finding is suppressed by a comment in the rule or right above it, or above the first rule
    /// for the whole file, or by `suppress` in the catalogue:
    ///
    ///     # jobwatch: ignore rule-range-too-short This target is scraped each 5s.
    #[command(verbatim_doc_comment)]
    #[allow(rustdoc::invalid_rust_codeblocks, reason = "the help shows a comment as it is written")]
    Lint(Lint),
    /// Write a first catalogue and its runbook.
    ///
    /// Both are good to generate from and pass `check`. What is there already is never overwritten.
    Init(Init),
    /// Print the sections that the runbook lacks, in the form that `check` reads.
    ///
    /// Ends with 1 if any is missing. Each has a name, a severity and a threshold, which follow
    /// from the catalogue, and room for what your team does about the alert. Where there is no
    /// runbook yet, that is all of it.
    Runbook(Runbook),
    /// Show with promtool that each alert fires when it should, and only then.
    ///
    /// Simulates jobs that are well and jobs with which something is wrong, and prints which alert
    /// is first, after how long, how soon it could be at best, and how long it takes to clear. Ends
    /// with 1 if anything is not as promised. Needs promtool, which comes with Prometheus.
    Prove(Prove),
    /// Print the jobs and the alerts as tables.
    List(List),
    /// Show what differs between two environments, or two commits, in words.
    ///
    /// Jobs that came and went, schedules, thresholds and severities with the jobs they are for,
    /// `for`, texts, recorded series and panels. What follows from another difference, as what a
    /// rule tests from its threshold, is counted and shown with `--verbose`.
    Diff(Diff),
    /// Tell the long story of a finding, or list their codes.
    Explain(Explain),
    /// Print a JSON Schema of catalogues, by which editors complete and check them.
    ///
    /// For example: jobwatch schema > jobs/catalogue.schema.json, and as first line of the
    /// catalogue # yaml-language-server: $schema=catalogue.schema.json
    Schema,
    /// Print completions for a shell.
    ///
    /// For example: jobwatch completions bash > /etc/bash_completion.d/jobwatch
    Completions {
        /// The shell.
        #[arg(value_enum)]
        shell: Shell,
    },
    /// Evaluate the overlay that stands on standard input.
    #[command(name = EVALUATE, hide = true)]
    EvaluateOverlay,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The runbook; `-` reads it from standard input.
    ///
    /// Without this, the one that the catalogue names: below `--out-dir` if that is given, else
    /// below the nearest folder around the catalogue that has it, up to the root of its repository,
    /// else below the working folder. A catalogue on standard input counts as one in the working
    /// folder. A runbook has at most 2 MiB.
    #[arg(long, value_name = "FILE")]
    pub(crate) runbook: Option<PathBuf>,

    /// How findings are printed [default: human].
    #[arg(long, value_enum)]
    pub(crate) format: Option<Format>,

    /// First rewrite the runbook's Severity and Threshold lines that differ; nothing else in it is
    /// touched.
    #[arg(long)]
    pub(crate) fix: bool,

    /// Files of rules to look at as well, as `lint` does; can be given several times.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) rules: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) server: Server,

    #[command(flatten)]
    pub(crate) overlaid: Overlaid,
}

#[derive(Debug, Args)]
pub(crate) struct Lint {
    /// The files of rules, or folders of them; `-` reads from standard input.
    ///
    /// Of a folder, all files are taken whose names end in .yaml or .yml, but for hidden ones and
    /// those in folders below. One without `groups` is left out, with a note. Files that are given
    /// together are looked at together: what one records, another reads.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,

    /// The runbook that the alerts link to.
    ///
    /// Without this, the one that the catalogue names, if there is a catalogue.
    #[arg(long, value_name = "FILE")]
    pub(crate) runbook: Option<PathBuf>,

    /// How findings are printed [default: human].
    #[arg(long, value_enum)]
    pub(crate) format: Option<Format>,

    #[command(flatten)]
    pub(crate) server: Server,
}

/// What is known about the Prometheus that evaluates rules.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(crate) struct Server {
    /// How often series are scraped, as in `30s` [default: 15s].
    ///
    /// A range of less than twice as much holds a single sample too often.
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    pub(crate) scrape_interval: Option<Duration>,

    /// For how long samples are kept, as in `30d`.
    ///
    /// Without this, what the catalogue says; without a catalogue, no range is too long.
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    pub(crate) retention: Option<Duration>,
}

#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The service that the jobs belong to.
    ///
    /// Without this, the name of the repository's folder, or of the working folder.
    #[arg(long, value_name = "NAME")]
    pub(crate) service: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Runbook {
    /// The runbook; `-` reads it from standard input.
    ///
    /// Without this, the one that `check` finds, and if there is none, the one that the catalogue
    /// names, in the folder that files are generated into.
    #[arg(long, value_name = "FILE")]
    pub(crate) runbook: Option<PathBuf>,

    /// Add them at the end of the runbook instead, which is written if there is none.
    #[arg(long)]
    pub(crate) write: bool,
}

impl Runbook {
    /// Returns the command that writes what is missing.
    pub(crate) fn next(&self, shared: &Shared) -> String {
        let runbook =
            self.runbook.as_ref().map(|path| format!(" --runbook {}", quoted(&path.display().to_string())));
        shared.next(&format!("runbook --write{}", runbook.unwrap_or_default()))
    }
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// What to list. Without this, both.
    #[arg(value_enum)]
    pub(crate) what: Option<Listed>,

    /// How it is printed [default: table].
    #[arg(long, value_enum)]
    pub(crate) format: Option<ListFormat>,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The code, as it stands in brackets behind a finding.
    pub(crate) code: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Listed {
    /// The jobs of the catalogue.
    Jobs,
    /// The alerts with the thresholds that hold.
    Alerts,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// Tables that fit 100 columns.
    Table,
    /// One object with the lists `jobs` and `alerts`.
    Json,
}

impl ListFormat {
    /// Returns the format of a list that is meant. Errors: a list has none that is called so.
    fn of(format: Format) -> Result<Self, String> {
        match format {
            Format::Human => Ok(Self::Table),
            Format::Json => Ok(Self::Json),
            Format::Github | Format::Sarif | Format::Junit => {
                Err("`list` prints as `table` or `json`: the other formats are for findings".to_owned())
            }
        }
    }
}

impl DiffFormat {
    /// Returns the format of differences that is meant. Errors: they have none that is called so.
    fn of(format: Format) -> Result<Self, String> {
        match format {
            Format::Human => Ok(Self::Human),
            Format::Json => Ok(Self::Json),
            Format::Github | Format::Junit | Format::Sarif => {
                Err("`diff` prints as `human`, `json` or `markdown`: the other formats are for findings"
                    .to_owned())
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// With the text at fault underlined.
    Human,
    /// A list of objects.
    Json,
    /// Workflow commands that GitHub shows on the lines they are about.
    Github,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// JUnit XML, which CI servers show as tests.
    Junit,
}

#[cfg(test)]
mod tests;
