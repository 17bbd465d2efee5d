//! What the jobs do, as a table of at most 100 columns.

use std::time::Duration;

use anstyle::{AnsiColor, Style};
use chrono::{DateTime, TimeDelta, Utc};
use jobwatch_runtime::{JobStatus, Outcome, Report};

/// How much of an outcome stands in a row, in characters.
const OUTCOME: usize = 26;

/// What the metrics count about a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Counts {
    pub(super) succeeded: u64,
    pub(super) failed: u64,
    pub(super) items: Report,
}

/// A row for each job. Colour says nothing that words do not.
pub(super) fn table(jobs: &[(JobStatus, Counts)], now: DateTime<Utc>, colour: bool) -> String {
    let mut text = format!(
        "{:<22} {:<5} {:<12} {:<26} {:>7} {:>16} {:>5}\n",
        "JOB", "EVERY", "NOW", "LAST RUN", "RUNS", "ITEMS", "QUEUE"
    );
    for (job, counts) in jobs {
        let (last, style) = last(job);
        let Report { succeeded, failed, skipped } = counts.items;
        let runs = format!("{}/{}", counts.succeeded, counts.failed);
        let items = format!("{succeeded}/{failed}/{skipped}");
        let queue = job.queue_size.map(|size| size.to_string()).unwrap_or_default();
        let schedule = job.schedule.trim_start_matches("every ");
        let (begin, end) = if colour {
            (style.render().to_string(), style.render_reset().to_string())
        } else {
            Default::default()
        };
        let line = format!(
            "{:<22} {schedule:<5} {:<12} {begin}{last:<26}{end} {runs:>7} {items:>16} {queue:>5}",
            job.spec.name().as_str(),
            present(job, now),
        );
        text += line.trim_end();
        text.push('\n');
    }
    text += "\nRUNS that succeeded/failed. ITEMS that succeeded/failed/were skipped.\n";
    text
}

/// What a job is at, or when it will be.
fn present(job: &JobStatus, now: DateTime<Utc>) -> String {
    if job.disabled.is_some() {
        return "disabled".to_owned();
    }
    if job.state.paused {
        return "paused".to_owned();
    }
    let seconds = |span: TimeDelta| Duration::from_secs(span.num_seconds().max(0).unsigned_abs());
    let short = |span| jobwatch_catalogue::duration::format(seconds(span));
    match (&job.state.running, job.next_run) {
        (Some(lease), _) => format!("runs for {}", short(now - lease.since)),
        (None, Some(next)) => format!("in {}", short(next - now)),
        (None, None) => "starts".to_owned(),
    }
}

/// How a job's last run ended.
fn last(job: &JobStatus) -> (String, Style) {
    let green = Style::new().fg_color(Some(AnsiColor::Green.into()));
    if let (Some(_), Some(Report { succeeded, failed, .. })) = (&job.state.running, job.progress) {
        return (format!("{succeeded} of {} so far", succeeded + failed), Style::new());
    }
    let red = Style::new().fg_color(Some(AnsiColor::Red.into()));
    match job.last_run.as_ref().map(|run| &run.outcome) {
        None => (String::new(), Style::new()),
        Some(Outcome::Succeeded(report)) => {
            (format!("succeeded, {} of {}", report.succeeded, report.succeeded + report.failed), green)
        }
        Some(outcome @ Outcome::Failed(_)) => (excerpt(&outcome.to_string()), red),
        Some(outcome @ Outcome::Interrupted(_)) => (excerpt(&outcome.to_string()), Style::new()),
    }
}

fn excerpt(text: &str) -> String {
    if text.chars().count() <= OUTCOME {
        return text.to_owned();
    }
    let begin: String = text.chars().take(OUTCOME - 1).collect();
    format!("{}…", begin.trim_end())
}
