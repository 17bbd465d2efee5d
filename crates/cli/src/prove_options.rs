//! What can be said to `jobwatch prove`.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use jobwatch_catalogue::duration;

#[derive(Debug, Args)]
pub(crate) struct Prove {
    /// Put these rules to the test instead of those of the catalogue; `-` reads standard input.
    ///
    /// Files as Prometheus loads them, and manifests such as PrometheusRule. All of them are loaded
    /// together. Can be given several times; a file has at most 16 MiB.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) rules: Vec<PathBuf>,

    /// Only this job; can be given several times.
    ///
    /// Without this, one job of each kind stands for all that are like it: the same schedule,
    /// timeout and thresholds.
    #[arg(long, value_name = "NAME")]
    pub(crate) job: Vec<String>,

    /// Only this scenario, such as `every-run-fails`; can be given several times.
    #[arg(long, value_name = "NAME")]
    pub(crate) scenario: Vec<String>,

    /// How the proof is printed [default: table].
    #[arg(long, value_enum)]
    pub(crate) format: Option<ProofFormat>,

    /// How many promtools run at a time [default: as many as there are processors].
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,

    /// Where promtool is. Without this, in a folder of PATH.
    #[arg(long, value_name = "FILE")]
    pub(crate) promtool: Option<PathBuf>,

    /// How long one simulation may take: promtool is stopped then.
    #[arg(long, value_name = "DURATION", default_value = "10m", value_parser = duration::parse)]
    pub(crate) timeout: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProofFormat {
    /// A table for people.
    Table,
    /// An object with every scenario and every alert that fired in it.
    Json,
    /// The table in Markdown, for a pull request.
    Markdown,
    /// JUnit's XML, in which a scenario is a test: most pipelines show it.
    Junit,
}

impl ProofFormat {
    /// Returns what is wrong with a format that is for findings alone.
    pub(crate) fn not_for_findings() -> String {
        "`prove` prints as `table`, `json`, `markdown` or `junit`: the other formats are for findings"
            .to_owned()
    }
}
