//! Shows what the jobs do: a table that is drawn anew on a terminal, and a line for each run elsewhere.

use std::io::{IsTerminal, Write, stdout};
use std::net::SocketAddr;
use std::time::Duration;

use chrono::Utc;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jobwatch_catalogue::label::{ItemStatus, RunStatus};
use jobwatch_catalogue::metric;
use jobwatch_runtime::{Handle, JobStatus, ShutdownReport};
use prometheus::Registry;
use prometheus::proto::MetricFamily;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::table::{Counts, table};
use super::{Options, TOKEN};
use crate::settings::Settings;

/// How often it is looked what the jobs do.
const PERIOD: Duration = Duration::from_millis(250);

/// Whoever looks.
pub(super) struct Watch {
    /// Draws on a terminal, and nowhere else.
    screen: Option<ProgressBar>,
    colour: bool,
    notes: String,
    /// The last run of each job that was told.
    told: Vec<Option<String>>,
}

impl Watch {
    pub(super) fn new(options: &Options, settings: &Settings, address: SocketAddr) -> Self {
        let is_terminal = stdout().is_terminal();
        let screen = is_terminal.then(|| {
            let screen = ProgressBar::with_draw_target(None, ProgressDrawTarget::stdout());
            if let Ok(style) = ProgressStyle::with_template("{msg}") {
                screen.set_style(style);
            }
            screen
        });
        let colour = anstream::AutoStream::choice(&stdout()) != anstream::ColorChoice::Never;
        let notes = notes(options, settings, address);
        let watch = Self { screen, colour, notes, told: Vec::new() };
        if watch.screen.is_none() {
            print(&watch.notes);
        }
        watch
    }

    /// Says what is being done before there is something to see.
    pub(super) fn say(&self, what: &str) {
        match &self.screen {
            Some(screen) => screen.set_message(format!("{}\n{what}", self.notes)),
            None => print(&format!("{what}\n")),
        }
    }

    /// Shows what the jobs do until the runtime ends or the time is up, and how it all ended.
    pub(super) async fn follow(
        &mut self,
        handle: &Handle,
        registry: &Registry,
        duration: Option<Duration>,
        running: &JoinHandle<ShutdownReport>,
    ) {
        let begun = Instant::now();
        let mut last = String::new();
        while !running.is_finished() && duration.is_none_or(|duration| begun.elapsed() < duration) {
            if let Ok(jobs) = handle.list().await {
                self.tell(&jobs);
                let families = registry.gather();
                let rows: Vec<_> = jobs
                    .into_iter()
                    .map(|job| {
                        let counts = counts(&families, job.spec.name().as_str());
                        (job, counts)
                    })
                    .collect();
                last = table(&rows, Utc::now(), self.colour && self.screen.is_some());
                if let Some(screen) = &self.screen {
                    screen.set_message(format!("{}\n{last}\nCtrl-C ends it.", self.notes));
                }
            }
            tokio::time::sleep(PERIOD).await;
        }
        match &self.screen {
            Some(screen) => screen.finish_with_message(format!("{}\n{last}", self.notes)),
            None => print(&format!("\n{last}")),
        }
    }

    /// Tells of runs that have ended, where there is no table to see it in.
    fn tell(&mut self, jobs: &[JobStatus]) {
        self.told.resize(jobs.len(), None);
        for (job, told) in jobs.iter().zip(&mut self.told) {
            let Some(run) = &job.last_run else { continue };
            let id = run.id.to_string();
            if told.as_ref() != Some(&id) {
                if self.screen.is_none() {
                    let seconds = (run.ended - run.since).as_seconds_f64();
                    print(&format!("{id} {} ({seconds:.1} s)\n", run.outcome));
                }
                *told = Some(id);
            }
        }
    }
}

/// What is shown, and what can be done with it.
fn notes(options: &Options, settings: &Settings, address: SocketAddr) -> String {
    let mut text = format!(
        "Clipper's jobs on a made-up site: {}\nTheir log: {}\n",
        settings.database,
        options.folder.join("log").display()
    );
    for fault in &options.faults {
        text += &format!("On purpose, {fault}.\n");
    }
    text += &format!(
        "
  curl -s http://{address}/metrics | grep job_execution_total
  curl -s -H 'Authorization: Bearer {TOKEN}' http://{address}/admin/jobs
  curl -s -H 'Authorization: Bearer {TOKEN}' -H 'Content-Type: application/json' \\
    -d '{{\"job_name\": \"reputation_tasks\"}}' http://{address}/admin/jobs/trigger

"
    );
    text
}

/// What the metrics say about a job, as Prometheus would read them.
fn counts(families: &[MetricFamily], job: &str) -> Counts {
    let count = |name: &str, status: &str| {
        let family = families.iter().find(|family| family.name() == name);
        let metrics = family.iter().flat_map(|family| family.get_metric());
        let mut metrics = metrics.filter(|metric| {
            let has = |value: &str| metric.get_label().iter().any(|label| label.value() == value);
            has(job) && has(status)
        });
        // Counters hold whole numbers, although they are written as others.
        metrics.next().map_or(0, |metric| metric.get_counter().get_value() as u64)
    };
    let runs = |status: RunStatus| count(metric::JOB_EXECUTION_TOTAL.name, status.as_str());
    let items = |status: ItemStatus| count(metric::JOB_ITEMS_PROCESSED_TOTAL.name, status.as_str());
    Counts {
        succeeded: runs(RunStatus::Success),
        failed: runs(RunStatus::Failed),
        items: jobwatch_runtime::Report {
            succeeded: items(ItemStatus::Success),
            failed: items(ItemStatus::Failed),
            skipped: items(ItemStatus::Skipped),
        },
    }
}

fn print(text: &str) {
    // Whoever closes the pipe has read enough.
    let _ = stdout().write_all(text.as_bytes());
}
