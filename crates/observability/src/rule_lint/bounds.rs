//! Between which numbers the values of an expression lie.

use crate::query::Operator;

/// Between which numbers values lie, both of them among the possible ones.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bounds {
    pub(super) low: f64,
    pub(super) high: f64,
    /// Why they are no higher, where that is not plain to see.
    pub(super) because: Option<String>,
}

impl Bounds {
    pub(super) const ANY: Self = Self::between(f64::NEG_INFINITY, f64::INFINITY);
    pub(super) const NOT_NEGATIVE: Self = Self::between(0.0, f64::INFINITY);

    pub(super) const fn between(low: f64, high: f64) -> Self {
        Self { low, high, because: None }
    }

    pub(super) const fn exactly(value: f64) -> Self {
        Self::between(value, value)
    }

    /// At most so much, and why.
    pub(super) fn at_most(self, high: f64, because: impl Into<String>) -> Self {
        if high < self.high { Self { high, because: Some(because.into()), ..self } } else { self }
    }

    /// Returns the one value that is possible. `None` if several are.
    pub(super) fn value(&self) -> Option<f64> {
        (self.low == self.high).then_some(self.low)
    }

    /// Returns those that are within these or within the others.
    pub(super) fn or(self, other: Self) -> Self {
        let because = if other.high > self.high { other.because } else { self.because };
        Self { low: self.low.min(other.low), high: self.high.max(other.high), because }
    }

    /// Returns those that are within both.
    pub(super) fn and(self, other: &Self) -> Self {
        Self { low: self.low.max(other.low), high: self.high.min(other.high), because: self.because }
    }

    pub(super) fn negative(self) -> Self {
        Self::between(-self.high, -self.low)
    }

    /// Returns the bounds of what an arithmetic operator makes of two values.
    pub(super) fn combined(self, operator: Operator, other: Self) -> Self {
        let because = self.because.clone().or_else(|| other.because.clone());
        let combined = match operator {
            Operator::Add => Self::between(self.low + other.low, self.high + other.high),
            Operator::Subtract => Self::between(self.low - other.high, self.high - other.low),
            Operator::Multiply => self.product(&other),
            Operator::Divide if other.low > 0.0 || other.high < 0.0 => {
                self.product(&Self::between(1.0 / other.high, 1.0 / other.low))
            }
            Operator::Divide if self.low >= 0.0 && other.low >= 0.0 => Self::NOT_NEGATIVE,
            Operator::Modulo => self.remainder(&other),
            _ => Self::ANY,
        };
        let is_known = !combined.low.is_nan() && !combined.high.is_nan();
        if is_known { Self { because, ..combined } } else { Self::ANY }
    }

    fn product(&self, other: &Self) -> Self {
        let (a, b) = ([self.low, self.high], [other.low, other.high]);
        // Nothing times something infinite is nothing here: the infinite is only what is not known.
        let times = |x: f64, y: f64| if x == 0.0 || y == 0.0 { 0.0 } else { x * y };
        let all = a.into_iter().flat_map(|x| b.map(|y| times(x, y)));
        let both = |(low, high): (f64, f64), value: f64| (low.min(value), high.max(value));
        let (low, high) = all.fold((f64::INFINITY, f64::NEG_INFINITY), both);
        Self::between(low, high)
    }

    /// What is left is less than what it is divided by, and has the sign of what is divided.
    fn remainder(&self, by: &Self) -> Self {
        let most = by.low.abs().max(by.high.abs());
        let low = if self.low >= 0.0 { 0.0 } else { -most };
        let high = if self.high <= 0.0 { 0.0 } else { self.high.min(most) };
        Self::between(low, high)
    }

    /// Returns whether the one value that is possible is none that can be compared.
    pub(super) fn is_nan(&self) -> bool {
        self.low.is_nan()
    }

    /// Returns the values for which a comparison with another value may hold.
    fn satisfying(operator: Operator, other: &Self) -> Self {
        match operator {
            Operator::Greater | Operator::GreaterOrEqual => Self::between(other.low, f64::INFINITY),
            Operator::Less | Operator::LessOrEqual => Self::between(f64::NEG_INFINITY, other.high),
            Operator::Equal => Self::between(other.low, other.high),
            _ => Self::ANY,
        }
    }

