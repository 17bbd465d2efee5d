//! Follows labels and values through an expression.

mod aggregate;
mod binary;
mod call;
mod part;
mod select;

use super::bounds::Bounds;
use super::known::Known;
use super::yielded::Yielded;
use crate::query::{Kind, Node};

pub(super) use binary::{Conflict, conflict, mirrored};

/// Returns what each part of an expression yields, by the part's number.
pub(super) fn follow(query: &Node, known: &Known<'_>) -> Vec<Yielded> {
    let mut parts = query.all();
    parts.sort_by_key(|part| part.id);
    let mut done: Vec<Yielded> = Vec::with_capacity(parts.len());
    for part in parts {
        let of_part = yielded(part, &done, known);
        done.push(of_part);
    }
    done
}

/// Returns what a part yields. Those that it is made of come before it.
fn yielded(node: &Node, done: &[Yielded], known: &Known<'_>) -> Yielded {
    match &node.kind {
        Kind::Number(value) => Yielded::number(Bounds::exactly(*value)),
        Kind::Text(_) => Yielded::number(Bounds::ANY),
        Kind::Select(selector) => select::select(selector, known),
        Kind::Subquery { of, .. } => done[of.id].clone(),
        Kind::Negative(of) => done[of.id].with(done[of.id].bounds.clone().negative()),
        Kind::Call { function, arguments } => call::call(function.name, arguments, done, known),
        Kind::Aggregate { operation, grouping, parameter, of } => {
            aggregate::aggregate(*operation, grouping.as_ref(), parameter.as_deref(), of, done, known)
        }
        Kind::Binary { operator, is_bool, matching, left, right } => {
            binary::binary(*operator, *is_bool, matching, [left, right], done, known)
        }
    }
}
