//! Which scenarios go into which file.
//!
//! Each file has a step of its own. What is seen at once goes into one, what takes several runs to
//! see into another. What would take too many steps there, or is over before the second step, goes
//! into a file with a longer or a shorter step.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeBounds;

use super::steps::{most_steps, step_for_runs, step_for_states, steps_within};
use crate::alert_name::AlertName;
use crate::alerts::unresolved::UNRESOLVED;
use crate::definition::Operand;
use crate::model::{Alert, Escalation, Model};
use crate::scenario::{Firing, NAMESPACE, Scenario, Series, Setting, Stage, job_life, of_another_catalogue};
use crate::series::CATALOGUED;
use crate::severity::Severity;

/// What takes several runs to see.
const RUNS: &str = "runs";
/// What is seen at once.
const STATES: &str = "states";
/// What would take too many steps elsewhere.
const LATE: &str = "late";
/// What is over before the second step elsewhere.
const SOON: &str = "soon";
/// What the files of a job are about, which their names tell.
pub(crate) const KINDS: [&str; 4] = [RUNS, STATES, LATE, SOON];

/// The scenarios of one file.
#[derive(Debug)]
pub(crate) struct TestFile<'a> {
    /// The part of its name that says what it is about.
    pub(crate) kind: &'static str,
    pub(crate) stage: Stage<'a>,
    /// Each once. Two have one name only if different things happen in them.
    pub(crate) scenarios: Vec<Scenario>,
    pub(crate) firings: Vec<Firing>,
    /// How many scenarios no file has, because each step is too long for them or makes too many.
    /// Zero for all files but the last.
    pub(crate) left_out: usize,
}

/// A scenario of an alert. Several alerts may have parts of the same scenario.
struct Part {
    /// The alert's place, the scenario's name, whether it is what makes the alert fire, and how
    /// many of the alert's scenarios before it have that name.
    key: Key,
    shown: Shown,
}

type Key = (usize, &'static str, bool, usize);

enum Shown {
    Scenario(Scenario),
    Firing(Firing),
}

/// Returns the files for a job. None is empty.
pub(super) fn test_files<'a>(model: &'a Model<'a>, setting: &'a Setting<'a>) -> Vec<TestFile<'a>> {
    let [states, runs] =
        [step_for_states(setting), step_for_runs(setting)].map(|step| Stage::new(setting, step));
    let mut missing: BTreeSet<Key> = BTreeSet::new();
    let [parts_of_states, parts_of_runs] = [&states, &runs].map(|stage| parts(model, stage, |_| true));
    missing.extend(parts_of_states.iter().filter(|part| part.is_at_once()).map(|part| part.key));
    missing.extend(parts_of_runs.iter().filter(|part| !part.is_at_once()).map(|part| part.key));
    let excepted = excepted(parts_of_runs.iter().chain(&parts_of_states));
    let mut files = [TestFile::new(RUNS, runs), TestFile::new(STATES, states)];
    files[0].take(&parts_of_runs, &excepted, &mut missing, |part| !part.is_at_once());
    files[1].take(&parts_of_states, &excepted, &mut missing, Part::is_at_once);
    files[0].take(&parts_of_runs, &excepted, &mut missing, |_| true);
    files[1].take(&parts_of_states, &excepted, &mut missing, |_| true);
    let mut files = Vec::from(files);
    let mut add = |kind, parts: Option<(Stage<'a>, Vec<Part>)>, missing: &mut BTreeSet<Key>| {
        files.extend(parts.map(|(stage, parts)| {
            let mut file = TestFile::new(kind, stage);
            file.take(&parts, &excepted, missing, |_| true);
            file
        }));
    };
    add(LATE, missing_between(model, setting, runs.step() + 1.., &missing), &mut missing);
    add(SOON, missing_between(model, setting, ..runs.step(), &missing), &mut missing);
    files.retain(|file| !file.scenarios.is_empty() || !file.firings.is_empty());
    if let Some(last) = files.last_mut() {
        last.left_out = missing.len();
    }
    files
}

/// Returns the shortest step in a range at which most of the missing scenarios can be shown, and
/// the parts at it of the alerts that have missing ones. `None` if none can be shown.
fn missing_between<'a>(
    model: &'a Model<'a>,
    setting: &'a Setting<'a>,
    range: impl RangeBounds<u64>,
    missing: &BTreeSet<Key>,
) -> Option<(Stage<'a>, Vec<Part>)> {
    if missing.is_empty() {
        return None;
    }
    let mut best: Option<(usize, Stage<'a>, Vec<Part>)> = None;
    for step in steps_within(range) {
        let stage = Stage::new(setting, step);
        let parts = parts(model, &stage, |place| missing.iter().any(|key| key.0 == place));
        let fitting = parts.iter().filter(|part| missing.contains(&part.key) && part.fits(&stage)).count();
        if fitting > best.as_ref().map_or(0, |&(most, ..)| most) {
            best = Some((fitting, stage, parts));
        }
        if fitting == missing.len() {
            break;
        }
    }
    best.map(|(_, stage, parts)| (stage, parts))
}

/// Returns the alerts that are excepted in scenarios, by the names of the scenarios. An alert
/// excepts itself wherever the scenario is, not only where its own part is.
fn excepted<'p>(parts: impl Iterator<Item = &'p Part>) -> BTreeMap<&'static str, Vec<AlertName>> {
    let mut excepted: BTreeMap<&str, Vec<AlertName>> = BTreeMap::new();
    for scenario in parts.map(Part::scenario).filter(|scenario| !scenario.except.is_empty()) {
        excepted.entry(scenario.name).or_default().extend(&scenario.except);
    }
    excepted
}

