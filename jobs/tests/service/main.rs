//! The service as those see it who operate it: a process of its own, its port, its signals, its log
//! and its exit code.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod admin_api;
mod alerts;
mod connections;
mod database;
mod killed;
mod live;
mod manifests;
mod metrics;
mod operating;
mod peers;
mod pooler;
mod process;
mod replicas;
mod runbook;
mod secrets;
mod settings;
mod site;
