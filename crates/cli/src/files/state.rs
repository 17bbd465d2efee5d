//! Compares a generated file with what stands in its place.

use std::fs;
use std::io;
use std::path::Path;

use jobwatch_observability::artifact::Artifact;
use jobwatch_observability::formats::Format;

use super::owner::Owner;
use super::read::{at_most, irregular};
use crate::error::Error;

/// The largest file that is compared: none that is generated comes near.
pub(super) const MOST: u64 = 64_000_000;

const NOT_OURS: &str = "`jobwatch generate` has not written it";

/// What has to be done about a generated file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum State {
    Missing,
    /// Another text of the same owner stands there, or an empty one.
    Differs(String),
    Current,
}

/// Returns what has to be done about a generated file.
///
/// Errors: [`Error::InTheWay`] if something that was not generated stands in its place,
/// [`Error::OfAnother`] if it was generated from another catalogue, and [`Error::Read`].
pub(crate) fn state(
    formats: &[&Format],
    out_dir: &Path,
    owner: &Owner<'_>,
    artifact: &Artifact,
) -> Result<State, Error> {
    let path = out_dir.join(artifact.path.as_str());
    let in_the_way = |path: &Path, why| Error::InTheWay { path: path.to_owned(), why };
    let unreadable = |source| Error::Read {
        path: path.clone(),
        source,
        hint: "choose another folder with `--out-dir`".to_owned(),
    };
    for (slash, _) in artifact.path.as_str().match_indices('/') {
        let folder = out_dir.join(&artifact.path.as_str()[..slash]);
        match fs::metadata(&folder) {
            Ok(there) if !there.is_dir() => return Err(in_the_way(&folder, "it is no folder")),
            Ok(_) => {}
            Err(_) if folder.is_symlink() => {
                return Err(in_the_way(&folder, "it is a link that leads nowhere"));
            }
            Err(_) => return Ok(State::Missing),
        }
    }
    let there = match fs::metadata(&path) {
        Ok(there) => there,
        Err(_) if path.is_symlink() => return Err(in_the_way(&path, "it is a link that leads nowhere")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(State::Missing),
        Err(error) => return Err(unreadable(error)),
    };
    if irregular(there.file_type()).is_some() {
        return Err(in_the_way(&path, "it is no regular file"));
    }
    let bytes = fs::File::open(&path).and_then(|file| at_most(file, MOST)).map_err(unreadable)?;
    let Some(bytes) = bytes else { return Err(in_the_way(&path, NOT_OURS)) };
    if bytes == artifact.text.as_bytes() {
        return Ok(State::Current);
    }
    // In an empty file nothing can be lost.
    if !bytes.is_empty() {
        let mut origins = formats.iter().filter_map(|format| format.origin(artifact.path.as_str(), &bytes));
        let Some(of) = origins.next() else { return Err(in_the_way(&path, NOT_OURS)) };
        if !owner.owns(&of) {
            return Err(Error::OfAnother { path, of, catalogue: owner.origin.clone() });
        }
    }
    Ok(State::Differs(String::from_utf8_lossy(&bytes).into_owned()))
}
