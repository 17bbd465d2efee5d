//! Where the log goes. `RUST_LOG` filters it.

use std::fs::File;
use std::io::{IsTerminal, stderr};
use std::sync::Mutex;

use tracing_subscriber::EnvFilter;

/// What is logged of a service unless `RUST_LOG` says otherwise.
pub const OF_A_SERVICE: &str = "info,sqlx=warn";

/// Logs to standard error: lines for people on a terminal, JSON elsewhere. `default` is the filter
/// without `RUST_LOG`.
pub fn to_stderr(default: &str) {
    let lines = tracing_subscriber::fmt().with_env_filter(filter(default)).with_writer(stderr);
    // A line that cannot be written, as on a disk that is full, is lost; to complain about it on
    // the same stream would panic.
    let lines = lines.log_internal_errors(false);
    if stderr().is_terminal() {
        lines.with_target(false).init();
    } else {
        lines.json().flatten_event(true).with_current_span(true).with_span_list(false).init();
    }
    log_panics();
}

/// Logs to a file, as JSON.
pub fn to_file(file: File) {
    let lines = tracing_subscriber::fmt().with_env_filter(filter(OF_A_SERVICE)).with_writer(Mutex::new(file));
    lines.json().flatten_event(true).with_current_span(true).with_span_list(false).init();
    log_panics();
}

fn filter(default: &str) -> EnvFilter {
    EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default))
}

/// A panic becomes a line of the log, with the job and the run that it ended, where it would be
/// several lines of another form.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let message = panic.payload_as_str().unwrap_or("a value that is no text");
        let at = panic.location().map(ToString::to_string);
        tracing::error!(at, "panic: {message}");
    }));
}
