//! A made-up world for Clipper's jobs. The service has none of it.
//!
//! `stand_in` behaves like the services that the jobs speak to, for tests and for the demo; `demo`
//! is the service at work in that world, as `cargo run -p clipper-stage` shows it.

pub mod demo;
pub mod stand_in;
