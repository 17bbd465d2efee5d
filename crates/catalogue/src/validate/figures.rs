//! Whether the figures of thresholds fit their alerts.

use super::{ProblemKind, Problems};
use crate::alert::AlertName;
use crate::quantity::{Quantity, Unit};
use crate::schedule::MAX_INTERVAL;
use crate::threshold::{ThresholdOverride, Thresholds};

/// More failures in a row than anybody waits for.
const MOST_FAILURES: u64 = 1_000;

/// Checks what a catalogue, or one job of it, sets in place of the alerts' defaults.
pub(super) fn check_thresholds(
    problems: &mut Problems,
    path: &str,
    thresholds: &Thresholds,
    whole_catalogue: bool,
) {
    for (&alert, figures) in thresholds {
        check_figures(problems, &format!("{path}.{alert}"), alert, figures, whole_catalogue);
    }
}

fn check_figures(
    problems: &mut Problems,
    path: &str,
    alert: AlertName,
    given: &ThresholdOverride,
    whole_catalogue: bool,
) {
    let figures = alert.figures();
    let unknown = |figure| {
        let mut known: Vec<&str> = Vec::new();
        known.extend(figures.above.map(|_| "`above`"));
        known.extend(figures.at_least.map(|_| "`at_least`"));
        known.extend(figures.growth.then_some("`growth` and `over`"));
        known.push("`for`");
        ProblemKind::FigureUnknown { alert, figure, known: format!("it has {}", known.join(", ")) }
    };
    match (given.above, figures.above) {
        (Some(_), None) => problems.add(&format!("{path}.above"), unknown("above")),
        (Some(above), Some(expected)) if above.unit() != expected => {
            let kind = ProblemKind::FigureUnit { alert, expected, found: above.unit() };
            problems.add(&format!("{path}.above"), kind);
        }
        (Some(Quantity::Ratio(1_000_001..)), _) => {
            problems.add(&format!("{path}.above"), ProblemKind::FigureAboveWhole);
        }
        (Some(Quantity::Duration(0)), _) => {
            problems.add(&format!("{path}.above"), ProblemKind::FigureZero("the duration"));
        }
        (Some(above), _) if above > largest(above.unit()) => {
            let most = largest(above.unit()).to_string();
            problems.add(&format!("{path}.above"), ProblemKind::FigureTooLarge { what: "the figure", most });
        }
        _ => {}
    }
    match (given.at_least, figures.at_least) {
        (Some(_), None) => problems.add(&format!("{path}.at_least"), unknown("at_least")),
        (Some(0), _) => problems.add(&format!("{path}.at_least"), ProblemKind::FigureZero("`at_least`")),
        (Some(number), _) if number > MOST_FAILURES => {
            let most = MOST_FAILURES.to_string();
            problems
                .add(&format!("{path}.at_least"), ProblemKind::FigureTooLarge { what: "`at_least`", most });
        }
        _ => {}
    }
    for (key, value) in [("growth", given.growth), ("over", given.over)] {
        match value {
            Some(_) if !figures.growth => problems.add(&format!("{path}.{key}"), unknown(key)),
            Some(0) => problems.add(&format!("{path}.{key}"), ProblemKind::FigureZero(key)),
            _ => {}
        }
    }
    let longest = MAX_INTERVAL.as_secs();
    for (key, value, most) in [
        ("growth", given.growth, largest(Unit::Ratio)),
        ("over", given.over, Quantity::Duration(longest)),
        ("for", given.hold, Quantity::Duration(longest)),
    ] {
        let limit = match most {
            Quantity::Ratio(most) | Quantity::Duration(most) => most,
            _ => u64::MAX,
        };
        if value.is_some_and(|value| value > limit) {
            let kind = ProblemKind::FigureTooLarge { what: key, most: most.to_string() };
            problems.add(&format!("{path}.{key}"), kind);
        }
    }
    if !whole_catalogue {
        for (key, value) in [("over", given.over), ("for", given.hold)] {
            if value.is_some() {
                problems.add(&format!("{path}.{key}"), ProblemKind::FigurePerJob(key));
            }
        }
    }
}

/// The largest threshold of a unit: beyond anything that is measured, and within what a sample holds exactly.
const fn largest(unit: Unit) -> Quantity {
    match unit {
        Unit::PerSecond => Quantity::PerSecond(1_000_000 * 1_000_000),
        Unit::Ratio => Quantity::Ratio(1_000 * 1_000_000),
        Unit::Duration => Quantity::Duration(10 * 365 * 86_400),
        Unit::Count => Quantity::Count(1_000_000_000_000),
    }
}
