//! The two sides that `jobwatch diff` compares, each with what is said there about every catalogue.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use jobwatch_observability::artifact::Artifact;
use jobwatch_observability::difference::Facts;
use jobwatch_observability::overlay::Overlay;
use jobwatch_observability::rule_file::{MAX_BYTES, RuleFileError};
use jobwatch_observability::target::Target;
use jobwatch_observability::{Generator, Model};

use crate::error::Error;
use crate::files::{self, Input};
use crate::generate_options::Overlaid;
use crate::git;
use crate::locate::Paths;
use crate::options::Shared;
use crate::output::Output;
use crate::overlay::{Environment, environment};
use crate::runbook::link;
use crate::source::{self, CATALOGUE, CatalogueSource};
use crate::working_folder::WorkingFolder;

/// How the names of the files end that are read of a folder of generated ones.
const RULES: &str = ".rules.yaml";
const DASHBOARD: &str = ".json";

/// Where generated files are, from the folder that they were generated into.
const FOLDERS: [&str; 3] = ["alerts", "dashboards", ""];

const GENERATED: Input = Input {
    what: "generated file",
    most_bytes: MAX_BYTES,
    hint: "name a folder that `jobwatch generate` has written",
};

/// A side of a comparison.
#[derive(Debug)]
pub(crate) enum Side {
    /// The catalogues that were given, or the one in its usual place.
    Catalogues(Vec<PathBuf>),
    /// The same with an overlay.
    Overlaid(Overlaid),
    /// The same as they were in a revision.
    Revision(String),
    /// Generated files.
    Generated(PathBuf),
}

impl Side {
    /// Returns the side that a path means: a folder of generated files, a catalogue, or a folder of
    /// catalogues.
    pub(crate) fn of_path(path: &Path) -> Result<Self, Error> {
        let is_generated = path.is_dir() && !generated(path)?.is_empty();
        Ok(if is_generated {
            Self::Generated(path.to_owned())
        } else {
            Self::Catalogues(vec![path.to_owned()])
        })
    }

    /// Returns what people call it.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Catalogues(paths) if paths.is_empty() => "the working folder".to_owned(),
            Self::Catalogues(paths) => {
                let shown: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
                shown.join(", ")
            }
            Self::Overlaid(Overlaid { overlay, .. }) => {
                overlay.as_ref().map_or_else(String::new, |path| path.display().to_string())
            }
            Self::Revision(revision) => revision.clone(),
            Self::Generated(folder) => folder.display().to_string(),
        }
    }

    /// Reads what is said there. Where one side has generated files alone, the other is read as if
    /// it had, too: files do not say what jobs there are.
    pub(crate) fn facts(
        &self,
        other: &Self,
        shared: &Shared,
        here: &WorkingFolder,
        output: &mut Output,
    ) -> Result<Vec<Facts>, Error> {
        let given = |paths: &[PathBuf]| Shared { catalogue: paths.to_vec(), ..shared.clone() };
        let of_files = matches!(other, Self::Generated(_));
        match self {
            Self::Generated(folder) => of_folder(folder),
            Self::Catalogues(paths) => {
                let paths = Paths::find(&given(paths), here)?;
                let sources = source::read_all(&paths.catalogues, output)?;
                // In another revision, the runbook has other headings.
                let has_runbook = !matches!(other, Self::Revision(_));
                let linked =
                    |models| if has_runbook { link(models, &sources, &paths, here) } else { Ok(models) };
                let models = source::models(&sources)?;
                of_models(&models, &linked(written(&sources)?)?, &[], of_files)
            }
            Self::Overlaid(overlaid) => {
                let paths = Paths::find(shared, here)?;
                let read = source::read_all(&paths.catalogues, output)?;
                let Environment { sources, overlays } = environment(read, overlaid, &paths, here)?;
                let models = source::models(&sources)?;
                of_models(&models, &link(written(&sources)?, &sources, &paths, here)?, &overlays, of_files)
            }
            Self::Revision(revision) => {
                let paths = Paths::find(shared, here)?;
                let mut sources = Vec::new();
                for at in &paths.catalogues {
                    let text = git::read(&at.path, revision, &CATALOGUE)?;
                    let shown = PathBuf::from(format!("{revision}:{}", at.path.display()));
                    sources.push(CatalogueSource::parse(&shown, text, output)?);
                }
                let models = source::models(&sources)?;
                of_models(&models, &written(&sources)?, &[], of_files)
            }
        }
    }
}

