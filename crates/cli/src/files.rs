//! Reads and writes files. A file is either as it was or as it should be, never in between.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jobwatch_observability::artifact::{Artifact, MARK};

use crate::error::Error;

/// How much of a file is read to see whether it was generated: the mark stands near the beginning.
const HEAD: usize = 4096;

/// What has to be done about a generated file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Missing,
    Differs,
    Current,
}

/// Reads a text.
pub(crate) fn read(path: &Path, hint: &str) -> Result<String, Error> {
    let bytes = fs::read(path).map_err(|source| Error::Read {
        path: path.to_owned(),
        source,
        hint: hint.to_owned(),
    })?;
    String::from_utf8(bytes)
        .map_err(|error| Error::NotUtf8 { path: path.to_owned(), at: error.utf8_error().valid_up_to() })
}

/// What has to be done about a generated file, and what stands in its place if that differs.
pub(crate) fn state(out_dir: &Path, artifact: &Artifact) -> Result<(State, String), Error> {
    let path = place(out_dir, &artifact.path);
    match fs::read(&path) {
        Ok(bytes) => {
            if bytes == artifact.text.as_bytes() {
                return Ok((State::Current, String::new()));
            }
            if !is_replaceable(&bytes) {
                return Err(Error::InTheWay { path });
            }
            Ok((State::Differs, String::from_utf8_lossy(&bytes).into_owned()))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok((State::Missing, String::new())),
        Err(source) => {
            Err(Error::Read { path, source, hint: "choose another folder with `--out-dir`".to_owned() })
        }
    }
}

/// Where a path below the output folder is, in the words that people have for it.
pub(crate) fn place(out_dir: &Path, path: impl AsRef<Path>) -> PathBuf {
    if out_dir == Path::new(".") { path.as_ref().to_owned() } else { out_dir.join(path) }
}

/// Writes a file beside its place and renames it into it. A link stays one: what it leads to is written.
///
/// Only a regular file is ever replaced: a pipe or a terminal that a text was read from has nothing to be written to.
pub(crate) fn write(path: &Path, text: &str, hint: &'static str) -> Result<(), Error> {
    let real = fs::canonicalize(path);
    let path = real.as_deref().unwrap_or(path);
    let written = || -> io::Result<()> {
        if fs::metadata(path).is_ok_and(|there| !there.is_file()) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file"));
        }
        let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        let mut file = tempfile::Builder::new().prefix(".jobwatch-").tempfile_in(folder)?;
        file.write_all(text.as_bytes())?;
        let permissions = match fs::metadata(path) {
            Ok(old) => Some(old.permissions()),
            Err(_) => readable_by_all(),
        };
        if let Some(permissions) = permissions {
            file.as_file().set_permissions(permissions)?;
        }
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    written().map_err(|source| Error::Write { path: path.to_owned(), source, hint })
}

/// Removes a file.
pub(crate) fn remove(path: &Path, hint: &'static str) -> Result<(), Error> {
    fs::remove_file(path).map_err(|source| Error::Write { path: path.to_owned(), source, hint })
}

/// Generated files that are not among the artifacts.
#[derive(Debug, Default)]
pub(crate) struct Leftovers {
    /// Those of the same catalogue, sorted: an earlier run wrote them, and nothing needs them any more.
    pub(crate) stale: Vec<PathBuf>,
    /// How many there are of each other catalogue. A folder may hold those of several teams, so they stay.
    pub(crate) others: BTreeMap<String, usize>,
}

/// Looks for generated files that are not among the artifacts of a catalogue.
pub(crate) fn leftovers(out_dir: &Path, catalogue: &str, artifacts: &[Artifact]) -> Leftovers {
    let mut found = Leftovers::default();
    for folder in ["alerts", "alerts/tests", "dashboards"] {
        let Ok(entries) = fs::read_dir(out_dir.join(folder)) else { continue };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let Some(name) = name.to_str() else { continue };
            let path = format!("{folder}/{name}");
            if name.starts_with('.') || artifacts.iter().any(|artifact| artifact.path == path) {
                continue;
            }
            match generated_from(&entry.path()) {
                Some(origin) if origin == catalogue => found.stale.push(PathBuf::from(path)),
                Some(origin) => *found.others.entry(origin).or_default() += 1,
                None => {}
            }
        }
    }
    found.stale.sort();
    found
}

/// The name of the catalogue that a file was generated from, if it was.
fn generated_from(path: &Path) -> Option<String> {
    let bytes = fs::read(path).ok()?;
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(HEAD)]).into_owned();
    let (_, origin) = head.split_once(MARK)?;
    let (_, name) = origin.split_once('`')?;
    name.split_once('`').map(|(name, _)| name.to_owned())
}

/// Whether a file was generated, or is empty, so that nothing in it can be lost.
fn is_replaceable(bytes: &[u8]) -> bool {
    bytes.is_empty() || String::from_utf8_lossy(&bytes[..bytes.len().min(HEAD)]).contains(MARK)
}

/// A temporary file is for its owner alone; a generated one is for everybody.
#[cfg(unix)]
fn readable_by_all() -> Option<fs::Permissions> {
    use std::os::unix::fs::PermissionsExt;
    Some(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable_by_all() -> Option<fs::Permissions> {
    None
}
