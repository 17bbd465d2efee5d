//! Reads what stands between operators: numbers, selectors, functions, aggregations.

use std::ops::Range;

use jobwatch_catalogue::suggestion::nearest;

use super::error::QueryError;
use super::function::Function;
use super::node::{Grouping, Kind, MatchOperator, Matcher, Node, Selector};
use super::operator::Aggregation;
use super::parse::Parser;
use super::token::Word;

impl Parser {
    pub(super) fn primary(&mut self) -> Result<Node, QueryError> {
        let token = self.peek().clone();
        let start = token.span.start;
        let node = match token.word {
            Word::Number(value) | Word::Duration(value) => {
                self.next();
                self.node(token.span, Kind::Number(value))?
            }
            Word::Text(text) => {
                self.next();
                self.node(token.span, Kind::Text(text))?
            }
            Word::Sign("(") => {
                self.next();
                let node = self.expression(0)?;
                self.expect(")")?;
                node
            }
            Word::Sign("{") => self.selector(None, token.span)?,
            Word::Name(name) => self.named(&name, token.span)?,
            _ => return Err(self.unexpected("an expression")),
        };
        self.behind(node, start)
    }

    /// Reads what begins with a name.
    fn named(&mut self, name: &str, span: Range<usize>) -> Result<Node, QueryError> {
        let second = self.second();
        let is_called = second.is_sign("(");
        let is_grouped = second.is_keyword("by") || second.is_keyword("without");
        match Aggregation::named(name) {
            Some(operation) if is_called || is_grouped => return self.aggregate(operation, span),
            _ => {}
        }
        if is_called {
            return self.call(name, span);
        }
        let number = match name.to_ascii_lowercase().as_str() {
            "inf" => Some(f64::INFINITY),
            "nan" => Some(f64::NAN),
            _ => None,
        };
        self.next();
        match number {
            Some(value) => self.node(span, Kind::Number(value)),
            None => self.selector(Some(name.to_owned()), span),
        }
    }

    fn call(&mut self, name: &str, span: Range<usize>) -> Result<Node, QueryError> {
        let function = Function::named(name).ok_or_else(|| {
            let known = Function::names();
            let near = nearest(name, known).map(|near| format!(": did you mean `{near}`?"));
            QueryError::new(
                span.clone(),
                format!("there is no function `{name}`{}", near.unwrap_or_default()),
            )
        })?;
        self.next();
        let (arguments, end) = self.arguments()?;
        self.node(span.start..end, Kind::Call { function, arguments })
    }

    /// Reads expressions in parentheses, and returns them with where they end.
    fn arguments(&mut self) -> Result<(Vec<Node>, usize), QueryError> {
        self.expect("(")?;
        let mut arguments = Vec::new();
        if self.peek().is_sign(")") {
            return Ok((arguments, self.next().span.end));
        }
        loop {
            arguments.push(self.expression(0)?);
            if self.peek().is_sign(")") {
                return Ok((arguments, self.next().span.end));
            }
            if !self.takes(",") {
                return Err(self.unexpected("`,` or `)`"));
            }
        }
    }

    fn aggregate(&mut self, operation: Aggregation, span: Range<usize>) -> Result<Node, QueryError> {
        self.next();
        let before = self.grouping()?;
        let (mut arguments, mut end) = self.arguments()?;
        let grouping = match before {
            Some(before) => Some(before),
            None => self.grouping()?,
        };
        let (name, wanted) = (operation.as_str(), 1 + usize::from(operation.has_parameter()));
        if arguments.len() != wanted {
            let wanted = if wanted == 1 { "an expression" } else { "a parameter and an expression" };
            return Err(QueryError::new(span.start..end, format!("{name} takes {wanted}")));
        }
        let last = arguments.pop();
        let of = Box::new(last.ok_or_else(|| QueryError::new(span.clone(), "there is no expression"))?);
        if let Some((_, behind)) = grouping.as_ref() {
            end = end.max(*behind);
        }
        let grouping = grouping.map(|(grouping, _)| grouping);
        let parameter = arguments.pop().map(Box::new);
        self.node(span.start..end, Kind::Aggregate { operation, grouping, parameter, of })
    }

    /// Reads `by` or `without`, if it stands here, and returns where it ends.
    fn grouping(&mut self) -> Result<Option<(Grouping, usize)>, QueryError> {
        let is_without = self.peek().is_keyword("without");
        if !is_without && !self.peek().is_keyword("by") {
            return Ok(None);
        }
        self.next();
        let labels = self.labels()?;
        Ok(Some((Grouping { is_without, labels }, self.end_of_last())))
    }

    fn selector(&mut self, name: Option<String>, span: Range<usize>) -> Result<Node, QueryError> {
        let mut selector = Selector { name, ..Selector::default() };
        let mut end = span.end;
        if self.takes("{") {
            while !self.takes("}") {
                self.matcher(&mut selector)?;
                if !self.takes(",") && !self.peek().is_sign("}") {
                    return Err(self.unexpected("`,` or `}`"));
                }
            }
            end = self.end_of_last();
        }
        self.node(span.start..end, Kind::Select(selector))
    }

