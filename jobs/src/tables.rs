//! Tables on the terminal: a row is a line, so that `grep` finds it whole, and nothing in it acts
//! on the terminal.

use clipper_jobs::plain::one_line;
use clipper_jobs::settings::{Origin, SETTINGS, Setting};
use clipper_jobs::webhooks::dead_letters::DeadLetter;
use comfy_table::{ContentArrangement, Table, presets};

/// How much of an error is shown, in characters, so that a line fits a terminal.
const ERROR: usize = 40;

/// Rows below their heads.
fn text(heads: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    let cells = |row: Vec<String>| row.iter().map(|cell| one_line(cell)).collect::<Vec<_>>();
    table.set_header(heads).add_rows(rows.into_iter().map(cells));
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.trim_fmt() + "\n"
}

/// Dead letters, their errors cut.
pub(crate) fn dead_letters(letters: &[DeadLetter]) -> String {
    if letters.is_empty() {
        return "no dead letters\n".to_owned();
    }
    let row = |letter: &DeadLetter| {
        vec![
            letter.id.to_string(),
            letter.died_at.format("%FT%TZ").to_string(),
            letter.event_type.clone(),
            letter.attempts.to_string(),
            letter.last_error.chars().take(ERROR).collect(),
        ]
    };
    text(&["ID", "DIED", "EVENT", "ATTEMPTS", "ERROR"], letters.iter().map(row))
}

/// The settings in force.
pub(crate) fn in_force(origins: &[Origin]) -> String {
    let row = |origin: &Origin| vec![origin.variable.clone(), origin.value.clone(), origin.origin.to_owned()];
    text(&["VARIABLE", "VALUE", "FROM"], origins.iter().map(row))
}

/// The settings that there are, as the help lists options.
pub(crate) fn settings() -> String {
    let entry = |setting: &Setting| {
        let Setting { variable, default, meaning, .. } = setting;
        format!("  {variable}\n          {meaning} [{}; default: {default}]\n", setting.value())
    };
    SETTINGS.iter().map(entry).fold("Variables:\n".to_owned(), |list, entry| list + &entry)
}
