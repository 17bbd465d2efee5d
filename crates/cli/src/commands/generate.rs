//! `jobwatch generate`

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use jobwatch_observability::artifact::{Artifact, Origin};
use jobwatch_observability::formats::{Format, STANDARD};
use jobwatch_observability::overlay::Overlay;
use jobwatch_observability::{Generator, Model};

use super::compare;
use crate::error::Error;
use crate::exit::Exit;
use crate::files::{self, FolderLock, Owner, Patience, Stale, State};
use crate::generate_options::Generate;
use crate::locate::Paths;
use crate::number::{counted, grouped};
use crate::options::Shared;
use crate::output::Output;
use crate::overlay::{Environment, environment};
use crate::render::file_line::file_line;
use crate::runbook::link;
use crate::source::{self, CatalogueSource};
use crate::working_folder::WorkingFolder;

/// What to do when a file cannot be written.
const HINT: &str = "choose a folder that can be written to with `--out-dir`, or use `--stdout`";

/// What is generated from one catalogue.
struct Generated<'a> {
    /// Where the catalogue is.
    catalogue: &'a Path,
    owner: Owner<'a>,
    artifacts: Vec<Artifact>,
}

pub(crate) fn run(
    arguments: &Generate,
    shared: &Shared,
    here: &WorkingFolder,
    output: &mut Output,
) -> Result<Exit, Error> {
    let paths = Paths::find(shared, here)?;
    let read = source::read_all(&paths.catalogues, output)?;
    let Environment { sources, overlays } = environment(read, &arguments.overlaid, &paths, here)?;
    if arguments.faster.is_some() && overlays.iter().any(Overlay::has_rules) {
        return Err(Error::FasterOverlay);
    }
    let mut models = link(source::models(&sources)?, &sources, &paths, here)?;
    if let Some(targets) = arguments.targets() {
        models = models.into_iter().map(|model| model.with_targets(targets.clone())).collect();
    }
    let formats = formats(arguments);
    let all = generate(&sources, &models, &overlays, arguments, output)?;
    let out_dir = &paths.out_dir;
    refuse_shared_files(&all, out_dir)?;
    if arguments.stdout {
        return print(&all, output);
    }
    let lock = lock(out_dir, arguments.check, output)?;
    // Everything is looked at before anything is written, so that a file in the way stops all of
    // it.
    let mut states = Vec::new();
    for Generated { owner, artifacts, .. } in &all {
        for artifact in artifacts {
            states.push((artifact, files::state(&formats, out_dir, owner, artifact)?));
        }
    }
    let owners: Vec<&Owner<'_>> = all.iter().map(|generated| &generated.owner).collect();
    let current = states.iter().map(|(artifact, _)| artifact.path.as_str());
    let stale = files::stale(&formats, out_dir, &owners, current);
    let is_current = stale.own.is_empty() && states.iter().all(|(_, state)| *state == State::Current);
    if !arguments.check {
        let _locks = clean_folders(&formats, &states, out_dir, lock.is_some(), output)?;
        write(&states, &stale, out_dir)?;
    }
    let exit = if is_current {
        if shared.verbose {
            for (artifact, _) in &states {
                output.result(&file_line("unchanged", out_dir, artifact.path.as_str()))?;
            }
        }
        let files = counted(states.len(), "file", "files");
        output.result(&format!("{files} up to date; next: {}\n", arguments.check(shared)))?;
        Exit::Clean
    } else if arguments.check {
        compare::show(&states, &stale, out_dir, shared.verbose, output)?;
        let number = states.iter().filter(|(_, state)| *state != State::Current).count() + stale.own.len();
        let files = counted(number, "file is", "files are");
        output.message(&format!("{files} not up to date: run `{}` and commit\n", arguments.next(shared)));
        Exit::Findings
    } else {
        summarize(&states, &stale, out_dir, shared.verbose, output)?;
        output.result(&match arguments.faster {
            Some(_) => {
                "next: let a Prometheus load them that scrapes jobs which run as much faster\n".to_owned()
            }
            None => next(&states, &stale, out_dir, &arguments.check(shared)),
        })?;
        Exit::Clean
    };
    if shared.verbose || !is_current {
        tell_of_others(&states, &stale, output);
    }
    Ok(exit)
}

