//! Reads what stands in an action: commands, one behind the other.

use std::ops::Range;

use jobwatch_catalogue::suggestion::nearest;

use super::action::{Token, Word};
use super::error::TemplateError;
use super::functions::FUNCTIONS;
use super::scope::{Meaning, Read, Scope};

/// How many parentheses may be open at once.
const MAX_DEPTH: usize = 100;

/// What is left of an action, with what is known and what was found.
pub(super) struct Pipeline<'a, 't> {
    pub(super) tokens: &'a [Token<'t>],
    pub(super) at: usize,
    pub(super) depth: usize,
    pub(super) scope: &'a mut Scope<'t>,
    pub(super) found: &'a mut Vec<Read<'t>>,
}

/// A part of a command.
#[derive(Clone, Copy)]
struct Operand<'t> {
    meaning: Meaning,
    /// The function that it is.
    function: Option<&'t str>,
    /// The text that it is, with its first byte.
    text: Option<(&'t str, usize)>,
    /// Whether it is a constant or `.`, which takes nothing from what stands before it.
    is_fixed: bool,
}

impl<'t> Pipeline<'_, 't> {
    /// Returns the next word. The last is the end, which is never passed.
    fn peek(&self) -> &Token<'t> {
        &self.tokens[self.at.min(self.tokens.len() - 1)]
    }

    fn next(&mut self) -> Token<'t> {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    /// Passes over blanks and returns the next word.
    pub(super) fn next_word(&mut self) -> Token<'t> {
        while self.peek().word == Word::Blank {
            self.at += 1;
        }
        self.next()
    }

    pub(super) fn peek_word(&mut self) -> Word<'t> {
        while self.peek().word == Word::Blank {
            self.at += 1;
        }
        self.peek().word
    }

    /// Errors: the action does not end here.
    pub(super) fn end(&mut self) -> Result<(), TemplateError> {
        match self.next_word() {
            Token { word: Word::End, .. } => Ok(()),
            other => Err(unexpected(&other)),
        }
    }

    /// Reads commands up to a word, and the variables that they are given to. Returns what they
    /// stand for.
    pub(super) fn read(&mut self, end: Word<'_>, most_variables: usize) -> Result<Meaning, TemplateError> {
        let defined = self.variables(most_variables)?;
        let mut commands = 0;
        let mut meaning = Meaning::Other;
        loop {
            let start = self.peek().span.clone();
            let word = self.peek_word();
            if word == end {
                let end = self.next();
                if commands == 0 {
                    return Err(TemplateError::new(end.span, "there is nothing to show here"));
                }
                if defined == 1 {
                    self.scope.mean(meaning);
                }
                return Ok(meaning);
            }
            let (of_command, is_fixed) = self.command()?;
            commands += 1;
            if commands > 1 && is_fixed {
                return Err(TemplateError::new(start, "what stands behind `|` has to be a function"));
            }
            meaning = if commands == 1 { of_command } else { Meaning::Other };
        }
    }

    /// Reads the variables that something is given to, and returns how many there are.
    fn variables(&mut self, most: usize) -> Result<usize, TemplateError> {
        let mut names = Vec::new();
        let before = self.at;
        while let Word::Variable(name) = self.peek_word() {
            self.next();
            names.push(name);
            match self.peek_word() {
                Word::Sign(":=" | "=") => {
                    self.next();
                    names.iter().for_each(|name| self.scope.define(name, Meaning::Other));
                    return Ok(names.len());
                }
                Word::Sign(",") if names.len() < most => {
                    self.next();
                }
                Word::Sign(",") => return Err(unexpected(self.peek())),
                _ => break,
            }
        }
        self.at = before;
        Ok(0)
    }

    /// Reads a command and returns what it stands for, and whether it begins with what is fixed.
    fn command(&mut self) -> Result<(Meaning, bool), TemplateError> {
        let mut operands = Vec::new();
        loop {
            while self.peek().word == Word::Blank {
                self.at += 1;
            }
            if !matches!(self.peek().word, Word::End | Word::Sign("|" | ")")) {
                operands.push(self.operand()?);
            }
            match self.peek().word {
                Word::Blank => {}
                Word::End | Word::Sign(")") => break,
                Word::Sign("|") => {
                    self.next();
                    break;
                }
                _ => return Err(unexpected(self.peek())),
            }
        }
        let [first, rest @ ..] = operands.as_slice() else {
            return Err(TemplateError::new(self.peek().span.clone(), "there is an empty command here"));
        };
        if let (
            Some("index"),
            [Operand { meaning: Meaning::Labels, .. }, Operand { text: Some((label, at)), .. }, ..],
        ) = (first.function, rest)
        {
            self.found.push(Read::Label(label, *at));
        }
        let meaning = if rest.is_empty() { first.meaning } else { Meaning::Other };
        Ok((meaning, first.is_fixed))
    }

    fn operand(&mut self) -> Result<Operand<'t>, TemplateError> {
        let token = self.next();
        let mut operand = Operand { meaning: Meaning::Other, function: None, text: None, is_fixed: false };
        match token.word {
            Word::Name("true" | "false" | "nil") | Word::Constant => operand.is_fixed = true,
            Word::Name(name) => {
                self.known_function(name, &token.span)?;
                operand.function = Some(name);
            }
            Word::Text(text) => {
                operand.text = Some((text, token.span.start + 1));
                operand.is_fixed = true;
            }
            Word::Sign(".") => {
                operand.meaning = self.scope.dot;
                operand.is_fixed = true;
            }
            Word::Variable(name) => operand.meaning = self.variable(name, &token.span)?,
            Word::Field(name) => operand.meaning = self.field(self.scope.dot, name, &token.span),
            Word::Sign("(") => {
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    let message = format!("more than {MAX_DEPTH} parentheses lie within one another here");
                    return Err(TemplateError::new(token.span, message));
                }
                operand.meaning = self.read(Word::Sign(")"), 1)?;
                self.depth -= 1;
            }
            Word::Sign(_) | Word::Blank | Word::End => return Err(unexpected(&token)),
        }
        while let Word::Field(name) = self.peek().word {
            let field = self.next();
            if operand.is_fixed {
                return Err(unexpected(&field));
            }
            operand.meaning = self.field(operand.meaning, name, &field.span);
        }
        Ok(operand)
    }

    fn known_function(&self, name: &str, span: &Range<usize>) -> Result<(), TemplateError> {
        if FUNCTIONS.contains(&name) {
            return Ok(());
        }
        let near = nearest(name, FUNCTIONS).map(|near| format!(": did you mean `{near}`?"));
        let message = format!("there is no function `{name}`{}", near.unwrap_or_default());
        Err(TemplateError::new(span.clone(), message))
    }

    fn variable(&mut self, name: &str, span: &Range<usize>) -> Result<Meaning, TemplateError> {
        let Some(meaning) = self.scope.variable(name) else {
            let near = nearest(name, self.scope.names()).map(|near| format!(": did you mean `{near}`?"));
            let message = format!("there is no variable `{name}`{}", near.unwrap_or_default());
            return Err(TemplateError::new(span.clone(), message));
        };
        if meaning == Meaning::Value {
            self.found.push(Read::Value);
        }
        Ok(meaning)
    }

    /// Returns what a field of something stands for.
    fn field(&mut self, of: Meaning, name: &'t str, span: &Range<usize>) -> Meaning {
        match (of, name) {
            (Meaning::Alert, "Labels") => return Meaning::Labels,
            (Meaning::Alert, "Value") => {
                self.found.push(Read::Value);
                return Meaning::Value;
            }
            (Meaning::Labels, label) => self.found.push(Read::Label(label, span.start + 1)),
            _ => {}
        }
        Meaning::Other
    }
}

pub(super) fn unexpected(token: &Token<'_>) -> TemplateError {
    let found = match token.word {
        Word::Name(name) | Word::Variable(name) => format!("`{name}`"),
        Word::Field(name) => format!("`.{name}`"),
        Word::Text(_) => "a text".to_owned(),
        Word::Constant => "a constant".to_owned(),
        Word::Sign(sign) => format!("`{sign}`"),
        Word::Blank => "a blank".to_owned(),
        Word::End => "the end of the action".to_owned(),
    };
    TemplateError::new(token.span.clone(), format!("{found} cannot stand here"))
}
