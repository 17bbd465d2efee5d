//! The jobs as a table: what each does now, how its last run ended, and the numbers that its
//! metrics show.

use std::time::Duration;

use clipper_jobs::plain;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, Width, presets};
use console::{Style, truncate_str};
use jobwatch_catalogue::label::RunStatus;
use jobwatch_runtime::{Outcome, Report};

/// The columns: what stands above each, how wide it is at least, and on which side its texts stand.
/// A number that is too long for its column is worth more than the column.
const COLUMNS: [(&str, u16, CellAlignment); 7] = [
    ("JOB", 22, CellAlignment::Left),
    ("EVERY", 6, CellAlignment::Left),
    ("NOW", 12, CellAlignment::Left),
    ("LAST RUN", 15, CellAlignment::Left),
    ("RUNS\nok/failed", 9, CellAlignment::Right),
    ("ITEMS\nok/failed/skipped", 17, CellAlignment::Right),
    ("QUEUE", 7, CellAlignment::Right),
];

/// How many spaces stand between two columns.
const GAP: u16 = 2;

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

    /// A text about an outcome.
    pub(super) fn outcome(self, outcome: &Outcome, text: &str) -> String {
        let style = match outcome.status() {
            Some(RunStatus::Success) => self.style().green(),
            Some(RunStatus::Failed) => self.style().red(),
            None => self.style().yellow(),
        };
        style.apply_to(text).to_string()
    }

    fn paint(self, tone: Tone<'_>, text: &str) -> String {
        match tone {
            Tone::Plain => text.to_owned(),
            Tone::Dim => self.dim(text),
            Tone::Warning => self.warning(text),
            Tone::Running => self.style().cyan().apply_to(text).to_string(),
            Tone::Of(outcome) => self.outcome(outcome, text),
        }
    }
}

/// What a text is about, which its colour tells.
#[derive(Debug, Clone, Copy)]
enum Tone<'r> {
    Plain,
    Dim,
    Warning,
    Running,
    Of(&'r Outcome),
}

/// The table, line by line. Below a job whose last run failed stands why.
pub(super) fn render(rows: &[Row], palette: Palette) -> Vec<String> {
    let all: Vec<_> = rows.iter().map(cells).collect();
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(COLUMNS.map(|(head, ..)| head));
    table.add_rows(all.iter().map(|cells| cells.iter().map(|(text, _)| text)));
    for (column, (_, width, side)) in table.column_iter_mut().zip(COLUMNS) {
        column.set_padding((0, GAP)).set_cell_alignment(side);
        column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(width + GAP)));
    }
    let widths: Vec<usize> = (table.column_max_content_widths().iter().zip(COLUMNS))
        .map(|(found, (_, least, _))| usize::from(*found.max(&least) + GAP))
        .collect();
    let mut laid_out = table.lines();
    let mut lines = Vec::new();
    for paint in [Palette::bold, Palette::dim] {
        lines.extend(laid_out.next().map(|line| paint(palette, line.trim_end())));
    }
    for ((row, cells), line) in rows.iter().zip(&all).zip(laid_out) {
        // The layout knows no colours, so that these take no room.
        let mut rest = line.as_str();
        let painted = widths.iter().zip(cells).map(|(width, (_, tone))| {
            let end = rest.char_indices().nth(*width).map_or(rest.len(), |(end, _)| end);
            let (cell, further) = rest.split_at(end);
            rest = further;
            let text = cell.trim_end();
            palette.paint(*tone, text) + &cell[text.len()..]
        });
        lines.push(painted.collect::<String>().trim_end().to_owned());
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
    truncate_str(&plain::one_line(text), WIDTH, "…").into_owned()
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

fn cells(row: &Row) -> [(String, Tone<'_>); 7] {
    let now = match row.now {
        Now::Disabled => ("disabled".to_owned(), Tone::Dim),
        Now::Paused => ("paused".to_owned(), Tone::Warning),
        Now::Running(time) => (format!("running {} s", time.as_secs()), Tone::Running),
        Now::Next(time) if time < Duration::from_secs(1) => ("due".to_owned(), Tone::Plain),
        Now::Next(time) => (format!("in {} s", time.as_secs()), Tone::Plain),
        Now::Unknown => ("…".to_owned(), Tone::Dim),
        Now::Ended => (String::new(), Tone::Plain),
    };
    let so_far = row.progress.filter(|_| matches!(row.now, Now::Running(_)));
    let so_far = so_far.map(|report| {
        (format!("{} so far", report.succeeded + report.failed + report.skipped), Tone::Running)
    });
    let last = row.last.as_ref().map(|Last { outcome, took }| {
        let word = match outcome.status() {
            Some(RunStatus::Success) => "ok",
            Some(RunStatus::Failed) => "failed",
            None => "stopped",
        };
        (format!("{word}, {}", seconds(*took)), Tone::Of(outcome))
    });
    let Report { succeeded, failed, skipped } = row.items;
    let plain = |text: String| (text, Tone::Plain);
    [
        plain(row.job.clone()),
        plain(row.every.clone()),
        now,
        so_far.or(last).unwrap_or_else(|| ("none yet".to_owned(), Tone::Dim)),
        plain(format!("{}/{}", row.runs.0, row.runs.1)),
        plain(format!("{succeeded}/{failed}/{skipped}")),
        plain(row.queue.map(|size| size.to_string()).unwrap_or_default()),
    ]
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
