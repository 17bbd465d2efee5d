//! The functions of Prometheus.

/// What kind of value an expression yields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueType {
    /// A number.
    Scalar,
    /// A sample of each of some series.
    Vector,
    /// Samples of a while of each of some series.
    Matrix,
    /// A text.
    Text,
}

impl ValueType {
    /// Returns what it is called in messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Scalar => "a number",
            Self::Vector => "a vector",
            Self::Matrix => "a range of samples, as in `[5m]`",
            Self::Text => "a text",
        }
    }

    /// Returns the one that a table means by a letter.
    const fn of(letter: u8) -> Self {
        match letter {
            b's' => Self::Scalar,
            b'm' => Self::Matrix,
            b't' => Self::Text,
            _ => Self::Vector,
        }
    }
}

/// A function.
#[derive(Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// A letter for what each argument has to be, those that may be left out among them.
    arguments: &'static str,
    /// How many arguments may be left out.
    optional: usize,
    /// Whether the last argument may be repeated.
    repeats: bool,
}

impl Function {
    /// Returns the function of this name. `None` if there is none.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        let at = FUNCTIONS.binary_search_by_key(&name, |function| function.name).ok()?;
        FUNCTIONS.get(at)
    }

    /// Returns the names of all functions.
    pub(super) fn names() -> impl Iterator<Item = &'static str> {
        FUNCTIONS.iter().map(|function| function.name)
    }

    /// Returns what it yields.
    pub fn yields(&self) -> ValueType {
        match self.name {
            "scalar" | "time" | "pi" => ValueType::Scalar,
            _ => ValueType::Vector,
        }
    }

    /// Returns whether it takes so many arguments.
    pub(super) fn takes(&self, number: usize) -> bool {
        let most = self.arguments.len();
        number >= most - self.optional && (number <= most || self.repeats)
    }

    /// Returns what an argument has to be. `None` if it takes none.
    pub(super) fn argument(&self, number: usize) -> Option<ValueType> {
        let letters = self.arguments.as_bytes();
        letters.get(number).or(letters.last()).copied().map(ValueType::of)
    }
}

const fn f(name: &'static str, arguments: &'static str) -> Function {
    Function { name, arguments, optional: 0, repeats: false }
}

const fn optional(name: &'static str, arguments: &'static str) -> Function {
    Function { name, arguments, optional: 1, repeats: false }
}

const fn repeating(name: &'static str, arguments: &'static str) -> Function {
    Function { name, arguments, optional: 1, repeats: true }
}

/// Ordered by name. `v` is a vector, `m` a matrix, `s` a scalar, `t` a text. Those of Prometheus
/// 3.8, the experimental ones among them, and `holt_winters` of earlier ones.
static FUNCTIONS: [Function; 86] = [
    f("abs", "v"),
    f("absent", "v"),
    f("absent_over_time", "m"),
    f("acos", "v"),
    f("acosh", "v"),
    f("asin", "v"),
    f("asinh", "v"),
    f("atan", "v"),
    f("atanh", "v"),
    f("avg_over_time", "m"),
    f("ceil", "v"),
    f("changes", "m"),
    f("clamp", "vss"),
    f("clamp_max", "vs"),
    f("clamp_min", "vs"),
    f("cos", "v"),
    f("cosh", "v"),
    f("count_over_time", "m"),
    optional("day_of_month", "v"),
    optional("day_of_week", "v"),
    optional("day_of_year", "v"),
    optional("days_in_month", "v"),
    f("deg", "v"),
    f("delta", "m"),
    f("deriv", "m"),
    f("double_exponential_smoothing", "mss"),
    f("exp", "v"),
    f("first_over_time", "m"),
    f("floor", "v"),
    f("histogram_avg", "v"),
    f("histogram_count", "v"),
    f("histogram_fraction", "ssv"),
    f("histogram_quantile", "sv"),
    f("histogram_stddev", "v"),
    f("histogram_stdvar", "v"),
    f("histogram_sum", "v"),
    f("holt_winters", "mss"),
    optional("hour", "v"),
    f("idelta", "m"),
    f("increase", "m"),
    optional("info", "vv"),
    f("irate", "m"),
    repeating("label_join", "vttt"),
    f("label_replace", "vtttt"),
    f("last_over_time", "m"),
    f("ln", "v"),
    f("log10", "v"),
    f("log2", "v"),
    f("mad_over_time", "m"),
    f("max_over_time", "m"),
    f("min_over_time", "m"),
    optional("minute", "v"),
    optional("month", "v"),
    f("pi", ""),
    f("predict_linear", "ms"),
    f("present_over_time", "m"),
    f("quantile_over_time", "sm"),
    f("rad", "v"),
    f("rate", "m"),
    f("resets", "m"),
    optional("round", "vs"),
    f("scalar", "v"),
    f("sgn", "v"),
    f("sin", "v"),
    f("sinh", "v"),
    f("sort", "v"),
    repeating("sort_by_label", "vt"),
    repeating("sort_by_label_desc", "vt"),
    f("sort_desc", "v"),
    f("sqrt", "v"),
    f("stddev_over_time", "m"),
    f("stdvar_over_time", "m"),
    f("sum_over_time", "m"),
    f("tan", "v"),
    f("tanh", "v"),
    f("time", ""),
    f("timestamp", "v"),
    f("ts_of_first_over_time", "m"),
    f("ts_of_last_over_time", "m"),
    f("ts_of_max_over_time", "m"),
    f("ts_of_min_over_time", "m"),
    f("vector", "s"),
    f("xdelta", "m"),
    f("xincrease", "m"),
    f("xrate", "m"),
    optional("year", "v"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_ordered_by_name() {
        assert!(FUNCTIONS.is_sorted_by(|a, b| a.name < b.name));
    }
}
