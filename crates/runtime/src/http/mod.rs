//! The runtime over HTTP: routers to mount in an axum service.
//!
//! - [`observe`] has `/metrics`, `/healthz` and `/readyz`, for whoever may reach the service.
//! - [`admin`] has `/admin/jobs` and what people on call do with jobs, behind bearer tokens with
//!   names, and `/admin/openapi.json`, which describes all of it.
//!   [`page`] is part of it: a page for people at `/admin/ui`.
//! - [`serve`] serves them, or any other router, so that nobody without a token can keep others
//!   from being answered.

mod actions;
mod admin;
mod audit;
mod authorization;
mod connections;
mod extract;
mod observe;
mod openapi;
mod page;
mod problem;
mod serve;
mod token;
mod wire;

pub use admin::admin;
pub use observe::{observe, observe_with};
pub use openapi::document;
pub use page::page;
pub use serve::{Limits, serve};
pub use token::{AdminToken, AdminTokens, AdminTokensError, Permission};
