//! Which scenarios there are, and which simulations show them.

use std::collections::{BTreeMap, BTreeSet};

use super::case::Case;
use super::course::Course;
use super::observed::question;
use super::steps::{step_for, steps};
use super::well::through_several_executions;
use crate::formats::proof::{Simulated, given_rules, rules, simulation};
use crate::lookback::Lookback;
use crate::model::{Alert, Model};
use crate::rule_file::{RuleGroup, RuleKind};
use crate::rule_tests::{MOST_PROFILES, Tested};
use crate::rules::groups;
use crate::scenario::{Setting, Stage};

/// The most steps of a scenario in which a job is well.
const MOST_STEPS_WELL: u64 = 150;
/// The most steps of what is wrong for a while.
const MOST_STEPS_WRONG: u64 = 60;
/// The most steps of a scenario that is shown to rules of which nothing is known.
const MOST_STEPS_GIVEN: u64 = 3_000;
/// How much longer than it takes to be stale something is wrong for such rules, in seconds.
const PATIENCE: u64 = 15 * 60;

/// The rules that are put to the test.
#[derive(Debug, Clone, Copy)]
pub enum Rules<'a> {
    /// Those of the model.
    OfModel,
    /// Somebody's.
    Given(&'a [RuleGroup]),
}

/// What is to be shown. Empty lists mean everything.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted<'a> {
    /// The names of jobs. Without them, one job stands for all that are like it.
    pub jobs: &'a [String],
    /// The names of scenarios.
    pub scenarios: &'a [String],
}

/// One run of the rules over the series of one scenario, or of one of each of several jobs.
#[derive(Debug, Clone)]
pub struct Simulation {
    /// The places of its scenarios in [`Plan::cases`].
    pub cases: Vec<usize>,
    /// How many steps it has.
    pub steps: u64,
    /// A file for `promtool test rules`, which expects the rules in [`Plan::RULES`] beside it.
    pub text: String,
}

/// The scenarios, and the simulations that show them.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The scenarios, job by job.
    pub cases: Vec<Case>,
    /// The simulations, the longest first.
    pub simulations: Vec<Simulation>,
    /// The text of the rule file.
    pub rules: String,
    /// How many jobs each job stands for besides itself, by its name. Without those that stand for
    /// themselves alone.
    pub others: BTreeMap<String, usize>,
    pub(super) alerts: BTreeSet<String>,
    pub(super) are_given: bool,
    /// Whether nothing is left out that somebody did not want.
    pub(super) is_whole: bool,
}

impl Plan {
    /// The name of the rule file, in the folder of the simulations.
    pub const RULES: &'static str = "rules.yaml";

    /// Works out what is to be shown.
    ///
    /// # Errors
    ///
    /// The writer refuses what YAML cannot hold; nothing that is written here is such.
    pub fn new(
        model: &Model<'_>,
        of: Rules<'_>,
        wanted: &Wanted<'_>,
    ) -> Result<Self, serde_saphyr::ser::Error> {
        let tested = Tested { model };
        let are_given = matches!(of, Rules::Given(_));
        let profiles = tested.profiles();
        let is_wanted = |name: &str| wanted.jobs.iter().any(|job| job == name);
        let jobs: Vec<_> = match wanted.jobs {
            [] => profiles.iter().take(MOST_PROFILES).map(|profile| profile.job).collect(),
            _ => model.jobs().iter().copied().filter(|job| is_wanted(job.spec.name().as_str())).collect(),
        };
        let settings: Vec<Setting<'_>> = jobs.into_iter().map(|job| tested.setting(job)).collect();
        let mut cases = Vec::new();
        let mut shown = Vec::new();
        for setting in &settings {
            for case in cases_of(setting, are_given) {
                let is_wanted = wanted.scenarios.iter().any(|name| name == case.name());
                if is_wanted || wanted.scenarios.is_empty() {
                    shown.push((Stage::new(setting, case.step), cases.len()));
                    cases.push(case);
                }
            }
        }
        let own = groups(model);
        let (rules, names) = match of {
            Rules::OfModel => (rules(&own)?, own.iter().map(|group| group.name.as_str()).collect::<Vec<_>>()),
            Rules::Given(groups) => {
                (given_rules(groups)?, groups.iter().map(|group| group.name.value.as_str()).collect())
            }
        };
        let mut simulations = Vec::new();
        for places in packed(&shown, &cases, are_given) {
            simulations.push(simulated(&places, &cases, &names)?);
        }
        simulations.sort_by_key(|simulation| std::cmp::Reverse(simulation.steps));
        let others = match wanted.jobs {
            [] => profiles.iter().filter(|profile| profile.others > 0).collect(),
            _ => Vec::new(),
        };
        let others = others.into_iter().map(|of| (of.job.spec.name().to_string(), of.others)).collect();
        let alerts = match of {
            Rules::OfModel => {
                let is_shown = |alert: &&Alert| settings.iter().any(|of| alert.watches(of.job.spec.name()));
                let alerts = model.alerts().iter().filter(is_shown);
                alerts.map(|alert| alert.name().as_str().to_owned()).collect()
            }
            Rules::Given(groups) => {
                let rules = groups.iter().flat_map(|group| &group.rules);
                let alerts = rules.filter(|rule| rule.kind == RuleKind::Alert);
                alerts.map(|rule| rule.name.value.clone()).collect()
            }
        };
        let is_whole = wanted.jobs.is_empty() && wanted.scenarios.is_empty();
        Ok(Self { cases, simulations, rules, others, alerts, are_given, is_whole })
    }
}

