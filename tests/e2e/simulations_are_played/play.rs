//! The runtime plays scripts: each is a job of its own, whose body does as the script says, in
//! processes that start and end when it says so.

use std::time::Duration;

use chrono::{DateTime, Utc};
use jobwatch_catalogue::Schedule;
use jobwatch_runtime::JobSpec;
use tokio::time::{Instant, sleep_until};

use super::calendar::{Timing, beginning, delta, each};
use super::event::{A_MOMENT, Event, events};
use super::exposed::{Exposed, Scrapes};
use super::life::{Part, crowd, lives};
use super::stage::Stage;

/// What came of it.
pub(crate) struct Played {
    /// What each part exposed, at every step at which its process was there.
    pub(crate) exposed: Vec<Exposed>,
    /// Runs that the script of each does not have.
    pub(crate) surprises: Vec<Vec<String>>,
    /// The moment at which time began.
    pub(crate) beginning: DateTime<Utc>,
    /// For how many seconds due times are spaced as in the simulation.
    pub(crate) even_until: u64,
    /// The parts whose job was first scheduled before its process started, so that its interval has
    /// the due times of the simulation.
    pub(crate) is_anchored: Vec<bool>,
}

/// Plays parts of a job that share a step.
pub(crate) fn play(job: &JobSpec, step: u64, parts: &[Part]) -> Played {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.unwrap().block_on(played(job, step, parts))
}

async fn played(job: &JobSpec, step: u64, parts: &[Part]) -> Played {
    let first_due = parts.first().map_or(0, |part| part.script.first_due);
    let (beginning, even_until) = beginning(job.schedule(), first_due);
    let timing = |part: &Part| {
        let script = &part.script;
        let of_job = job.schedule().shortest_gap().as_secs();
        let is_cron = matches!(job.schedule(), Schedule::Cron(_));
        match script.gap == 0 || script.gap == of_job && is_cron {
            true => Timing { schedule: job.schedule().clone(), anchor: None },
            false => {
                each(script.gap, beginning + delta(script.first_due), script.up[0].start, script.first_due)
            }
        }
    };
    let timings: Vec<Timing> = parts.iter().map(timing).collect();
    let is_anchored = timings.iter().map(|timing| timing.anchor.is_some()).collect();
    let stage = Stage::new(job, parts, timings, beginning).await;
    let until = parts.iter().map(|part| part.until).max().unwrap_or(0).min(even_until);
    let lives = lives(parts);
    let mut scrapes: Vec<Scrapes> = lives.iter().map(|_| Scrapes::default()).collect();
    let mut events = events(parts, &lives, step, until);
    events.sort_by_key(|(at, _)| *at);
    let began = Instant::now();
    for (at, event) in events {
        if at > until * 1_000 + A_MOMENT {
            break;
        }
        sleep_until(began + Duration::from_millis(at)).await;
        match event {
            Event::Starts(life) => stage.start(life, &lives[life]).await,
            Event::ShutsDown(life) => stage.shut_down(life),
            Event::Dies(life) => stage.kill(life),
            Event::Pauses(part) => {
                stage.handle_of(part, &lives).pause(parts[part].name.as_str()).await.unwrap()
            }
            Event::Resumes(part) => {
                stage.handle_of(part, &lives).resume(parts[part].name.as_str()).await.unwrap();
            }
            Event::Triggers(part) => {
                // One that is just due, or was and had to wait, starts by itself.
                let _ = stage.handle_of(part, &lives).trigger(parts[part].name.as_str()).await;
            }
            Event::Crowds(life) => {
                stage.handle(life).unwrap().trigger(&crowd(life)).await.unwrap();
            }
            Event::Scrape(place) => stage.scrape(|life, found| scrapes[life].take(place, found)),
        }
    }
    let mut exposed: Vec<Exposed> = parts.iter().map(|_| Exposed::default()).collect();
    for (scrapes, life) in scrapes.iter().zip(&lives) {
        for &part in &life.parts {
            scrapes.add_to(&mut exposed[part], parts[part].name.as_str());
        }
    }
    Played { exposed, surprises: stage.surprises(), beginning, even_until, is_anchored }
}
