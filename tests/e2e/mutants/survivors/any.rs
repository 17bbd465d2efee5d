//! Of the rules of any catalogue: of one without labels that tell copies of its jobs apart.

use crate::mutants::reasons::Reason;

/// What follows from it is the same.
pub(in crate::mutants) const SAME: &[Reason] = &[
    Reason {
        because: "It is one for each job, and always more than none.",
        mutants: &["job_name:*:info: `>` -> `>=`*", "job_name:*:info: `0` -> `-1`*"],
    },
    Reason {
        because: "The window is said to people: alerts do not match it, and what was known before has the same.",
        mutants: &[
            "job_name:*: `\"32m\"` -> `\"32m-other\"`*",
            "job_name:*: `max by (namespace, job_name, lookback, window)` -> `max by (namespace, job_name, lookback)`*",
            "job_name:*: ` on (namespace, job_name, window)` -> ` on (namespace, job_name)`*",
        ],
    },
    Reason {
        because: "A moment is none, or long after the first: nothing lies between.",
        mutants: &[
            "job_name:job_last_success_timestamp_seconds:max: `0` -> `1`*",
            "job_name:job_first_scheduled_timestamp_seconds:min: `0` -> `1`*",
            "job_name:job_success_due_timestamp_seconds:max: `0` -> `1`*",
            "job_name:job_in_progress_seconds:max: `0` -> `1`*",
        ],
    },
    Reason {
        because: "A rate is just at a threshold by chance alone, and rounding decides what it is then.",
        mutants: &["BackgroundJobFailing: `>` -> `>=`*"],
    },
    Reason {
        because: "What is known of jobs of others meets nothing that it is compared with.",
        mutants: &[
            "job_name:job_schedule_interval_seconds:max: `and` -> `or`*",
            "job_name:*:max: ` on (job_name)` -> ` on ()`*",
            "job_name:*:max: `namespace*\"*\"` -> ``*",
            "job_name:job_schedule_interval_seconds:max: `catalogue=\"*\"` -> ``*",
            "job_name:job_timeout_seconds:max: `and` -> `or`*",
            "job_name:job_timeout_seconds:max: `catalogue=\"*\"` -> ``*",
            "job_name:job_last_success_timestamp_seconds:max: `, job_name*\"*\"` -> ``*",
            "job_name:*:min: ` on (job_name)` -> ` on ()`*",
            "job_name:job_first_scheduled_timestamp_seconds:min: `catalogue=\"*\"` -> ``",
            "job_name:*:min: `, job_name*\"*\"` -> ``*",
            "job_name:job_success_due_timestamp_seconds:max: `and` -> `or`*",
            "job_name:job_success_due_timestamp_seconds:max: `catalogue=\"*\"` -> ``*",
            "job_name:job_consecutive_failures:max: `, job_name*\"*\"` -> ``*",
            "job_name:job_queue_size:max: `, job_name*\"*\"` -> ``*",
            "job_name:job_in_progress_seconds:max: `, job_name*\"*\"` -> ``*",
            "BackgroundJobMetricsAbsent: `, job_name*\"*\"` -> ``*",
        ],
    },
    Reason {
        because: "Failures go on for as long as they are looked at, so that half a window holds the same rate.",
        mutants: &["job_name:*:rate: `10m` -> `5m`*", "job_name:*:rate: `1h30m` -> `45m`*"],
    },
    Reason {
        because: "A job runs too rarely for as many executions a second as the threshold, failed or not.",
        mutants: &[
            "job_name:*:rate: `, status=\"failed\"` -> `` #3",
            "job_name:*:rate: `, status=\"failed\"` -> `` #4",
            "job_name:*:rate: `, status=\"failed\"` -> `` #5",
            "job_name:*:rate: `, status=\"failed\"` -> `` #6",
            "BackgroundJobFailing: for: 5m -> 0*",
            "BackgroundJob*: for: 35m -> 0*",
        ],
    },
    Reason {
        because: "Of another namespace, it meets nothing of the same: the other side reads one alone.",
        mutants: &[
            "job_name:*:increase: `namespace*\"*\", ` -> ``*",
            "job_name:*:ratio: `namespace*\"*\", ` -> ``*",
            "job_name:job_execution_duration_seconds:max: `namespace*\"*\", ` -> ``*",
            "job_name:*:max: `namespace*\"*\", ` -> `` #2",
            "job_name:*:min: `namespace*\"*\", ` -> ``*",
        ],
    },
    Reason {
        because: "What is counted of further jobs meets nothing of theirs over the same window, or says the same.",
        mutants: &[
            "job_name:*:ratio: `job_name*\"*\", ` -> ``*",
            "job_name:job_execution_duration_seconds:max: `, job_name*\"*\"` -> ``*",
        ],
    },
    Reason {
        because: "Of nothing that failed, less than none is as little as none.",
        mutants: &["job_name:job_execution_failed:increase: `0` -> `-1` #3"],
    },
    Reason {
        because: "What is remembered is recorded anew at each evaluation, so that it is not older in any scenario.",
        mutants: &[
            "job_name:job_items_failed:increase: `1h` -> `2h`*",
            "job_name:job_last_success_timestamp_seconds:max: `1h` -> *",
            "job_name:*:min: `1h` -> `2h`*",
        ],
    },
    Reason {
        because: "A recent count is compared with none alone, which a rate or a mean is at the same time.",
        mutants: &[
            "job_name:*:increase: `sum` -> `avg` #8",
            "job_name:*: `sum` -> `avg` #9",
            "job_name:*: `sum` -> `avg` #10",
            "job_name:*: `sum` -> `avg` #11",
            "job_name:*: `sum` -> `avg` #12",
            "job_name:job_items_failed:increase: `sum` -> `avg`*",
            "job_name:job_items_failed:increase: `increase` -> `rate`*",
            "job_name:job_items_failed:increase: `sum` -> `count` #5",
        ],
    },
    Reason {
        because: "It is a sum of one alone, or a mean on both sides.",
        mutants: &[
            "job_name:*:ratio: `sum` -> `avg`",
            "job_name:*:ratio: `sum` -> `avg` #3",
            "job_name:*:ratio: `sum` -> `avg` #5",
            "job_name:*:ratio: `sum` -> `avg` #7",
        ],
    },
    Reason {
        because: "A quantile is the same of rates and of increases, of sums and of means.",
        mutants: &[
            "job_name:*:p95: `sum` -> `avg`*",
            "job_name:*:p95: `rate` -> `increase`*",
            "job_name:*:max: `sum` -> `avg`*",
        ],
    },
    Reason {
        because: "One namespace is read, so that a name is one job. It is told apart from a process without any.",
        mutants: &[
            "job_name:*: ` on (namespace, job_name, lookback)` -> ` on (job_name, lookback)`*",
            "job_name:*: ` on (namespace, job_name)` -> ` on (job_name)`*",
            "job_name:*: ` on (namespace, job_name, window)` -> ` on (job_name, window)`*",
            "BackgroundJob*: ` on (namespace, job_name)` -> ` on (job_name)`*",
        ],
    },
    Reason {
        because: "A recent count is joined by its lookback with what is recent, and others are not.",
        mutants: &["job_name:*: `, lookback=\"recent\"` -> ``*"],
    },
    Reason {
        because: "It is matched on all labels, this one among them, with what has the right one.",
        mutants: &[
            "job_name:*:increase: `catalogue=\"*\", ` -> `` #3",
            "job_name:job_execution_failed:increase: `catalogue=\"*\"` -> ``*",
            "job_name:*:increase: `catalogue=\"*\", ` -> `` #4",
            "job_name:*:ratio: `catalogue=\"*\", ` -> ``*",
            "job_name:*: `, lookback=\"short\"` -> ``*",
            "job_name:*: `, lookback=\"long\"` -> ``*",
            "job_name:*:increase: `catalogue=\"*\"` -> `` #2",
            "job_name:*:max: `catalogue=\"*\", ` -> ``*",
            "job_name:job_success_overdue_seconds:min: `catalogue=\"*\"` -> ``*",
            "job_name:job_success_overdue_seconds:min: label catalogue: * -> none*",
            "job_name:job_time_since_last_success_seconds:min: `catalogue=\"*\"` -> ``",
            "job_name:job_time_since_last_success_seconds:min: `catalogue=\"*\"` -> `` #2",
            "job_name:*: `catalogue=\"*\"` -> `` #3",
            "job_name:*: `catalogue=\"*\"` -> `` #4",
            "job_name:*: `catalogue=\"*\"` -> `` #7",
            "job_name:job_time_since_last_success_seconds:min: label catalogue: * -> none*",
            "job_name:job_consecutive_failures:max: `catalogue=\"*\"` -> ``*",
            "job_name:*:warning_threshold: label catalogue: * -> none*",
            "job_name:job_timeout_seconds:info: label catalogue: * -> none*",
            "BackgroundJobCriticalFailureRate: `catalogue=\"*\", ` -> ``",
            "BackgroundJob*: `, lookback=\"long\"` -> ``*",
            "BackgroundJobNotRunning: `catalogue=\"*\"` -> `` #3",
            "BackgroundJobNotRunning: `catalogue=\"*\"` -> `` #4",
            "BackgroundJobCriticallyStale: `catalogue=\"*\"` -> `` #3",
            "BackgroundJobStuck: `catalogue=\"*\"` -> ``",
            "BackgroundJobStuck: `catalogue=\"*\"` -> `` #2",
            "BackgroundJob*: `catalogue=\"*\"` -> `` #5",
        ],
    },
    Reason {
        because: "What is remembered is one series, and does not change while it is.",
        mutants: &[
            "job_name:*:increase: `max` -> `min`*",
            "job_name:*:increase: `last_over_time` -> `min_over_time`*",
            "job_name:job_execution_duration_seconds:max: `max` -> `min`*",
            "job_name:*: `max` -> `min` #2",
            "job_name:job_last_success_timestamp_seconds:max: `last_over_time` -> *",
            "job_name:*: `min` -> `max` #2",
            "job_name:*:min: `last_over_time` -> *",
        ],
    },
    Reason {
        because: "It is joined by its labels, and its value is not read.",
        mutants: &["job_name:*: `group` -> `count`*"],
    },
    Reason {
        because: "One execution is no evidence, whatever its ratio.",
        mutants: &["job_name:job_execution_failed:ratio: `>=` -> `>` #2", "job_name:*:ratio: `1` -> `2`*"],
    },
    Reason {
        because: "No execution is in a bucket of less than a second: what is left out is what is no number.",
        mutants: &["job_name:*:max: `>=` -> `>`*", "job_name:job_execution_duration_seconds:max: `0` -> *"],
    },
    Reason {
        because: "A job that has no such moment is disabled, and how late one is that has no interval is not told.",
        mutants: &[
            "job_name:job_first_scheduled_timestamp_seconds:min: `>` -> `>=`*",
            "job_name:job_first_scheduled_timestamp_seconds:min: `0` -> `-1`*",
        ],
    },
    Reason {
        because: "It is compared with two minutes alone.",
        mutants: &[
            "job_name:job_success_overdue_seconds:min: `>` -> `>=`*",
            "job_name:job_success_overdue_seconds:min: `0` -> *",
        ],
    },
    Reason {
        because: "They are the same by chance alone.",
        mutants: &[
            "job_name:job_time_since_last_success_seconds:min: `>` -> `>=`*",
            "BackgroundJobNotRunning: `<` -> `<=`*",
            "BackgroundJobQueueGrowing: `>` -> `>=` #2",
            "BackgroundJobHighItemFailureRate: `>` -> `>=`*",
            "BackgroundJobUnresolved of BackgroundJobNotRunning: `<` -> `<=`*",
            "BackgroundJobUnresolved of BackgroundJobOverdue: `>` -> `>=`*",
        ],
    },
    Reason {
        because: "Nothing that failed is more than zero, and the threshold is.",
        mutants: &[
            "BackgroundJobCriticalFailureRate: `>` -> `>=` #2",
            "BackgroundJobCriticalFailureRate: `0` -> `-1`",
        ],
    },
    Reason {
        because: "Where more than half of three executions failed, two did, which is evidence, too.",
        mutants: &[
            "BackgroundJob*: `>=` -> `>` #2",
            "BackgroundJob*: `lookback=\"long\"` -> `lookback!=\"long\"`",
            "BackgroundJobCriticalFailureRate: `3` -> `4`*",
        ],
    },
    Reason {
        because: "Durations are told in buckets, and its bounds are none of theirs.",
        mutants: &[
            "BackgroundJobHighDuration: `>` -> `>=`*",
            "BackgroundJob*: `<=` -> `<`*",
            "BackgroundJobCriticalDuration: `>` -> `>=`*",
        ],
    },
    Reason {
        because: "A simulation has steps, which do not tell so little time apart.",
        mutants: &[
            "BackgroundJob*: `120` -> `132`*",
            "BackgroundJobUnresolved of BackgroundJobOverdue: `120` -> `109.090909`*",
            "BackgroundJobUnresolved of BackgroundJobOverdue: `120` -> `60`*",
        ],
    },
    Reason {
        because: "What is stale fires at once, and is never pending.",
        mutants: &["BackgroundJobOverdue: `, alertstate=\"firing\"` -> ``*"],
    },
];