/// Returns the formats whose files this run writes and removes.
fn formats(arguments: &Generate) -> Vec<&'static Format> {
    let chosen = arguments.targets();
    let is_chosen = |format: &&'static Format| chosen.as_ref().is_none_or(|chosen| format.is_chosen(chosen));
    STANDARD.iter().copied().filter(is_chosen).collect()
}

/// Generates the files of each catalogue, and tells what they leave out.
fn generate<'a>(
    sources: &'a [CatalogueSource],
    models: &[Model<'_>],
    overlays: &[Overlay],
    arguments: &'a Generate,
    output: &mut Output,
) -> Result<Vec<Generated<'a>>, Error> {
    let mut all = Vec::with_capacity(sources.len());
    for ((source, model), overlay) in sources.iter().zip(models).zip(overlays) {
        let generator = Generator::new(model).overlaid(overlay).faster(arguments.faster.unwrap_or(1));
        let artifacts = generator.files()?;
        for notice in generator.notices(&artifacts) {
            output.message(&format!("note: {notice}\n"));
        }
        all.push(Generated {
            catalogue: &source.path,
            owner: Owner { origin: Origin::of(&source.catalogue), taken_over: &arguments.take_over },
            artifacts,
        });
    }
    Ok(all)
}

/// Errors: two catalogues would write one file, on a file system that tells letters by their case
/// or on one that does not.
fn refuse_shared_files(all: &[Generated<'_>], out_dir: &Path) -> Result<(), Error> {
    let mut writers: HashMap<String, &Path> = HashMap::new();
    for Generated { catalogue, artifacts, .. } in all {
        for artifact in artifacts {
            let path = artifact.path.as_str();
            if let Some(first) = writers.insert(path.to_lowercase(), catalogue) {
                let catalogues = [first.to_owned(), (*catalogue).to_owned()];
                return Err(Error::SameFile { file: out_dir.join(path), catalogues });
            }
        }
    }
    Ok(())
}

/// Tells whose files are beside these.
fn tell_of_others(states: &[(&Artifact, State)], stale: &Stale, output: &mut Output) {
    // Where files are new, the others may be those of an earlier name.
    let is_new = states.iter().any(|(_, state)| *state == State::Missing);
    for (origin, number) in &stale.others {
        let files = counted(*number, "file", "files");
        let rename = match is_new {
            true => format!("; if that is a former name, `--take-over {}` removes them", origin.name),
            false => String::new(),
        };
        output.message(&format!("left alone: {files} of the catalogue {origin}{rename}\n"));
    }
}

/// Keeps other runs from writing into the output folder. `None` if there is no such folder to look
/// at, or if it cannot be locked.
fn lock(out_dir: &Path, is_check: bool, output: &mut Output) -> Result<Option<FolderLock>, Error> {
    let mut tell = |text: &str| output.message(text);
    let patience = Patience::default();
    match (is_check, is_there(out_dir)) {
        (true, false) => return Ok(None),
        (true, true) => return FolderLock::shared(out_dir, patience, &mut tell),
        (false, true) => {}
        (false, false) => {
            let failed = |source| Error::Write { path: out_dir.to_owned(), source, hint: HINT };
            fs::create_dir_all(out_dir).map_err(failed)?;
        }
    }
    FolderLock::alone(out_dir, patience, &mut tell)
}

fn print(all: &[Generated<'_>], output: &mut Output) -> Result<Exit, Error> {
    for artifact in all.iter().flat_map(|generated| &generated.artifacts) {
        output.result(&format!("==> {} <==\n{}", artifact.path, artifact.text))?;
    }
    Ok(Exit::Clean)
}

/// Writes what differs and removes what is stale.
fn write(states: &[(&Artifact, State)], stale: &Stale, out_dir: &Path) -> Result<(), Error> {
    let mut staged = Vec::new();
    for (artifact, state) in states {
        if *state != State::Current {
            staged.push(files::stage(&out_dir.join(artifact.path.as_str()), &artifact.text, HINT)?);
        }
    }
    files::finish(staged, stale.own.iter().map(|path| out_dir.join(path)).collect(), HINT)
}

/// Locks every folder that a format writes to, with today's files or without, each once however
/// many links lead to it, and removes temporary files of runs that were killed.
fn clean_folders(
    formats: &[&Format],
    states: &[(&Artifact, State)],
    out_dir: &Path,
    can_lock: bool,
    output: &mut Output,
) -> Result<Vec<FolderLock>, Error> {
    let of_formats = formats.iter().flat_map(|format| format.folders);
    let of_formats = of_formats.map(|folder| out_dir.join(folder));
    // A link leads elsewhere.
    let of_files = states.iter().map(|(artifact, _)| files::folder_of(&out_dir.join(artifact.path.as_str())));
    let folders = of_formats.chain(of_files);
    // A folder that is not there yet has no canonical path, and nothing to clean. The output folder
    // is locked already.
    let folders: BTreeSet<PathBuf> = folders.filter_map(|folder| fs::canonicalize(folder).ok()).collect();
    let locked = fs::canonicalize(if out_dir == Path::new("") { Path::new(".") } else { out_dir }).ok();
    // That the file system cannot lock has been told once.
    let mut tell = |text: &str| {
        if can_lock {
            output.message(text);
        }
    };
    let mut locks = Vec::new();
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        if Some(folder) != locked.as_ref() {
            locks.extend(FolderLock::alone(folder, Patience::default(), &mut tell)?);
        }
        files::clear_leftovers(folder);
    }
    Ok(locks)
}

/// Lists what was written, changed and removed, and counts it.
fn summarize(
    states: &[(&Artifact, State)],
    stale: &Stale,
    out_dir: &Path,
    is_verbose: bool,
    output: &mut Output,
) -> Result<(), Error> {
    let mut counts = [("written", 0), ("changed", 0), ("removed", stale.own.len()), ("up to date", 0)];
    for (artifact, state) in states {
        let (index, word) = match state {
            State::Missing => (0, "written"),
            State::Differs(_) => (1, "changed"),
            State::Current => (3, "unchanged"),
        };
        counts[index].1 += 1;
        if is_verbose || *state != State::Current {
            output.result(&file_line(word, out_dir, artifact.path.as_str()))?;
        }
    }
    for path in &stale.own {
        output.result(&file_line("removed", out_dir, path))?;
    }
    let counted = counts.iter().filter(|(_, number)| *number > 0);
    let counted: Vec<String> = counted.map(|(word, number)| format!("{} {word}", grouped(*number))).collect();
    output.result(&format!("{}\n", counted.join(", ")))?;
    Ok(())
}

/// Returns what to do now that files have changed.
fn next(states: &[(&Artifact, State)], stale: &Stale, out_dir: &Path, check: &str) -> String {
    let changed = states
        .iter()
        .filter(|(_, state)| *state != State::Current)
        .map(|(artifact, _)| artifact.path.as_str());
    let tops = changed.chain(stale.own.iter().map(String::as_str)).filter_map(|path| path.split('/').next());
    let folders: BTreeSet<String> = tops.map(|top| format!("{}/", out_dir.join(top).display())).collect();
    let folders: Vec<String> = folders.into_iter().collect();
    format!("next: commit {}, then run {check}\n", folders.join(" and "))
}

fn is_there(out_dir: &Path) -> bool {
    out_dir == Path::new("") || fs::metadata(out_dir).is_ok()
}
