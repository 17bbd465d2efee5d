//! For how long conditions on the hour, the day and the like hold at a stretch.

use crate::query::{Kind, Node, Operator};
use crate::rule_lint::bounds::Bounds;
use crate::rule_lint::follow::mirrored;

/// What a function of the calendar counts.
#[derive(Debug, PartialEq)]
struct Unit {
    function: &'static str,
    /// Its lowest and its highest value.
    values: (u32, u32),
    /// For how many seconds a value stays, at most.
    seconds: f64,
    /// What values are called, one and several.
    named: (&'static str, &'static str),
}

const UNITS: [Unit; 5] = [
    Unit { function: "minute", values: (0, 59), seconds: 60.0, named: ("minute", "minutes") },
    Unit { function: "hour", values: (0, 23), seconds: 3_600.0, named: ("hour", "hours") },
    Unit { function: "day_of_week", values: (0, 6), seconds: 86_400.0, named: ("day", "days") },
    Unit { function: "day_of_month", values: (1, 31), seconds: 86_400.0, named: ("day", "days") },
    Unit { function: "month", values: (1, 12), seconds: 31.0 * 86_400.0, named: ("month", "months") },
];

/// The times of the calendar at which an expression may hold.
#[derive(Debug, Default)]
pub(super) struct Calendar {
    /// For each unit that is asked for, which of its values are left.
    left: Vec<(&'static Unit, Vec<bool>)>,
}

impl Calendar {
    /// Takes away the times at which a condition does not hold, or those at which it does. Whatever
    /// is no condition of the calendar takes nothing away.
    pub(super) fn narrow(&mut self, condition: &Node, is_negated: bool) {
        let Some((unit, limits)) = limits(condition) else { return };
        let (low, high) = unit.values;
        let holds = |value: f64| {
            limits
                .iter()
                .all(|(operator, limit)| !Bounds::exactly(value).never(*operator, &Bounds::exactly(*limit)))
        };
        let of_condition = (low..=high).map(|value| holds(f64::from(value)) != is_negated);
        match self.left.iter_mut().find(|(known, _)| *known == unit) {
            Some((_, left)) => left.iter_mut().zip(of_condition).for_each(|(left, holds)| *left &= holds),
            None => self.left.push((unit, of_condition.collect())),
        }
    }

    /// Returns for how many seconds all conditions hold at most without a break, and why. `None` if
    /// they may hold for ever.
    pub(super) fn longest(&self) -> Option<(f64, String)> {
        let of_unit = |(unit, left): &(&Unit, Vec<bool>)| {
            if left.iter().all(|left| *left) {
                return None;
            }
            // What holds at the end of a round goes on at the beginning of the next.
            let twice = left.iter().chain(left);
            let run = |(run, longest): (usize, usize), left: &bool| {
                let run = if *left { run + 1 } else { 0 };
                (run, longest.max(run))
            };
            let (_, longest) = twice.fold((0, 0), run);
            let because = match longest {
                1 => format!("it is so for one {} at a time", unit.named.0),
                several => format!("it is so for {several} {} at a time", unit.named.1),
            };
            Some((longest as f64 * unit.seconds, because))
        };
        self.left.iter().filter_map(of_unit).min_by(|a, b| a.0.total_cmp(&b.0))
    }
}

/// Returns what a condition asks of the present minute, hour or day. `None` if it is another one.
fn limits(condition: &Node) -> Option<(&'static Unit, Vec<(Operator, f64)>)> {
    let mut limits = Vec::new();
    let mut inner = condition;
    loop {
        inner = match &inner.kind {
            Kind::Binary { operator, is_bool: false, left, right, .. } if operator.is_comparison() => {
                match (&left.kind, &right.kind) {
                    (_, Kind::Number(value)) => {
                        limits.push((*operator, *value));
                        left
                    }
                    (Kind::Number(value), _) => {
                        limits.push((mirrored(*operator), *value));
                        right
                    }
                    _ => return None,
                }
            }
            // With an argument, it is another moment than the present one.
            Kind::Call { function, arguments } if arguments.is_empty() && !limits.is_empty() => {
                let unit = UNITS.iter().find(|unit| unit.function == function.name)?;
                return Some((unit, limits));
            }
            _ => return None,
        }
    }
}