/// The models by which rules and dashboards are written, whatever formats a catalogue chooses.
fn written(sources: &[CatalogueSource]) -> Result<Vec<Model<'_>>, Error> {
    let targets = BTreeSet::from([Target::Prometheus, Target::Grafana]);
    Ok(source::models(sources)?.into_iter().map(|model| model.with_targets(targets.clone())).collect())
}

/// Returns what models say, and what is written for them. Overlays are none, or one for each.
fn of_models(
    models: &[Model<'_>],
    written: &[Model<'_>],
    overlays: &[Overlay],
    of_files: bool,
) -> Result<Vec<Facts>, Error> {
    let mut all = Vec::with_capacity(models.len());
    for (number, (model, written)) in models.iter().zip(written).enumerate() {
        let generator = Generator::new(written);
        let files: Vec<Artifact> = match overlays.get(number) {
            Some(overlay) => generator.overlaid(overlay).files()?,
            None => generator.files()?,
        };
        let unreadable = |error| Error::RuleFile { path: PathBuf::from(model.catalogue().name()), error };
        let name = model.catalogue().name();
        let texts = files.iter().map(|file| (file.path.as_str(), file.text.as_str()));
        let facts = if of_files { Facts::of_files(name, texts) } else { Facts::of_model(model, &files) };
        let facts = facts.map_err(unreadable)?;
        all.push(match overlays.get(number).filter(|overlay| !of_files && !overlay.is_empty()) {
            Some(_) => {
                facts.over(Facts::of_model(model, &Generator::new(written).files()?).map_err(unreadable)?)
            }
            None => facts,
        });
    }
    Ok(all)
}

/// Returns the rule files and dashboards of a folder, by name: those in `alerts` and `dashboards`,
/// or right in it.
fn generated(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let failed =
        |path: &Path, source| Error::Read { path: path.to_owned(), source, hint: GENERATED.hint.to_owned() };
    let mut found = Vec::new();
    for folder in FOLDERS.map(|name| folder.join(name)).iter().filter(|folder| folder.is_dir()) {
        for entry in fs::read_dir(folder).map_err(|source| failed(folder, source))? {
            let path = entry.map_err(|source| failed(folder, source))?.path();
            if stem(&path).is_some() && path.is_file() {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Returns the name of the catalogue that a generated file is of, which has no dot. `None` for
/// another file.
fn stem(path: &Path) -> Option<&str> {
    let name = path.file_name()?.to_str()?;
    let name = name.strip_suffix(RULES).or_else(|| name.strip_suffix(DASHBOARD))?;
    name.split('.').next()
}

fn of_folder(folder: &Path) -> Result<Vec<Facts>, Error> {
    let mut by_catalogue: BTreeMap<String, Vec<(PathBuf, String)>> = BTreeMap::new();
    for path in generated(folder)? {
        let Some(name) = stem(&path).map(str::to_owned) else { continue };
        let text = files::read(&path, &GENERATED)?;
        by_catalogue.entry(name).or_default().push((path, text));
    }
    let mut all = Vec::new();
    for (name, files) in by_catalogue {
        let texts = files.iter().map(|(path, text)| (path.to_str().unwrap_or_default(), text.as_str()));
        let facts = Facts::of_files(&name, texts);
        // Rules alone can be wrong: what is no dashboard has no panels.
        let path = || folder.join(FOLDERS[0]).join(format!("{name}{RULES}"));
        all.push(facts.map_err(|error: RuleFileError| Error::RuleFile { path: path(), error })?);
    }
    Ok(all)
}
