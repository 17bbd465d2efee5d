//! Reads an expression: operators by how tightly they bind.

use std::ops::Range;

use super::check::check;
use super::error::QueryError;
use super::node::{Grouping, Kind, Matching, Node, Taken};
use super::operator::Operator;
use super::token::{Token, Word};
use super::tokenize::tokenize;

/// The longest text that is read: 4 MiB.
pub const MAX_BYTES: usize = 4 << 20;

/// How many parentheses, functions and signs may be open at once.
const MAX_DEPTH: usize = 100;

/// How many parts may lie within one another: in a chain of operators, each lies in the next.
const MAX_HEIGHT: usize = 1_000;

/// Reads an expression, as the rules of Prometheus have them: one that yields a vector or a number.
///
/// # Errors
///
/// [`QueryError`] tells the first thing that Prometheus would refuse, or that the text is longer
/// than [`MAX_BYTES`] or too deeply nested to be evaluated.
///
/// ```
/// let error = jobwatch_observability::query::parse("rate(up)").unwrap_err();
/// let said = "rate takes a range of samples, as in `[5m]`, and this is a vector";
/// assert_eq!(error.to_string(), said);
/// assert_eq!(error.span, 5..7);
/// ```
pub fn parse(text: &str) -> Result<Node, QueryError> {
    if text.len() > MAX_BYTES {
        let message = format!("the expression has {} bytes: at most {MAX_BYTES} are read", text.len());
        return Err(QueryError::new(0..0, message));
    }
    let tokens = tokenize(text)?;
    let mut parser = Parser { tokens, at: 0, depth: 0, next_id: 0 };
    if parser.peek().word == Word::End {
        return Err(QueryError::new(0..text.len(), "there is no expression"));
    }
    let node = parser.expression(0)?;
    match &parser.peek().word {
        Word::End => {}
        _ => return Err(parser.unexpected("an operator or the end")),
    }
    check(&node)?;
    Ok(node)
}

/// What is left to read.
pub(super) struct Parser {
    tokens: Vec<Token>,
    at: usize,
    /// How many parts are open.
    depth: usize,
    next_id: usize,
}

impl Parser {
    pub(super) fn peek(&self) -> &Token {
        // The last token is the end, which is never passed.
        &self.tokens[self.at.min(self.tokens.len() - 1)]
    }

    /// Returns the token behind the next one.
    pub(super) fn second(&self) -> &Token {
        &self.tokens[(self.at + 1).min(self.tokens.len() - 1)]
    }

    /// Returns the token that was read last. `None` at the beginning.
    pub(super) fn previous(&self) -> Option<&Token> {
        self.tokens.get(self.at.checked_sub(1)?)
    }

    pub(super) fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    /// Takes a sign if it is the next one, and returns whether it was.
    pub(super) fn takes(&mut self, sign: &str) -> bool {
        let is_next = self.peek().is_sign(sign);
        self.at += usize::from(is_next);
        is_next
    }

    /// Takes a sign and returns its bytes. Errors: something else stands there.
    pub(super) fn expect(&mut self, sign: &str) -> Result<Range<usize>, QueryError> {
        match self.peek().is_sign(sign) {
            true => Ok(self.next().span),
            false => Err(self.unexpected(&format!("`{sign}`"))),
        }
    }

    /// Returns an error at the next token.
    pub(super) fn unexpected(&self, expected: &str) -> QueryError {
        let token = self.peek();
        let found = match &token.word {
            Word::Name(name) => format!("`{name}`"),
            Word::Number(_) => "a number".to_owned(),
            Word::Duration(_) => "a duration".to_owned(),
            Word::Text(_) => "a text".to_owned(),
            Word::Sign(sign) => format!("`{sign}`"),
            Word::End => "the end".to_owned(),
        };
        QueryError::new(token.span.clone(), format!("expected {expected}, and here is {found}"))
    }

    /// Returns a part. Errors: too many lie within one another.
    pub(super) fn node(&mut self, span: Range<usize>, kind: Kind) -> Result<Node, QueryError> {
        let mut node = Node { id: self.next_id, span, kind, height: 1 };
        node.height += node.parts().iter().map(|part| part.height).max().unwrap_or(0);
        if node.height > MAX_HEIGHT {
            let message = format!("more than {MAX_HEIGHT} operators follow one another here");
            return Err(QueryError::new(node.span, message));
        }
        self.next_id += 1;
        Ok(node)
    }