    /// Reads what a label has to be, or a name of series in quotes.
    fn matcher(&mut self, selector: &mut Selector) -> Result<(), QueryError> {
        let token = self.next();
        let label = match token.word {
            Word::Name(name) if !name.contains(':') => name,
            Word::Text(name) if matches!(self.peek().word, Word::Sign("," | "}")) => {
                if selector.name.is_some() {
                    return Err(QueryError::new(token.span, "the series has a name already"));
                }
                selector.name = Some(name);
                return Ok(());
            }
            Word::Text(name) => name,
            _ => return Err(QueryError::new(token.span, "expected the name of a label here")),
        };
        let operator = match self.peek().word {
            Word::Sign("=") => MatchOperator::Equal,
            Word::Sign("!=") => MatchOperator::NotEqual,
            Word::Sign("=~") => MatchOperator::Matches,
            Word::Sign("!~") => MatchOperator::MatchesNot,
            _ => return Err(self.unexpected("`=`, `!=`, `=~` or `!~`")),
        };
        self.next();
        let value = self.next();
        let Word::Text(text) = value.word else {
            return Err(QueryError::new(value.span, "the value of a label stands in quotes"));
        };
        let span = token.span.start..value.span.end;
        selector.matchers.push(Matcher { label, operator, value: text, span });
        Ok(())
    }

    /// Reads what stands behind an expression: a range, an offset, a moment. The expression starts,
    /// with the parentheses around it, at a byte.
    fn behind(&mut self, mut node: Node, start: usize) -> Result<Node, QueryError> {
        loop {
            let token = self.peek().clone();
            if token.is_sign("[") {
                self.next();
                node = self.range(node, start)?;
            } else if token.is_keyword("offset") {
                self.next();
                let is_negative = self.takes("-");
                let seconds = self.seconds()?;
                let seconds = if is_negative { -seconds } else { seconds };
                match &mut node.kind {
                    Kind::Select(Selector { offset, .. }) | Kind::Subquery { offset, .. }
                        if *offset == 0.0 =>
                    {
                        *offset = seconds;
                    }
                    _ => {
                        return Err(QueryError::new(
                            token.span,
                            "only series and subqueries have one offset",
                        ));
                    }
                }
            } else if token.is_sign("@") {
                self.next();
                self.moment()?;
                match &mut node.kind {
                    Kind::Select(selector) => selector.is_at = true,
                    Kind::Subquery { .. } => {}
                    _ => return Err(QueryError::new(token.span, "only series and subqueries have a moment")),
                }
            } else {
                return Ok(node);
            }
            node.span.end = self.end_of_last();
        }
    }

    /// Reads the inside of brackets.
    fn range(&mut self, mut node: Node, start: usize) -> Result<Node, QueryError> {
        let range = self.positive_seconds()?;
        if !self.takes(":") {
            let end = self.expect("]")?.end;
            return match &mut node.kind {
                Kind::Select(selector) if selector.range.is_none() && selector.offset == 0.0 => {
                    selector.range = Some(range);
                    node.span.end = end;
                    Ok(node)
                }
                _ => {
                    let message = "only series have a range; of another expression, write `[5m:]`";
                    Err(QueryError::new(start..end, message))
                }
            };
        }
        let step = match self.peek().is_sign("]") {
            true => None,
            false => Some(self.positive_seconds()?),
        };
        let span = start..self.expect("]")?.end;
        self.node(span, Kind::Subquery { of: Box::new(node), range, step, offset: 0.0 })
    }

    /// Reads a range, or the step of a subquery. Errors: it is nothing.
    fn positive_seconds(&mut self) -> Result<f64, QueryError> {
        let span = self.peek().span.clone();
        match self.seconds()? {
            seconds if seconds > 0.0 => Ok(seconds),
            _ => Err(QueryError::new(span, "this has to be longer than nothing")),
        }
    }

    fn seconds(&mut self) -> Result<f64, QueryError> {
        match self.peek().word {
            Word::Duration(seconds) | Word::Number(seconds) => {
                self.next();
                Ok(seconds)
            }
            _ => Err(self.unexpected("a duration, as in `5m`")),
        }
    }

    fn moment(&mut self) -> Result<(), QueryError> {
        if self.peek().is_keyword("start") || self.peek().is_keyword("end") {
            self.next();
            self.expect("(")?;
            return self.expect(")").map(drop);
        }
        let _ = self.takes("-") || self.takes("+");
        self.seconds().map(drop)
    }

    /// Returns where the token ends that was read last.
    pub(super) fn end_of_last(&self) -> usize {
        self.previous().map_or(0, |token| token.span.end)
    }
}
