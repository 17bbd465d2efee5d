//! The background jobs of Clipper, a site for Twitch clips, as a service.
//!
//! What each job does stands in its own module; when it runs and how it is watched stands in
//! `catalogue.yaml`.

pub mod cache;
mod changes;
pub mod clip_sync;
pub mod database;
mod embedding_bytes;
pub mod embeddings;
mod front;
pub mod health;
pub mod hot_score;
mod jobs;
pub mod log;
pub mod once;
mod pages;
pub mod peers;
pub mod plain;
pub mod remote;
pub mod reputation;
pub mod retention;
pub mod search;
pub mod service;
mod service_error;
pub mod settings;
mod start;
pub mod trending_score;
pub mod twitch;
mod waiting;
pub mod webhooks;
