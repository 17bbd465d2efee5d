//! What the runtime tells `tracing`. Whoever listens is the user's: a layer may panic, as one does
//! that prints to a standard error that is closed. Then a line is lost, and nothing else.

use std::future::Future;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::task::{Context, Poll};

use tracing::span::Id;
use tracing::{Dispatch, Span};

use crate::panics::{caught, poll_caught};

/// An event, as by the macro of `tracing` that is named first: `log!(warn, job_name, "…")`. Not to
/// be used while a lock is held, because it may take its time.
macro_rules! log {
    ($level:ident, $($what:tt)+) => {
        $crate::log::heard(|| tracing::$level!($($what)+))
    };
}
pub(crate) use log;

pub(crate) fn heard(event: impl FnOnce()) {
    // There is nobody left to tell.
    let _ = caught(event);
}

/// Has a future run in a span.
pub(crate) const fn in_span<F: Future>(span: Span, future: Pin<&mut F>) -> InSpan<'_, F> {
    InSpan { span, future }
}

/// A span, or none if whoever listens panics.
pub(crate) fn span(span: impl FnOnce() -> Span) -> Span {
    caught(span).unwrap_or_else(|_| Span::none())
}

/// A future in a span.
pub(crate) struct InSpan<'a, F> {
    span: Span,
    future: Pin<&'a mut F>,
}

impl<F> InSpan<'_, F> {
    fn tell(&self, what: impl FnOnce((&Id, &Dispatch))) {
        heard(|| {
            self.span.with_subscriber(what);
        });
    }
}

impl<F: Future> Future for InSpan<'_, F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        // Not by a guard: one that panics when it is dropped in a panic would end the process.
        self.tell(|(id, subscriber)| subscriber.enter(id));
        let polled = poll_caught(self.future.as_mut(), cx);
        self.tell(|(id, subscriber)| subscriber.exit(id));
        match polled {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Ok(output)) => Poll::Ready(output),
            Poll::Ready(Err(panic)) => resume_unwind(Box::new(panic)),
        }
    }
}

impl<F> Drop for InSpan<'_, F> {
    fn drop(&mut self) {
        heard(|| self.span = Span::none());
    }
}
