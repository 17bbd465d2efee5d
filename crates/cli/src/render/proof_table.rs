//! A proof for people: which alert is first, after how long, and how long it stays.

use std::collections::BTreeSet;
use std::time::Duration;

use comfy_table::Table;
use jobwatch_catalogue::duration;
use jobwatch_observability::proof::{Cell, Plan, Report};

use super::table::{self, escaped};
use crate::number::counted;

/// The shortest common beginning of all alerts that is left out.
const SHORTEST_BEGINNING: usize = 5;

/// How wide a table may be in Markdown, where nothing is wrapped.
const UNWRAPPED: u16 = u16::MAX;

/// Returns the proofs of some catalogues as tables that fit a terminal: below each job what happens
/// to it.
pub(crate) fn table(proofs: &[(&Plan, &Report)]) -> String {
    let shown = proofs.iter().map(|(plan, report)| {
        let beginning = beginning(report);
        let mut table = table::new(&heads("job, and what happens", report));
        for of_job in cells(report).chunk_by(|one, next| one.job == next.job) {
            table.add_row([of_job[0].job.as_str()]);
            for cell in of_job {
                let row = row(cell, &beginning, report);
                table.add_row([format!("  {}", cell.scenario)].into_iter().chain(row));
            }
        }
        let beginning = match beginning.as_str() {
            "" => String::new(),
            beginning => format!("The names of all alerts begin with {beginning}.\n"),
        };
        format!("{}{beginning}{}", lines(&table), summary(plan, report, str::to_owned))
    });
    shown.collect::<Vec<_>>().join("\n")
}

/// Returns the same in Markdown.
pub(crate) fn markdown(proofs: &[(&Plan, &Report)]) -> String {
    let shown = proofs.iter().map(|(plan, report)| {
        let mut table = table::new(&[&["job"], &*heads("what happens", report)].concat());
        table.set_width(UNWRAPPED);
        for cell in cells(report) {
            let names = [cell.job.to_string(), cell.scenario.to_owned()];
            let cells = names.into_iter().chain(row(cell, "", report));
            table.add_row(cells.map(|cell| escaped(&cell)));
        }
        let sentences = summary(plan, report, escaped).replace('\n', "\n\n");
        format!("{}\n{}\n", lines(&table), sentences.trim_end())
    });
    shown.collect::<Vec<_>>().join("\n")
}

/// Returns what is worth a line: what goes wrong, and what is not as promised.
fn cells(report: &Report) -> Vec<&Cell> {
    report.cells.iter().filter(|cell| cell.is_trouble || !cell.judgement.is_kept()).collect()
}

fn has_broken(report: &Report) -> bool {
    report.broken().next().is_some()
}

fn heads<'a>(first: &'a str, report: &Report) -> Vec<&'a str> {
    let mut heads = vec![first, "first alert", "after", "at best", "clears"];
    heads.extend(has_broken(report).then_some("judgement"));
    heads
}

fn row(cell: &Cell, beginning: &str, report: &Report) -> Vec<String> {
    let name = |alert: &str| alert.strip_prefix(beginning).unwrap_or(alert).to_owned();
    let (alert, after) = match (&cell.first, &cell.best) {
        (Some((alert, after)), _) => (name(alert), seconds(*after)),
        (None, Some((best, _))) => (format!("none ({})", name(best)), String::new()),
        (None, None) => ("none".to_owned(), String::new()),
    };
    let best = cell.best.map(|(_, at)| seconds(at)).unwrap_or_default();
    let clears = match cell.clears {
        _ if !cell.is_trouble || cell.first.is_none() => String::new(),
        None => "not".to_owned(),
        Some(clears) => seconds(clears),
    };
    let mut row = vec![alert, after, best, clears];
    row.extend(has_broken(report).then(|| match cell.judgement.is_kept() {
        true => String::new(),
        false => cell.judgement.as_str().to_owned(),
    }));
    row
}

fn lines(table: &Table) -> String {
    if table.is_empty() { String::new() } else { format!("{table}\n") }
}

fn seconds(seconds: u64) -> String {
    duration::format(Duration::from_secs(seconds))
}

/// Returns what the names of all alerts begin with, up to a word's end. Empty if that is short.
fn beginning(report: &Report) -> String {
    let of_firings = report.cells.iter().flat_map(|cell| &cell.firings).map(|firing| firing.alert.as_str());
    let all: BTreeSet<&str> = of_firings.chain(report.never.iter().map(String::as_str)).collect();
    let (Some(first), Some(last)) = (all.first(), all.last()) else { return String::new() };
    if all.len() < 2 {
        return String::new();
    }
    let common = first.chars().zip(last.chars()).take_while(|(one, other)| one == other).count();
    let common: String = first.chars().take(common).collect();
    // A word ends before a capital letter.
    let is_end = |at: usize| all.iter().all(|name| name[at..].starts_with(char::is_uppercase));
    let end = (SHORTEST_BEGINNING..=common.len()).rev().find(|&at| common.is_char_boundary(at) && is_end(at));
    end.map(|end| common[..end].to_owned()).unwrap_or_default()
}

/// Returns what the table says in a few sentences, with the names of alerts written in some way.
fn summary(plan: &Plan, report: &Report, written: fn(&str) -> String) -> String {
    let jobs: BTreeSet<&str> = report.cells.iter().map(|cell| cell.job.as_str()).collect();
    let others: usize = plan.others.values().sum();
    let (trouble, well): (Vec<&Cell>, Vec<&Cell>) = report.cells.iter().partition(|cell| cell.is_trouble);
    let kept = |cells: &[&Cell]| cells.iter().filter(|cell| cell.judgement.is_kept()).count();
    let mut text = counted(jobs.len(), "job", "jobs");
    if others > 0 {
        text.push_str(&format!(" that stand for {others} more"));
    }
    let parts = [(&trouble, "with something wrong as promised"), (&well, "with nothing wrong silent")];
    let parts = parts.iter().filter(|(cells, _)| !cells.is_empty()).map(|(cells, what)| {
        format!("{} of {} {what}", kept(cells), counted(cells.len(), "scenario", "scenarios"))
    });
    text.push_str(&format!(": {}\n", parts.collect::<Vec<_>>().join(", ")));
    if !report.never.is_empty() {
        let never = report.never.iter().map(|alert| written(alert)).collect::<Vec<_>>().join("\n  ");
        let number = report.never.len();
        text.push_str(&format!("{number} of {} alerts fired in no scenario:\n  {never}\n", report.alerts));
    }
    text
}
