//! The jobs as a table: what each does now, how its last run ended, and the numbers that its
//! metrics show.

use std::time::Duration;

use console::{Alignment, Style, pad_str, truncate_str};
use jobwatch_catalogue::label::RunStatus;
use jobwatch_runtime::{Outcome, Report};

/// How wide the columns are, and on which side their texts stand.
const COLUMNS: [(usize, Alignment); 7] = [
    (22, Alignment::Left),
    (6, Alignment::Left),
    (12, Alignment::Left),
    (15, Alignment::Left),
    (9, Alignment::Right),
    (17, Alignment::Right),
    (7, Alignment::Right),
];

const HEADS: [[&str; 7]; 2] = [
    ["JOB", "EVERY", "NOW", "LAST RUN", "RUNS", "ITEMS", "QUEUE"],
    ["", "", "", "", "ok/failed", "ok/failed/skipped", ""],
];

/// The widest that anything is shown.
pub(super) const WIDTH: usize = 100;

/// A job.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) job: String,
    /// The interval in force.
    pub(super) every: String,
    pub(super) now: Now,
    /// What the run in progress has done so far, if it tells.
    pub(super) progress: Option<Report>,
    pub(super) last: Option<Last>,
    /// Runs that succeeded and runs that failed.
    pub(super) runs: (u64, u64),
    pub(super) items: Report,
    pub(super) queue: Option<u64>,
}

/// What a job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Now {
    Disabled,
    Paused,
    /// It runs, for so long.
    Running(Duration),
    /// It will run in so long.
    Next(Duration),
    Unknown,
    /// Nothing any more.
    Ended,
}

/// How a run ended, and how long it took.
#[derive(Debug, Clone)]
pub(super) struct Last {
    pub(super) outcome: Outcome,
    pub(super) took: Duration,
}

/// Colours on a terminal that has them, none elsewhere.
#[derive(Debug, Clone, Copy)]
pub(super) struct Palette {
    pub(super) has_colours: bool,
}

impl Palette {
    fn style(self) -> Style {
        Style::new().force_styling(self.has_colours)
    }

    pub(super) fn bold(self, text: &str) -> String {
        self.style().bold().apply_to(text).to_string()
    }

    pub(super) fn dim(self, text: &str) -> String {
        self.style().dim().apply_to(text).to_string()
    }

    pub(super) fn warning(self, text: &str) -> String {
        self.style().yellow().apply_to(text).to_string()
    }

    fn running(self, text: &str) -> String {
        self.style().cyan().apply_to(text).to_string()
    }

    /// A text about an outcome.
    pub(super) fn outcome(self, outcome: &Outcome, text: &str) -> String {
        let style = match outcome.status() {
            Some(RunStatus::Success) => self.style().green(),
            Some(RunStatus::Failed) => self.style().red(),
            None => self.style().yellow(),
        };
        style.apply_to(text).to_string()
    }
}

/// The table, line by line. Below a job whose last run failed stands why.
pub(super) fn render(rows: &[Row], palette: Palette) -> Vec<String> {
    let [names, units] = HEADS.map(|heads| line(&heads.map(str::to_owned)));
    let mut lines = vec![palette.bold(&names), palette.dim(&units)];
    for row in rows {
        lines.push(line(&cells(row, palette)));
        if let Some(last) = row.last.as_ref().filter(|last| last.outcome.status() != Some(RunStatus::Success))
        {
            let why = one_line(&format!("  {}", last.outcome));
            lines.push(palette.outcome(&last.outcome, &why));
        }
    }
    lines
}

/// In one line that fits.
pub(super) fn one_line(text: &str) -> String {
    truncate_str(&text.replace(['\n', '\r', '\t'], " "), WIDTH, "…").into_owned()
}

/// Seconds as one reads them.
pub(super) fn seconds(time: Duration) -> String {
    if time < Duration::from_secs(1) {
        format!("{} ms", time.as_millis())
    } else if time < Duration::from_secs(10) {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{} s", time.as_secs())
    }
}

