//! Of the rules of Clipper alone.

use crate::mutants::reasons::Reason;

/// What follows from it is the same.
pub(in crate::mutants) const SAME: &[Reason] = &[
    Reason {
        because: "The window is said to people: alerts do not match it, and what was known before has the same.",
        mutants: &[
            "job_name:*: `\"12m\"` -> `\"12m-other\"`*",
            "job_name:*: `\"22m\"` -> `\"22m-other\"`*",
            "job_name:*: `\"2h2m\"` -> `\"2h2m-other\"`*",
            "job_name:*: `\"12h2m\"` -> `\"12h2m-other\"`*",
            "job_name:*:max: `\"1h\"` -> `\"1h-other\"`*",
            "job_name:*:max: `\"6h\"` -> `\"6h-other\"`*",
        ],
    },
    Reason {
        because: "What is known of jobs of others meets nothing that it is compared with.",
        mutants: &["job_name:*:info: `, job_name=\"reputation_tasks\"` -> ``*"],
    },
    Reason {
        because: "Failures go on for as long as they are looked at, so that half a window holds the same rate.",
        mutants: &[
            "job_name:*:rate: `30m` -> `15m`*",
            "job_name:*:rate: `1h` -> `30m`*",
            "job_name:*:rate: `6h` -> `3h`*",
            "job_name:*:rate: `36h` -> `18h`*",
        ],
    },
    Reason {
        because: "A job runs too rarely for as many executions a second as the threshold, failed or not.",
        mutants: &["job_name:*:rate: `, status=\"failed\"` -> ``"],
    },
    Reason {
        because: "What is counted of further jobs meets nothing of theirs over the same window, or says the same.",
        mutants: &[
            "job_name:*:rate: `job_name=\"reputation_tasks\", ` -> ``*",
            "job_name:*:increase: `, job_name=~\"hot_score_refresh|webhook_retry\"` -> ``*",
            "job_name:*:increase: `, job_name=~\"clip_sync|embedding_generation\"` -> ``*",
            "job_name:*:increase: `, job_name=\"trending_score_refresh\"` -> ``",
            "job_name:*:increase: `, job_name=\"reputation_tasks\"` -> ``",
            "job_name:*:increase: `job_name=\"webhook_retry\", ` -> ``*",
            "job_name:*:increase: `job_name=\"hot_score_refresh\", ` -> ``",
            "job_name:*: `job_name=~\"hot_score_refresh|webhook_retry\", ` -> ``*",
            "job_name:*: `job_name=~\"clip_sync|embedding_generation\", ` -> ``*",
            "job_name:job_execution_failed:increase: `job_name=\"trending_score_refresh\", ` -> ``",
            "job_name:job_execution_failed:increase: `job_name=\"reputation_tasks\", ` -> ``*",
            "job_name:*: `job_name=~\"hot_score_refresh|webhook_retry|embedding_generation\", ` -> ``*",
            "job_name:*: `job_name=\"clip_sync\", ` -> `` #2",
        ],
    },
    Reason {
        because: "What is remembered is recorded anew at each evaluation, so that it is not older in any scenario.",
        mutants: &["job_name:*: `1h` -> `2h` #3"],
    },
    Reason {
        because: "A recent count is compared with none alone, which a rate or a mean is at the same time.",
        mutants: &["job_name:job_execution_failed:increase: `sum` -> `avg` #4"],
    },
    Reason {
        because: "It is matched on all labels, this one among them, with what has the right one.",
        mutants: &[
            "BackgroundJobCriticalFailureRate: `catalogue=\"background-jobs\"` -> ``*",
            "BackgroundJobCriticallyStale: `catalogue=\"background-jobs\"` -> `` #2",
            "BackgroundJobQueueGrowing: `catalogue=\"background-jobs\"` -> ``*",
            "BackgroundJobUnresolved of BackgroundJobNotRunning: `catalogue=\"background-jobs\"` -> `` #3",
            "BackgroundJobUnresolved of BackgroundJobNotRunning: `catalogue=\"background-jobs\"` -> `` #4",
        ],
    },
    Reason {
        because: "One execution is no evidence, whatever its ratio.",
        mutants: &["job_name:*:ratio: `1` -> `0`*"],
    },
    Reason {
        because: "Where more than half of three executions failed, two did, which is evidence, too.",
        mutants: &["BackgroundJobCriticalFailureRate: `3` -> `2`*"],
    },
    Reason {
        because: "Durations are told in buckets, and its bounds are none of theirs.",
        mutants: &[
            "BackgroundJob*: `300` -> `330`*",
            "BackgroundJob*: `300` -> `272.727273` #2",
            "BackgroundJob*: `300` -> `150` #2",
            "BackgroundJob*: `600` -> `660` #2",
            "BackgroundJob*: `600` -> `545.454545` #2",
            "BackgroundJob*: `600` -> `300` #2",
        ],
    },
    Reason {
        because: "A simulation has steps, which do not tell so little time apart.",
        mutants: &["BackgroundJobUnresolved of BackgroundJobOverdue: `120` -> *"],
    },
];

