//! Reads files of other commits, through the `git` command. Nothing is checked out, written or
//! fetched, and no hook or filter of the repository is run.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::error::Error;
use crate::files::Input;

/// Reads a file as it is in a revision: a branch, a tag or a commit.
///
/// Errors: `git` is not there, the path lies in no repository, the revision is unknown, or it has
/// no such file, or one that is too large or no UTF-8.
pub(crate) fn read(path: &Path, revision: &str, input: &Input) -> Result<String, Error> {
    // The folder that the file was in may be gone since.
    let folder = path.ancestors().skip(1).find(|folder| folder.is_dir()).unwrap_or(Path::new(""));
    let inner = path.strip_prefix(folder).unwrap_or(path);
    let folder = if folder == Path::new("") { Path::new(".") } else { folder };
    let commit = commit(folder, revision)?;
    let blob = format!("{commit}:./{}", inner.display());
    let failed = |says: String| Error::NotInRevision {
        path: path.to_owned(),
        revision: revision.to_owned(),
        says: says.replace(&commit, revision),
    };
    let size = run(folder, &["cat-file", "-s", &blob])?.map_err(failed)?;
    if size.trim().parse::<usize>().is_ok_and(|size| size > input.most_bytes) {
        let &Input { what, most_bytes, .. } = input;
        return Err(Error::TooLarge { path: path.to_owned(), what, most_bytes });
    }
    run(folder, &["cat-file", "blob", &blob])?.map_err(failed)
}

/// Returns the hash of the commit that a revision names. It is given to git alone behind that, so
/// that no revision is taken for an option or for a path.
fn commit(folder: &Path, revision: &str) -> Result<String, Error> {
    let unknown = |says: String| Error::UnknownRevision { revision: revision.to_owned(), says };
    let is_odd = |c: char| c.is_whitespace() || c.is_control() || c == ':';
    if revision.is_empty() || revision.starts_with('-') || revision.contains(is_odd) {
        return Err(unknown("no branch, tag or commit is called like that".to_owned()));
    }
    let outside = |says| Error::NoRepository { folder: folder.to_owned(), says };
    run(folder, &["rev-parse", "--git-dir"])?.map_err(outside)?;
    let found = run(folder, &["rev-parse", "--verify", "--quiet", &format!("{revision}^{{commit}}")])?;
    found.map(|hash| hash.trim().to_owned()).map_err(|_| unknown("git knows none of that name".to_owned()))
}

/// Runs git in a folder. Returns what it prints, or why it could not do what it was asked.
///
/// Errors: it could not be run at all.
fn run(folder: &Path, arguments: &[&str]) -> Result<Result<String, String>, Error> {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(arguments);
    // Nobody is asked for a password, and nothing is fetched.
    command.env("GIT_TERMINAL_PROMPT", "0").env("GIT_NO_LAZY_FETCH", "1").env("GIT_OPTIONAL_LOCKS", "0");
    command.env("LC_ALL", "C").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let output = command.spawn().and_then(|child| child.wait_with_output()).map_err(Error::NoGit)?;
    if !output.status.success() {
        let says = String::from_utf8_lossy(&output.stderr);
        let first = says.lines().next().unwrap_or("git says nothing about it");
        return Ok(Err(first.trim_start_matches("fatal: ").to_owned()));
    }
    Ok(String::from_utf8(output.stdout).map_err(|_| "it is not UTF-8".to_owned()))
}
