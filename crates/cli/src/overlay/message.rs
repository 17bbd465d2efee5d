//! What the errors of the engine say, which has them without words.

use std::fmt::Debug;

use rsjsonnet_lang::program::{EvalError, EvalErrorKind, LoadError};
use rsjsonnet_lang::span::SpanId;

/// Returns what is wrong with a text that is no jsonnet, and where.
pub(super) fn of_load(error: &LoadError) -> (String, Option<SpanId>) {
    use rsjsonnet_lang::lexer::LexError;
    use rsjsonnet_lang::parser::{ActualToken, ParseError};
    use rsjsonnet_lang::program::AnalyzeError;
    match error {
        LoadError::Parse(ParseError::Expected { span, instead, .. }) => {
            let unexpected = match instead {
                ActualToken::Simple(sign) => words(sign),
                other => words(other),
            };
            (format!("this is no jsonnet: unexpected {unexpected}"), Some(*span))
        }
        LoadError::Analyze(AnalyzeError::UnknownVariable { span, name }) => {
            (format!("there is no variable `{name}`"), Some(*span))
        }
        LoadError::Analyze(error) => (format!("this is no jsonnet: {}", words(error)), None),
        LoadError::Lex(error) => {
            let span = match error {
                LexError::InvalidChar { span, .. }
                | LexError::UnfinishedString { span }
                | LexError::UnfinishedMultilineComment { span } => Some(*span),
                _ => None,
            };
            (format!("this is no jsonnet: {}", words(error)), span)
        }
    }
}

/// Returns what is wrong with an evaluation, and where if the error itself knows.
pub(super) fn of_evaluation(error: &EvalError) -> (String, Option<SpanId>) {
    match &error.kind {
        EvalErrorKind::ExplicitError { span, message }
        | EvalErrorKind::AssertFailed { span, message: Some(message) } => (message.clone(), Some(*span)),
        EvalErrorKind::UnknownObjectField { span, field_name } => {
            (format!("there is no field `{field_name}`"), Some(*span))
        }
        EvalErrorKind::StackOverflow => ("it calls itself too often, or nests too deep".to_owned(), None),
        EvalErrorKind::InfiniteRecursion => ("a value needs itself to be known".to_owned(), None),
        EvalErrorKind::ManifestFunction => {
            ("it yields a function where a value is expected".to_owned(), None)
        }
        EvalErrorKind::InvalidBinaryOpTypes { span, lhs_type, rhs_type, .. } => {
            (format!("these do not go together: {} and {}", words(lhs_type), words(rhs_type)), *span)
        }
        EvalErrorKind::FieldOfNonObject { span } => {
            ("it is no object, and has no field".to_owned(), Some(*span))
        }
        EvalErrorKind::Other { span, message } => (message.clone(), *span),
        kind => (words(kind), None),
    }
}

/// Returns the name of a variant in words: `DivByZero` as "div by zero".
fn words(error: &impl Debug) -> String {
    let written = format!("{error:?}");
    let name = written.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    let mut words = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.push(c.to_ascii_lowercase());
    }
    words
}
