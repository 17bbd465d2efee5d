//! What an editor takes as the value of a setting: lengths of time, and the thresholds of alerts.

use jobwatch_observability::definition::Parameter;
use jobwatch_observability::quantity::Unit;
use serde_json::{Value, json};

/// The units descend, each at most once.
const UNITS: [(&str, u64); 6] =
    [("y", 365 * 86_400), ("w", 7 * 86_400), ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];

/// Behind a number: how often ten is multiplied by it.
const EXPONENT: &str = "[eE][+-]?[0-9]+";

/// Returns what a duration of so many seconds at least and at most matches. Of one with several
/// units each part is at most so long; what they are together is left to the reader.
pub(super) fn duration(least: u64, most: u64) -> String {
    let parts = UNITS.map(|(unit, length)| format!("({}{unit})?", at_most(most / length))).concat();
    let too_short = UNITS.map(|(unit, length)| match least.div_ceil(length) {
        0 | 1 => String::new(),
        fewest => format!(r"(?!{}{unit}\s*$)", at_most(fewest - 1)),
    });
    let says_something = if least > 0 { "(?=.*[1-9])" } else { "" };
    format!(r"^\s*(?=[0-9]){says_something}{}{parts}\s*$", too_short.concat())
}

/// Returns what whole numbers up to this one match.
fn at_most(most: u64) -> String {
    let digits = most.to_string();
    let length = digits.len();
    let mut parts: Vec<String> = Vec::new();
    if length > 1 {
        parts.push(format!("[0-9]{{1,{}}}", length - 1));
    }
    for (at, digit) in digits.char_indices().filter(|(_, digit)| *digit > '0') {
        let below = char::from(digit as u8 - 1);
        let behind = match length - at - 1 {
            0 => String::new(),
            rest => format!("[0-9]{{{rest}}}"),
        };
        parts.push(format!("{}[0-{below}]{behind}", &digits[..at]));
    }
    parts.push(digits);
    format!("0*({})", parts.join("|"))
}

/// Returns what numbers with so many decimals at most, or noughts behind them, match, up to a whole
/// number. How large one with an exponent is, is left to the reader.
fn decimal(decimals: usize, most: u64) -> String {
    let behind = format!(r"(\.[0-9]{{0,{decimals}}}0*)?");
    let small = match decimals {
        0 => r"\.0+".to_owned(),
        _ => format!(r"\.[0-9]{{1,{decimals}}}0*"),
    };
    let below = most.checked_sub(1).map(|below| format!("{}{behind}|", at_most(below))).unwrap_or_default();
    format!(r"({below}0*{most}(\.0*)?|{small}|([0-9]+(\.[0-9]*)?|\.[0-9]+){EXPONENT})")
}

/// Returns what a parameter of an alert may be set to.
pub(super) fn of(parameter: &Parameter) -> Value {
    let largest = parameter.largest();
    let whole = largest.as_f64().ceil() as u64;
    let (number, text) = match parameter.default.unit() {
        Unit::Seconds | Unit::Timestamp => {
            let least = u64::from(!parameter.may_be_zero);
            return json!({"type": "string", "pattern": duration(least, whole)});
        }
        Unit::PerSecond => ("number", format!(r"{}\s*(/s)?", decimal(6, whole))),
        Unit::Ratio => ("number", format!(r"({}|{}\s*%)", decimal(6, whole), decimal(4, whole * 100))),
        Unit::Count | Unit::Number => ("integer", decimal(0, whole)),
    };
    let least = match (parameter.may_be_zero, number) {
        (true, _) => ("minimum", 0),
        (false, "integer") => ("minimum", 1),
        (false, _) => ("exclusiveMinimum", 0),
    };
    let says_something = if parameter.may_be_zero { "" } else { "(?=.*[1-9])" };
    let most = largest.to_promql();
    let most = most.parse::<u64>().map_or_else(|_| json!(largest.as_f64()), Value::from);
    json!({"anyOf": [
        {"type": number, least.0: least.1, "maximum": most},
        {"type": "string", "pattern": format!(r"^\s*{says_something}{text}\s*$")}
    ]})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_bounded() {
        for most in [0, 1, 9, 10, 19, 59, 100, 101, 366, 1_000, 8_784] {
            let pattern = format!("^{}$", at_most(most));
            let validator = jsonschema::draft202012::new(&json!({"pattern": pattern})).unwrap();
            for number in 0..=10_000_u64 {
                for text in [number.to_string(), format!("00{number}")] {
                    assert_eq!(validator.is_valid(&json!(text)), number <= most, "{text} {most}");
                }
            }
        }
    }
}