/// Returns the scenarios of a job.
fn cases_of(setting: &Setting<'_>, are_given: bool) -> Vec<Case> {
    let stage = Stage::new(setting, 1);
    let (at_least, well, wrong) = match are_given {
        true => (stage.shortest_staleness() + PATIENCE, MOST_STEPS_GIVEN, MOST_STEPS_GIVEN),
        false => (0, MOST_STEPS_WELL, MOST_STEPS_WRONG),
    };
    let with_step = |step: u64, at_least| Course { stage: Stage::new(setting, step), at_least };
    let for_rates = steps().filter(|&step| step <= stage.step_for_rates(Lookback::Short)).last();
    let at_most = for_rates.unwrap_or(1);
    let lasting = stage.timeout().max(at_least);
    let soon = with_step(step_for(lasting, wrong).min(at_most), at_least);
    // What is remembered of a job that is due rarely is over with its next execution.
    let next = lasting + stage.interval();
    let remembered = match soon.is_due_often() || !stage.holds_two_executions() {
        true => soon,
        false => with_step(step_for(next, 2 * wrong).min(at_most), at_least),
    };
    let days = stage.alerts().filter_map(|alert| stage.staleness(alert)).max().unwrap_or(0);
    let stale = with_step(step_for(days.max(2 * stage.longest_gap()), wrong), 0);
    let mut all = through_several_executions(setting, well);
    all.extend(soon.all_well());
    all.extend(soon.soon_over());
    all.extend(remembered.remembered());
    all.extend(stale.stale());
    all
}

type Shown<'a> = (Stage<'a>, usize);

/// Returns which scenarios share a simulation: those of different jobs with the same step. In each
/// simulation something else happens to each of the jobs, which must not change what is said about
/// the others. Rules of which nothing is known are shown one at a time.
fn packed<'a>(shown: &[Shown<'a>], cases: &[Case], are_given: bool) -> Vec<Vec<Shown<'a>>> {
    if are_given {
        return shown.iter().map(|&one| vec![one]).collect();
    }
    let mut by_step: BTreeMap<u64, BTreeMap<&str, Vec<Shown<'a>>>> = BTreeMap::new();
    for &(stage, place) in shown {
        let jobs = by_step.entry(stage.step()).or_default();
        jobs.entry(cases[place].job.as_str()).or_default().push((stage, place));
    }
    let mut all = Vec::new();
    for jobs in by_step.values_mut() {
        // Those that are over at about the same time are in one simulation.
        for of_job in jobs.values_mut() {
            of_job.sort_by_key(|&(_, place)| cases[place].scenario.end());
        }
        let most = jobs.values().map(Vec::len).max().unwrap_or(0);
        for turn in 0..most {
            let of_job =
                |(number, of_job): (usize, &Vec<Shown<'a>>)| of_job.get((turn + number) % most).copied();
            let places: Vec<_> = jobs.values().enumerate().filter_map(of_job).collect();
            if !places.is_empty() {
                all.push(places);
            }
        }
    }
    all
}

fn simulated(
    shown: &[Shown<'_>],
    cases: &[Case],
    groups: &[&str],
) -> Result<Simulation, serde_saphyr::ser::Error> {
    let scenarios = || shown.iter().map(|(stage, place)| (stage, &cases[*place].scenario));
    let end = scenarios().map(|(_, scenario)| scenario.end()).max().unwrap_or(0);
    let step = shown.first().map_or(1, |(stage, _)| stage.step());
    let end = end.div_ceil(step) * step;
    let mut series = Vec::new();
    let mut about = Vec::new();
    for (stage, scenario) in scenarios() {
        about.push(format!("{}: {}", stage.job().name(), scenario.says));
        for (replica, exposed) in scenario.replicas.iter().enumerate() {
            let labels = stage.labels(scenario.namespace, replica);
            let sampled = exposed.sampled(step, end);
            series.extend(sampled.iter().map(|series| (series.selector(&labels), series.values())));
        }
    }
    let mut names = Vec::new();
    for &name in groups {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let text = simulation(Simulated {
        about: &about.join(" "),
        rules: Plan::RULES,
        groups: names,
        step,
        end,
        series,
        question: question(step, end),
    })?;
    Ok(Simulation { cases: shown.iter().map(|&(_, place)| place).collect(), steps: end / step, text })
}
