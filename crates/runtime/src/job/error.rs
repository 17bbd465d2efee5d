//! Why a job gave up.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Any error, or a text that says what happened.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// Why a job gave up. `?` makes one of any error, which trying again may help with:
///
/// ```
/// use jobwatch_runtime::JobError;
///
/// fn count() -> Result<u64, JobError> {
///     Ok("a dozen".parse::<u64>()?)
/// }
///
/// let error = count().unwrap_err();
/// assert_eq!(error.to_string(), "invalid digit found in string");
/// assert!(error.source().unwrap().is::<std::num::ParseIntError>());
/// ```
///
/// So that this is possible, it is no [`Error`] itself, as that of `anyhow` is none.
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
#[derive(Clone)]
pub struct Cause(Arc<dyn Error + Send + Sync>);

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

    /// The error that it was made of. `None` for [`JobError::Cancelled`].
    pub fn source(&self) -> Option<&(dyn Error + Send + Sync + 'static)> {
        match self {
            Self::Retryable(cause) | Self::Permanent(cause) | Self::RetryAfter { cause, .. } => {
                Some(cause.0.as_ref())
            }
            Self::Cancelled => None,
        }
    }
}

impl<E: Error + Send + Sync + 'static> From<E> for JobError {
    fn from(error: E) -> Self {
        Self::retryable(error)
    }
}

impl From<JobError> for BoxError {
    fn from(error: JobError) -> Self {
        Box::new(Told(error))
    }
}

impl From<JobError> for Box<dyn Error> {
    fn from(error: JobError) -> Self {
        Box::new(Told(error))
    }
}

/// A [`JobError`] where any error goes.
#[derive(Debug)]
struct Told(JobError);

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for Told {
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
        Self(cause.into().into())
    }
}

impl fmt::Display for Cause {
    /// The error with its sources, but for those that it quotes itself.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut told = self.0.to_string();
        let mut source = self.0.source();
        while let Some(error) = source {
            let text = error.to_string();
            if !told.contains(&text) {
                told = format!("{told}: {text}");
            }
            source = error.source();
        }
        f.write_str(&told)
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.to_string(), f)
    }
}

impl PartialEq for Cause {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
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
}