/// The place of what no alert has.
const LIFE: usize = 0;

/// Returns the parts of the alerts at some places, the first of which is 1, and of the life of a
/// job.
fn parts(model: &Model<'_>, stage: &Stage<'_>, is_wanted: impl Fn(usize) -> bool) -> Vec<Part> {
    let life = if is_wanted(LIFE) { job_life(stage) } else { Vec::new() };
    let life = life.into_iter().map(|scenario| (LIFE, Shown::Scenario(scenario)));
    let wanted = model.alerts().iter().enumerate().filter(|(index, _)| is_wanted(index + 1));
    let tests = wanted.flat_map(|(index, alert)| {
        let scenarios = (alert.definition.scenarios)(stage).into_iter().map(Shown::Scenario);
        let firings = match alert.name() == UNRESOLVED.name {
            true => escalated(model, stage),
            false => Vec::from_iter(firing(alert, stage)),
        };
        scenarios.chain(firings.into_iter().map(Shown::Firing)).map(move |shown| (index + 1, shown))
    });
    let mut seen: BTreeMap<(usize, &str, bool), usize> = BTreeMap::new();
    let part = |(place, shown): (usize, Shown)| {
        let (name, is_firing) = match &shown {
            Shown::Scenario(scenario) => (scenario.name, false),
            Shown::Firing(firing) => (firing.alert.as_str(), true),
        };
        let number = seen.entry((place, name, is_firing)).or_default();
        *number += 1;
        Part { key: (place, name, is_firing, *number - 1), shown }
    };
    let all = life.chain(tests).map(part);
    all.filter(|part| stage.has_replicas() || part.scenario().replicas.len() < 2).collect()
}

/// Returns what makes an alert fire, beside another catalogue that has a job of the same name and
/// thresholds for it.
fn firing(alert: &Alert, stage: &Stage<'_>) -> Option<Firing> {
    let of_another = alert.operands.iter().filter_map(|operand| match operand {
        Operand::ByJob(series) => Some(of_another_catalogue(stage, NAMESPACE, series, &[], 1)),
        Operand::Same(_) => None,
    });
    let firing = (alert.definition.firing)(stage)?;
    let thresholds: Vec<Series> = of_another.collect();
    let catalogued = of_another_catalogue(stage, NAMESPACE, CATALOGUED.name, &[], 1);
    let catalogued = Some(catalogued).filter(|_| !thresholds.is_empty());
    Some(firing.beside(thresholds).beside(catalogued))
}

/// Returns what makes each warning escalate. It is looked at for as much longer as its rule waits.
/// None where the catalogue makes a critical alert a warning: what makes one of its warnings
/// escalate may make that one, too.
fn escalated(model: &Model<'_>, stage: &Stage<'_>) -> Vec<Firing> {
    let escalations = model.escalations().iter().filter(|of| stage.escalates(of.warning));
    let is_critical = |of: &Escalation| {
        model.alert(of.warning).is_some_and(|alert| alert.definition.severity == Severity::Critical)
    };
    if escalations.clone().any(is_critical) {
        return Vec::new();
    }
    let firing = |of: &Escalation| {
        let firing = firing(model.alert(of.warning)?, stage)?;
        let later = stage.step_from(of.hold) - stage.step_from(stage.hold(of.warning));
        let firing = firing.escalated(later)?;
        Some(if stage.staleness(of.warning).is_none() { firing.not_stale() } else { firing })
    };
    escalations.filter_map(firing).collect()
}

impl Part {
    fn scenario(&self) -> &Scenario {
        match &self.shown {
            Shown::Scenario(scenario) => scenario,
            Shown::Firing(firing) => &firing.scenario,
        }
    }

    fn is_at_once(&self) -> bool {
        self.scenario().at_once
    }

    fn fits(&self, stage: &Stage<'_>) -> bool {
        let scenario = self.scenario();
        scenario.longest_step >= stage.step() && scenario.end() / stage.step() <= most_steps(stage)
    }
}

impl<'a> TestFile<'a> {
    const fn new(kind: &'static str, stage: Stage<'a>) -> Self {
        Self { kind, stage, scenarios: Vec::new(), firings: Vec::new(), left_out: 0 }
    }

    /// Takes those of the missing scenarios that are picked and fit, out of some at its step.
    fn take(
        &mut self,
        parts: &[Part],
        excepted: &BTreeMap<&str, Vec<AlertName>>,
        missing: &mut BTreeSet<Key>,
        picked: impl Fn(&Part) -> bool,
    ) {
        for part in parts {
            if picked(part) && part.fits(&self.stage) && missing.remove(&part.key) {
                match &part.shown {
                    Shown::Scenario(scenario) => {
                        let mut scenario = scenario.clone();
                        excepted
                            .get(scenario.name)
                            .into_iter()
                            .for_each(|alerts| scenario.except_all(alerts));
                        self.add(scenario);
                    }
                    Shown::Firing(firing) => self.firings.push(firing.clone()),
                }
            }
        }
    }

    fn add(&mut self, scenario: Scenario) {
        match self.scenarios.iter_mut().find(|known| is_one(known, &scenario)) {
            Some(known) => known.merge(scenario),
            None => self.scenarios.push(scenario),
        }
    }
}

/// Returns whether two scenarios are one, which several alerts have parts of.
fn is_one(one: &Scenario, other: &Scenario) -> bool {
    let world = |of: &Scenario| (of.name, of.namespace, of.alone);
    world(one) == world(other) && one.replicas == other.replicas && one.others == other.others
}
