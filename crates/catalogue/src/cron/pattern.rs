//! The notation as a regular expression, for editors that check what is written.

use super::{FIELDS, Field, NICKNAMES};

/// What stands around the fields, and between them.
const AROUND: &str = r"[ \t\r\n]*";
const BETWEEN: &str = r"[ \t\r\n]+";

/// Returns a regular expression that every cron expression matches. What it cannot say is that a
/// range ascends, which [`descending`] says, and that there is such a day.
pub fn pattern() -> String {
    let nicknames: Vec<String> = NICKNAMES.iter().map(|(name, _)| in_any_case(name)).collect();
    let [second, fields @ ..] = FIELDS.each_ref().map(field);
    let fields = fields.join(BETWEEN);
    format!("^{AROUND}({}|({second}{BETWEEN})?{fields}){AROUND}$", nicknames.join("|"))
}

/// Returns a regular expression that matches where a range descends: `22-2`, `FRI-MON`. No cron
/// expression does.
pub fn descending() -> String {
    let tens = |ten: u8| if ten == 0 { "0?".to_owned() } else { ten.to_string() };
    let mut ranges = Vec::new();
    for ten in 0..=5 {
        let lower: Vec<String> = (0..ten).map(tens).collect();
        if !lower.is_empty() {
            ranges.push(format!("{ten}[0-9]-({})[0-9]", lower.join("|")));
        }
        ranges.extend((1..=9).map(|one| format!("{front}{one}-{front}[0-{}]", one - 1, front = tens(ten))));
    }
    ranges.extend(FIELDS.iter().flat_map(descending_by_name));
    format!(r"(^|[ \t\r\n,])({})([ \t\r\n,/]|$)", ranges.join("|"))
}

/// Returns what matches the ranges that descend with a name at one end or both. Sunday is the first
/// day where a week begins with it, and the last where one ends with it: no range with it descends.
fn descending_by_name(field: &Field) -> Vec<String> {
    let named: Vec<(u8, String)> = (field.first_named..)
        .zip(field.names)
        .filter(|(_, name)| **name != "SUN")
        .map(|(value, name)| (value, in_any_case(name)))
        .collect();
    let mut ranges = Vec::new();
    for (value, name) in &named {
        let lower = named.iter().filter(|(other, _)| other < value).map(|(_, name)| name.clone());
        let numbers_below = value.checked_sub(1).filter(|below| *below >= field.min);
        let lower: Vec<String> =
            numbers_below.map(|below| numbers(field.min, below)).into_iter().chain(lower).collect();
        if !lower.is_empty() {
            ranges.push(format!("{name}-({})", lower.join("|")));
        }
        if *value < field.max {
            ranges.push(format!("({})-{name}", numbers(value + 1, field.max)));
        }
    }
    ranges
}

fn field(field: &Field) -> String {
    let names = field.names.iter().map(|name| in_any_case(name));
    let value = [numbers(field.min, field.max)].into_iter().chain(names).collect::<Vec<_>>().join("|");
    let value = format!("({value})");
    let step = format!("/({})", numbers(1, field.max));
    let special = match field.name {
        "day of the month" => format!("|[Ll][Ww]?|{value}[Ww]"),
        "day of the week" => format!("|{value}([Ll]|#[1-5])"),
        _ => String::new(),
    };
    let part = format!(r"({value}(-{value}({step})?)?|\*{step}{special})");
    format!(r"(\*|{part}(,{part})*)")
}

/// Returns what numbers within these bounds match, of one digit or two.
fn numbers(min: u8, max: u8) -> String {
    let of_ten = |ten: u8| {
        let (first, last) = (min.max(10 * ten) % 10, if max / 10 == ten { max % 10 } else { 9 });
        let front = if ten == 0 { "0?".to_owned() } else { ten.to_string() };
        format!("{front}[{first}-{last}]")
    };
    (min / 10..=max / 10).map(of_ten).collect::<Vec<_>>().join("|")
}

fn in_any_case(name: &str) -> String {
    let letter = |c: char| match c.is_ascii_alphabetic() {
        true => format!("[{}{}]", c.to_ascii_uppercase(), c.to_ascii_lowercase()),
        false => c.to_string(),
    };
    name.chars().map(letter).collect()
}
