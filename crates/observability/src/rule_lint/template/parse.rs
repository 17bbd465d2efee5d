//! Reads a template action by action.

use std::ops::Range;

use super::action::{Token, Word, next_action};
use super::error::TemplateError;
use super::pipeline::{Pipeline, unexpected};
use super::scope::{Mark, Meaning, Read, Scope};

/// What is open until its `end`.
struct Open<'t> {
    /// The keyword that opened it.
    keyword: &'t str,
    /// Where that stands.
    span: Range<usize>,
    /// What is known outside.
    outside: Outside<'t>,
    has_else: bool,
}

/// What is known outside of what is open.
enum Outside<'t> {
    /// What was defined before.
    Before(Mark),
    /// All that is not known within.
    Other(Scope<'t>),
}

/// Returns what the actions of a template read of the alert.
///
/// # Errors
///
/// [`TemplateError`] tells the first thing that Prometheus would refuse when it loads the rule.
pub(in crate::rule_lint) fn read(text: &str) -> Result<Vec<Read<'_>>, TemplateError> {
    let mut found = Vec::new();
    let mut scope = Scope::of_alert();
    let mut open = Vec::new();
    let mut from = 0;
    while let Some(tokens) = next_action(text, from)? {
        from = tokens.last().map_or(text.len(), |end| end.span.end);
        let pipeline = Pipeline { tokens: &tokens, at: 0, depth: 0, scope: &mut scope, found: &mut found };
        of_action(pipeline, &mut open)?;
    }
    match open.pop() {
        None => Ok(found),
        Some(Open { keyword, span, .. }) => {
            Err(TemplateError::new(span, format!("this `{keyword}` has no `{{{{ end }}}}`")))
        }
    }
}

fn of_action<'t>(mut action: Pipeline<'_, 't>, open: &mut Vec<Open<'t>>) -> Result<(), TemplateError> {
    let Word::Name(keyword) = action.peek_word() else { return action.read(Word::End, 1).map(drop) };
    if !["if", "with", "range", "define", "block", "template", "else", "end", "break", "continue"]
        .contains(&keyword)
    {
        return action.read(Word::End, 1).map(drop);
    }
    let token = action.next_word();
    match keyword {
        "if" | "with" | "range" => {
            let outside = Outside::Before(action.scope.mark());
            open.push(Open { keyword, span: token.span, outside, has_else: false });
            let meaning = action.read(Word::End, if keyword == "range" { 2 } else { 1 })?;
            into(&mut action, keyword, meaning);
            Ok(())
        }
        "define" | "block" => {
            let is_inner = !open.is_empty();
            let name = action.next_word();
            if keyword == "define" && is_inner || !matches!(name.word, Word::Text(_)) {
                return Err(unexpected(if is_inner { &token } else { &name }));
            }
            if keyword == "define" {
                action.end()?;
            } else {
                action.read(Word::End, 1)?;
            }
            let outside = Outside::Other(std::mem::replace(action.scope, Scope::of_definition()));
            open.push(Open { keyword, span: token.span, outside, has_else: false });
            Ok(())
        }
        "template" => match action.next_word() {
            Token { word: Word::Text(_), .. } if action.peek_word() == Word::End => action.end(),
            Token { word: Word::Text(_), .. } => action.read(Word::End, 1).map(drop),
            other => Err(unexpected(&other)),
        },
        "else" => of_else(action, &token, open),
        "end" => {
            action.end()?;
            let Some(Open { outside, .. }) = open.pop() else {
                return Err(TemplateError::new(token.span, "this `end` ends nothing"));
            };
            match outside {
                Outside::Before(mark) => action.scope.back_to(&mark),
                Outside::Other(scope) => *action.scope = scope,
            }
            Ok(())
        }
        _ if open.iter().any(|open| open.keyword == "range") => action.end(),
        _ => Err(TemplateError::new(token.span, format!("`{keyword}` stands outside of any `range`"))),
    }
}

fn of_else<'t>(
    mut action: Pipeline<'_, 't>,
    token: &Token<'t>,
    open: &mut [Open<'t>],
) -> Result<(), TemplateError> {
    let alone = || TemplateError::new(token.span.clone(), "this `else` belongs to nothing");
    let last = open.last_mut().filter(|open| !open.has_else).ok_or_else(alone)?;
    let Outside::Before(Mark { dot, .. }) = &last.outside else { return Err(alone()) };
    action.scope.dot = *dot;
    match action.peek_word() {
        Word::Name(keyword) if keyword == last.keyword && keyword != "range" => {
            action.next_word();
            let meaning = action.read(Word::End, 1)?;
            into(&mut action, keyword, meaning);
            Ok(())
        }
        _ => {
            last.has_else = true;
            action.end()
        }
    }
}

/// Says what `.` is behind a keyword whose commands stand for something.
fn into(action: &mut Pipeline<'_, '_>, keyword: &str, meaning: Meaning) {
    match keyword {
        "with" => action.scope.dot = meaning,
        "range" => action.scope.dot = Meaning::Other,
        _ => {}
    }
}
