//! Why a command could not run.

use std::io;
use std::path::{Path, PathBuf};

use jobwatch_catalogue::yaml::YamlError;
use jobwatch_observability::artifact::{Origin, RenderError};
use jobwatch_observability::outline::OutlineError;
use jobwatch_observability::overlay::OverlayError;
use jobwatch_observability::rule_file::RuleFileError;

use crate::number::{counted, grouped};
use crate::promtool::PromtoolError;

/// How many paths an error lists.
const MOST_PATHS: usize = 20;

/// Why a command could not run: exit code 2.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("the working folder cannot be found: {0}")]
    NoWorkingFolder(io::Error),
    #[error("cannot find the {what}; looked for: {}", listed(looked_for))]
    NotFound { what: &'static str, looked_for: Vec<PathBuf>, hint: &'static str },
    #[error("cannot read {}: {source}", path.display())]
    Read { path: PathBuf, source: io::Error, hint: String },
    #[error("cannot read {}: it is {kind}", path.display())]
    NotRegular { path: PathBuf, kind: &'static str, hint: String },
    #[error("cannot read {}: it has more than {} MiB, which no {what} has", path.display(), most_bytes >> 20)]
    TooLarge { path: PathBuf, what: &'static str, most_bytes: usize },
    #[error("cannot read {}: line {line}, column {column} is not UTF-8", path.display())]
    NotUtf8 { path: PathBuf, line: usize, column: usize },
    #[error("there are no files of rules among {}", listed(looked_at))]
    NoRules { looked_at: Vec<PathBuf> },
    #[error("the files of rules have more than {} MiB together", most_bytes >> 20)]
    TooManyRules { most_bytes: usize },
    #[error("there is no catalogue among {}", listed(looked_at))]
    NoCatalogue { looked_at: Vec<PathBuf> },
    #[error("{} catalogues are more than {most}", grouped(*number))]
    TooManyCatalogues { number: usize, most: usize },
    #[error("the catalogues have {} jobs together: at most {} are read", grouped(*number), grouped(*most))]
    TooManyJobs { number: usize, most: usize },
    #[error(
        "{} and {} would both write {}", catalogues[0].display(), catalogues[1].display(), file.display()
    )]
    SameFile { file: PathBuf, catalogues: [PathBuf; 2] },
    #[error("nothing can be added to {}: {reason}", path.display())]
    Outline { path: PathBuf, reason: OutlineError },
    #[error("{} is there already, and `jobwatch init` overwrites nothing", path.display())]
    AlreadyThere { path: PathBuf },
    #[error("`jobwatch init` writes one catalogue into a file: {}", listed(given))]
    OneCatalogue { given: Vec<PathBuf> },
    #[error("several things are wrong")]
    Several(Vec<Error>),
    #[error("catalogue and runbook cannot both be read from standard input")]
    OneInput,
    #[error("{} has {}", path.display(), counted(error.problems.len() + error.omitted, "problem", "problems"))]
    Problems { path: PathBuf, text: String, error: YamlError },
    #[error("`--faster` takes no overlay that changes rules themselves: its times are not known")]
    FasterOverlay,
    #[error("{}: {source}", path.display())]
    OverlayYields { path: PathBuf, source: OverlayError },
    #[error("{}: {message}", path.display())]
    Overlay { path: PathBuf, message: String },
    #[error("cannot write {}: {source}", path.display())]
    Write { path: PathBuf, source: io::Error, hint: &'static str },
    #[error(
        "cannot write {}: {source}; already as they should be: {}; still as they were: {}",
        path.display(), listed(new), listed(old)
    )]
    WrittenInPart { path: PathBuf, source: io::Error, new: Vec<PathBuf>, old: Vec<PathBuf> },
    #[error("{} is in the way: {why}", path.display())]
    InTheWay { path: PathBuf, why: &'static str },
    #[error("{} belongs to another catalogue: it is generated from {of}, and this is {catalogue}", path.display())]
    OfAnother { path: PathBuf, of: Origin, catalogue: Origin },
    #[error("another `jobwatch` has been at work in {} for {seconds} seconds", folder.display())]
    Locked { folder: PathBuf, seconds: u64 },
    #[error("{0}")]
    Promtool(#[from] PromtoolError),
    #[error("there is no alert in {}", listed(looked_at))]
    NoAlert { looked_at: Vec<PathBuf> },
    #[error("there is no {what} `{name}`")]
    NotKnown { what: &'static str, name: String, known: String },
    #[error("{0}")]
    Render(#[from] RenderError),
    #[error("there is nothing to compare")]
    NothingToCompare,
    #[error("{number} {what} are more than two")]
    TooManySides { what: &'static str, number: usize },
    #[error("git cannot be run: {0}")]
    NoGit(io::Error),
    #[error("cannot read a git repository in {}: {says}", folder.display())]
    NoRepository { folder: PathBuf, says: String },
    #[error("there is no revision `{revision}`: {says}")]
    UnknownRevision { revision: String, says: String },
    #[error("cannot read {} in `{revision}`: {says}", path.display())]
    NotInRevision { path: PathBuf, revision: String, says: String },
    #[error("cannot read the rules of {}: {error}", path.display())]
    RuleFile { path: PathBuf, error: RuleFileError },
    #[error("there is no code {code}")]
    UnknownCode { code: String, near: Option<String> },
    #[error("cannot print: {0}")]
    Print(#[from] io::Error),
    #[error("cannot print as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

impl Error {
    /// Returns one error for some. `None` if there are none.
    pub(crate) fn together(mut errors: Vec<Self>) -> Option<Self> {
        match errors.len() {
            0 | 1 => errors.pop(),
            _ => Some(Self::Several(errors)),
        }
    }

    /// Returns what to do about it, or `None` if the message says so already.
    pub(crate) fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Read { hint, .. } | Self::NotRegular { hint, .. } => hint,
            Self::NotFound { hint, .. } | Self::Write { hint, .. } => *hint,
            Self::NoWorkingFolder(_) => "change into a folder that exists",
            Self::TooLarge { .. } => "look whether it is the file that you mean; if so, divide it",
            Self::NotUtf8 { .. } => "save it as UTF-8",
            Self::NoCatalogue { .. } => {
                "a catalogue has `service` and `jobs`, and a name that ends in .yaml or .yml; folders below \
                 are not looked into"
            }
            Self::NoRules { .. } => {
                "a file of rules has `groups`, or has them in `spec`, and a name that ends in .yaml or .yml; \
                 folders below are not looked into"
            }
            Self::TooManyRules { .. } => "call `jobwatch` for some of them at a time",
            Self::TooManyCatalogues { .. } | Self::TooManyJobs { .. } => {
                "call `jobwatch` for some of them at a time"
            }
            Self::SameFile { .. } => {
                "give each catalogue a `name` of its own, and the target `alertmanager` to one of them; or call \
                 `jobwatch` for each with its own `--out-dir`"
            }
            Self::Outline { reason: OutlineError::NotSeen, .. } => {
                "end what is open at the end of the runbook"
            }
            Self::Outline { reason: OutlineError::NotRead { .. }, .. } => {
                "divide the runbook into several, or make it plainer"
            }
            Self::AlreadyThere { .. } => {
                "edit it and run `jobwatch generate`, or write another catalogue with `--catalogue FILE`"
            }
            Self::OneCatalogue { .. } => "name the file that it is to write with `--catalogue FILE`",
            Self::OneInput => "write one of them to a file",
            Self::WrittenInPart { .. } => {
                "nothing is lost: remove the cause and run it again, which completes it"
            }
            Self::InTheWay { .. } => "move it away, or choose another folder with `--out-dir`",
            Self::OfAnother { of, .. } => {
                return Some(format!(
                    "give one of them a `name` of its own, or choose another folder with `--out-dir`; if it is \
                     this catalogue's former name or service, take its files over with `--take-over {}`",
                    of.name
                ));
            }
            Self::Locked { .. } => "wait until it has ended, or end it, and run this again",
            Self::NothingToCompare | Self::TooManySides { .. } => {
                "name two catalogues or folders, a commit with `--revision`, or an overlay: `jobwatch diff --help` has examples"
            }
            Self::NoGit(_) => "install git, or name two catalogues",
            Self::NoRepository { .. } => {
                "run it in the repository that has the catalogue, or name two catalogues"
            }
            Self::UnknownRevision { .. } => {
                "`git log --oneline` lists commits and `git branch --all` branches; in a shallow clone, fetch it first"
            }
            Self::NotInRevision { .. } => {
                "name the catalogue with `--catalogue`, by its path in both commits"
            }
            Self::RuleFile { error, .. } => return Some(error.hint.clone()),
            Self::UnknownCode { near: Some(near), .. } => return Some(format!("did you mean `{near}`?")),
            Self::UnknownCode { near: None, .. } => "`jobwatch explain` lists the codes",
            Self::Promtool(error) => return error.hint(),
            Self::NoAlert { .. } => "name files that have rules with `alert`",
            Self::NotKnown { known, .. } => return Some(format!("there are: {known}")),
            Self::Print(_) => "print into a file, on a disk that has room",
            Self::Render(RenderError::TooLarge { hint, .. }) => hint,
            Self::Render(RenderError::Text { .. }) | Self::Json(_) => {
                "this is a mistake of `jobwatch`: tell those who maintain it, with the catalogue"
            }
            Self::Overlay { message, .. } if !message.contains("_config") => return None,
            Self::Overlay { .. } => {
                "the settings, with what they are by default, stand in the mixin that \
                 `jobwatch generate --target mixin --stdout` prints"
            }
            Self::FasterOverlay => "leave out `--faster`, or all of the overlay but `_config`",
            Self::OverlayYields { .. } => {
                "correct these fields: nothing was written. What the mixin has there is printed by `jobwatch \
                 generate --target prometheus,grafana --stdout`"
            }
            Self::Problems { .. } | Self::Several(_) => return None,
        };
        Some(hint.to_owned())
    }
}

fn listed(paths: &[PathBuf]) -> String {
    let shown = |path: &PathBuf| match path == Path::new("") {
        true => ".".to_owned(),
        false => path.display().to_string(),
    };
    let mut text = paths.iter().take(MOST_PATHS).map(shown).collect::<Vec<_>>().join(", ");
    if paths.is_empty() {
        text.push_str("none");
    }
    if let Some(more) = paths.len().checked_sub(MOST_PATHS).filter(|more| *more > 0) {
        text.push_str(&format!(" and {} more", grouped(more)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_printed_says_what_to_do() {
        let json = serde_json::from_str::<u8>("").unwrap_err();
        for (error, hint) in [
            (Error::Print(io::ErrorKind::StorageFull.into()), "print into a file"),
            (Error::Json(json), "this is a mistake of `jobwatch`"),
        ] {
            assert!(error.hint().unwrap().starts_with(hint), "{error}");
        }
    }
}
