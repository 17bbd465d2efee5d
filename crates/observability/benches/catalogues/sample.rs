//! A catalogue to measure with. Its jobs alternate between kinds of schedules and thresholds, as
//! those of large catalogues do.

use std::fmt::Write;

/// A catalogue of so many jobs, as somebody would write it.
pub(crate) fn catalogue(jobs: usize) -> String {
    let intervals = ["1m", "5m", "10m", "15m", "1h", "6h"];
    let crons = ["0 3 * * *", "*/15 8-17 * * 1-5", "0 4 1 * *"];
    let mut text = String::from("name: bench\nservice: bench\njobs:\n");
    for index in 0..jobs {
        let mut line = |line: &str| {
            let _ = writeln!(text, "{line}");
        };
        line(&format!("  - name: job-{index}"));
        line("    summary: Does its work.");
        if index % 10 == 9 {
            line(&format!("    cron: \"{}\"", crons[index / 10 % crons.len()]));
            line("    timezone: Europe/Berlin");
        } else {
            line(&format!("    interval: {}", intervals[index % intervals.len()]));
        }
        line("    timeout: 10m");
        line("    items: items");
        if index % 3 == 0 {
            line("    queue: items");
        }
        if index % 30 == 0 {
            line("    thresholds:");
            line("      BackgroundJobCriticalQueueSize: {above: 5000}");
        }
    }
    text
}
