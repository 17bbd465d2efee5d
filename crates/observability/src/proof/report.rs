//! What the rules make of the scenarios, held against what a runbook promises.

use std::collections::BTreeSet;

use jobwatch_catalogue::JobName;

use super::case::{Case, Trouble};
use super::observed::{Firing, Observed};
use super::plan::Plan;

/// How many steps later than at best an alert may fire: what is scraped at one step is evaluated at
/// the same or at the next, and so is what a recorded series is made of.
const STEPS_LATE: u64 = 2;

/// What the rules make of a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The job.
    pub job: JobName,
    /// The scenario's name.
    pub scenario: &'static str,
    /// What happens.
    pub says: String,
    /// The seconds between two evaluations, which times are measured in.
    pub step: u64,
    /// Whether something is wrong with the job.
    pub is_trouble: bool,
    /// The alert that can be first at best, and after how many seconds. `None` if no sentence is
    /// about this.
    pub best: Option<(&'static str, u64)>,
    /// The alert that was first, and after how many seconds. `None` if none fired.
    pub first: Option<(String, u64)>,
    /// How many seconds after the trouble was over the last alert was silent. `None` if none fired,
    /// or one still did in the end.
    pub clears: Option<u64>,
    /// All alerts about the job, in the order of their first moments.
    pub firings: Vec<Firing>,
    /// What is to be said of it.
    pub judgement: Judgement,
}

/// What is to be said of a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// It is as promised.
    AsPromised,
    /// No sentence is about it, and nobody is told.
    NotPromised,
    /// An alert fires although the job is well.
    FalseAlarm,
    /// No alert fires.
    Missed,
    /// An alert fires later than it has to.
    Late,
    /// An alert still fires when it is over for long.
    Lasting,
}

/// What the rules make of all scenarios.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The scenarios, job by job.
    pub cells: Vec<Cell>,
    /// The alerts that fired in no scenario in which something is wrong, by name. Empty where not
    /// all scenarios were wanted.
    pub never: Vec<String>,
    /// How many alerts there are.
    pub alerts: usize,
}

impl Judgement {
    /// Returns whether it is as promised.
    pub const fn is_kept(self) -> bool {
        matches!(self, Self::AsPromised | Self::NotPromised)
    }

    /// Returns it in words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AsPromised => "as promised",
            Self::NotPromised => "not promised",
            Self::FalseAlarm => "false alarm",
            Self::Missed => "missed",
            Self::Late => "late",
            Self::Lasting => "does not clear",
        }
    }
}

impl Report {
    /// Returns what the rules make of the scenarios of a plan: what was observed in each of its
    /// simulations, in their order.
    pub fn new(plan: &Plan, observed: &[Observed]) -> Self {
        let mut cells: Vec<Option<Cell>> = vec![None; plan.cases.len()];
        let mut fired: BTreeSet<&str> = BTreeSet::new();
        for (simulation, observed) in plan.simulations.iter().zip(observed) {
            for &place in &simulation.cases {
                let case = &plan.cases[place];
                let end = simulation.steps * case.step;
                let is_about =
                    |firing: &&Firing| firing.job.as_deref().is_none_or(|job| job == case.job.as_str());
                let firings: Vec<&Firing> = observed.firings.iter().filter(is_about).collect();
                if let Some(trouble) = &case.trouble {
                    let told = firings.iter().filter(|firing| firing.last >= trouble.since);
                    fired.extend(told.map(|firing| firing.alert.as_str()));
                }
                cells[place] = Some(cell(case, &firings, end, plan.are_given));
            }
        }
        let never = plan.alerts.iter().filter(|alert| plan.is_whole && !fired.contains(alert.as_str()));
        let never = never.cloned().collect();
        Self { cells: cells.into_iter().flatten().collect(), never, alerts: plan.alerts.len() }
    }

    /// Returns the scenarios that are not as promised.
    pub fn broken(&self) -> impl Iterator<Item = &Cell> {
        self.cells.iter().filter(|cell| !cell.judgement.is_kept())
    }
}

fn cell(case: &Case, firings: &[&Firing], end: u64, are_given: bool) -> Cell {
    let step = case.step;
    let mut cell = Cell {
        job: case.job.clone(),
        scenario: case.name(),
        says: case.scenario.says.clone(),
        step,
        is_trouble: case.trouble.is_some(),
        best: None,
        first: firings.first().map(|firing| (firing.alert.clone(), firing.first)),
        clears: None,
        firings: firings.iter().map(|&firing| firing.clone()).collect(),
        judgement: if firings.is_empty() { Judgement::AsPromised } else { Judgement::FalseAlarm },
    };
    let Some(trouble) = case.trouble else { return cell };
    let since = |at: u64| at.saturating_sub(trouble.since);
    let watched = watched(firings, &trouble, are_given);
    cell.best = trouble.best.map(|best| (best.alert.as_str(), since(best.at)));
    cell.first = watched.first().map(|firing| (firing.alert.clone(), since(firing.first)));
    let silent = watched.iter().map(|firing| firing.last + step).max();
    cell.clears = silent.filter(|&silent| silent <= end).map(|silent| silent.saturating_sub(trouble.over));
    cell.judgement = judgement(&trouble, &watched, step, cell.clears, are_given);
    cell
}

/// Returns the alerts that a scenario is judged by: that which it is about, where others must have
/// fired for long.
fn watched<'a>(firings: &[&'a Firing], trouble: &Trouble, are_given: bool) -> Vec<&'a Firing> {
    let only = trouble.best.filter(|_| trouble.is_late && !are_given).map(|best| best.alert.as_str());
    let is_watched = |firing: &&&Firing| only.is_none_or(|only| firing.alert == only);
    firings.iter().filter(is_watched).copied().collect()
}

fn judgement(
    trouble: &Trouble,
    watched: &[&Firing],
    step: u64,
    clears: Option<u64>,
    are_given: bool,
) -> Judgement {
    let Some(first) = watched.first() else {
        return if trouble.best.is_some() { Judgement::Missed } else { Judgement::NotPromised };
    };
    if first.first < trouble.since {
        return Judgement::FalseAlarm;
    }
    let in_time = match trouble.best {
        // Of anybody's rules no more is known than that somebody is to be told meanwhile.
        Some(best) if !are_given => best.at.div_ceil(step) * step + STEPS_LATE * step,
        _ => trouble.over,
    };
    if first.first > in_time {
        return if are_given { Judgement::Missed } else { Judgement::Late };
    }
    let clears_within = trouble.clears_within + STEPS_LATE * step;
    if !are_given && clears.is_none_or(|clears| clears > clears_within) {
        return Judgement::Lasting;
    }
    Judgement::AsPromised
}
