//! The jobs of a catalogue as an enum.

/// The jobs of a catalogue as an enum, so that the compiler notices one that has no body: a `match`
/// over it has to have them all. What is in the enum and not in the catalogue, or the other way
/// round, is told when the runtime is built.
///
/// ```
/// use jobwatch_runtime::{Job, Runtime, RunContext, job_names};
/// # let catalogue = jobwatch_runtime::Catalogue::builder("shop")
/// #     .job(jobwatch_runtime::JobSpec::every("send_mails", std::time::Duration::from_secs(60)))
/// #     .job(jobwatch_runtime::JobSpec::every("clean_up", std::time::Duration::from_secs(60)))
/// #     .build()?;
///
/// job_names! {
///     /// The jobs of catalogue.yaml.
///     enum ShopJob {
///         SendMails = "send_mails",
///         CleanUp = "clean_up",
///     }
/// }
///
/// fn job(job: ShopJob) -> Job {
///     match job {
///         ShopJob::SendMails => Job::new(async |_: RunContext| {}),
///         ShopJob::CleanUp => Job::new(async |_: RunContext| {}),
///     }
/// }
///
/// let jobs = ShopJob::ALL.map(|name| (name, job(name)));
/// let runtime = Runtime::builder(catalogue).jobs(jobs).build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// With a further job in the enum, the same does not compile before it has a body, too:
///
/// ```compile_fail,E0004
/// # use jobwatch_runtime::{Job, RunContext, job_names};
/// job_names! {
///     enum ShopJob {
///         SendMails = "send_mails",
///         CleanUp = "clean_up",
///         CountVisits = "count_visits",
///     }
/// }
///
/// fn job(job: ShopJob) -> Job {
///     match job {
///         ShopJob::SendMails => Job::new(async |_: RunContext| {}),
///         ShopJob::CleanUp => Job::new(async |_: RunContext| {}),
///     }
/// }
/// # let _ = ShopJob::ALL.map(job);
/// ```
#[macro_export]
macro_rules! job_names {
    (
        $(#[$attribute:meta])*
        $visibility:vis enum $names:ident {
            $($(#[$of_job:meta])* $job:ident = $name:literal),+ $(,)?
        }
    ) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $visibility enum $names {
            $(
                #[doc = concat!("`", $name, "`.")]
                $(#[$of_job])*
                $job
            ),+
        }

        // `expect` would fail where all of it is used.
        #[allow(dead_code, reason = "not everybody who names jobs asks for all of them")]
        impl $names {
            /// All of them.
            $visibility const ALL: [Self; [$($name),+].len()] = [$(Self::$job),+];

            /// Its name in the catalogue.
            $visibility const fn name(self) -> &'static str {
                match self {
                    $(Self::$job => $name),+
                }
            }
        }

        impl From<$names> for $crate::JobSource {
            fn from(job: $names) -> Self {
                job.name().into()
            }
        }
    };
}
