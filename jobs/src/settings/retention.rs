//! For how long what is kept.

use std::time::Duration;

use jobwatch_catalogue::duration;

use super::reader::Reader;
use crate::retention::Retention;

/// How an age is written that is never reached.
const OFF: &str = "off";

pub(super) fn read(reader: &mut Reader<'_>) -> Retention {
    let default = Retention::default();
    let interval = reader.parsed(
        "RETENTION_INTERVAL",
        &duration::format(default.interval),
        "a duration from 1s to 1d, as `10m`",
        |text| duration::parse(text).ok().filter(|interval| (1..=86_400).contains(&interval.as_secs())),
        |interval| duration::format(*interval),
    );
    let batch = reader.parsed(
        "RETENTION_BATCH_SIZE",
        &default.batch.to_string(),
        "a number from 1 to 100000",
        |text| text.parse().ok().filter(|size| (1..=100_000).contains(size)),
        u32::to_string,
    );
    Retention {
        dead_letters: age(reader, "DEAD_LETTER_RETENTION", default.dead_letters),
        trust_history: age(reader, "TRUST_HISTORY_RETENTION", default.trust_history),
        interval: interval.unwrap_or(default.interval),
        batch: batch.unwrap_or(default.batch),
    }
}

/// After how long something is removed.
fn age(reader: &mut Reader<'_>, variable: &str, default: Option<Duration>) -> Option<Duration> {
    let show = |age: &Option<Duration>| age.map_or(OFF.to_owned(), duration::format);
    let parse = |text: &str| {
        if text.eq_ignore_ascii_case(OFF) {
            return Some(None);
        }
        duration::parse(text).ok().filter(|age| *age >= Duration::from_secs(3_600)).map(Some)
    };
    let expected = "`off`, or a duration of an hour or more, as `30d`";
    reader.parsed(variable, &show(&default), expected, parse, show).unwrap_or(default)
}
