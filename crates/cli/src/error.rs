//! Why a command could not run.

use std::io;
use std::path::PathBuf;

use jobwatch_catalogue::yaml::YamlError;
use jobwatch_observability::artifact::RenderError;

/// Why a command could not run: exit code 2.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("cannot read {}: {source}", path.display())]
    Read { path: PathBuf, source: io::Error, hint: String },
    #[error("cannot read {}: it is not UTF-8 from byte {at} on", path.display())]
    NotUtf8 { path: PathBuf, at: usize },
    #[error("{} has {} {}", path.display(), error.problems.len(), if error.problems.len() == 1 { "problem" } else { "problems" })]
    Catalogue { path: PathBuf, text: String, error: YamlError },
    #[error("cannot write {}: {source}", path.display())]
    Write { path: PathBuf, source: io::Error, hint: &'static str },
    #[error("{} is in the way: `jobwatch generate` has not written it", path.display())]
    InTheWay { path: PathBuf },
    #[error("{0}")]
    Render(#[from] RenderError),
    #[error("there is no code {code}")]
    UnknownCode { code: String, near: Option<String> },
    #[error("cannot print: {0}")]
    Print(#[from] io::Error),
    #[error("cannot print as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

impl Error {
    /// What to do about it.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::Read { hint, .. } => Some(hint.clone()),
            Self::NotUtf8 { .. } => Some("save it as UTF-8".to_owned()),
            Self::Write { hint, .. } => Some((*hint).to_owned()),
            Self::InTheWay { .. } => {
                Some("move it away, or choose another folder with `--out-dir`".to_owned())
            }
            Self::UnknownCode { near: Some(near), .. } => Some(format!("did you mean `{near}`?")),
            Self::UnknownCode { near: None, .. } => Some("`jobwatch explain` lists the codes".to_owned()),
            Self::Catalogue { .. } | Self::Render(_) | Self::Print(_) | Self::Json(_) => None,
        }
    }
}
