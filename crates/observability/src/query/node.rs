//! Expressions as a tree.

use std::ops::Range;

use super::function::{Function, ValueType};
use super::operator::{Aggregation, Operator};

/// A part of an expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Its number in the expression: parts come before what they are part of, and the whole is the
    /// last.
    pub id: usize,
    /// Its bytes in the text, without parentheses around it.
    pub span: Range<usize>,
    /// What it is.
    pub kind: Kind,
    /// How many parts lie within one another, this one among them.
    pub(super) height: usize,
}

/// What a part of an expression is.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// Series, as they are or over a while.
    Select(Selector),
    /// An expression over a while.
    Subquery {
        /// Which expression.
        of: Box<Node>,
        /// Over how many seconds.
        range: f64,
        /// How many seconds lie between two evaluations. `None` for as many as between those of
        /// rules by default.
        step: Option<f64>,
        /// How many seconds before, or 0.
        offset: f64,
    },
    /// A function.
    Call {
        /// Which one.
        function: &'static Function,
        /// Of what.
        arguments: Vec<Node>,
    },
    /// A group of series that becomes one.
    Aggregate {
        /// How.
        operation: Aggregation,
        /// What the groups are. `None` for all in one.
        grouping: Option<Grouping>,
        /// The parameter of the aggregation, where it has one.
        parameter: Option<Box<Node>>,
        /// Of what.
        of: Box<Node>,
    },
    /// The negative of an expression.
    Negative(Box<Node>),
    /// Two expressions and what is done with them.
    Binary {
        /// What is done.
        operator: Operator,
        /// Whether the result is 1 or 0 for each sample, instead of those for which it holds.
        is_bool: bool,
        /// Which samples of the two belong together.
        matching: Matching,
        /// The left one.
        left: Box<Node>,
        /// The right one.
        right: Box<Node>,
    },
}

/// A selector of series.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Selector {
    /// The name of the series. `None` if it only has matchers.
    pub name: Option<String>,
    /// What their labels have to be.
    pub matchers: Vec<Matcher>,
    /// Over how many seconds. `None` for the latest samples.
    pub range: Option<f64>,
    /// How many seconds before, or 0.
    pub offset: f64,
    /// Whether it is read at a fixed moment.
    pub is_at: bool,
}

/// What a label has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matcher {
    /// Which label.
    pub label: String,
    /// How it is compared.
    pub operator: MatchOperator,
    /// With what.
    pub value: String,
    /// Its bytes.
    pub span: Range<usize>,
}

/// How a label is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MatchOperator {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `=~`
    Matches,
    /// `!~`
    MatchesNot,
}

/// Labels that are kept, or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grouping {
    /// Whether all others are kept: `without`.
    pub is_without: bool,
    /// Which labels.
    pub labels: Vec<String>,
}

/// Which samples of two vectors belong together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Matching {
    /// `on` or, with `is_without`, `ignoring`. `None` for those that agree in all labels.
    pub labels: Option<Grouping>,
    /// Whether several on one side may belong to one on the other. `None` for one to one.
    pub taken: Option<Taken>,
}

/// Several samples on one side that belong to one on the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Whether the several are on the left: `group_left`.
    pub is_left: bool,
    /// Labels that they take over from the one.
    pub labels: Vec<String>,
}

impl Node {
    /// Returns what kind of value it yields.
    pub fn value_type(&self) -> ValueType {
        match &self.kind {
            Kind::Number(_) => ValueType::Scalar,
            Kind::Text(_) => ValueType::Text,
            Kind::Select(Selector { range: Some(_), .. }) | Kind::Subquery { .. } => ValueType::Matrix,
            Kind::Select(_) | Kind::Aggregate { .. } => ValueType::Vector,
            Kind::Call { function, .. } => function.yields(),
            Kind::Negative(of) => of.value_type(),
            Kind::Binary { left, right, .. } => match (left.value_type(), right.value_type()) {
                (ValueType::Scalar, ValueType::Scalar) => ValueType::Scalar,
                _ => ValueType::Vector,
            },
        }
    }

    /// Returns the parts right below it, in the order in which they are written.
    pub fn parts(&self) -> Vec<&Self> {
        match &self.kind {
            Kind::Number(_) | Kind::Text(_) | Kind::Select(_) => Vec::new(),
            Kind::Subquery { of, .. } | Kind::Negative(of) => vec![of],
            Kind::Call { arguments, .. } => arguments.iter().collect(),
            Kind::Aggregate { parameter, of, .. } => {
                parameter.iter().map(|part| &**part).chain([&**of]).collect()
            }
            Kind::Binary { left, right, .. } => vec![left, right],
        }
    }

    /// Returns it and all parts below it, each before its own parts.
    pub fn all(&self) -> Vec<&Self> {
        let mut waiting = vec![self];
        let mut all = Vec::new();
        while let Some(node) = waiting.pop() {
            all.push(node);
            waiting.extend(node.parts().into_iter().rev());
        }
        all
    }
}

impl Selector {
    /// Returns the name of the series, however it is written. `None` if several may have it.
    pub fn name(&self) -> Option<&str> {
        let by_label =
            |matcher: &&Matcher| matcher.label == "__name__" && matcher.operator == MatchOperator::Equal;
        self.name.as_deref().or_else(|| Some(self.matchers.iter().find(by_label)?.value.as_str()))
    }
}
