//! The folder that the command is called in, and how paths are told from there.

use std::path::{Component, Path, PathBuf};
use std::{env, fs, io};

/// The folder that the command is called in.
#[derive(Debug)]
pub(crate) struct WorkingFolder {
    path: PathBuf,
    /// The folder with `.git`: this one, or the nearest above it.
    repository: Option<PathBuf>,
}

impl WorkingFolder {
    /// Asks the system. Errors: the folder has been removed, or may not be looked at.
    pub(crate) fn find() -> io::Result<Self> {
        Ok(Self::at(env::current_dir()?))
    }

    fn at(path: PathBuf) -> Self {
        let repository = repository_around(&path).map(Path::to_owned);
        Self { path, repository }
    }

    /// Returns this folder and those above it up to the root of the repository, as relative paths:
    /// ``, `..`, `../..`. Outside a repository, only this folder.
    pub(crate) fn upwards(&self) -> impl Iterator<Item = PathBuf> {
        let root = self.repository.as_deref().unwrap_or(&self.path);
        let above = self.path.strip_prefix(root).map_or(0, |below| below.components().count());
        (0..=above).map(up)
    }

    /// Returns the name of the project: of the repository's folder, or of this one. `None`
    /// for the root of the file system.
    pub(crate) fn project(&self) -> Option<String> {
        let folder = self.repository.as_deref().unwrap_or(&self.path);
        Some(folder.file_name()?.to_string_lossy().into_owned())
    }

    /// Returns an absolute path as seen from here: relative, unless only the root of the file
    /// system is in common.
    pub(crate) fn shown(&self, path: &Path) -> PathBuf {
        self.path
            .ancestors()
            .enumerate()
            .filter(|(_, folder)| folder.parent().is_some())
            .find_map(|(above, folder)| Some(up(above).join(path.strip_prefix(folder).ok()?)))
            .unwrap_or_else(|| path.to_owned())
    }

    /// Returns a path from the root of the file system.
    pub(crate) fn absolute(&self, path: &Path) -> PathBuf {
        let path = self.path.join(path);
        fs::canonicalize(&path).unwrap_or(path)
    }

    /// Returns the path of a file relative to the root of the repository, or to this folder where
    /// there is none, with `/` between its parts; `None` if the file is elsewhere.
    pub(crate) fn in_repository(&self, path: &Path) -> Option<String> {
        let name = path.file_name()?;
        let parent = path.parent().filter(|parent| *parent != Path::new("")).unwrap_or(Path::new("."));
        let absolute = fs::canonicalize(self.path.join(parent)).ok()?.join(name);
        let root = fs::canonicalize(self.repository.as_deref().unwrap_or(&self.path)).ok()?;
        let parts = absolute.strip_prefix(root).ok()?.components().filter_map(|part| match part {
            Component::Normal(part) => Some(part.to_string_lossy()),
            _ => None,
        });
        Some(parts.collect::<Vec<_>>().join("/"))
    }
}

/// Returns an absolute path and those above it, as far as [`WorkingFolder::upwards`] goes.
pub(crate) fn upwards_from(folder: &Path) -> impl Iterator<Item = &Path> {
    let root = repository_around(folder).unwrap_or(folder);
    folder.ancestors().take_while(move |above| above.starts_with(root))
}

/// Returns the folder with `.git`: this one, or the nearest above it. `None` outside a repository.
fn repository_around(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|folder| folder.join(".git").exists())
}

/// Returns the folder so many times above.
fn up(times: usize) -> PathBuf {
    std::iter::repeat_n(Component::ParentDir, times).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_told_from_here() {
        let here =
            WorkingFolder { path: "/home/me/repo/docs".into(), repository: Some("/home/me/repo".into()) };
        for (path, shown) in [
            ("/home/me/repo/docs/a.md", "a.md"),
            ("/home/me/repo/jobs/c.yaml", "../jobs/c.yaml"),
            ("/home/you/c.yaml", "../../../you/c.yaml"),
            ("/etc/c.yaml", "/etc/c.yaml"),
        ] {
            assert_eq!(here.shown(Path::new(path)), Path::new(shown));
        }
        let folders: Vec<_> = here.upwards().collect();
        assert_eq!(folders, [PathBuf::new(), PathBuf::from("..")]);
        let outside = WorkingFolder { path: "/home/me".into(), repository: None };
        assert_eq!(outside.upwards().collect::<Vec<_>>(), [PathBuf::new()]);
    }
}
