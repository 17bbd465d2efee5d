//! How another service fares: one that only fails is left alone for a while, and whoever asks
//! learns why.

use std::fmt::Display;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use recloser::{AsyncRecloser, Error, Recloser};

/// When so many of the latest requests all failed, and there were more before, the service is left
/// alone.
const FAILURES: usize = 5;

/// How a service fares. Copies share what is known.
#[derive(Debug, Clone)]
pub struct Health {
    name: &'static str,
    breaker: AsyncRecloser,
    trouble: Arc<Mutex<Option<String>>>,
}

/// A request did not succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal<E> {
    /// It failed.
    Failed(E),
    /// It was not made: the service is left alone.
    LeftAlone,
}

impl Health {
    /// A service of a name, which is left alone for a time when it only fails.
    pub(crate) fn new(name: &'static str, pause: Duration) -> Self {
        Self { name, breaker: breaker(pause), trouble: Arc::default() }
    }

    /// What the service is called.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What was wrong with the last request, if anything was.
    pub fn trouble(&self) -> Option<String> {
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        trouble.as_ref().map(|trouble| format!("{} {trouble}", self.name))
    }

    /// Makes a request, unless the service is left alone.
    pub(crate) async fn ask<T, E: Display>(
        &self,
        request: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Refusal<E>> {
        let answered = match self.breaker.call(request).await {
            Ok(answer) => Ok(answer),
            Err(Error::Inner(failure)) => Err(failure),
            // That a service is left alone says less than what was wrong before.
            Err(Error::Rejected) => return Err(Refusal::LeftAlone),
        };
        self.note(answered.as_ref().err().map(ToString::to_string));
        answered.map_err(Refusal::Failed)
    }

    /// Remembers what was wrong, and logs what has changed.
    pub(crate) fn note(&self, trouble: Option<String>) {
        let mut known = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        match &trouble {
            _ if *known == trouble => {}
            Some(trouble) => tracing::warn!(trouble, "{} is in trouble", self.name),
            None => tracing::info!("{} is well again", self.name),
        }
        *known = trouble;
    }
}

/// Lets requests through to a service until it only fails, and then none for a time.
pub(crate) fn breaker(pause: Duration) -> AsyncRecloser {
    Recloser::custom().error_rate(1.0).closed_len(FAILURES).half_open_len(1).open_wait(pause).build().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_service_that_only_fails_is_left_alone_and_tried_again() {
        let pause = Duration::from_millis(300);
        let health = Health::new("the weather", pause);
        let ask = async |answer| health.ask(async move { answer }).await;
        let failed = Err(Refusal::Failed("is bad"));
        assert_eq!(health.trouble(), None);
        for _ in 1..FAILURES {
            assert_eq!(ask(Err::<(), _>("is bad")).await, failed);
        }
        assert_eq!(ask(Ok(())).await, Ok(()), "some failures are no reason");
        assert_eq!(health.trouble(), None);
        let mut answers = Vec::new();
        for _ in 0..2 * FAILURES {
            answers.push(ask(Err("is bad")).await);
        }
        assert!(answers[..FAILURES].iter().all(|answer| *answer == failed), "{answers:?}");
        assert!(answers[FAILURES..].iter().all(|answer| *answer == Err(Refusal::LeftAlone)), "{answers:?}");
        assert_eq!(health.trouble().as_deref(), Some("the weather is bad"));
        tokio::time::sleep(pause * 2).await;
        assert_eq!(ask(Ok(())).await, Ok(()));
        assert_eq!(ask(Err("is bad")).await, failed, "it is open again");
        assert_eq!(health.trouble().as_deref(), Some("the weather is bad"));
    }
}