/// No scenario shows it.
pub(in crate::mutants) const UNSHOWN: &[Reason] = &[
    Reason {
        because: "What a job of one or two executions a month counted, for which a simulation takes too many steps.",
        mutants: &[
            "job_name:*:max: `sum by (namespace, job_name, le)` -> `sum by (job_name, le)` #2",
            "job_name:*:max: `sum by (namespace, job_name, le)` -> `sum by (namespace, le)` #2",
            "job_name:*:max: `sum by (namespace, job_name, le)` -> `sum by (namespace, job_name)` #2",
            "job_name:job_execution_duration_seconds:max: `namespace=~\"clipper|\"` -> `namespace!~\"clipper|\"` #2",
        ],
    },
    Reason {
        because: "Executions that a part of a window holds alone, or twice as much of it.",
        mutants: &[
            "job_name:job_execution:increase: `30m` -> `15m`*",
            "job_name:job_execution:increase: `1h` -> `30m`",
            "job_name:job_execution:increase: `1h` -> `2h` #2",
            "job_name:*:increase: `6h` -> `12h`*",
            "job_name:job_execution:increase: `6h` -> `3h`*",
            "job_name:*:increase: `36h` -> `3d`*",
            "job_name:job_execution:increase: `36h` -> `18h`*",
            "job_name:job_execution_failed:increase: `30m` -> `1h`*",
            "job_name:job_items_failed:ratio: `1h` -> `2h`",
            "job_name:*:ratio: `1h30m` -> `3h`*",
            "job_name:*:ratio: `6h` -> *",
            "job_name:*:ratio: `36h` -> `3d`*",
            "job_name:*: `36h` -> `18h` #2",
            "job_name:*: `32m` -> `1h4m` #2",
            "job_name:*: `32m` -> `16m` #2",
            "job_name:*: `2h2m` -> `1h1m` #2",
            "job_name:*: `12h2m` -> `6h1m` #2",
            "job_name:*: `30m` -> `15m` #2",
        ],
    },
    Reason {
        because: "All items of a job that is due each quarter of an hour are skipped.",
        mutants: &["job_name:*: `, status=\"success\"` -> ``"],
    },
    Reason {
        because: "A slow execution that a part of a window holds alone, or twice as much of it.",
        mutants: &[
            "job_name:*:p95: `1h` -> *",
            "job_name:*:p95: `1h30m` -> *",
            "job_name:*:p95: `6h` -> *",
            "job_name:*:p95: `36h` -> *",
            "job_name:*:max: `6h` -> `3h`*",
        ],
    },
    Reason {
        because: "A job whose interval is so long that two of them are more than a day.",
        mutants: &[
            "BackgroundJobCriticallyStale: `catalogue=\"background-jobs\"` -> `catalogue!=\"background-jobs\"` #2",
        ],
    },
    Reason {
        because: "Rules that were not evaluated in the half hour after an execution of a job that is due each hour.",
        mutants: &[
            "job_name:*:max: `1` -> `2` #2",
            "job_name:*:max: `1` -> `0` #2",
            "job_name:*:max: `sum` -> `count` #2",
            "job_name:*:max: `job_name=\"trending_score_refresh\"` -> `job_name!=\"trending_score_refresh\"`*",
        ],
    },
];
