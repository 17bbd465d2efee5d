//! For how long what is kept.

use std::time::Duration;

use jobwatch_catalogue::duration;

use super::reader::Reader;
use super::table::{self, Setting};
use crate::retention::Retention;

/// How an age is written that is never reached.
const OFF: &str = "off";

pub(super) fn read(reader: &mut Reader<'_>) -> Retention {
    let up_to_a_day = |interval: &Duration| (1..=86_400).contains(&interval.as_secs());
    Retention {
        dead_letters: age(reader, &table::DEAD_LETTER_RETENTION),
        trust_history: age(reader, &table::TRUST_HISTORY_RETENTION),
        runs: reader.parsed(
            &table::RUN_HISTORY,
            |text| text.parse().ok().filter(|runs| (1..=1_000).contains(runs)),
            usize::to_string,
        ),
        interval: reader.parsed(
            &table::RETENTION_INTERVAL,
            |text| duration::parse(text).ok().filter(up_to_a_day),
            |interval| duration::format(*interval),
        ),
        batch: reader.parsed(
            &table::RETENTION_BATCH_SIZE,
            |text| text.parse().ok().filter(|size| (1..=100_000).contains(size)),
            u32::to_string,
        ),
    }
}

/// After how long something is removed.
fn age(reader: &mut Reader<'_>, setting: &Setting) -> Option<Duration> {
    let parse = |text: &str| {
        if text.eq_ignore_ascii_case(OFF) {
            return Some(None);
        }
        duration::parse(text).ok().filter(|age| *age >= Duration::from_secs(3_600)).map(Some)
    };
    reader.parsed(setting, parse, |age| age.map_or(OFF.to_owned(), duration::format))
}
