//! The mutants that no test notices, each with the reason.

/// Reasons, each with its mutants.
pub(super) type Survivors = [(&'static str, &'static [&'static str])];

/// Of the rules of Clipper: of the share that is tried.
pub(super) const CLIPPER: &Survivors = &[
    (
        "The series of one catalogue are recorded in a test, and all of them have its label.",
        &[
            r#"job_name:job_success_overdue_seconds:min: `catalogue="background-jobs"` -> `` #2"#,
            r#"job_name:job_timeout_seconds:info: `catalogue="background-jobs", ` -> `` #2"#,
            r#"BackgroundJobQueueGrowing: `catalogue="background-jobs"` -> `` #3"#,
            r#"BackgroundJobUnresolved of BackgroundJobQueueGrowing: `catalogue="background-jobs"` -> `` #3"#,
        ],
    ),
    (
        "No situation stays just at the threshold.",
        &[
            "BackgroundJobFailing: `>` -> `>=`",
            "BackgroundJobCriticalFailureRate: `>` -> `>=`",
            "BackgroundJobUnresolved of BackgroundJobFailing: `>` -> `>=`",
        ],
    ),
    (
        "A job that runs each minute runs too rarely for a tenth of an execution a second, failed or not.",
        &[r#"job_name:job_execution_failed:rate: `, status="failed"` -> ``"#],
    ),
    (
        "A duration is never negative: what is left out is what is no number.",
        &["job_name:job_execution_duration_seconds:max: `0` -> `-1`"],
    ),
    (
        "The job of the catalogue that a test has is the only one that is left out or kept.",
        &["job_name:job_timeout_seconds:max: ` on (job_name)` -> ` on ()`"],
    ),
    (
        "When a job was first scheduled does not change.",
        &["job_name:job_first_scheduled_timestamp_seconds:min: `last_over_time` -> `min_over_time`"],
    ),
    (
        // No test is known to be unable to: these are what further situations are to be about.
        "No situation tells it apart yet.",
        &[
            "job_name:job_execution:increase: `1h` -> `30m` #2",
            "job_name:job_execution:increase: `sum by (namespace, job_name)` -> `sum by (namespace)` #8",
            "job_name:job_execution:increase: `sum` -> `count` #10",
            "job_name:job_execution_failed:increase: ` on (namespace, job_name, lookback)` -> ` on (job_name, lookback)` #3",
            "job_name:job_execution_failed:increase: `1h` -> `2h` #2",
            r#"job_name:job_execution_failed:increase: `namespace=~"clipper|", ` -> `` #6"#,
            "job_name:job_execution_failed:increase: `increase` -> `rate` #9",
            r#"job_name:job_execution_failed:increase: `, lookback="recent"` -> `` #2"#,
            r#"job_name:job_execution_failed:increase: `catalogue="background-jobs"` -> `catalogue!="background-jobs"` #5"#,
            r#"job_name:job_execution_duration_seconds:max: `namespace=~"clipper|", ` -> ``"#,
            r#"BackgroundJobCriticalFailureRate: `catalogue="background-jobs"` -> `catalogue!="background-jobs"` #3"#,
            "BackgroundJobUnresolved of BackgroundJobHighDuration: ` on (namespace, job_name)` -> ` on (namespace)`",
            "BackgroundJobUnresolved of BackgroundJobStuck: `unless` -> `and`",
        ],
    ),
];
