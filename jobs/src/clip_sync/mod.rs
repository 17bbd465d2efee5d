//! Fetches new clips and view counts from Twitch.
//!
//! The clips of the last day of the games that most people watch, and of "Just Chatting" whether it
//! is among them or not.
//!
//! Each page is written under the run's guard: Twitch answers with the views of a moment, and a run
//! that was held up would put them over those that the run after it was told. Where a game was left
//! is remembered without one: to begin there once more reads a page twice, and no more.

mod progress;
mod store;

use chrono::{DateTime, Utc};
use jobwatch_runtime::{Job, JobError, Report, RunContext};

use crate::cache::Cache;
use crate::database::Database;
use crate::twitch::{Clip, Game, Twitch};
use progress::Progress;

/// How many games are looked at.
const GAMES: usize = 10;

/// The kind of stream that is always looked at.
const JUST_CHATTING: (&str, &str) = ("509658", "Just Chatting");

/// How many pages are asked for at most where many clips are in other languages.
const PAGES: usize = 5;

/// Which clips are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The language, as `en`: clips in `en` and in `en-GB` are wanted, others are skipped.
    pub language: String,
    /// How many clips of "Just Chatting".
    pub just_chatting: u32,
    /// How many clips of each other game.
    pub others: u32,
}

impl Default for Wanted {
    fn default() -> Self {
        Self { language: "en".to_owned(), just_chatting: 50, others: 5 }
    }
}

impl Wanted {
    fn is_wanted(&self, clip: &Clip) -> bool {
        let language = clip.language.to_ascii_lowercase();
        let rest = language.strip_prefix(&self.language.to_ascii_lowercase());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    }

    fn number(&self, game: &Game) -> usize {
        let number = if game.id == JUST_CHATTING.0 { self.just_chatting } else { self.others };
        usize::try_from(number).unwrap_or(usize::MAX)
    }
}

/// The job.
pub(crate) fn job(database: Database, cache: Cache, twitch: Twitch, wanted: Wanted) -> Job {
    type State = (Database, Cache, Twitch, Wanted);
    let state = (database, cache, twitch, wanted);
    Job::with(state, async |(database, cache, twitch, wanted): State, run: RunContext| {
        sync(&database, &cache, &twitch, &wanted, Utc::now(), &run).await
    })
}

/// Fetches and writes what is wanted, page by page. A game whose clips cannot be had is one failed
/// item; a later run goes on with it where this one stopped.
///
/// # Errors
///
/// What Twitch or the database says, if the games cannot be had, or the clips of none of them.
pub async fn sync(
    database: &Database,
    cache: &Cache,
    twitch: &Twitch,
    wanted: &Wanted,
    now: DateTime<Utc>,
    run: &RunContext,
) -> Result<Report, JobError> {
    let mut games = twitch.top_games(GAMES).await?;
    if games.iter().all(|game| game.id != JUST_CHATTING.0) {
        games.push(Game { id: JUST_CHATTING.0.to_owned(), name: JUST_CHATTING.1.to_owned() });
    }
    let sync = Sync { database, cache, twitch, wanted, now, run };
    let mut report = Report::default();
    let mut last_error = None;
    for game in &games {
        match sync.game(game, &mut report).await {
            Ok(()) => {}
            Err(GameError::Site(error)) => return Err(error),
            Err(GameError::Twitch(error)) => {
                tracing::warn!(game = game.name, %error, "fetching the clips of a game failed");
                report.failed += 1;
                last_error = Some(error);
            }
        }
    }
    match last_error {
        Some(error) if report.failed == games.len() as u64 => Err(error),
        _ => Ok(report),
    }
}

/// What one run of the job works with.
struct Sync<'r> {
    database: &'r Database,
    cache: &'r Cache,
    twitch: &'r Twitch,
    wanted: &'r Wanted,
    now: DateTime<Utc>,
    run: &'r RunContext,
}

/// Why the clips of a game were not all read.
enum GameError {
    /// Twitch does not give them. It may give those of other games.
    Twitch(JobError),
    /// They cannot be kept, or the run has to stop.
    Site(JobError),
}

impl Sync<'_> {
    /// Reads and writes the clips of a game, from where it was left.
    async fn game(&self, game: &Game, report: &mut Report) -> Result<(), GameError> {
        let remembered = Progress::remembered(self.cache, game).await.map_err(GameError::Site)?;
        let Some(progress) = remembered else {
            return self.pages(game, Progress::new(self.now), report).await;
        };
        match self.pages(game, progress, report).await {
            // A cursor may have become invalid since.
            Err(GameError::Twitch(JobError::Permanent(_))) => {
                Progress::forget(self.cache, game).await.map_err(GameError::Site)?;
                self.pages(game, Progress::new(self.now), report).await
            }
            ended => ended,
        }
    }

    async fn pages(&self, game: &Game, mut progress: Progress, report: &mut Report) -> Result<(), GameError> {
        let number = self.wanted.number(game);
        let mut left_behind = progress.cursor.is_some();
        while progress.found < number && progress.pages < PAGES {
            if self.run.is_cancelled() {
                return Err(GameError::Site(JobError::Cancelled));
            }
            // Some are in other languages: a page has more than are wanted.
            let size = (number * 2).clamp(1, 100);
            let asked = self.twitch.clips(&game.id, progress.within, size, progress.cursor.as_deref());
            let page = asked.await.map_err(GameError::Twitch)?;
            progress.cursor = page.cursor().map(str::to_owned);
            progress.pages += 1;
            let (clips, skipped) = self.choose(page.data, number - progress.found);
            progress.found += clips.len();
            let written = store::upsert(self.database, game, &clips, self.now, self.run).await;
            report.succeeded += written.map_err(GameError::Site)?;
            report.skipped += skipped;
            self.run.progress(*report);
            if progress.cursor.is_none() {
                break;
            }
            if progress.found < number && progress.pages < PAGES {
                progress.remember(self.cache, game).await.map_err(GameError::Site)?;
                left_behind = true;
            }
        }
        if left_behind {
            Progress::forget(self.cache, game).await.map_err(GameError::Site)?;
        }
        Ok(())
    }

    /// The wanted ones among some clips, so many at most, and how many others came before the last
    /// of them.
    fn choose(&self, clips: Vec<Clip>, number: usize) -> (Vec<Clip>, u64) {
        let mut chosen = Vec::new();
        let mut skipped = 0;
        for clip in clips {
            if chosen.len() == number {
                break;
            }
            if self.wanted.is_wanted(&clip) {
                chosen.push(clip);
            } else {
                skipped += 1;
            }
        }
        (chosen, skipped)
    }
}