/// No scenario shows it.
pub(in crate::mutants) const UNSHOWN: &[Reason] = &[
    Reason {
        because: "Rules that were not evaluated for so long that they forgot a job at rest.",
        mutants: &[
            "job_name:job_execution_failed:increase: `and` -> `or`*",
            "job_name:*: `unless` -> `or` #2",
            "job_name:*: `==` -> `!=` #3",
            "job_name:*:increase: `catalogue=\"*\"` -> `catalogue!=\"*\"` #5",
            "job_name:*: `lookback=\"recent\"` -> `lookback!=\"recent\"` #4",
            "job_name:*:increase: `0` -> `1` #4",
            "job_name:*:increase: `0` -> `-1` #4",
        ],
    },
    Reason {
        because: "Less than half fail while it fires, or half before it does.",
        mutants: &[
            "BackgroundJob*: `0.5` -> `0.454545` #2",
            "BackgroundJob*: `0.5` -> `0.25` #2",
            "BackgroundJobCriticalFailureRate: `, alertstate=\"firing\"` -> ``*",
        ],
    },
    Reason {
        because: "Replicas that differ in their settings, or in what they know.",
        mutants: &[
            "job_name:job_schedule_interval_seconds:max: `max` -> `min`*",
            "job_name:job_timeout_seconds:max: `max` -> `min`*",
            "job_name:*:min: `min` -> `max`",
            "job_name:job_consecutive_failures:max: `max` -> `min`*",
        ],
    },
    Reason {
        because: "Executions that a part of a window holds alone, or twice as much of it.",
        mutants: &[
            "job_name:*:increase: `1h30m` -> `3h`*",
            "job_name:job_execution:increase: `1h30m` -> `45m`*",
            "job_name:job_execution_failed:increase: `10m` -> `20m`*",
        ],
    },
    Reason {
        because: "One item alone that failed, or that did not.",
        mutants: &[
            "job_name:job_items_failed:increase: `0` -> `1`",
            "job_name:job_items_failed:increase: `0` -> `1` #3",
        ],
    },
    Reason {
        because: "A slow execution that a part of a window holds alone, or twice as much of it.",
        mutants: &[
            "job_name:*:max: `30m` -> `15m`*",
            "job_name:job_execution_duration_seconds:max: `1h` -> *",
        ],
    },
    Reason {
        because: "Of two jobs in one namespace, one rests, or is well.",
        mutants: &[
            "job_name:*: ` on (namespace, job_name, lookback)` -> ` on (namespace, lookback)`",
            "job_name:*: ` on (namespace, job_name, lookback)` -> ` on (namespace, lookback)` #2",
            "job_name:*: ` on (namespace, job_name, lookback)` -> ` on (namespace, lookback)` #4",
            "job_name:*: ` on (namespace, job_name, lookback)` -> ` on (namespace, job_name)` #4",
            "job_name:*: ` on (namespace, job_name, lookback)` -> ` on (namespace, lookback)` #5",
            "job_name:*: ` on (namespace, job_name, lookback)` -> ` on (namespace, job_name)` #5",
            "job_name:*: ` on (namespace, job_name)` -> ` on (namespace)`*",
            "job_name:*: ` on (namespace, job_name, window)` -> ` on (namespace, window)`*",
            "BackgroundJob*: ` on (namespace, job_name)` -> ` on (namespace)` #2",
            "BackgroundJob*: ` on (namespace, job_name)` -> ` on (namespace)` #3",
        ],
    },
    Reason {
        because: "Three executions in the short window, and another ratio in the long one.",
        mutants: &[
            "job_name:job_execution_failed:ratio: `>=` -> `>`",
            "job_name:job_execution_failed:ratio: `3` -> *",
        ],
    },
    Reason {
        because: "A job whose interval is so long that two of them are more than a day.",
        mutants: &[
            "BackgroundJobCriticallyStale: `<` -> `<=`*",
            "BackgroundJobCriticallyStale: `2` -> *",
            "BackgroundJobCriticallyStale: `catalogue=\"*\"` -> `catalogue!=\"*\"` #3",
        ],
    },
    Reason {
        because: "A page about a job whose interval was lengthened.",
        mutants: &[
            "BackgroundJobUnresolved of BackgroundJobNotRunning: `<` -> `>`*",
            "BackgroundJobUnresolved of BackgroundJobNotRunning: `catalogue=\"*\"` -> `catalogue!=\"*\"` #3",
            "BackgroundJobUnresolved of BackgroundJobNotRunning: `2` -> *",
            "BackgroundJobUnresolved of BackgroundJobNotRunning: `catalogue=\"*\"` -> `catalogue!=\"*\"` #4",
        ],
    },
    Reason {
        because: "A queue that was as long an hour before, and not since, or the other way round.",
        mutants: &["BackgroundJob*: `1h` -> *"],
    },
];
