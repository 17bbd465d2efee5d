//! The files of rules that a command looks at.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jobwatch_catalogue::yaml::{YamlError, YamlProblem};
use jobwatch_observability::artifact::Artifact;
use jobwatch_observability::findings::Finding;
use jobwatch_observability::overlay::Overlay;
use jobwatch_observability::rule_file;
use jobwatch_observability::rule_lint::{DEFAULT_SCRAPE_INTERVAL, Facts, RuleSet, Unreadable, lint};
use jobwatch_observability::target::Target;
use jobwatch_observability::{Generator, Model};

use crate::args::Server;
use crate::error::Error;
use crate::files::{self, Input};
use crate::locate;
use crate::output::Output;
use crate::render::report::Subject;

/// What to do for whoever has given something else.
const HINT: &str = "name a rule file, a PrometheusRule manifest, or a folder of them";

const RULES: Input = Input { what: "rule file", most_bytes: rule_file::MAX_BYTES, hint: HINT };

/// How many bytes all files of one run may have together.
const MOST_BYTES: usize = 4 * rule_file::MAX_BYTES;

/// Files of rules, each with its path and its text.
pub(crate) struct RuleFiles {
    files: Vec<(PathBuf, String)>,
}

impl RuleFiles {
    /// Reads files, and those of folders. What is found in a folder and has no groups is left out,
    /// which is told.
    ///
    /// Errors: one of them cannot be read, there is none at all, or they are too large together.
    pub(crate) fn read(given: &[PathBuf], output: &mut Output) -> Result<Self, Error> {
        let mut files: Vec<(PathBuf, String)> = Vec::new();
        let mut errors = Vec::new();
        let mut bytes = 0;
        for path in given {
            let is_folder = path.is_dir();
            let found = if is_folder { locate::in_folder(path)? } else { vec![path.clone()] };
            for path in found {
                // What is given twice is looked at once: a rule is no duplicate of itself.
                if files.iter().any(|(known, _)| *known == path) {
                    continue;
                }
                match files::read(&path, &RULES) {
                    Ok(text) if is_folder && !has_groups(&text) => {
                        let path = path.display();
                        output.message(&format!("note: {path} is no file of rules: it has no `groups`\n"));
                    }
                    Ok(text) => {
                        bytes += text.len();
                        files.push((path, text));
                    }
                    Err(error) => errors.push(error),
                }
                if bytes > MOST_BYTES {
                    return Err(Error::TooManyRules { most_bytes: MOST_BYTES });
                }
            }
        }
        match Error::together(errors) {
            Some(error) => Err(error),
            None if files.is_empty() => Err(Error::NoRules { looked_at: given.to_vec() }),
            None => Ok(Self { files }),
        }
    }

    /// Returns the rule files of catalogues whose overlay changes rules themselves, as they are
    /// generated into a folder. `None` if there is no such catalogue.
    ///
    /// Errors: a file cannot be generated.
    pub(crate) fn overlaid(
        models: Vec<Model<'_>>,
        overlays: &[Overlay],
        out_dir: &Path,
    ) -> Result<Option<Self>, Error> {
        let mut files = Vec::new();
        for (model, overlay) in models.into_iter().zip(overlays).filter(|(_, overlay)| overlay.has_rules()) {
            let model = model.with_targets([Target::Prometheus].into());
            for Artifact { path, text } in Generator::new(&model).overlaid(overlay).files()? {
                files.push((out_dir.join(path.as_str()), text));
            }
        }
        Ok((!files.is_empty()).then_some(Self { files }))
    }

    /// Looks at all rules together.
    ///
    /// Errors: a file holds no rules, or an expression that Prometheus would refuse.
    pub(crate) fn lint(&self, facts: &Facts<'_>) -> Result<Vec<Subject<'_>>, Error> {
        let texts: Vec<&str> = self.files.iter().map(|(_, text)| text.as_str()).collect();
        let set = RuleSet::read(&texts).map_err(|unreadable| self.refused(unreadable))?;
        let found: Vec<Vec<Finding>> = lint(&set, facts);
        let mut subjects = Vec::with_capacity(self.files.len());
        for (number, ((path, text), findings)) in self.files.iter().zip(found).enumerate() {
            subjects.push(Subject::of_rules((path, text), set.rules_of(number), findings));
        }
        Ok(subjects)
    }

    fn refused(&self, unreadable: Vec<Unreadable>) -> Error {
        let mut errors = Vec::new();
        for (number, (path, text)) in self.files.iter().enumerate() {
            let of_file = unreadable.iter().filter(|unreadable| unreadable.file == number);
            let problem = |Unreadable { error, .. }: &Unreadable| YamlProblem {
                position: error.position.clone(),
                path: String::new(),
                message: error.message.clone(),
                hint: Some(error.hint.clone()).filter(|hint| !hint.is_empty()),
            };
            let problems: Vec<YamlProblem> = of_file.map(problem).collect();
            if !problems.is_empty() {
                let error = YamlError { problems, omitted: 0 };
                errors.push(Error::Problems { path: path.clone(), text: text.clone(), error });
            }
        }
        match errors.len() {
            1 => errors.remove(0),
            _ => Error::Several(errors),
        }
    }
}

/// Returns whether a text that was found in a folder is meant to hold rules.
fn has_groups(text: &str) -> bool {
    text.lines().any(|line| line.trim_start().trim_start_matches(['-', ' ', '{', '"']).starts_with("groups"))
}

/// Returns what is known about the Prometheus that evaluates the rules, of which several catalogues
/// may say something: the longest retention holds.
pub(crate) fn facts<'a>(
    server: Server,
    models: &'a [Model<'a>],
    runbook: Option<(&'a Path, &'a str)>,
) -> Facts<'a> {
    let of_catalogues = models.iter().map(|model| model.catalogue().retention()).max();
    let named = |(path, text): (&'a Path, &'a str)| Some((path.file_name()?.to_str()?, text));
    Facts {
        scrape_interval: server.scrape_interval.unwrap_or(DEFAULT_SCRAPE_INTERVAL),
        retention: server.retention.or(of_catalogues).filter(|retention| *retention > Duration::ZERO),
        models,
        runbook: runbook.and_then(named),
    }
}
