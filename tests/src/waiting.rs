//! Waiting for what another process does.

use std::time::{Duration, Instant};

/// Waits until something is found, for at most a minute.
///
/// # Panics
///
/// When it is not.
pub async fn wait<T>(what: &str, mut found: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = found().await {
            return found;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
