//! Where the demo shows itself: drawn in place on a terminal, line by line elsewhere.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::time::Duration;

use console::{Term, truncate_str};
use jobwatch_runtime::store::RunRecord;

use super::table::{self, Palette, Row, WIDTH, one_line, seconds};

/// How many of the latest runs are shown, at least and at most.
const RUNS: (usize, usize) = (3, 12);

/// How many of the latest alerts that somebody was told of are shown at most.
const TOLD: usize = 6;

/// Shows the demo.
#[derive(Debug)]
pub(super) struct Screen {
    terminal: Option<Terminal>,
    palette: Palette,
    /// The latest runs, newest last.
    runs: VecDeque<RunRecord>,
    /// Who was told of what last, newest last.
    told: VecDeque<String>,
    head: Vec<String>,
    foot: Vec<String>,
    is_closed: bool,
}

#[derive(Debug)]
struct Terminal {
    term: Term,
    /// How many lines are drawn, and for a terminal of which size.
    drawn: usize,
    size: (u16, u16),
}

impl Screen {
    /// Standard output.
    pub(super) fn new() -> Self {
        let term = Term::buffered_stdout();
        let can_redraw = term.is_term() && !console::is_dumb();
        let terminal = can_redraw.then(|| Terminal { size: term.size(), term, drawn: 0 });
        let palette = Palette { has_colours: terminal.is_some() && console::colors_enabled() };
        let (head, foot) = (Vec::new(), Vec::new());
        Self { terminal, palette, runs: VecDeque::new(), told: VecDeque::new(), head, foot, is_closed: false }
    }

    /// Whether nobody looks any more: what is shown can be written nowhere.
    pub(super) fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// Says something once, before anything is drawn.
    pub(super) fn say(&mut self, text: &str) {
        self.write(&[self.palette.dim(text)]);
    }

    /// Sets what stands above and below the table.
    pub(super) fn frame(&mut self, head: Vec<String>, foot: Vec<String>) {
        if self.terminal.is_none() {
            self.write(&[head.as_slice(), &foot].concat());
        }
        (self.head, self.foot) = (head, foot);
    }

    /// Takes in who has been told of what: shown with the next drawing, or at once.
    pub(super) fn tell(&mut self, told: Vec<String>) {
        if self.terminal.is_none() {
            return self.write(&told);
        }
        self.told.extend(told);
        let surplus = self.told.len().saturating_sub(TOLD);
        self.told.drain(..surplus);
    }

    /// Shows how things stand, and the runs that have ended since it was last told.
    pub(super) fn show(&mut self, rows: &[Row], ended: Vec<RunRecord>, clock: &str) {
        if self.terminal.is_none() {
            let lines: Vec<String> = ended.iter().map(|record| run(record, self.palette)).collect();
            return self.write(&lines);
        }
        self.runs.extend(ended);
        let surplus = self.runs.len().saturating_sub(RUNS.1);
        self.runs.drain(..surplus);
        let height = self.terminal.as_ref().map_or(0, |terminal| usize::from(terminal.term.size().0));
        let lines = self.lines(rows, clock, height);
        let Some(terminal) = &mut self.terminal else { return };
        self.is_closed |= terminal.draw(&lines).is_err();
    }

    /// Leaves the table where it is on a terminal, and prints it elsewhere.
    pub(super) fn end(&mut self, rows: &[Row], ended: Vec<RunRecord>, summary: &str) {
        // There is nothing to try any more.
        self.foot.clear();
        self.show(rows, ended, "");
        if self.terminal.is_none() {
            self.write(
                &[vec![String::new()], table::render(rows, self.palette), vec![String::new()]].concat(),
            );
        }
        self.write(&[self.palette.bold(summary)]);
    }

    /// All that is drawn on a terminal of a height.
    fn lines(&self, rows: &[Row], clock: &str, height: usize) -> Vec<String> {
        let palette = self.palette;
        let table = table::render(rows, palette);
        // Three empty lines, the title, and the last line, which stays free for the cursor.
        let room =
            height.saturating_sub(self.head.len() + table.len() + self.told.len() + self.foot.len() + 5);
        let shown = room.clamp(RUNS.0, RUNS.1).min(self.runs.len());
        let mut lines = vec![format!("{}  {}", palette.bold("Clipper's jobs"), palette.dim(clock))];
        lines.extend(self.head.iter().map(|line| palette.warning(line)));
        lines.push(String::new());
        lines.extend(table);
        lines.push(String::new());
        lines.extend(self.told.iter().map(|line| palette.warning(line)));
        lines.extend(self.runs.iter().skip(self.runs.len() - shown).map(|record| run(record, palette)));
        lines.push(String::new());
        lines.extend(self.foot.iter().map(|line| palette.dim(line)));
        lines
    }

