//! What an editor takes as the value of a setting: lengths of time, and the thresholds of alerts.

use jobwatch_observability::definition::Parameter;
use jobwatch_observability::quantity::Unit;
use serde_json::{Value, json};

/// The units descend, each at most once.
pub(super) const DURATION: &str =
    r"^\s*(?=[0-9])([0-9]+y)?([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?\s*$";

pub(super) const DURATION_ABOVE_ZERO: &str =
    r"^\s*(?=[0-9])(?=.*[1-9])([0-9]+y)?([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?\s*$";

/// Six decimals at most, or noughts behind them.
const RATE: &str = r"^\s*([0-9]+(\.[0-9]{0,6}0*)?|\.[0-9]{1,6}0*)\s*(/s)?\s*$";

const RATIO: &str =
    r"^\s*(([0-9]+(\.[0-9]{0,6}0*)?|\.[0-9]{1,6}0*)|([0-9]+(\.[0-9]{0,4}0*)?|\.[0-9]{1,4}0*)\s*%)\s*$";

const COUNT: &str = r"^\s*[0-9]+\s*$";

/// Returns what a parameter of an alert may be set to. How large the number within a text may be is
/// left to the reader.
pub(super) fn of(parameter: &Parameter) -> Value {
    let (number, text) = match parameter.default.unit() {
        Unit::Seconds | Unit::Timestamp => {
            let pattern = if parameter.may_be_zero { DURATION } else { DURATION_ABOVE_ZERO };
            return json!({"type": "string", "pattern": pattern});
        }
        Unit::PerSecond => ("number", RATE),
        Unit::Ratio => ("number", RATIO),
        Unit::Count | Unit::Number => ("integer", COUNT),
    };
    let least = match (parameter.may_be_zero, number) {
        (true, _) => ("minimum", 0),
        (false, "integer") => ("minimum", 1),
        (false, _) => ("exclusiveMinimum", 0),
    };
    let most = parameter.largest().to_promql();
    let most = most.parse::<u64>().map_or_else(|_| json!(parameter.largest().as_f64()), Value::from);
    json!({"anyOf": [
        {"type": number, least.0: least.1, "maximum": most},
        {"type": "string", "pattern": text}
    ]})
}