    /// Returns what is left of these values where a comparison holds.
    pub(super) fn where_holds(self, operator: Operator, other: &Self) -> Self {
        let wanted = Self::satisfying(operator, other);
        self.and(&wanted)
    }

    /// Returns whether a comparison holds for no value here and there.
    pub(super) fn never(&self, operator: Operator, other: &Self) -> bool {
        match operator {
            Operator::NotEqual if self.is_nan() || other.is_nan() => false,
            _ if self.is_nan() || other.is_nan() => operator.is_comparison(),
            Operator::Greater => self.high <= other.low,
            Operator::GreaterOrEqual => self.high < other.low,
            Operator::Less => self.low >= other.high,
            Operator::LessOrEqual => self.low > other.high,
            Operator::Equal => self.high < other.low || self.low > other.high,
            Operator::NotEqual => self.value().is_some() && self.value() == other.value(),
            _ => false,
        }
    }

    /// Returns whether a comparison holds for all values here and there.
    pub(super) fn always(&self, operator: Operator, other: &Self) -> bool {
        if self.is_nan() || other.is_nan() {
            return operator == Operator::NotEqual;
        }
        let opposite = match operator {
            Operator::Greater => Operator::LessOrEqual,
            Operator::GreaterOrEqual => Operator::Less,
            Operator::Less => Operator::GreaterOrEqual,
            Operator::LessOrEqual => Operator::Greater,
            Operator::Equal => Operator::NotEqual,
            Operator::NotEqual => Operator::Equal,
            _ => return false,
        };
        self.never(opposite, other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comparison_never_or_always_holds_only_beyond_the_bounds() {
        let share = Bounds::between(0.0, 1.0);
        let check = |operator, value: f64, never, always| {
            let other = Bounds::exactly(value);
            assert_eq!(
                (share.never(operator, &other), share.always(operator, &other)),
                (never, always),
                "{operator:?} {value}"
            );
        };
        check(Operator::Greater, 1.0, true, false);
        check(Operator::Greater, 0.9, false, false);
        check(Operator::Greater, -0.1, false, true);
        check(Operator::GreaterOrEqual, 1.0, false, false);
        check(Operator::GreaterOrEqual, 0.0, false, true);
        check(Operator::Less, 0.0, true, false);
        check(Operator::LessOrEqual, 0.0, false, false);
        check(Operator::Less, 1.1, false, true);
        check(Operator::Equal, 2.0, true, false);
        check(Operator::NotEqual, 2.0, false, true);
        check(Operator::Equal, f64::NAN, true, false);
        check(Operator::Less, f64::NAN, true, false);
        check(Operator::NotEqual, f64::NAN, false, true);
    }

    #[test]
    fn arithmetic_moves_the_bounds() {
        let share = || Bounds::between(0.0, 1.0);
        let check = |operator, left: Bounds, right: Bounds, low, high| {
            let found = left.combined(operator, right);
            assert_eq!((found.low, found.high), (low, high), "{operator:?}");
        };
        check(Operator::Multiply, share(), Bounds::exactly(100.0), 0.0, 100.0);
        check(Operator::Subtract, Bounds::exactly(1.0), share(), 0.0, 1.0);
        check(Operator::Divide, Bounds::exactly(1.0), Bounds::between(2.0, 4.0), 0.25, 0.5);
        check(Operator::Divide, share(), share(), 0.0, f64::INFINITY);
        check(Operator::Multiply, Bounds::NOT_NEGATIVE, Bounds::exactly(-1.0), f64::NEG_INFINITY, 0.0);
        check(Operator::Subtract, Bounds::ANY, Bounds::ANY, f64::NEG_INFINITY, f64::INFINITY);
        check(Operator::Modulo, Bounds::ANY, Bounds::exactly(10.0), -10.0, 10.0);
        check(Operator::Modulo, share(), Bounds::exactly(-10.0), 0.0, 1.0);
        check(Operator::Power, share(), share(), f64::NEG_INFINITY, f64::INFINITY);
    }
}
