//! `jobwatch generate --check`: shows what would change.

use std::path::Path;

use jobwatch_observability::artifact::Artifact;

use crate::drift;
use crate::error::Error;
use crate::files::{Stale, State};
use crate::number::grouped;
use crate::output::Output;
use crate::render::file_line::file_line;

/// How many lines of the diff of one file are shown, unless all are asked for.
const MOST_DIFF_LINES: usize = 300;

/// How many changes in one file are told in words, unless all are asked for.
const MOST_WORDS: usize = 40;

/// Shows the diffs, and then which files differ and how.
pub(super) fn show(
    states: &[(&Artifact, State)],
    stale: &Stale,
    out_dir: &Path,
    is_verbose: bool,
    output: &mut Output,
) -> Result<(), Error> {
    let most = |most| if is_verbose { usize::MAX } else { most };
    for (artifact, state) in states {
        if let State::Differs(old) = state {
            let diff = drift::diff(artifact.path.as_str(), old, &artifact.text);
            output.result(&first_lines(&diff, most(MOST_DIFF_LINES), "of this diff"))?;
        }
    }
    for (artifact, state) in states {
        match state {
            State::Current if is_verbose => {
                output.result(&file_line("unchanged", out_dir, artifact.path.as_str()))?
            }
            State::Current => {}
            State::Missing => output.result(&file_line("missing", out_dir, artifact.path.as_str()))?,
            State::Differs(old) => {
                let words = drift::in_words(old, &artifact.text);
                let words: String = words.iter().map(|line| format!("  {line}\n")).collect();
                output.result(&file_line("differs", out_dir, artifact.path.as_str()))?;
                output.result(&first_lines(&words, most(MOST_WORDS), "about this file"))?;
            }
        }
    }
    for path in &stale.own {
        output.result(&file_line("stale", out_dir, path))?;
    }
    Ok(())
}

/// Returns the first lines of a text, and how many more there are.
fn first_lines(text: &str, most: usize, of: &str) -> String {
    let mut lines = text.split_inclusive('\n');
    let mut shown: String = lines.by_ref().take(most).collect();
    let more = lines.count();
    if more > 0 {
        shown.push_str(&format!("… {} more lines {of}: `--verbose` shows them\n", grouped(more)));
    }
    shown
}
