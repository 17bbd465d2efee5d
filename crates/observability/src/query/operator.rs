//! Operators between expressions, and over groups of series.

use strum::{EnumIter, IntoEnumIterator, IntoStaticStr};

/// What is done with two expressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, EnumIter)]
#[strum(serialize_all = "snake_case")]
pub enum Operator {
    /// `or`
    Or,
    /// `and`
    And,
    /// `unless`
    Unless,
    /// `==`
    #[strum(serialize = "==")]
    Equal,
    /// `!=`
    #[strum(serialize = "!=")]
    NotEqual,
    /// `>`
    #[strum(serialize = ">")]
    Greater,
    /// `>=`
    #[strum(serialize = ">=")]
    GreaterOrEqual,
    /// `<`
    #[strum(serialize = "<")]
    Less,
    /// `<=`
    #[strum(serialize = "<=")]
    LessOrEqual,
    /// `+`
    #[strum(serialize = "+")]
    Add,
    /// `-`
    #[strum(serialize = "-")]
    Subtract,
    /// `*`
    #[strum(serialize = "*")]
    Multiply,
    /// `/`
    #[strum(serialize = "/")]
    Divide,
    /// `%`
    #[strum(serialize = "%")]
    Modulo,
    /// `atan2`
    Atan2,
    /// `^`
    #[strum(serialize = "^")]
    Power,
}

impl Operator {
    /// How tightly a sign binds: as a product does.
    pub(super) const SIGN: u8 = 5;

    /// Returns the operator that is written so, in whichever case. `None` if there is none.
    pub(super) fn written(word: &str) -> Option<Self> {
        Self::iter().find(|operator| operator.as_str().eq_ignore_ascii_case(word))
    }

    /// Returns how expressions write it.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Returns how tightly it binds: the higher, the tighter.
    pub(super) const fn precedence(self) -> u8 {
        match self {
            Self::Or => 1,
            Self::And | Self::Unless => 2,
            Self::Equal
            | Self::NotEqual
            | Self::Greater
            | Self::GreaterOrEqual
            | Self::Less
            | Self::LessOrEqual => 3,
            Self::Add | Self::Subtract => 4,
            Self::Multiply | Self::Divide | Self::Modulo | Self::Atan2 => Self::SIGN,
            Self::Power => 6,
        }
    }

    /// Returns whether it keeps or drops whole samples.
    pub const fn is_set(self) -> bool {
        matches!(self, Self::Or | Self::And | Self::Unless)
    }

    /// Returns whether it compares.
    pub const fn is_comparison(self) -> bool {
        self.precedence() == 3
    }
}

/// How a group of series becomes one, or fewer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, EnumIter)]
#[strum(serialize_all = "snake_case")]
pub enum Aggregation {
    /// Their sum.
    Sum,
    /// Their mean.
    Avg,
    /// How many they are.
    Count,
    /// The smallest.
    Min,
    /// The largest.
    Max,
    /// One, if there is any.
    Group,
    /// Their standard deviation.
    Stddev,
    /// Its square.
    Stdvar,
    /// The largest so many, each as it is.
    Topk,
    /// The smallest so many, each as it is.
    Bottomk,
    /// How many have each value.
    CountValues,
    /// The value below which a share of them lies.
    Quantile,
    /// So many of them, each as it is.
    Limitk,
    /// A share of them, each as it is.
    LimitRatio,
}

impl Aggregation {
    /// Returns the aggregation of this name, in whichever case. `None` if there is none.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::iter().find(|operation| operation.as_str().eq_ignore_ascii_case(name))
    }

    /// Returns its name.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Returns whether it takes a parameter before the expression.
    pub const fn has_parameter(self) -> bool {
        self.selects() || matches!(self, Self::CountValues | Self::Quantile)
    }

    /// Returns whether the series that it keeps stay what they are.
    pub const fn selects(self) -> bool {
        matches!(self, Self::Topk | Self::Bottomk | Self::Limitk | Self::LimitRatio)
    }
}
