//! Lets one process at a time work in a folder.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::error::Error;

/// How long to wait between two attempts.
const PAUSE: Duration = Duration::from_millis(20);

/// How long to wait for somebody else.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// After so long, tell that we wait.
    pub(crate) silent: Duration,
    /// After so long, give up.
    pub(crate) most: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { silent: Duration::from_secs(1), most: Duration::from_secs(30) }
    }
}

/// The right to work in a folder. It ends with this value, and with the process however that ends.
///
/// The folder itself is locked, where the system can: no file is left behind that somebody would
/// commit.
#[derive(Debug)]
pub(crate) struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Waits until nobody else works in a folder, and keeps others from it. `None` if the file
    /// system cannot lock, which is told.
    pub(crate) fn alone(
        folder: &Path,
        patience: Patience,
        tell: &mut dyn FnMut(&str),
    ) -> Result<Option<Self>, Error> {
        Self::take(folder, File::try_lock, patience, tell)
    }

    /// Waits until nobody writes into a folder; others may look at it as well. `None` if the file
    /// system cannot lock, which is told.
    pub(crate) fn shared(
        folder: &Path,
        patience: Patience,
        tell: &mut dyn FnMut(&str),
    ) -> Result<Option<Self>, Error> {
        Self::take(folder, File::try_lock_shared, patience, tell)
    }

    fn take(
        folder: &Path,
        attempt: fn(&File) -> Result<(), TryLockError>,
        patience: Patience,
        tell: &mut dyn FnMut(&str),
    ) -> Result<Option<Self>, Error> {
        let folder = if folder == Path::new("") { Path::new(".") } else { folder };
        let unusable = |source| Error::Write {
            path: folder.to_owned(),
            source,
            hint: "choose another folder with `--out-dir`",
        };
        // A pipe in place of the folder would wait for ever to be opened.
        if !fs::metadata(folder).map_err(unusable)?.is_dir() {
            return Err(unusable(io::ErrorKind::NotADirectory.into()));
        }
        let file = open(folder).map_err(unusable)?;
        let start = Instant::now();
        let mut is_told = false;
        loop {
            match attempt(&file) {
                Ok(()) => return Ok(Some(Self { _file: file })),
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(reason)) => {
                    tell(&format!(
                        "note: {} cannot be locked ({reason}): see to it that no two `jobwatch` write there at \
                         the same time\n",
                        folder.display()
                    ));
                    return Ok(None);
                }
            }
            let waited = start.elapsed();
            if waited >= patience.most {
                return Err(Error::Locked { folder: folder.to_owned(), seconds: patience.most.as_secs() });
            }
            if waited >= patience.silent && !is_told {
                tell(&format!("waiting for another `jobwatch` that is at work in {}\n", folder.display()));
                is_told = true;
            }
            thread::sleep(PAUSE);
        }
    }
}

#[cfg(unix)]
fn open(folder: &Path) -> io::Result<File> {
    File::open(folder)
}

/// Where a folder cannot be locked, a file in the system's folder for temporary files stands for
/// it.
#[cfg(not(unix))]
fn open(folder: &Path) -> io::Result<File> {
    use sha2::{Digest, Sha256};

    let folder = fs::canonicalize(folder)?;
    let digest = Sha256::digest(folder.as_os_str().as_encoded_bytes());
    let name: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(std::env::temp_dir().join(format!("jobwatch-{name}.lock")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_cannot_be_locked_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let cannot = |_: &File| Err(TryLockError::Error(io::ErrorKind::Unsupported.into()));
        let mut told = String::new();
        let mut tell = |text: &str| told.push_str(text);
        let lock = FolderLock::take(folder.path(), cannot, Patience::default(), &mut tell).unwrap();
        assert!(lock.is_none());
        let told = told.replace(&folder.path().display().to_string(), "FOLDER");
        insta::assert_snapshot!(told, @"note: FOLDER cannot be locked (unsupported): see to it that no two `jobwatch` write there at the same time");
    }

    #[test]
    fn who_waits_says_so_and_gives_up() {
        let folder = tempfile::tempdir().unwrap();
        let patience = Patience { silent: Duration::from_millis(30), most: Duration::from_millis(90) };
        let mut told = Vec::new();
        let mut tell = |text: &str| told.push(text.to_owned());
        let looking = FolderLock::shared(folder.path(), patience, &mut tell).unwrap();
        let looking_too = FolderLock::shared(folder.path(), patience, &mut tell).unwrap();
        let refused = FolderLock::alone(folder.path(), patience, &mut tell).unwrap_err();
        assert!(matches!(refused, Error::Locked { .. }), "{refused}");
        drop((looking, looking_too));
        let alone = FolderLock::alone(folder.path(), patience, &mut tell).unwrap();
        assert!(alone.is_some());
        assert!(FolderLock::shared(folder.path(), patience, &mut tell).is_err());
        assert_eq!(told.len(), 2, "{told:?}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
