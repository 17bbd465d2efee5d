//! What the end-to-end tests share: the repository's files, the real tools, and promtool over
//! generated files.
//!
//! A tool that is missing fails the test that needs it and says how to get it; nothing is skipped.

mod account;
pub mod alertmanager;
pub mod chromium;
mod cluster;
pub mod exposed;
pub mod generated;
pub mod pgbouncer;
pub mod postgres;
pub mod prometheus;
pub mod promtool;
pub mod proxy;
pub mod redis;
pub mod repository;
pub mod round_trips;
pub mod rules;
mod server;
pub mod tool;
pub mod waiting;
pub mod webhook;
