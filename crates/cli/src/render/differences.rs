//! What differs between two sides: for people, for programs, and for pull requests.

use comfy_table::{ColumnConstraint, Width};
use jobwatch_catalogue::JobName;
use jobwatch_observability::difference::{Change, Difference, Kind};
use jobwatch_observability::model::few;
use serde::Serialize;

use super::error_json::{self, WireError};
use super::reason::Reason;
use super::table::{self, escaped};
use crate::number::counted;

/// The longest text that a table shows, in characters. `--format json` has all of it.
const LONGEST_TEXT: usize = 80;

/// How many signs stand on each side of what differs within longer texts.
const AROUND: usize = 16;

/// How wide the column of names gets for the longest of them, with a blank on each side.
const WIDEST_NAME: u16 = 36;

/// Two sides and what differs.
#[derive(Debug)]
pub(crate) struct Compared {
    /// What the first side is called.
    pub(crate) before: String,
    /// What the second side is called.
    pub(crate) after: String,
    /// What differs, with what follows from that.
    pub(crate) all: Vec<Difference>,
    /// Whether what follows is shown, too.
    pub(crate) is_verbose: bool,
}

impl Compared {
    fn shown(&self) -> Vec<&Difference> {
        self.all.iter().filter(|difference| self.is_verbose || !difference.follows).collect()
    }

    /// Returns how many differences there are, in a sentence, and in another how many follow.
    fn summary(&self) -> String {
        let Self { before, after, .. } = self;
        let shown = self.shown().len();
        if self.all.is_empty() {
            return format!("no differences between {before} and {after}");
        }
        let mut text =
            format!("{} between {before} and {after}", counted(shown, "difference", "differences"));
        let more = self.all.len() - shown;
        if more > 0 {
            let follow = if more == 1 { "follows" } else { "follow" };
            text.push_str(&format!("\n{more} more {follow} from them: `--verbose` shows them"));
        }
        text
    }

    fn has_several_catalogues(&self) -> bool {
        self.all.iter().any(|difference| difference.catalogue != self.all[0].catalogue)
    }
}

pub(crate) fn human(compared: &Compared) -> String {
    let shown = compared.shown();
    if shown.is_empty() {
        return format!("{}\n", compared.summary());
    }
    let mut heads = vec!["what", "difference", "before", "after"];
    let has_several = compared.has_several_catalogues();
    if has_several {
        heads.insert(0, "catalogue");
    }
    let mut table = table::new(&heads);
    let mut widest = 0;
    for difference in shown {
        let mut row = cells(difference).to_vec();
        widest = widest.max(row[0].chars().count());
        if has_several {
            row.insert(0, difference.catalogue.clone());
        }
        table.add_row(row);
    }
    // Names are looked for, and are not broken while there is room.
    if let Some(names) = table.column_mut(usize::from(has_several)) {
        let width = u16::try_from(widest + 2).unwrap_or(u16::MAX).min(WIDEST_NAME);
        names.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(width)));
    }
    format!("{table}\n\n{}\n", compared.summary())
}

pub(crate) fn markdown(compared: &Compared) -> String {
    let shown = compared.shown();
    let summary = capital(&compared.summary().replace('\n', "; "));
    if shown.is_empty() {
        return format!("{summary}.\n");
    }
    let has_several = compared.has_several_catalogues();
    let first = if has_several { ("| catalogue ", "|---") } else { ("", "") };
    let mut text =
        format!("{}| what | difference | before | after |\n{}|---|---|---|---|\n", first.0, first.1);
    for difference in shown {
        let mut row = cells(difference).to_vec();
        if has_several {
            row.insert(0, difference.catalogue.clone());
        }
        let row: Vec<String> = row.iter().map(|cell| escaped(cell)).collect();
        text.push_str(&format!("| {} |\n", row.join(" | ")));
    }
    format!("{text}\n{summary}.\n")
}

/// Returns what stands in a row: what differs, in what, and what both sides say.
fn cells(difference: &Difference) -> [String; 4] {
    let Difference { kind, name, change, catalogue, .. } = difference;
    let what = match kind {
        Kind::Alert => name.clone(),
        Kind::Catalogue if name.is_empty() => format!("catalogue {catalogue}"),
        Kind::Dashboard if name.is_empty() => kind.as_str().to_owned(),
        kind => format!("{} {name}", kind.as_str()),
    };
    match change {
        Change::Added => [what, "added".to_owned(), String::new(), String::new()],
        Change::Removed => [what, "removed".to_owned(), String::new(), String::new()],
        Change::Changed { aspect, jobs, before, after } => {
            let about = match jobs.as_slice() {
                [] => aspect.clone(),
                jobs => format!("{aspect} for {}", few(jobs)),
            };
            let [before, after] = focused(&said(before), &said(after));
            [what, about, before, after]
        }
    }
}

