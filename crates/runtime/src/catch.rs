//! Catches the panic of a future.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::control::message;

/// Runs a future to its end, or to its panic, whose message it answers.
pub(crate) async fn catch<F: Future + Unpin>(mut future: F) -> Result<F::Output, String> {
    poll_fn(move |cx| poll_caught(Pin::new(&mut future), cx)).await
}

/// Polls a future, and answers the message of its panic if it does.
pub(crate) fn poll_caught<F: Future + ?Sized>(
    future: Pin<&mut F>,
    cx: &mut Context<'_>,
) -> Poll<Result<F::Output, String>> {
    match catch_unwind(AssertUnwindSafe(|| future.poll(cx))) {
        Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
        Ok(Poll::Pending) => Poll::Pending,
        Err(panic) => Poll::Ready(Err(message(panic.as_ref()))),
    }
}
