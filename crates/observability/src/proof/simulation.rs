//! Simulations: each one run of the rules over the series of one or several situations.

use jobwatch_catalogue::label::NAMESPACE;
use jobwatch_catalogue::{AlertName, Catalogue};

use super::series::Series;
use super::situation::{Situation, Stage};

/// The most evaluations of the rules in one simulation. What takes longer to show is left out.
const MOST_STEPS: u64 = 2500;

/// One run of the rules.
#[derive(Debug, Clone)]
pub(super) struct Simulation {
    pub(super) name: String,
    pub(super) situations: Vec<Situation>,
    /// Series of other jobs, with all their labels.
    pub(super) beside: Vec<Series>,
    /// What alerts say, word by word.
    pub(super) said: Vec<Said>,
    /// Whether alerts are looked for in the situation's namespace, or in all of them.
    pub(super) everywhere: bool,
}

/// That an alert of the job fires, with what it says about a value.
#[derive(Debug, Clone)]
pub(super) struct Said {
    pub(super) at: u64,
    pub(super) alert: AlertName,
    /// The namespace of the series that it fires for, if the alert knows one.
    pub(super) namespace: Option<&'static str>,
    pub(super) value: f64,
}

impl Simulation {
    pub(super) fn new(name: &str, situations: Vec<Situation>) -> Self {
        Self { name: name.to_owned(), situations, beside: Vec::new(), said: Vec::new(), everywhere: false }
    }

    /// A simulation of a single situation that looks for alerts in all namespaces.
    pub(super) fn everywhere(name: &str, situation: Situation) -> Self {
        Self { everywhere: true, ..Self::new(name, vec![situation]) }
    }

    /// When it is over.
    pub(super) fn end(&self) -> u64 {
        let said = self.said.iter().map(|said| said.at);
        self.situations.iter().map(Situation::end).chain(said).max().unwrap_or(0)
    }
}

/// The simulations that are short enough to be run, and how many situations are left out.
///
/// Situations of one simulation are told apart by their namespace. Where the catalogue reads a single namespace, each gets
/// a simulation of its own.
pub(super) fn feasible(stage: &Stage<'_>, simulations: Vec<Simulation>) -> (Vec<Simulation>, usize) {
    let most = MOST_STEPS * stage.step;
    let one_namespace = has_one_namespace(stage.catalogue);
    let mut feasible = Vec::new();
    let mut left_out = 0;
    for mut simulation in simulations {
        let before = simulation.situations.len();
        simulation.situations.retain(|situation| situation.end() <= most);
        left_out += before - simulation.situations.len();
        if simulation.end() > most {
            left_out += simulation.situations.len();
            continue;
        }
        if one_namespace && simulation.situations.len() > 1 {
            for situation in simulation.situations {
                let name = format!("{}: {}", simulation.name, situation.namespace);
                feasible.push(Simulation::new(&name, vec![situation]));
            }
        } else if !simulation.situations.is_empty() {
            feasible.push(simulation);
        }
    }
    (feasible, left_out)
}

/// Whether the rules read a single namespace, so that situations cannot be told apart by theirs.
pub(super) fn has_one_namespace(catalogue: &Catalogue) -> bool {
    catalogue.selector().contains_key(NAMESPACE)
}
