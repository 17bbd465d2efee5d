//! Values in words: how numbers, parts, and times by interval or timeout are read.

use super::reading::check;

#[test]
fn numbers_and_parts_are_read_in_words() {
    check("More than half of the executions fail for five minutes", "FailureRatio >50% for 5m");
    check("More than a half of executions failed for 5 minutes", "FailureRatio >50% for 5m");
    check("Failure ratio above three quarters for half an hour", "FailureRatio >75% for 30m");
    check("Failure rate over half for a quarter of an hour", "FailureRatio >50% for 15m");
    check("Over a fifth of items failed for 15 minutes", "ItemFailureRatio >20% for 15m");
    check("Failure rate > fifty per cent for 5 minutes", "FailureRatio >50% for 5m");
    check("Queue size > one thousand for ten minutes", "QueueSize >1000 for 10m");
    check("Queue size above a thousand for 10 minutes", "QueueSize >1000 for 10m");
    check("Queue size > two thousand five hundred for 10 minutes", "QueueSize >2500 for 10m");
    check("Queue size > 1.5 thousand for 10 minutes", "QueueSize >1500 for 10m");
    check("P95 duration > three hundred seconds for 15 minutes", "DurationP95 >5m for 15m");
    check("No successful run for half a day", "NoSuccess 12h");
    check("No successful run for more than two and a half hours", "NoSuccess >2h30m");
    check("No successful run for an hour and a half", "NoSuccess 1h30m");
    check("No successful run for one and a half hours", "NoSuccess 1h30m");
    check("More than six failures a minute for 5 minutes", "FailureRate >0.1/s for 5m");
}

#[test]
fn times_are_read_by_what_each_job_has() {
    check("No successful run for twice the interval", "NoSuccess 2m");
    check("No successful run for more than 2 intervals", "NoSuccess >2m");
    check("No successful run for > 3x its own interval", "NoSuccess >3m");
    check("No successful run for > two intervals and its allowed run time", "NoSuccess >17m");
    check("A run in progress for half its timeout for 1 minute", "Stuck 7m30s for 1m");
    check("A run takes longer than 20 minutes for 1 minute", "Stuck >20m for 1m");
}

#[test]
fn values_are_told_once_more() {
    check("P95 duration > 300 seconds, i.e. 5 minutes, for 15 minutes", "DurationP95 >5m for 15m");
    check("P95 duration > 300 seconds (i.e. five minutes) for 15 minutes", "DurationP95 >5m for 15m");
    check("P95 duration > 300 s = 5 min for 15 minutes (a quarter of an hour)", "DurationP95 >5m for 15m");
    check("P95 duration > 300 seconds, that is, 5 minutes, for 15 minutes", "DurationP95 >5m for 15m");
    check("Queue size > 1k (1,000) for 10 minutes (600 seconds)", "QueueSize >1000 for 10m");
    check("No successful run for > 2 hours (120 minutes) (`a`: > 3 hours)", "NoSuccess >2h [a >3h]");
}
