//! What can be typed.

use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

const EXAMPLES: &str = "\
Examples:
  jobwatch                                 write alerts/ and dashboards/ from jobs/catalogue.yaml
  jobwatch generate --check                say what would change, in words; for pipelines
  jobwatch check                           hold the runbook against the rules
  jobwatch check --format github           the same, as annotations of a pull request
  jobwatch --catalogue team/jobs.yaml --out-dir gitops
                                           another catalogue, into another folder
  jobwatch explain alert-never-fires       the long story of a finding

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
}

impl Arguments {
    /// Reads the command line. Ends the process where it cannot be understood, and after `--help`
    /// and `--version`.
    pub(crate) fn read() -> Self {
        let arguments = Self::parse();
        if arguments.command.is_some()
            && let Some(option) = arguments.generate.first_option()
        {
            let message = format!(
                "`{option}` belongs to `generate` and stands before another command: write `jobwatch generate {option}`"
            );
            Self::command().error(ErrorKind::ArgumentConflict, message).exit();
        }
        arguments
    }
}

/// What can be said before and after every command.
#[derive(Debug, Args)]
pub(crate) struct Shared {
    /// The catalogue of jobs; `-` reads it from standard input.
    ///
    /// Without this, jobs/catalogue.yaml in the working folder or, inside a Git repository, in the
    /// nearest folder above that has it, up to the root of the repository. A catalogue has at most
    /// 4 MiB and 10,000 jobs.
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) catalogue: Option<PathBuf>,

    /// The folder that `alerts` and `dashboards` are in.
    ///
    /// Without this, the working folder, or the folder above in which jobs/catalogue.yaml was
    /// found. The path of the runbook that the catalogue names starts from here, too.
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) out_dir: Option<PathBuf>,

    /// When to use colours.
    #[arg(long, value_enum, default_value_t = Colour::Auto, global = true, value_name = "WHEN")]
    pub(crate) color: Colour,
}

impl Shared {
    /// Returns a command to call next, with the places that this one was given: `jobwatch check
    /// --out-dir gitops`.
    pub(crate) fn next(&self, command: &str) -> String {
        let mut line = format!("jobwatch {command}");
        for (option, path) in [("--catalogue", &self.catalogue), ("--out-dir", &self.out_dir)] {
            if let Some(path) = path {
                line.push_str(&format!(" {option} {}", quoted(&path.display().to_string())));
            }
        }
        line
    }
}

/// Returns a word as a shell takes it for one.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+=:,@".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write the alert rules, their tests and the dashboard; the default.
    ///
    /// Only files that differ are written: all of them beside their places first, and then each is
    /// renamed into its own. Generated files that the catalogue no longer has are removed. A file
    /// that was not generated is never overwritten and never removed. Of two that generate into one
    /// folder, the second waits for the first.
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
    /// Print the jobs and the alerts as tables.
    List(List),
    /// Tell the long story of a finding, or list their codes.
    Explain(Explain),
    /// Print completions for a shell.
    ///
    /// For example: jobwatch completions bash > /etc/bash_completion.d/jobwatch
    Completions {
        /// The shell.
        #[arg(value_enum)]
        shell: Shell,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Generate {
    /// Write nothing; show what would change and exit with 1 if anything would.
    #[arg(long, conflicts_with = "stdout")]
    pub(crate) check: bool,

    /// Print the files instead of writing them.
    #[arg(long)]
    pub(crate) stdout: bool,

    /// List every file, also those that are up to date, and show the whole diff with `--check`.
    #[arg(long, short, conflicts_with = "stdout")]
    pub(crate) verbose: bool,
}

impl Generate {
    /// Returns the first option that was given, or `None`.
    fn first_option(&self) -> Option<&'static str> {
        [(self.check, "--check"), (self.stdout, "--stdout"), (self.verbose, "--verbose")]
            .into_iter()
            .find_map(|(is_given, option)| is_given.then_some(option))
    }
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

    /// How findings are printed.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,

    /// First rewrite the runbook's Severity and Threshold lines that differ; nothing else in it is
    /// touched.
    #[arg(long)]
    pub(crate) fix: bool,
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// What to list. Without this, both.
    #[arg(value_enum)]
    pub(crate) what: Option<Listed>,

    /// How it is printed.
    #[arg(long, value_enum, default_value_t = ListFormat::Table)]
    pub(crate) format: ListFormat,
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
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colour {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_next_command_can_be_pasted() {
        for (line, next) in [
            (&["jobwatch"][..], "jobwatch check"),
            (&["jobwatch", "--out-dir", "a b"], "jobwatch check --out-dir 'a b'"),
            (&["jobwatch", "--catalogue", "it's.yaml"], r"jobwatch check --catalogue 'it'\''s.yaml'"),
        ] {
            assert_eq!(Arguments::parse_from(line).shared.next("check"), next);
        }
    }
}
