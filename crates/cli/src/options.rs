//! What can be said before and after every command.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// What can be said before and after every command.
#[derive(Debug, Clone, Default, Args)]
// The help lists them behind what belongs to a command alone.
#[command(next_display_order = 100)]
pub(crate) struct Shared {
    /// The catalogue of jobs, or a folder of catalogues; can be given several times; `-` reads from
    /// standard input.
    ///
    /// Of a folder, all files are taken whose names end in .yaml or .yml, but for hidden ones and
    /// those in folders below. One without `service` and `jobs` is no catalogue: it is left out,
    /// with a note.
    ///
    /// Without this, jobs/catalogue.yaml in the working folder or, inside a Git repository, in the
    /// nearest folder above that has it, up to the root of the repository. A catalogue has at most
    /// 4 MiB and 240,000 values, keys among them. Up to 100 catalogues have up to 10,000 jobs
    /// together.
    #[arg(long, value_name = "PATH")]
    pub(crate) catalogue: Vec<PathBuf>,

    /// The folder that `alerts` and `dashboards` are in.
    ///
    /// Without this, the working folder, or the folder above in which jobs/catalogue.yaml was
    /// found. The path of the runbook that the catalogue names starts from here, too.
    #[arg(long, value_name = "DIR")]
    pub(crate) out_dir: Option<PathBuf>,

    /// When to use colours [default: auto].
    #[arg(long, value_enum, value_name = "WHEN")]
    pub(crate) color: Option<Colour>,

    /// Show all: files that are up to date, too, the whole diff with `--check`, and every finding.
    #[arg(long, short)]
    pub(crate) verbose: bool,
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

impl Shared {
    /// Returns what was said before and behind a command together: catalogues add up.
    ///
    /// Errors: what can be said once was said in both places; the text names the option.
    pub(crate) fn and(self, behind: Self) -> Result<Self, String> {
        Ok(Self {
            catalogue: [self.catalogue, behind.catalogue].concat(),
            out_dir: once("--out-dir", self.out_dir, behind.out_dir)?,
            color: once("--color", self.color, behind.color)?,
            verbose: self.verbose || behind.verbose,
        })
    }

    /// Returns a command to call next, with the places that this one was given: `jobwatch check
    /// --out-dir gitops`.
    pub(crate) fn next(&self, command: &str) -> String {
        let mut line = format!("jobwatch {command}");
        let catalogues = self.catalogue.iter().map(|path| ("--catalogue", path));
        for (option, path) in catalogues.chain(self.out_dir.iter().map(|path| ("--out-dir", path))) {
            line.push_str(&format!(" {option} {}", quoted(&path.display().to_string())));
        }
        line
    }
}

/// Returns the value of an option that was given before a command or behind it.
///
/// Errors: it was given in both places.
pub(crate) fn once<T>(option: &str, before: Option<T>, behind: Option<T>) -> Result<Option<T>, String> {
    match (before, behind) {
        (Some(_), Some(_)) => {
            Err(format!("`{option}` stands before the command and behind it: leave one of them out"))
        }
        (before, behind) => Ok(before.or(behind)),
    }
}

/// Returns a word as a shell takes it for one.
pub(crate) fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+=:,@".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}
