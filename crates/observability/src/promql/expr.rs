//! Expressions.

use jobwatch_catalogue::Quantity;

use super::selector::Selector;

/// An expression that yields an instant vector or a scalar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expr {
    /// A figure.
    Number(Quantity),
    /// The moment of the evaluation, in seconds since the epoch.
    Time,
    /// One sample without labels, of this value.
    Vector(Quantity),
    /// The latest sample of each series.
    Select(Selector),
    /// A function over the samples of a while.
    Range {
        /// Which function.
        function: RangeFunction,
        /// Of which series.
        selector: Selector,
        /// Over how long.
        window: Window,
    },
    /// One sample for each group of series that agree in some labels.
    Aggregate {
        /// How the group becomes one sample.
        operation: Aggregation,
        /// The labels that are kept. None of them means one sample for all.
        by: Vec<&'static str>,
        /// Of what.
        of: Box<Expr>,
    },
    /// The samples with the highest values, with their labels.
    Top {
        /// How many at most.
        number: u32,
        /// Of what.
        of: Box<Expr>,
    },
    /// The quantile of a histogram's rate.
    HistogramQuantile {
        /// Which quantile, as a ratio.
        quantile: Quantity,
        /// A rate of buckets.
        of: Box<Expr>,
    },
    /// Two expressions and what is done with them.
    Binary {
        /// What is done.
        operator: Operator,
        /// The left one.
        left: Box<Expr>,
        /// The right one.
        right: Box<Expr>,
        /// Which series of the two belong together.
        matching: Matching,
    },
}

/// A function over the samples of a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RangeFunction {
    /// Growth a second of a counter.
    Rate,
    /// Growth of a counter.
    Increase,
    /// The latest sample, however old within the window.
    LastOverTime,
    /// What a counter counted since its process started, however old within the window. It starts again with the process, so
    /// only its part of another such count means something.
    SinceStart,
}

/// How long a range function looks back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// So many seconds.
    Seconds(u64),
    /// What Grafana makes of the resolution of the panel and the scrape interval.
    RateInterval,
    /// The whole time range of the dashboard.
    DashboardRange,
}

/// How a group of series becomes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aggregation {
    /// Their sum.
    Sum,
    /// The largest.
    Max,
    /// The smallest.
    Min,
    /// How many they are.
    Count,
    /// One, if there is any.
    Group,
}

/// What is done with two expressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operator {
    /// `or`
    Or,
    /// `and`
    And,
    /// `unless`
    Unless,
    /// `==`
    Equal,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `<`
    Less,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
}

/// Which series of two vectors belong together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Matching {
    /// Those that agree in all labels.
    #[default]
    AllLabels,
    /// Those that agree in these.
    On(Vec<&'static str>),
    /// Those that agree in these, several on the left to one on the right.
    OnManyToOne(Vec<&'static str>),
}

impl Operator {
    /// How expressions write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Or => "or",
            Self::And => "and",
            Self::Unless => "unless",
            Self::Equal => "==",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Less => "<",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
        }
    }

    /// How tightly it binds: the higher, the tighter.
    pub(super) const fn precedence(self) -> u8 {
        match self {
            Self::Or => 1,
            Self::And | Self::Unless => 2,
            Self::Equal | Self::Greater | Self::GreaterOrEqual | Self::Less => 3,
            Self::Subtract => 4,
            Self::Multiply | Self::Divide => 5,
        }
    }

    /// Whether it keeps or drops whole samples of the left side.
    pub const fn is_set(self) -> bool {
        matches!(self, Self::Or | Self::And | Self::Unless)
    }

    /// Whether it compares.
    pub const fn is_comparison(self) -> bool {
        matches!(self, Self::Equal | Self::Greater | Self::GreaterOrEqual | Self::Less)
    }
}

impl From<Selector> for Expr {
    fn from(selector: Selector) -> Self {
        Self::Select(selector)
    }
}

impl From<Quantity> for Expr {
    fn from(quantity: Quantity) -> Self {
        Self::Number(quantity)
    }
}

impl Expr {
    /// Growth a second of the selected counters.
    pub fn rate(selector: Selector, window: Window) -> Self {
        Self::Range { function: RangeFunction::Rate, selector, window }
    }

    /// Growth of the selected counters.
    pub fn increase(selector: Selector, window: Window) -> Self {
        Self::Range { function: RangeFunction::Increase, selector, window }
    }

    /// The latest sample of the selected series, however old within so many seconds.
    pub fn last_over(selector: Selector, seconds: u64) -> Self {
        Self::Range { function: RangeFunction::LastOverTime, selector, window: Window::Seconds(seconds) }
    }

    /// What the selected counters counted since their processes started, as they said last within so many seconds.
    pub fn since_start(selector: Selector, seconds: u64) -> Self {
        Self::Range { function: RangeFunction::SinceStart, selector, window: Window::Seconds(seconds) }
    }

    /// The samples with the highest values, at most so many.
    #[must_use]
    pub fn top(self, number: u32) -> Self {
        Self::Top { number, of: Box::new(self) }
    }

    /// One sample for each group that agrees in some labels.
    #[must_use]
    pub fn aggregate(self, operation: Aggregation, by: &[&'static str]) -> Self {
        Self::Aggregate { operation, by: by.to_vec(), of: Box::new(self) }
    }

    /// A quantile of this rate of buckets.
    #[must_use]
    pub fn quantile(self, quantile: Quantity) -> Self {
        Self::HistogramQuantile { quantile, of: Box::new(self) }
    }

    /// This and another expression, matched by all labels.
    #[must_use]
    pub fn binary(self, operator: Operator, right: impl Into<Self>) -> Self {
        self.matched(operator, Matching::AllLabels, right)
    }

    /// This and another expression, matched by some labels.
    #[must_use]
    pub fn matched(self, operator: Operator, matching: Matching, right: impl Into<Self>) -> Self {
        Self::Binary { operator, left: Box::new(self), right: Box::new(right.into()), matching }
    }

    /// All of them joined by `or`; nothing of none.
    pub fn any(expressions: impl IntoIterator<Item = Self>) -> Option<Self> {
        expressions.into_iter().reduce(|left, right| left.binary(Operator::Or, right))
    }

    /// Calls a function with this expression and every expression in it.
    pub fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Self)) {
        visit(self);
        match self {
            Self::Number(_) | Self::Time | Self::Vector(_) | Self::Select(_) | Self::Range { .. } => {}
            Self::Aggregate { of, .. } | Self::Top { of, .. } | Self::HistogramQuantile { of, .. } => {
                of.walk(visit);
            }
            Self::Binary { left, right, .. } => {
                left.walk(visit);
                right.walk(visit);
            }
        }
    }

    /// The same expression over other series: each selector is replaced by what a function makes of it.
    #[must_use]
    pub fn map_selectors(self, map: &impl Fn(Selector) -> Selector) -> Self {
        let boxed = |of: Box<Self>| Box::new(of.map_selectors(map));
        match self {
            Self::Number(_) | Self::Time | Self::Vector(_) => self,
            Self::Select(selector) => Self::Select(map(selector)),
            Self::Range { function, selector, window } => {
                Self::Range { function, selector: map(selector), window }
            }
            Self::Aggregate { operation, by, of } => Self::Aggregate { operation, by, of: boxed(of) },
            Self::Top { number, of } => Self::Top { number, of: boxed(of) },
            Self::HistogramQuantile { quantile, of } => Self::HistogramQuantile { quantile, of: boxed(of) },
            Self::Binary { operator, left, right, matching } => {
                Self::Binary { operator, left: boxed(left), right: boxed(right), matching }
            }
        }
    }
}
