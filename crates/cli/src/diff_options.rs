//! What can be said to `jobwatch diff`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

const EXAMPLES: &str = "\
Examples:
  jobwatch diff --revision main            what this branch changes
  jobwatch diff --revision v1 --revision v2
                                           what changed between two commits
  jobwatch diff staging.yaml production.yaml
                                           two environments
  jobwatch diff --overlay staging.jsonnet  what an environment changes
  jobwatch diff --overlay staging.jsonnet --overlay production.jsonnet
                                           the same of two overlays
  jobwatch diff gitops/staging gitops/production
                                           two folders of generated files
  jobwatch diff --revision main --format markdown
                                           the same, for the text of a pull request

Exit codes:
  0  no differences
  1  differences
  2  could not run";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Diff {
    /// What is compared, the earlier or the first environment before the other: a catalogue, a
    /// folder of catalogues, or a folder that `jobwatch generate` wrote into.
    ///
    /// With one of them, the catalogue in its usual place, or that of `--catalogue`, is compared
    /// with it. Generated files do not say which jobs there are: with such a folder, only rules and
    /// dashboards are compared, as they are written.
    #[arg(value_name = "PATH", num_args = 0..=2)]
    pub(crate) paths: Vec<PathBuf>,

    /// Compare the catalogue with what it was in this branch, tag or commit of its Git repository;
    /// given twice, compare two of them.
    ///
    /// The file is read through the `git` command; nothing is checked out or fetched.
    #[arg(long, value_name = "REV", conflicts_with = "paths")]
    pub(crate) revision: Vec<String>,

    /// Compare the catalogue with what this overlay makes of it; given twice, compare two of them.
    ///
    /// It is a jsonnet object over the mixin, as `jobwatch generate --overlay` takes it.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["paths", "revision"])]
    pub(crate) overlay: Vec<PathBuf>,

    /// Let overlays import from FOLDER as well as from their own. Can be given several times.
    #[arg(long, value_name = "FOLDER", requires = "overlay")]
    pub(crate) jpath: Vec<PathBuf>,

    /// How differences are printed [default: human].
    #[arg(long, value_enum)]
    pub(crate) format: Option<DiffFormat>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    /// A table that fits 100 columns.
    Human,
    /// One object with the list `differences`, those that follow from others among them.
    Json,
    /// A table of Markdown.
    Markdown,
}
