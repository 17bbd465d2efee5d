//! The jobs that speak to others, on both databases: with services that behave, and with services
//! that do not.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod cache;
mod clip_sync;
mod embeddings;
mod opening;
mod overtaken;
mod pages;
mod retention;
mod search;
mod site;