fn cells(row: &Row, palette: Palette) -> [String; 7] {
    let now = match row.now {
        Now::Disabled => palette.dim("disabled"),
        Now::Paused => palette.warning("paused"),
        Now::Running(time) => palette.running(&format!("running {} s", time.as_secs())),
        Now::Next(time) if time < Duration::from_secs(1) => "due".to_owned(),
        Now::Next(time) => format!("in {} s", time.as_secs()),
        Now::Unknown => palette.dim("…"),
        Now::Ended => String::new(),
    };
    let so_far = row.progress.filter(|_| matches!(row.now, Now::Running(_)));
    let so_far = so_far.map(|report| {
        palette.running(&format!("{} so far", report.succeeded + report.failed + report.skipped))
    });
    let last = row.last.as_ref().map(|Last { outcome, took }| {
        let word = match outcome.status() {
            Some(RunStatus::Success) => "ok",
            Some(RunStatus::Failed) => "failed",
            None => "stopped",
        };
        palette.outcome(outcome, &format!("{word}, {}", seconds(*took)))
    });
    let Report { succeeded, failed, skipped } = row.items;
    [
        row.job.clone(),
        row.every.clone(),
        now,
        so_far.or(last).unwrap_or_else(|| palette.dim("none yet")),
        format!("{}/{}", row.runs.0, row.runs.1),
        format!("{succeeded}/{failed}/{skipped}"),
        row.queue.map(|size| size.to_string()).unwrap_or_default(),
    ]
}

fn line(cells: &[String; 7]) -> String {
    let padded = cells.iter().zip(COLUMNS).map(|(cell, (width, side))| {
        // A number that is too long for its column is worth more than the column.
        pad_str(cell, width, side, None).into_owned()
    });
    padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
}

#[cfg(test)]
pub(super) mod tests {
    use console::measure_text_width;
    use jobwatch_runtime::JobError;
    use jobwatch_runtime::outcome::{Failure, Interruption};

    use super::*;

    fn row(job: &str, now: Now, outcome: Option<Outcome>) -> Row {
        let last = outcome.map(|outcome| Last { outcome, took: Duration::from_millis(240) });
        let items = Report { succeeded: 120, failed: 3, skipped: 4_567 };
        Row {
            job: job.to_owned(),
            every: "5s".to_owned(),
            now,
            progress: None,
            last,
            runs: (12, 1),
            items,
            queue: Some(42),
        }
    }

    /// Six jobs in six states, three of which have something to explain.
    pub(in crate::demo) fn rows() -> Vec<Row> {
        let error =
            JobError::retryable(format!("Twitch has no /helix/games/top:\n{}", "it fails, ".repeat(20)));
        vec![
            Row {
                runs: (0, 0),
                items: Report::default(),
                queue: None,
                ..row("hot_score_refresh", Now::Unknown, None)
            },
            Row {
                progress: Some(Report { succeeded: 1_200, failed: 30, skipped: 4 }),
                ..row("trending_score_refresh", Now::Running(Duration::from_millis(3_700)), None)
            },
            row(
                "clip_sync",
                Now::Next(Duration::from_millis(2_100)),
                Some(Outcome::Failed(Failure::Error(error))),
            ),
            row(
                "reputation_tasks",
                Now::Paused,
                Some(Outcome::Failed(Failure::Timeout(Duration::from_secs(4)))),
            ),
            row(
                "webhook_retry",
                Now::Next(Duration::ZERO),
                Some(Outcome::Interrupted(Interruption::Cancelled)),
            ),
            Row { queue: Some(123_456), ..row("embedding_generation", Now::Disabled, None) },
        ]
    }

    #[test]
    fn the_table_tells_what_each_job_does_and_why_its_last_run_failed() {
        let table = render(&rows(), Palette { has_colours: false }).join("\n");
        insta::assert_snapshot!(table, @"
        JOB                     EVERY   NOW           LAST RUN              RUNS              ITEMS    QUEUE
                                                                       ok/failed  ok/failed/skipped
        hot_score_refresh       5s      …             none yet               0/0              0/0/0
        trending_score_refresh  5s      running 3 s   1234 so far           12/1         120/3/4567       42
        clip_sync               5s      in 2 s        failed, 240 ms        12/1         120/3/4567       42
          failed: Twitch has no /helix/games/top: it fails, it fails, it fails, it fails, it fails, it fail…
        reputation_tasks        5s      paused        failed, 240 ms        12/1         120/3/4567       42
          failed: stopped after 4s
        webhook_retry           5s      due           stopped, 240 ms       12/1         120/3/4567       42
          interrupted: cancelled
        embedding_generation    5s      disabled      none yet              12/1         120/3/4567   123456
        ");
    }

    #[test]
    fn it_fits_a_hundred_columns_and_colours_take_no_room() {
        let plain = render(&rows(), Palette { has_colours: false });
        let coloured = render(&rows(), Palette { has_colours: true });
        assert!(coloured.concat().contains("\u{1b}[31m"));
        for (plain, coloured) in plain.iter().zip(&coloured) {
            assert!(measure_text_width(plain) <= WIDTH, "{plain}");
            assert_eq!(console::strip_ansi_codes(coloured).trim_end(), plain.trim_end());
        }
    }
}
