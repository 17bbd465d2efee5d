//! Why a job gave up.

use std::error::Error;
use std::fmt::{self, Write};
use std::iter::successors;
use std::sync::Arc;
use std::time::Duration;

use crate::panics::caught;

/// How many sources of an error are told at most: one may be its own source.
const MOST_SOURCES: usize = 32;

/// Any error, or a text that says what happened.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// Why a job gave up. `?` makes one of anything that becomes a [`BoxError`]: any error, one of
/// `anyhow`, a [`BoxError`] itself, or a text. Trying again may help with it:
///
/// ```
/// use jobwatch_runtime::{BoxError, JobError};
///
/// fn guess() -> anyhow::Result<u64> {
///     anyhow::bail!("nobody knows")
/// }
///
/// fn ask() -> Result<u64, BoxError> {
///     Err("nobody answers".into())
/// }
///
/// fn count(text: &str) -> Result<u64, JobError> {
///     match text {
///         "guess" => Ok(guess()?),
///         "ask" => Ok(ask()?),
///         text => Ok(text.parse::<u64>()?),
///     }
/// }
///
/// assert_eq!(count("guess").unwrap_err().to_string(), "nobody knows");
/// assert_eq!(count("ask").unwrap_err().to_string(), "nobody answers");
/// let error = count("a dozen").unwrap_err();
/// assert_eq!(error.to_string(), "invalid digit found in string");
/// assert!(error.source().unwrap().is::<std::num::ParseIntError>());
/// ```
///
/// So that this is possible, it is no [`Error`] itself, as that of `anyhow` is none, and `?` does
/// not make a [`BoxError`] of it: [`JobError::into_boxed`] does.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum JobError {
    /// Trying again may help.
    Retryable(Cause),
    /// Trying again will not help before somebody changes something.
    Permanent(Cause),
    /// Whoever was asked wants to be left alone for a while.
    RetryAfter {
        /// What happened.
        cause: Cause,
        /// For how long.
        after: Duration,
    },
    /// The job noticed that it was to stop, and did.
    Cancelled,
}

/// What happened: an error, which keeps its source, or a text. Two are equal if they say the same.
///
/// An error is the user's. It is asked once what it says, and a panic of its is what it says then;
/// nobody who tells, records or forgets a run meets one.
#[derive(Clone)]
pub struct Cause(Arc<Told>);

struct Told {
    /// Nothing once it is being dropped.
    error: Option<BoxError>,
    /// The error with its sources, but for those that it quotes itself.
    text: Box<str>,
}

impl JobError {
    /// Trying again may help.
    pub fn retryable(cause: impl Into<BoxError>) -> Self {
        Self::Retryable(Cause::new(cause))
    }

    /// Trying again will not help before somebody changes something.
    pub fn permanent(cause: impl Into<BoxError>) -> Self {
        Self::Permanent(Cause::new(cause))
    }

    /// Whoever was asked wants to be left alone for so long.
    pub fn retry_after(cause: impl Into<BoxError>, after: Duration) -> Self {
        Self::RetryAfter { cause: Cause::new(cause), after }
    }

    /// The same where any error goes, such as in a body that answers a [`BoxError`]. A body that
    /// fails with it says as much as with this.
    pub fn into_boxed(self) -> BoxError {
        Box::new(Boxed(self))
    }

    /// The error that it was made of. `None` for [`JobError::Cancelled`].
    pub fn source(&self) -> Option<&(dyn Error + Send + Sync + 'static)> {
        match self {
            Self::Retryable(cause) | Self::Permanent(cause) | Self::RetryAfter { cause, .. } => {
                cause.0.error.as_deref()
            }
            Self::Cancelled => None,
        }
    }
}

impl<E: Into<BoxError>> From<E> for JobError {
    fn from(error: E) -> Self {
        match error.into().downcast::<Boxed>() {
            Ok(boxed) => boxed.0,
            Err(error) => Self::retryable(error),
        }
    }
}

impl From<JobError> for Box<dyn Error> {
    fn from(error: JobError) -> Self {
        Box::new(Boxed(error))
    }
}

/// A [`JobError`] where any error goes.
#[derive(Debug)]
struct Boxed(JobError);

