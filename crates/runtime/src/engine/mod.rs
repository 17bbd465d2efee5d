//! Runs what is due.

pub(crate) mod batch;
pub(crate) mod builder;
pub(crate) mod catch_up;
pub(crate) mod claim;
pub(crate) mod core;
pub(crate) mod driver;
pub(crate) mod entry;
pub(crate) mod gather;
pub(crate) mod give_back;
pub(crate) mod handle;
pub(crate) mod latch;
pub(crate) mod looks;
pub(crate) mod queue;
pub(crate) mod readiness;
pub(crate) mod record;
pub(crate) mod renewal;
pub(crate) mod request_error;
pub(crate) mod run;
pub(crate) mod runtime;
pub(crate) mod settings;
pub(crate) mod shutdown_signal;
pub(crate) mod start;
pub(crate) mod store_call;
pub(crate) mod supervise;
pub(crate) mod trigger;
pub(crate) mod variables;
