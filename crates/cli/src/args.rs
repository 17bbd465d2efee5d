//! What can be typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

const EXAMPLES: &str = "\
Examples:
  jobwatch                                 write alerts/ and dashboards/ from jobs/catalogue.yaml
  jobwatch generate --check                say what would change, in words; for pipelines
  jobwatch check                           hold the runbook against the rules
  jobwatch check --format github           the same, as annotations of a pull request
  jobwatch explain alert-never-fires       the long story of a finding

Exit codes:
  0  clean
  1  findings, or files that are not up to date
  2  could not run";

/// Alert rules, a Grafana dashboard and a checked runbook from one catalogue of background jobs.
#[derive(Debug, Parser)]
#[command(name = "jobwatch", version, after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    /// What `jobwatch` does without a subcommand.
    #[command(flatten)]
    pub(crate) generate: Generate,

    /// When to use colours.
    #[arg(long, value_enum, default_value_t = Colour::Auto, global = true, value_name = "WHEN")]
    pub(crate) color: Colour,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write the alert rules, their tests and the dashboard; the default.
    ///
    /// Only files that differ are written, each beside its place and then renamed into it. Generated files that the
    /// catalogue no longer has are removed. A file in the way that was not generated is never overwritten.
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
    /// Findings that the catalogue accepts are shown with their reason and fail nothing.
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

#[derive(Debug, Clone, Args)]
pub(crate) struct FromCatalogue {
    /// The catalogue of jobs.
    #[arg(long, value_name = "FILE", default_value = "jobs/catalogue.yaml")]
    pub(crate) catalogue: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Generate {
    #[command(flatten)]
    pub(crate) from: FromCatalogue,

    /// The folder that `alerts` and `dashboards` are in.
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(crate) out_dir: PathBuf,

    /// Write nothing; show what would change and exit with 1 if anything would.
    #[arg(long, conflicts_with = "stdout")]
    pub(crate) check: bool,

    /// Print the files instead of writing them.
    #[arg(long)]
    pub(crate) stdout: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) from: FromCatalogue,

    /// The runbook. Without this, the one that the catalogue names, relative to the current folder.
    #[arg(long, value_name = "FILE")]
    pub(crate) runbook: Option<PathBuf>,

    /// How findings are printed.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,

    /// First rewrite the runbook's Severity and Threshold lines that differ; nothing else in it is touched.
    #[arg(long)]
    pub(crate) fix: bool,
}

#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    pub(crate) from: FromCatalogue,

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
    /// The alerts with the figures that hold.
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
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Arguments::command().debug_assert();
    }
}