fn said(text: &Option<String>) -> Vec<char> {
    match text {
        Some(text) => text.split_whitespace().collect::<Vec<_>>().join(" ").chars().collect(),
        None => "none".chars().collect(),
    }
}

/// Returns two texts, of long ones the parts that differ, with a few signs around them.
fn focused(before: &[char], after: &[char]) -> [String; 2] {
    let (mut start, mut end) = (0, 0);
    if before.len().max(after.len()) > LONGEST_TEXT {
        let same = before.iter().zip(after).take_while(|(before, after)| before == after).count();
        let shortest = before.len().min(after.len());
        let pairs = before.iter().rev().zip(after.iter().rev()).take(shortest - same);
        let same_at_end = pairs.take_while(|(before, after)| before == after).count();
        start = same.saturating_sub(AROUND);
        end = same_at_end.saturating_sub(AROUND);
    }
    [before, after].map(|text| {
        let part = &text[start..text.len() - end];
        let shown: String = part.iter().take(LONGEST_TEXT).collect();
        let is_cut = end > 0 || part.len() > LONGEST_TEXT;
        format!("{}{shown}{}", if start > 0 { "…" } else { "" }, if is_cut { "…" } else { "" })
    })
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
}

#[derive(Serialize)]
struct WireDifferences<'a> {
    /// What the sides are called. `null` if they could not be compared.
    before: Option<&'a str>,
    after: Option<&'a str>,
    differences: Vec<WireDifference<'a>>,
    /// Why they could not be compared.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<WireError<'a>>,
}

#[derive(Serialize)]
struct WireDifference<'a> {
    catalogue: &'a str,
    kind: &'static str,
    name: &'a str,
    change: &'static str,
    /// What the change is about. `null` for what is added or removed.
    aspect: Option<&'a str>,
    /// The jobs for which it is so. Empty where it is the same for all.
    jobs: Vec<&'a str>,
    before: Option<&'a str>,
    after: Option<&'a str>,
    follows: bool,
}

pub(crate) fn json(compared: &Compared) -> Result<String, serde_json::Error> {
    let wire = WireDifferences {
        before: Some(&compared.before),
        after: Some(&compared.after),
        differences: compared.all.iter().map(wire).collect(),
        errors: Vec::new(),
    };
    Ok(serde_json::to_string_pretty(&wire)? + "\n")
}

/// Returns an object without differences that says why they are not known.
pub(crate) fn failed(reasons: &[Reason<'_>]) -> Result<String, serde_json::Error> {
    let errors = error_json::errors(reasons);
    let wire = WireDifferences { before: None, after: None, differences: Vec::new(), errors };
    Ok(serde_json::to_string_pretty(&wire)? + "\n")
}

fn wire(difference: &Difference) -> WireDifference<'_> {
    let Difference { catalogue, kind, name, change, follows } = difference;
    let whole = |change| WireDifference {
        catalogue,
        kind: kind.as_str(),
        name: if *kind == Kind::Catalogue { catalogue } else { name },
        change,
        aspect: None,
        jobs: Vec::new(),
        before: None,
        after: None,
        follows: *follows,
    };
    match change {
        Change::Added => whole("added"),
        Change::Removed => whole("removed"),
        Change::Changed { aspect, jobs, before, after } => WireDifference {
            aspect: Some(aspect),
            jobs: jobs.iter().map(JobName::as_str).collect(),
            before: before.as_deref(),
            after: after.as_deref(),
            ..whole("changed")
        },
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    fn shown(before: &str, after: &str) -> String {
        focused(&said(&Some(before.to_owned())), &said(&Some(after.to_owned()))).join("\n")
    }

    #[test]
    fn of_long_texts_the_part_that_differs_is_shown() {
        let long = |middle: &str| format!("{}{middle}{}", "ab ".repeat(40), " cd".repeat(40));
        assert_snapshot!(shown("50%", "20%"), @"
        50%
        20%
        ");
        assert_snapshot!(shown(&long("> 0.5"), &long("> 0.25")), @"
        …ab ab ab ab > 0.5 cd cd cd cd cd…
        …ab ab ab ab > 0.25 cd cd cd cd cd…
        ");
        assert_snapshot!(shown(&long(""), &long("ä")), @"
        … ab ab ab ab ab cd cd cd cd cd c…
        … ab ab ab ab ab ä cd cd cd cd cd c…
        ");
        assert_snapshot!(shown(&"x".repeat(200), &"y".repeat(90)), @"
        xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
        yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy…
        ");
        assert_snapshot!(shown(&"x".repeat(200), &"x".repeat(100)), @"
        …xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
        …xxxxxxxxxxxxxxxx
        ");
    }
}
