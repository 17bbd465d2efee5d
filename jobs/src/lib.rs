//! The background jobs of Clipper, a site for Twitch clips, as a service.
//!
//! What each job does stands in its own module; when it runs and how it is watched stands in `catalogue.yaml`.

pub mod database;
pub mod embeddings;
pub mod hot_score;
pub mod once;
mod pages;
pub mod reputation;
pub mod service;
pub mod settings;
pub mod trending_score;
pub mod webhooks;