impl fmt::Display for Boxed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for Boxed {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source().map(|source| source as &dyn Error)
    }
}

impl fmt::Display for JobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Retryable(cause) | Self::Permanent(cause) => cause.fmt(f),
            Self::RetryAfter { cause, after } => {
                write!(f, "{cause} (to be tried again after {} s)", after.as_secs())
            }
            Self::Cancelled => f.write_str("cancelled"),
        }
    }
}

impl Cause {
    fn new(cause: impl Into<BoxError>) -> Self {
        let error = cause.into();
        let text = with_sources(error.as_ref()).into();
        Self(Arc::new(Told { error: Some(error), text }))
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        let error = self.error.take();
        // Whoever has the last copy may be the store, in the middle of what another job asks for.
        let _ = caught(|| drop(error));
    }
}

/// What an error says, and then its sources, but for those that it quotes itself.
fn with_sources(error: &(dyn Error + 'static)) -> String {
    let mut told = text(error);
    for source in successors(source(error), |error| source(*error)).take(MOST_SOURCES) {
        let text = text(source);
        if !told.contains(&text) {
            told = format!("{told}: {text}");
        }
    }
    told
}

fn source<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
    caught(|| error.source()).ok().flatten()
}

/// What an error says without its sources, or why it does not.
fn text(error: &(dyn Error + 'static)) -> String {
    let written = || {
        let mut text = String::new();
        // `to_string` panics where this is an error.
        match write!(text, "{error}") {
            Ok(()) => text,
            Err(fmt::Error) => format!("{text} (the rest of the error cannot be told)"),
        }
    };
    caught(written).unwrap_or_else(|panic| format!("an error that panics when it is told: {panic}"))
}

impl fmt::Display for Cause {
    /// The error with its sources, but for those that it quotes itself.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text)
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0.text, f)
    }
}

impl PartialEq for Cause {
    fn eq(&self, other: &Self) -> bool {
        self.0.text == other.0.text
    }
}

impl Eq for Cause {}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the mail cannot be sent")]
    struct Quiet(#[source] io::Error);

    #[derive(Debug, thiserror::Error)]
    #[error("the mail cannot be sent: {0}")]
    struct Telling(#[source] io::Error);

    #[test]
    fn an_error_tells_its_sources_once() {
        let refused = || io::Error::other("connection refused");
        for error in [JobError::from(Quiet(refused())), JobError::from(Telling(refused()))] {
            assert_eq!(error.to_string(), "the mail cannot be sent: connection refused");
            let source = error.source().and_then(Error::source).unwrap();
            assert!(source.is::<io::Error>());
        }
        assert_eq!(JobError::permanent("no key"), JobError::permanent(io::Error::other("no key")));
        assert_ne!(JobError::permanent("no key"), JobError::retryable("no key"));
    }

    #[test]
    fn an_error_that_was_boxed_is_the_same_afterwards() {
        for error in [JobError::permanent("no key"), JobError::Cancelled] {
            assert_eq!(JobError::from(error.clone().into_boxed()), error);
        }
    }

    /// An error that goes wrong in each way that one can.
    #[derive(Debug)]
    struct Nasty {
        displays: fn(&mut fmt::Formatter<'_>) -> fmt::Result,
        is_its_own_source: bool,
    }

    impl fmt::Display for Nasty {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            (self.displays)(f)
        }
    }

    impl Error for Nasty {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            assert!(self.is_its_own_source, "no source");
            Some(self)
        }
    }

    impl Drop for Nasty {
        fn drop(&mut self) {
            std::panic::panic_any("it does not go");
        }
    }

    #[test]
    fn an_error_that_goes_wrong_when_it_is_told_or_dropped_is_told_all_the_same() {
        let check = |displays, is_its_own_source, expected: &str| {
            let error = JobError::from(Nasty { displays, is_its_own_source });
            assert_eq!(error.to_string(), expected);
            assert_eq!(error, JobError::retryable(expected));
        };
        check(|f| f.write_str("no mail"), false, "no mail");
        check(|f| f.write_str("no mail"), true, "no mail");
        check(|_| std::panic::panic_any("no words"), true, "an error that panics when it is told: no words");
        check(|f| f.write_str("no").and(Err(fmt::Error)), false, "no (the rest of the error cannot be told)");
    }
}