    /// Reads an expression whose operators bind more tightly than a level.
    pub(super) fn expression(&mut self, level: u8) -> Result<Node, QueryError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let message = format!("more than {MAX_DEPTH} parts lie within one another here");
            return Err(QueryError::new(self.peek().span.clone(), message));
        }
        // Parentheses around a side are part of the whole.
        let start = self.peek().span.start;
        let mut left = self.signed()?;
        while let Some(operator) = self.operator().filter(|operator| operator.precedence() > level) {
            let sign = self.next().span;
            let (is_bool, matching) = self.modifiers(operator, &sign)?;
            // A power is that of what stands to its right.
            let level = operator.precedence() - u8::from(operator == Operator::Power);
            let right = self.expression(level)?;
            let span = start..self.end_of_last();
            let (left_side, right) = (Box::new(left), Box::new(right));
            let kind = Kind::Binary { operator, is_bool, matching, left: left_side, right };
            left = self.node(span, kind)?;
        }
        self.depth -= 1;
        Ok(left)
    }

    fn operator(&self) -> Option<Operator> {
        match &self.peek().word {
            Word::Sign(sign) => Operator::written(sign),
            Word::Name(name) => Operator::written(name),
            _ => None,
        }
    }

    fn signed(&mut self) -> Result<Node, QueryError> {
        let is_negative = match self.peek().word {
            Word::Sign("-") => true,
            Word::Sign("+") => false,
            _ => return self.primary(),
        };
        let sign = self.next().span;
        let of = self.expression(Operator::SIGN)?;
        let span = sign.start..self.end_of_last();
        match of.kind {
            _ if !is_negative => Ok(Node { span, ..of }),
            Kind::Number(value) => Ok(Node { span, kind: Kind::Number(-value), ..of }),
            _ => self.node(span, Kind::Negative(Box::new(of))),
        }
    }

    fn modifiers(&mut self, operator: Operator, sign: &Range<usize>) -> Result<(bool, Matching), QueryError> {
        let mut matching = Matching::default();
        let is_bool = self.peek().is_keyword("bool");
        if is_bool {
            let span = self.next().span;
            if !operator.is_comparison() {
                return Err(QueryError::new(span, "`bool` belongs to comparisons"));
            }
        }
        let is_on = self.peek().is_keyword("on");
        if is_on || self.peek().is_keyword("ignoring") {
            self.next();
            matching.labels = Some(Grouping { is_without: !is_on, labels: self.labels()? });
            let is_left = self.peek().is_keyword("group_left");
            if is_left || self.peek().is_keyword("group_right") {
                let span = self.next().span;
                if operator.is_set() {
                    return Err(QueryError::new(span, format!("`{}` groups nothing", operator.as_str())));
                }
                let labels = if self.peek().is_sign("(") { self.labels()? } else { Vec::new() };
                let on = matching.labels.iter().filter(|on| !on.is_without).flat_map(|on| &on.labels);
                if let Some(twice) = on.into_iter().find(|label| labels.contains(label)) {
                    let message = format!("`{twice}` is taken over and in `on`, which says so already");
                    return Err(QueryError::new(span, message));
                }
                matching.taken = Some(Taken { is_left, labels });
            }
        } else if self.peek().is_keyword("group_left") || self.peek().is_keyword("group_right") {
            return Err(QueryError::new(
                sign.start..self.peek().span.end,
                "a group needs `on` or `ignoring`",
            ));
        }
        Ok((is_bool, matching))
    }

    /// Reads the names of labels in parentheses.
    pub(super) fn labels(&mut self) -> Result<Vec<String>, QueryError> {
        self.expect("(")?;
        let mut labels = Vec::new();
        while !self.takes(")") {
            let token = self.peek().clone();
            match token.word {
                Word::Name(name) | Word::Text(name) if !name.contains(':') => labels.push(name),
                _ => return Err(self.unexpected("the name of a label")),
            }
            self.next();
            if !self.takes(",") && !self.peek().is_sign(")") {
                return Err(self.unexpected("`,` or `)`"));
            }
        }
        Ok(labels)
    }
}