    fn write(&mut self, lines: &[String]) {
        let written = match &self.terminal {
            Some(Terminal { term, .. }) => {
                lines.iter().try_for_each(|line| term.write_line(line)).and_then(|()| term.flush())
            }
            None => print(lines),
        };
        self.is_closed |= written.is_err();
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        if let Some(Terminal { term, .. }) = &self.terminal {
            let _ = term.show_cursor();
            let _ = term.flush();
        }
    }
}

impl Terminal {
    /// Draws over what was drawn before.
    fn draw(&mut self, lines: &[String]) -> io::Result<()> {
        let size = self.term.size();
        if size != self.size {
            // What was drawn is broken anew by the terminal, and cannot be found again.
            self.term.clear_screen()?;
            (self.drawn, self.size) = (0, size);
        }
        let width = usize::from(size.1).min(WIDTH);
        self.term.hide_cursor()?;
        if self.drawn > 0 {
            self.term.move_cursor_up(self.drawn)?;
        }
        // More lines than the terminal has would scroll out of reach.
        let most = usize::from(size.0).saturating_sub(1);
        let lines = &lines[..lines.len().min(most)];
        for line in lines {
            self.term.clear_line()?;
            self.term.write_line(&truncate_str(line, width, "…"))?;
        }
        self.term.clear_to_end_of_screen()?;
        self.drawn = lines.len();
        self.term.flush()
    }
}

/// A run that ended, in a line.
fn run(record: &RunRecord, palette: Palette) -> String {
    let took = (record.ended - record.since).to_std().unwrap_or(Duration::ZERO);
    let time = record.ended.format("%TZ");
    let (job, outcome) = (record.id.job.as_str(), &record.outcome);
    let text = one_line(&format!("{time}  {job:<22}  {:>6}  {outcome}", seconds(took)));
    palette.outcome(outcome, &text)
}

fn print(lines: &[String]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for line in lines {
        writeln!(out, "{line}")?;
    }
    out.flush()
}

#[cfg(test)]
mod tests {
    use jobwatch_catalogue::JobName;
    use jobwatch_runtime::{Outcome, Report, Request, RunId};

    use super::*;
    use crate::demo::table::tests::rows;

    fn record(token: u64) -> RunRecord {
        let ended = chrono::DateTime::from_timestamp(1_800_000_000 + token.cast_signed(), 0).unwrap();
        RunRecord {
            id: RunId { job: JobName::new("clip_sync").unwrap(), token },
            slot: None,
            request: Request::default(),
            holder: "here".into(),
            since: ended - chrono::TimeDelta::milliseconds(1_260),
            ended,
            outcome: Outcome::Succeeded(Report { succeeded: 100, failed: 1, skipped: 63 }),
        }
    }

    fn screen() -> Screen {
        let texts = |what: &str, number| (1..=number).map(|line| format!("{what} {line}")).collect();
        Screen {
            terminal: None,
            palette: Palette { has_colours: false },
            runs: (1..=12).map(record).collect(),
            told: VecDeque::new(),
            head: texts("head", 1),
            foot: texts("foot", 8),
            is_closed: false,
        }
    }

    #[test]
    fn a_run_is_told_in_a_line() {
        let line = run(&record(1), Palette { has_colours: false });
        insta::assert_snapshot!(line, @"08:00:01Z  clip_sync                1.3 s  succeeded: 100 succeeded, 1 failed, 63 skipped");
    }

    /// How many of the latest runs there is room for.
    #[track_caller]
    fn check(height: usize, runs: usize) {
        let lines = screen().lines(&rows(), "7 s", height);
        let shown: Vec<&String> = lines.iter().filter(|line| line.contains("Z  clip_sync ")).collect();
        assert_eq!(shown.len(), runs, "{height} lines");
        let newest = shown.last().unwrap();
        assert!(newest.starts_with("08:00:12Z"), "{newest}");
        assert_eq!((lines[0].as_str(), lines.last().unwrap().as_str()), ("Clipper's jobs  7 s", "foot 8"));
        // The cursor stands below what is drawn.
        assert!(lines.len() < height || runs == RUNS.0, "{} lines on {height}", lines.len());
    }

    #[test]
    fn as_many_runs_are_shown_as_there_is_room_for() {
        check(100, 12);
        check(36, 11);
        check(30, 5);
        check(28, 3);
        check(10, 3);
    }
}
