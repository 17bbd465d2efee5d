//! Templates of labels and annotations: whether Prometheus takes them, and what they read.

mod action;
mod error;
mod functions;
mod parse;
mod pipeline;
mod scope;
#[cfg(test)]
mod tests;

pub(super) use parse::read;
pub(super) use scope::Read;
