//! What the drivers of databases log.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tracing::Dispatch;
use tracing::dispatcher::with_default;

/// A question to a database, while nobody hears what its driver logs: an event for each statement,
/// in the midst of it. A layer of the user's that panics about one would take the answer along, or
/// end the thread that it is given on. What is worth telling is in the answer.
pub(super) struct Silent<F>(Option<Pin<Box<F>>>);

/// Has a question asked in silence.
pub(super) fn silent<F: Future>(question: F) -> Silent<F> {
    Silent(Some(Box::pin(question)))
}

impl<F: Future> Future for Silent<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        match &mut self.0 {
            Some(question) => with_default(&Dispatch::none(), || question.as_mut().poll(cx)),
            None => Poll::Pending,
        }
    }
}

impl<F> Drop for Silent<F> {
    fn drop(&mut self) {
        let question = self.0.take();
        with_default(&Dispatch::none(), || drop(question));
    }
}
