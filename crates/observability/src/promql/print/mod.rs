//! Lays expressions out as a person would: on one line while it fits, else an operand, an operator
//! and an operand on lines of their own, and what stands in parentheses indented.

mod line;
mod parts;
mod printer;
mod quoted;
mod selected;

pub(crate) use quoted::Quoted;
