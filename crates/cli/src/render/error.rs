//! Shows why a command could not run.

use std::path::Path;

use annotate_snippets::Level;
use jobwatch_catalogue::yaml::YamlProblem;

use super::snippet::{Shown, render, render_bare, short};
use crate::error::Error;
use crate::lines::Lines;
use crate::number::{counted, grouped};

/// How many problems of a text are shown.
pub(super) const MOST_PROBLEMS: usize = 50;

/// Shows the reason and, for each problem of a text, the line that it is about.
pub(crate) fn error(error: &Error) -> String {
    if let Error::Several(errors) = error {
        return errors.iter().map(self::error).collect::<Vec<_>>().join("\n");
    }
    let Error::Problems { path, text, error: problems } = error else {
        let title = error.to_string();
        return render_bare(Level::ERROR.primary_title(short(&title)), error.hint().as_deref());
    };
    let lines = Lines::new(text);
    let mut shown = String::new();
    for problem in problems.problems.iter().take(MOST_PROBLEMS) {
        shown.push_str(&render_problem(Level::ERROR, problem, path, &lines));
        shown.push('\n');
    }
    let number = problems.problems.len() + problems.omitted;
    if number > MOST_PROBLEMS {
        shown.push_str(&format!("and {} more\n\n", grouped(number - MOST_PROBLEMS)));
    }
    let problems = counted(number, "problem", "problems");
    shown.push_str(&format!("{} has {problems}\n", path.display()));
    shown
}

/// Shows what a catalogue should say in another way.
pub(crate) fn notices(path: &Path, text: &str, notices: &[YamlProblem]) -> String {
    let lines = Lines::new(text);
    let shown = notices.iter().take(MOST_PROBLEMS);
    shown.map(|notice| render_problem(Level::WARNING, notice, path, &lines) + "\n").collect()
}

fn render_problem(level: Level<'_>, problem: &YamlProblem, path: &Path, lines: &Lines<'_>) -> String {
    let title = level.primary_title(short(&problem.message));
    let span = problem.position.span.clone();
    render(title, &Shown { path, lines, span, label: None, hint: problem.hint.as_deref() })
}
