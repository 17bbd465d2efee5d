//! Lengths of time as expressions and rules have them.

/// The units of a duration with their seconds. Longer ones come before those that they begin with.
const UNITS: [(&str, f64); 7] = [
    ("ms", 0.001),
    ("s", 1.0),
    ("m", 60.0),
    ("h", 3_600.0),
    ("d", 86_400.0),
    ("w", 604_800.0),
    ("y", 31_536_000.0),
];

/// What Prometheus counts in nanoseconds has no more seconds than this.
const MOST: f64 = 9_223_372_036.0;

/// A duration at the beginning of a text.
pub(super) struct Written {
    pub(super) seconds: f64,
    /// How many bytes it has.
    pub(super) length: usize,
    /// Why Prometheus refuses it. `None` if it does not.
    pub(super) refused: Option<&'static str>,
}

/// Returns the seconds of a duration, such as `1h30m` or `0`, as the fields of rules have it.
/// `None` if it is none.
pub fn seconds(text: &str) -> Option<f64> {
    if text == "0" {
        return Some(0.0);
    }
    let written = duration(text)?;
    (written.length == text.len() && written.refused.is_none()).then_some(written.seconds)
}

/// Reads a duration at the beginning of a text. `None` if there is none.
pub(super) fn duration(text: &str) -> Option<Written> {
    let mut seconds = 0.0;
    let mut at = 0;
    let mut smallest = f64::INFINITY;
    let mut refused = None;
    loop {
        let digits = text[at..].bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            let ends = !text[at..].starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'));
            if seconds > MOST {
                refused = Some("this is longer than Prometheus can count");
            }
            return (at > 0 && ends).then_some(Written { seconds, length: at, refused });
        }
        let number: f64 = text[at..at + digits].parse().ok()?;
        let (unit, size) = UNITS.into_iter().find(|(unit, _)| text[at + digits..].starts_with(unit))?;
        if size >= smallest {
            refused = Some("the units have to descend, each at most once, as in `1h30m`");
        }
        smallest = size;
        seconds += number * size;
        at += digits + unit.len();
    }
}
