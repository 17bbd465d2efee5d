//! Reads texts that people wrote: regular files and standard input, in UTF-8, up to a largest size.

use std::fs::{self, FileType};
use std::io::{self, Read};
use std::path::Path;

use crate::error::Error;
use crate::lines::Lines;

/// The path that stands for standard input.
const STANDARD_INPUT: &str = "-";

/// What is read: what it is called, how large it may be, and what to do if it cannot be read.
#[derive(Debug)]
pub(crate) struct Input {
    pub(crate) what: &'static str,
    pub(crate) most_bytes: usize,
    pub(crate) hint: &'static str,
}

/// Returns whether a path means standard input.
pub(crate) fn is_standard_input(path: &Path) -> bool {
    path == Path::new(STANDARD_INPUT) || path == Path::new("/dev/stdin")
}

/// Returns whether anything is in a place, also a link that leads nowhere.
pub(crate) fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Reads a text. Whatever is no regular file is not even opened: a pipe that nobody writes to would
/// wait for ever, and a device may have no end.
pub(crate) fn read(path: &Path, input: &Input) -> Result<String, Error> {
    let failed = |source| Error::Read { path: path.to_owned(), source, hint: input.hint.to_owned() };
    let most = input.most_bytes as u64;
    let bytes = if is_standard_input(path) {
        at_most(io::stdin().lock(), most).map_err(failed)?
    } else {
        if let Some(kind) = irregular(fs::metadata(path).map_err(failed)?.file_type()) {
            let (path, hint) = (path.to_owned(), input.hint.to_owned());
            return Err(Error::NotRegular { path, kind, hint });
        }
        at_most(fs::File::open(path).map_err(failed)?, most).map_err(failed)?
    };
    let Some(bytes) = bytes else {
        let &Input { what, most_bytes, .. } = input;
        return Err(Error::TooLarge { path: path.to_owned(), what, most_bytes });
    };
    String::from_utf8(bytes)
        .map_err(|error| not_utf8(path, error.as_bytes(), error.utf8_error().valid_up_to()))
}

/// Returns all bytes, or `None` if there are more than the largest number; then one more is read
/// and the rest is not.
pub(super) fn at_most(file: impl Read, most: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= most).then_some(bytes))
}

/// Returns what a file is that is no regular one, or `None` for a regular file.
pub(super) fn irregular(file_type: FileType) -> Option<&'static str> {
    if file_type.is_file() {
        return None;
    }
    if file_type.is_dir() {
        return Some("a folder");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if file_type.is_fifo() {
            return Some("a named pipe, and only regular files and standard input (`-`) are read");
        }
        if file_type.is_socket() {
            return Some("a socket, and only regular files and standard input (`-`) are read");
        }
    }
    Some("a device, and only regular files and standard input (`-`) are read")
}

fn not_utf8(path: &Path, bytes: &[u8], valid: usize) -> Error {
    let before = String::from_utf8_lossy(&bytes[..valid]);
    let position = Lines::new(&before).position(before.len());
    Error::NotUtf8 { path: path.to_owned(), line: position.line, column: position.column }
}
