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

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use jobwatch_catalogue::{Catalogue, JobSpec};
    use jobwatch_runtime::outcome::Failure;
    use jobwatch_runtime::store::{JobState, Lease, RunRecord};
    use jobwatch_runtime::{Request, RunId};

    use super::*;

    fn moment(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    /// A job that will run in ten seconds, with an outcome of its last run and of its items.
    fn row(name: &'static str, outcome: Option<Outcome>, counts: Counts) -> (JobStatus, Counts) {
        let draft = JobSpec::every(name, Duration::from_secs(300));
        let catalogue = Catalogue::builder("test").job(draft).build().unwrap();
        let spec = catalogue.jobs()[0].clone();
        let id = RunId { job: spec.name().clone(), token: 1 };
        let run = |outcome| RunRecord {
            id,
            slot: None,
            request: Request::default(),
            holder: "here".into(),
            since: moment(-20),
            ended: moment(-10),
            outcome,
        };
        let state = JobState {
            first_scheduled: moment(-100),
            done: None,
            last_success: None,
            consecutive_failures: 0,
            paused: false,
            running: None,
        };
        let status = JobStatus {
            schedule: spec.schedule().to_string(),
            spec,
            disabled: None,
            state,
            progress: None,
            next_run: Some(moment(10)),
            last_run: outcome.map(run),
            queue_size: None,
        };
        (status, counts)
    }

    #[test]
    fn each_job_tells_what_it_is_at_and_what_became_of_it() {
        let report = Report { succeeded: 1_980, failed: 20, skipped: 45 };
        let counts = Counts { succeeded: 12, failed: 3, items: report };
        let mut queued = row("webhook_retry", Some(Outcome::Succeeded(report)), counts);
        queued.0.queue_size = Some(69);
        let panic = Failure::Panic("called `Option::unwrap()` on a `None` value".to_owned());
        let failed = row("trending_score_refresh", Some(Outcome::Failed(panic)), counts);
        let mut running = row("reputation_tasks", None, Counts::default());
        let lease = Lease {
            job: running.0.spec.name().clone(),
            slot: None,
            holder: "here".into(),
            token: 1,
            since: moment(-75),
            until: moment(30),
        };
        running.0.state.running = Some(lease);
        running.0.progress = Some(report);
        let mut paused = row("hot_score_refresh", None, Counts::default());
        paused.0.state.paused = true;
        let mut disabled = row("clip_sync", None, Counts::default());
        disabled.0.disabled = Some("TWITCH_CLIENT_ID is not set".to_owned());
        let rows = [queued, failed, running, paused, disabled];
        assert_snapshot!(table(&rows, moment(0), false), @"
        JOB                    EVERY NOW          LAST RUN                      RUNS            ITEMS QUEUE
        webhook_retry          5m    in 10s       succeeded, 1980 of 2000       12/3       1980/20/45    69
        trending_score_refresh 5m    in 10s       failed: panic: called `Op…    12/3       1980/20/45
        reputation_tasks       5m    runs for 75s 1980 of 2000 so far            0/0            0/0/0
        hot_score_refresh      5m    paused                                      0/0            0/0/0
        clip_sync              5m    disabled                                    0/0            0/0/0

        RUNS that succeeded/failed. ITEMS that succeeded/failed/were skipped.
        ");
        let coloured = table(&rows, moment(0), true);
        assert!(coloured.contains("\x1b[32msucceeded, 1980 of 2000") && coloured.contains("\x1b[31mfailed"));
    }
}
