//! The signals that ask a process to end.

use crate::log::log;

/// SIGTERM and Ctrl-C; on systems other than Unix, Ctrl-C alone.
#[derive(Debug)]
pub(crate) struct Signals {
    #[cfg(unix)]
    terminate: Option<tokio::signal::unix::Signal>,
}

impl Signals {
    pub(crate) fn listen() -> Self {
        Self {
            #[cfg(unix)]
            terminate: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
                .inspect_err(|error| log!(error, %error, "SIGTERM cannot be listened to"))
                .ok(),
        }
    }

    /// Waits for the next one, and names it.
    pub(crate) async fn next(&mut self) -> &'static str {
        #[cfg(unix)]
        if let Some(terminate) = &mut self.terminate {
            return tokio::select! {
                _ = terminate.recv() => "SIGTERM",
                () = interrupt() => "SIGINT",
            };
        }
        interrupt().await;
        "Ctrl-C"
    }
}

/// Waits until the process is told to end by SIGTERM or Ctrl-C, and names the signal: for what a
/// service does before its runtime runs. As the first process of a container, it would ignore
/// SIGTERM otherwise.
pub async fn shutdown_signal() -> &'static str {
    Signals::listen().next().await
}

async fn interrupt() {
    if let Err(error) = tokio::signal::ctrl_c().await {
        log!(error, %error, "Ctrl-C cannot be listened to");
        std::future::pending::<()>().await;
    }
}
