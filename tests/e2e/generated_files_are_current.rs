use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use e2e::generated::files;
use e2e::repository::{self, CLIPPER};
use jobwatch_observability::artifact::MARK;

#[test]
fn what_is_committed_is_what_is_generated() {
    let mut stale = Vec::new();
    for artifact in files(&repository::catalogue(CLIPPER)) {
        match fs::read_to_string(repository::root().join(&artifact.path)) {
            Ok(text) if text == artifact.text => {}
            Ok(text) => {
                let line =
                    text.lines().zip(artifact.text.lines()).take_while(|(old, new)| old == new).count();
                stale.push(format!("{} differs from line {} on", artifact.path, line + 1));
            }
            Err(error) => stale.push(format!("{}: {error}", artifact.path)),
        }
    }
    assert!(stale.is_empty(), "run `cargo run`, and commit what it writes:\n{}", stale.join("\n"));
}

#[test]
fn nothing_generated_is_left_over() {
    let generated: BTreeSet<String> = files(&repository::catalogue(CLIPPER))
        .into_iter()
        .map(|artifact| artifact.path.to_string())
        .collect();
    let mut found = Vec::new();
    collect(&repository::root().join("alerts"), "alerts", &mut found);
    let left_over: Vec<&String> = found.iter().filter(|path| !generated.contains(*path)).collect();
    assert!(left_over.is_empty(), "no longer generated, remove them: {left_over:?}");
}

/// The marked files of a folder and those below it, as paths from the repository's root.
fn collect(folder: &Path, path: &str, found: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = format!("{path}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            collect(&entry.path(), &path, found);
        } else if fs::read_to_string(entry.path())
            .is_ok_and(|text| text.lines().next().is_some_and(|first| first.contains(MARK)))
        {
            found.push(path);
        }
    }
}
