//! For how long what is kept.

use std::time::Duration;

use jobwatch_catalogue::duration;

use super::accepts::OFF;
use super::reader::Reader;
use super::table::{self, Setting};
use crate::retention::Retention;

pub(super) fn read(reader: &mut Reader<'_>) -> Retention {
    Retention {
        dead_letters: age(reader, &table::DEAD_LETTER_RETENTION),
        trust_history: age(reader, &table::TRUST_HISTORY_RETENTION),
        runs: reader.parsed(
            &table::RUN_HISTORY,
            |text| table::RUN_HISTORY.accepts.number(text)?.try_into().ok(),
            usize::to_string,
        ),
        interval: reader.parsed(
            &table::RETENTION_INTERVAL,
            |text| table::RETENTION_INTERVAL.accepts.duration(text),
            |interval| duration::format(*interval),
        ),
        batch: reader.parsed(
            &table::RETENTION_BATCH_SIZE,
            |text| table::RETENTION_BATCH_SIZE.accepts.number(text),
            u32::to_string,
        ),
        ..Retention::default()
    }
}

/// After how long something is removed.
fn age(reader: &mut Reader<'_>, setting: &Setting) -> Option<Duration> {
    let parse = |text: &str| {
        if text.eq_ignore_ascii_case(OFF) {
            return Some(None);
        }
        setting.accepts.duration(text).map(Some)
    };
    reader.parsed(setting, parse, |age| age.map_or(OFF.to_owned(), duration::format))
}
