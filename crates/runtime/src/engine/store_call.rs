//! A question to the store, which has to answer in time and may not take the scheduler down with
//! it.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::time::{Timeout, timeout};

use crate::engine::core::Core;
use crate::panics::{caught, poll_caught};
use crate::store::{Answer, Store, StoreError};

/// A question to the store. Written by hand because it is part of each run several times over: as
/// an `async fn`, it would keep room for the answer and for the timer in each place.
pub(crate) struct StoreCall<'a, T> {
    core: &'a Core,
    action: &'static str,
    state: State<'a, T>,
}

impl Core {
    /// Asks the store.
    pub(crate) fn ask<'a, T>(
        &'a self,
        action: &'static str,
        question: impl FnOnce(&'a dyn Store) -> Answer<'a, T>,
    ) -> StoreCall<'a, T> {
        StoreCall::new(self, action, question)
    }
}

enum State<'a, T> {
    /// The store panicked before it had so much as a future.
    Panicked(String),
    Asked(Answer<'a, T>),
    /// It did not answer at once, as a store in memory does, and now has a time limit.
    Waiting(Pin<Box<Timeout<Answer<'a, T>>>>),
    Over,
}

impl<'a, T> StoreCall<'a, T> {
    pub(crate) fn new(
        core: &'a Core,
        action: &'static str,
        question: impl FnOnce(&'a dyn Store) -> Answer<'a, T>,
    ) -> Self {
        let state = match caught(|| question(core.store.as_ref())) {
            Ok(answer) => State::Asked(answer),
            Err(panic) => State::Panicked(panic),
        };
        Self { core, action, state }
    }

    fn failed(&self, reason: String) -> StoreError {
        StoreError::new(self.action, reason)
    }
}

impl<T> Future for StoreCall<'_, T> {
    type Output = Result<T, StoreError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let limit = self.core.settings.store_timeout;
        if let State::Asked(answer) = &mut self.state {
            let Poll::Ready(ended) = poll_caught(answer.as_mut(), cx) else {
                if let State::Asked(answer) = std::mem::replace(&mut self.state, State::Over) {
                    self.state = State::Waiting(Box::pin(timeout(limit, answer)));
                }
                return self.poll(cx);
            };
            return Poll::Ready(self.end(ended));
        }
        let ended = match &mut self.state {
            State::Panicked(message) => Err(std::mem::take(message)),
            State::Waiting(answer) => match ready!(poll_caught(answer.as_mut(), cx)) {
                Ok(Ok(answered)) => Ok(answered),
                Ok(Err(_)) => {
                    let reason = format!("no answer within {} s", limit.as_secs_f64());
                    Ok(Err(self.failed(reason)))
                }
                Err(panic) => Err(panic),
            },
            // Nobody asks for an answer that was given, and whoever does waits for ever.
            State::Asked(_) | State::Over => return Poll::Pending,
        };
        Poll::Ready(self.end(ended))
    }
}

impl<T> StoreCall<'_, T> {
    /// Takes note of whether the store answers.
    fn end(&mut self, ended: Result<Result<T, StoreError>, String>) -> Result<T, StoreError> {
        let state = std::mem::replace(&mut self.state, State::Over);
        // A question that was given up may panic about that, and nothing is lost with it.
        let _ = caught(|| drop(state));
        let answered = ended.unwrap_or_else(|panic| Err(self.failed(format!("it panicked: {panic}"))));
        match &answered {
            Ok(_) => self.core.recovered(),
            // It does answer, and whoever sees to the job takes note of that.
            Err(error) if error.is_busy() => self.core.recovered(),
            Err(error) => self.core.failed(error),
        }
        answered
    }
}
