//! Why promtool could not be run.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use jobwatch_catalogue::duration;

/// The oldest release that is known to do: the generated tests are run with it.
pub(super) const OLDEST: (u32, u32) = (2, 42);

#[derive(Debug, thiserror::Error)]
pub(crate) enum PromtoolError {
    #[error("`promtool` is in no folder of PATH")]
    Missing,
    #[error("cannot start {}: {source}", path.display())]
    Start { path: PathBuf, source: io::Error },
    #[error("{} is no promtool: {}", path.display(), why)]
    NotPromtool { path: PathBuf, why: String },
    #[error("promtool {found} is too old: it takes {}.{} or later", OLDEST.0, OLDEST.1)]
    TooOld { found: String },
    #[error("promtool has been at it for {}, and is stopped", duration::format(*.0))]
    Hangs(Duration),
    #[error("promtool ended unexpectedly ({ended}): {printed}")]
    Crashed { ended: String, printed: String },
    #[error("{0}")]
    Refused(String),
    #[error("stopped")]
    Interrupted,
    #[error("cannot use a temporary folder: {0}")]
    Folder(io::Error),
}

impl PromtoolError {
    /// Returns what to do about it, or `None` if there is nothing to do.
    pub(crate) fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Missing => {
                "it comes with Prometheus: `apt-get install prometheus`, `brew install prometheus`, or \
                 https://prometheus.io/download; then name it with `--promtool FILE`, or add its folder to PATH"
            }
            Self::Start { .. } | Self::NotPromtool { .. } => "name Prometheus' own with `--promtool FILE`",
            Self::TooOld { .. } => "install a later Prometheus, and name its own with `--promtool FILE`",
            Self::Hangs(_) => {
                "give it more time with `--timeout`, or less to do with `--job`, `--scenario` or `--jobs 1`"
            }
            Self::Crashed { .. } => {
                "run it again; if memory is short, with `--jobs 1`; `promtool check rules` tells more about rules"
            }
            Self::Refused(_) => "mend the rule that it names; `promtool check rules` tells more",
            Self::Folder(_) => "let TMPDIR be a folder that can be written to, on a disk that has room",
            Self::Interrupted => return None,
        };
        Some(hint.to_owned())
    }
}
