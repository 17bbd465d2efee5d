//! The mutants that no test notices, each with the reason. What no scenario shows yet is said to
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
            "job_name:job_time_since_last_success_seconds:min: `catalogue=\"background-jobs\"` -> `` #7",
            "BackgroundJobNotRunning: `catalogue=\"background-jobs\"` -> `` #3",
            "BackgroundJobCriticallyStale: `catalogue=\"background-jobs\"` -> `` #2",
            "BackgroundJobStuck: `catalogue=\"background-jobs\"` -> ``",
            "BackgroundJobQueueGrowing: `catalogue=\"background-jobs\"` -> ``",
            "BackgroundJobQueueGrowing: `catalogue=\"background-jobs\"` -> `` #3",
            "BackgroundJobUnresolved of BackgroundJobQueueGrowing: `catalogue=\"background-jobs\"` -> `` #3",
        ],
    },
    Reason {
        because: "What is counted of further jobs meets nothing of theirs over the same window.",
        mutants: &[
            "job_name:job_execution_failed:increase: `job_name=~\"hot_score_refresh|webhook_retry\", ` -> ``",
            "job_name:job_items_failed:ratio: `job_name=~\"hot_score_refresh|webhook_retry\", ` -> ``",
        ],
    },
    Reason {
        because: "Nothing that failed is more than zero, and Clipper's threshold is.",
        mutants: &["BackgroundJobCriticalFailureRate: `>` -> `>=` #2"],
    },
    Reason {
        because: "One execution is no evidence, whatever its ratio.",
        mutants: &["job_name:job_execution_failed:ratio: `>=` -> `>` #2"],
    },
    Reason {
        because: "Of another namespace, it meets nothing of the same: the other side reads one alone.",
        mutants: &[
            "job_name:job_execution_failed:increase: `namespace=~\"clipper|\", ` -> ``*",
            "job_name:job_execution_duration_seconds:max: `namespace=~\"clipper|\", ` -> ``*",
            "job_name:job_items_failed:increase: `namespace=~\"clipper|\", ` -> ``*",
            "job_name:job_first_scheduled_timestamp_seconds:min: `namespace=~\"clipper|\", ` -> ``",
        ],
    },
    Reason {
        because: "One namespace is read, so that a name is one job. It is told apart from a process without any.",
        mutants: &[
            "job_name:job_execution_failed:increase: ` on (namespace, job_name, lookback)` -> ` on (job_name, lookback)` #3",
            "job_name:job_execution_failed:increase: ` on (namespace, job_name, lookback)` -> ` on (job_name, lookback)` #4",
        ],
    },
    Reason {
        because: "A job that runs each minute runs too rarely for a tenth of an execution a second, failed or not.",
        mutants: &[
            "job_name:job_execution_failed:rate: `, status=\"failed\"` -> ``",
            "BackgroundJobFailing: for: 5m -> 0",
        ],
    },
    Reason {
        because: "A recent count is compared with none alone, which a rate or a mean is at the same time.",
        mutants: &[
            "job_name:job_execution_failed:increase: `increase` -> `rate` #9",
            "job_name:job_execution_failed:increase: `sum` -> `avg` #12",
            "job_name:job_items_failed:increase: `increase` -> `rate`",
            "job_name:job_items_failed:increase: `sum` -> `avg` #3",
        ],
    },
    Reason {
        because: "The timeouts of jobs of others are recorded, and meet no execution that is.",
        mutants: &["job_name:job_timeout_seconds:max: ` on (job_name)` -> ` on ()`"],
    },
    Reason {
        because: "What runs of jobs of others meets no timeout that it is compared with.",
        mutants: &[
            "job_name:job_in_progress_seconds:max: `, job_name=~\"hot_score_refresh|trending_score_refresh|clip_sync|reputation_tasks|webhook_retry|embedding_generation\"` -> ``",
        ],
    },
    Reason {
        because: "A quantile is the same of rates and of increases, of sums and of means.",
        mutants: &[
            "job_name:job_execution_duration_seconds:max: `rate` -> `increase`",
            "job_name:job_execution_duration_seconds:max: `sum` -> `avg` #3",
        ],
    },
    Reason {
        because: "The window is said to people: alerts do not match it, and what was known before has the same.",
        mutants: &[
            "job_name:job_execution_duration_seconds:max: `\"6h\"` -> `\"6h-other\"`",
            "job_name:job_execution:increase: `\"32m\"` -> `\"32m-other\"`",
        ],
    },
    Reason {
        because: "It is joined by its labels, and its value is not read.",
        mutants: &["job_name:job_first_scheduled_timestamp_seconds:min: `group` -> `count`"],
    },
    Reason {
        because: "A job that has no such moment is disabled, and how late one is that has no interval is not told.",
        mutants: &["job_name:job_first_scheduled_timestamp_seconds:min: `>` -> `>=`"],
    },
    Reason {
        because: "A page waits for half an hour longer, in steps that do not tell a minute, or a bucket, apart.",
        mutants: &[
            "BackgroundJobUnresolved of BackgroundJobOverdue: `120` -> `60`",
            "BackgroundJobUnresolved of BackgroundJobHighDuration: `300` -> `272.727273`",
        ],
    },
    Reason {
        because: "A duration is never negative: what is left out is what is no number.",
        mutants: &["job_name:job_execution_duration_seconds:max: `0` -> `-1`"],
    },
    Reason {
        because: "When a job was first scheduled does not change, and its last success is never an earlier one.",
        mutants: &[
            "job_name:job_first_scheduled_timestamp_seconds:min: `last_over_time` -> `min_over_time`",
            "job_name:job_last_success_timestamp_seconds:max: `last_over_time` -> `max_over_time`",
        ],
    },
    Reason {
        because: "What is remembered is recorded anew at each evaluation, so that it is not older in any scenario.",
        mutants: &["job_name:job_execution_duration_seconds:max: `1h` -> `2h` #2"],
    },
    Reason {
        because: "No scenario shows it: rules that were not evaluated for so long that they forgot a job at rest.",
        mutants: &[
            "job_name:job_execution_failed:increase: `catalogue=\"background-jobs\"` -> `catalogue!=\"background-jobs\"` #5",
        ],
    },
    Reason {
        because: "No scenario shows it: all items of a job that is due each quarter of an hour are skipped.",
        mutants: &["job_name:job_items_failed:increase: `, status=\"success\"` -> ``"],
    },
    Reason {
        because: "No scenario shows it: of two jobs in one namespace, one rests.",
        mutants: &[
            "job_name:job_execution_failed:increase: ` on (namespace, job_name, lookback)` -> ` on (namespace, lookback)` #2",
        ],
    },
    Reason {
        because: "No scenario shows it: slow executions that the first half of a window alone holds.",
        mutants: &["job_name:job_execution_duration_seconds:p95: `36h` -> `18h`"],
    },
    Reason {
        because: "No scenario shows it: the last execution took more than a minute, and was not slow.",
        mutants: &[
            "BackgroundJobHighDuration: `<=` -> `<`",
            "BackgroundJobHighDuration: `300` -> `272.727273` #2",
        ],
    },
    Reason {
        because: "No scenario shows it: how long the last execution of a job took, told over two windows.",
        mutants: &[
            "job_name:job_execution_duration_seconds:max: `, job_name=~\"hot_score_refresh|clip_sync|webhook_retry|embedding_generation\"` -> ``",
        ],
    },
    Reason {
        because: "No scenario shows it: a job whose interval is so long that two of them are more than a day.",
        mutants: &[
            "BackgroundJobCriticallyStale: `2` -> `3`",
            "BackgroundJobCriticallyStale: `catalogue=\"background-jobs\"` -> `catalogue!=\"background-jobs\"` #3",
        ],
    },
    Reason {
        because: "No scenario shows it: what is just below a threshold, until a page is due.",
        mutants: &["BackgroundJobUnresolved of BackgroundJobHighItemFailureRate: `0.2` -> `0.181818`"],
    },
    Reason {
        because: "No scenario shows it: a queue that swings, until a page is due.",
        mutants: &["BackgroundJobUnresolved of BackgroundJobQueueGrowing: `1h` -> `30m`"],
    },
    Reason {
        because: "No scenario shows it: a process that does not tell its timeout, until a page is due.",
        mutants: &["BackgroundJobUnresolved of BackgroundJobStuck: `unless` -> `and`"],
    },
    Reason {
        because: "No scenario shows it: a job rests after a slow execution and a quick one.",
        mutants: &["job_name:job_execution_duration_seconds:max: `last_over_time` -> `max_over_time`"],
    },
    Reason {
        because: "No scenario shows it: an alert without a namespace, which no scenario looks for.",
        mutants: &["job_name:job_success_due_timestamp_seconds:max: `and` -> `or`"],
    },
    Reason {
        because: "No scenario shows it: a page about a job whose interval was lengthened.",
        mutants: &[
            "BackgroundJobUnresolved of BackgroundJobNotRunning: `<` -> `<=`",
            "BackgroundJobUnresolved of BackgroundJobNotRunning: `catalogue=\"background-jobs\"` -> `catalogue!=\"background-jobs\"` #3",
        ],
    },
];
