//! What happens while a script is played, and when.

use super::life::{Life, Part};

/// What settles within a moment, in milliseconds, is seen by a scrape.
pub(crate) const A_MOMENT: u64 = 50;

/// Numbers are places of lives, of parts, and of scrapes.
pub(crate) enum Event {
    Starts(usize),
    ShutsDown(usize),
    Dies(usize),
    Pauses(usize),
    Resumes(usize),
    Triggers(usize),
    Crowds(usize),
    Scrape(usize),
}

/// All that happens, in milliseconds.
pub(crate) fn events(parts: &[Part], lives: &[Life], step: u64, until: u64) -> Vec<(u64, Event)> {
    let mut all = Vec::new();
    for (place, life) in lives.iter().enumerate() {
        // Just before, so that what is due at that moment is not begun.
        if life.up.end != u64::MAX {
            all.push((life.up.end * 1_000 - 1, Event::Dies(place)));
        }
        if let Some(stops) = life.stops {
            all.push((stops * 1_000 - 1, Event::ShutsDown(place)));
        }
        all.push((life.up.start * 1_000, Event::Starts(place)));
        let is_there = |at: u64| (life.up.start * 1_000..life.up.end.saturating_mul(1_000)).contains(&at);
        let crowded = life.crowded.iter().filter(|(from, _)| is_there(*from));
        all.extend(crowded.map(|&(from, _)| (from, Event::Crowds(place))));
    }
    for (place, part) in parts.iter().enumerate() {
        if let Some(away) = part.script.away.as_ref().filter(|away| !away.disabled) {
            all.push((away.during.start * 1_000 - 1, Event::Pauses(place)));
            all.push((away.during.end * 1_000 - 1, Event::Resumes(place)));
        }
        for execution in part.script.executions.iter().filter(|execution| execution.by_hand) {
            all.push((execution.start * 1_000 + 1, Event::Triggers(place)));
        }
    }
    let steps = until / step;
    all.extend((0..=steps).map(|number| (number * step * 1_000 + A_MOMENT, Event::Scrape(number as usize))));
    all
}
