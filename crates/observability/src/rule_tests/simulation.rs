//! Simulations: each one run of the rules over the series of one or several scenarios.

use std::collections::BTreeSet;
use std::time::Duration;

use jobwatch_catalogue::duration;

use super::placement::TestFile;
use crate::scenario::{Exposed, Firing, NAMESPACE, Scenario, Series, Stage};

/// What is over after so many steps is simulated apart from what goes on for longer.
const FEW_STEPS: u64 = 24;

/// One run of the rules.
#[derive(Debug, Clone)]
pub(crate) struct Simulation {
    /// Its name.
    pub(crate) name: String,
    /// What is simulated, without what makes alerts fire.
    pub(crate) scenarios: Vec<Scenario>,
    /// The alerts whose texts are compared.
    pub(crate) firings: Vec<Firing>,
}

/// Returns the simulations of a file. None is empty.
pub(crate) fn simulations(file: TestFile<'_>) -> Vec<Simulation> {
    let stage = file.stage;
    let (alone, together): (Vec<_>, Vec<_>) = file.scenarios.into_iter().partition(|scenario| scenario.alone);
    let (at_once, over_time): (Vec<_>, Vec<_>) = together.into_iter().partition(|scenario| scenario.at_once);
    let (soon, late): (Vec<_>, Vec<_>) =
        over_time.into_iter().partition(|scenario| scenario.end() <= FEW_STEPS * stage.step());
    let few_steps = duration::format(Duration::from_secs(FEW_STEPS * stage.step()));
    let mut all = together_or_apart(&stage, &format!("within {few_steps}"), soon);
    all.extend(together_or_apart(&stage, "through several executions", late));
    all.extend(together_or_apart(&stage, "seen at once", at_once));
    all.extend(texts(file.firings));
    all.extend(alone.into_iter().map(|scenario| Simulation::of(scenario.name, vec![scenario])));
    all
}

/// Scenarios of one simulation are told apart by their namespace. One whose namespace another has
/// already gets a simulation of its own, and so does each where the catalogue reads a single
/// namespace.
fn together_or_apart(stage: &Stage<'_>, name: &str, scenarios: Vec<Scenario>) -> Vec<Simulation> {
    if scenarios.is_empty() {
        return Vec::new();
    }
    let apart = |scenario: Scenario| Simulation::of(&format!("{name}: {}", scenario.name), vec![scenario]);
    if stage.has_one_namespace() && scenarios.len() > 1 {
        return scenarios.into_iter().map(apart).collect();
    }
    let mut taken = BTreeSet::new();
    let (together, others): (Vec<_>, Vec<_>) =
        scenarios.into_iter().partition(|scenario| taken.insert(scenario.namespace));
    std::iter::once(Simulation::of(name, together)).chain(others.into_iter().map(apart)).collect()
}

/// Alerts whose series do not contradict each other share a simulation in which all of them fire.
fn texts(firings: Vec<Firing>) -> Vec<Simulation> {
    let mut all: Vec<Simulation> = Vec::new();
    for firing in firings {
        let is_apart = |firing: &Firing| firing.scenario.alone || firing.escalates;
        let place = all.iter_mut().find(|simulation| {
            simulation.firings.iter().all(|known| !is_apart(known) && !contradict(known, &firing))
        });
        match place {
            Some(simulation) if !is_apart(&firing) => simulation.firings.push(firing),
            _ => {
                let name = match firing.escalates {
                    true => format!("nobody resolves {}", firing.alert),
                    false => "what the alerts say".to_owned(),
                };
                let mut simulation = Simulation::of(&name, Vec::new());
                simulation.firings.push(firing);
                all.push(simulation);
            }
        }
    }
    all
}

fn contradict(one: &Firing, other: &Firing) -> bool {
    let mut pairs = one.series().flat_map(|one| other.series().map(move |other| (one, other)));
    pairs.any(|(one, other)| one.is_same(other) && one != other)
}

fn add_new<'s>(all: &mut Vec<Series>, more: impl IntoIterator<Item = &'s Series>) {
    for one in more {
        if !all.contains(one) {
            all.push(one.clone());
        }
    }
}

impl Firing {
    /// Returns the series of the job that make it fire.
    pub(crate) fn series(&self) -> impl Iterator<Item = &Series> {
        self.scenario.replicas.iter().flat_map(|replica| match replica {
            Exposed::Series(series) => series.as_slice(),
            Exposed::Process(_) => &[],
        })
    }
}

impl Simulation {
    fn of(name: &str, scenarios: Vec<Scenario>) -> Self {
        Self { name: name.to_owned(), scenarios, firings: Vec::new() }
    }

    /// Returns what makes the alerts fire whose texts are compared, as one scenario with each
    /// series once. `None` if there are none.
    pub(crate) fn firing_scenario(&self) -> Option<Scenario> {
        let mut series: Vec<Series> = Vec::new();
        let mut others: Vec<Series> = Vec::new();
        for firing in &self.firings {
            add_new(&mut series, firing.series());
            add_new(&mut others, &firing.scenario.others);
        }
        let end = self.firings.iter().map(|firing| firing.at).max()?;
        let says = match self.firings.as_slice() {
            [only] => only.scenario.says.clone(),
            _ => "Everything is wrong about the job.".to_owned(),
        };
        let scenario = Scenario::new(NAMESPACE, says).until(end).beside(others);
        Some(if series.is_empty() { scenario } else { scenario.series(series) })
    }
}
