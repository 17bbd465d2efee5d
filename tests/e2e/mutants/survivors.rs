//! The mutants that no test notices, each with the reason. What no situation shows yet is said to
//! be so.

use super::reasons::Reason;

/// Of the rules of any catalogue: of one without labels that tell copies of its jobs apart.
pub(super) const ANY: &[Reason] = &[
    Reason {
        because: "A rate is just at a threshold by chance alone, and rounding decides what it is then.",
        mutants: &[
            "BackgroundJobFailing: `>` -> `>=`",
            "BackgroundJobUnresolved of BackgroundJobFailing: `>` -> `>=`",
        ],
    },
    Reason {
        because: "A recent count is joined by its lookback with what is recent, and others are not.",
        mutants: &[
            "job_name:job_execution_failed:increase: `, lookback=\"recent\"` -> ``",
            "job_name:job_execution_failed:increase: `, lookback=\"recent\"` -> `` #2",
        ],
    },
];

/// Of the rules of Clipper: of the share that is tried, and some that are like it.
pub(super) const CLIPPER: &[Reason] = &[
    Reason {
        because: "It is matched on all labels, the catalogue among them, with what has the right one.",
        mutants: &[
            "job_name:job_success_overdue_seconds:min: `catalogue=\"background-jobs\"` -> `` #2",
            "BackgroundJobQueueGrowing: `catalogue=\"background-jobs\"` -> `` #3",
            "BackgroundJobUnresolved of BackgroundJobQueueGrowing: `catalogue=\"background-jobs\"` -> `` #3",
        ],
    },
    Reason {
        because: "Of another namespace, it meets nothing of the same: the other side reads one alone.",
        mutants: &[
            "job_name:job_execution_failed:increase: `namespace=~\"clipper|\", ` -> ``*",
            "job_name:job_execution_duration_seconds:max: `namespace=~\"clipper|\", ` -> ``*",
        ],
    },
    Reason {
        because: "One namespace is read, so that a name is one job. It is told apart from a process without any.",
        mutants: &[
            "job_name:job_execution_failed:increase: ` on (namespace, job_name, lookback)` -> ` on (job_name, lookback)` #3",
        ],
    },
    Reason {
        because: "A job that runs each minute runs too rarely for a tenth of an execution a second, failed or not.",
        mutants: &["job_name:job_execution_failed:rate: `, status=\"failed\"` -> ``"],
    },
    Reason {
        because: "A recent count is compared with none alone, which a rate is for the same executions.",
        mutants: &["job_name:job_execution_failed:increase: `increase` -> `rate` #9"],
    },
    Reason {
        because: "The timeouts of jobs of others are recorded, and meet no execution that is.",
        mutants: &["job_name:job_timeout_seconds:max: ` on (job_name)` -> ` on ()`"],
    },
    Reason {
        because: "A duration is never negative: what is left out is what is no number.",
        mutants: &["job_name:job_execution_duration_seconds:max: `0` -> `-1`"],
    },
    Reason {
        because: "When a job was first scheduled does not change.",
        mutants: &["job_name:job_first_scheduled_timestamp_seconds:min: `last_over_time` -> `min_over_time`"],
    },
    Reason {
        because: "No situation shows it: rules that were not evaluated for so long that they forgot a job at rest.",
        mutants: &[
            "job_name:job_execution_failed:increase: `catalogue=\"background-jobs\"` -> `catalogue!=\"background-jobs\"` #5",
        ],
    },
    Reason {
        because: "No situation shows it: a process that does not tell its timeout, until a page is due.",
        mutants: &["BackgroundJobUnresolved of BackgroundJobStuck: `unless` -> `and`"],
    },
];
