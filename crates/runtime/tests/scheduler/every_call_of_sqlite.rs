//! As `every_call`, with a store in a file.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use jobwatch_runtime::clock::Clock;
use jobwatch_runtime::store::{Answer, SqliteStore};
use jobwatch_runtime::testing::VirtualClock;
use tokio::runtime::Runtime;

use crate::ordeal::at_once::{AtOnce, Shows, waited_for};
use crate::ordeal::life;
use crate::ordeal::trap::{Mischief, Part};

/// One of so many calls goes wrong at a time.
const EVERY: u64 = 16;

/// A clock that stands still until it is set.
#[derive(Debug, Default)]
struct Shown(Mutex<DateTime<Utc>>);

impl Clock for Shown {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}

impl Shows for Shown {
    fn show(&self, now: DateTime<Utc>) -> Answer<'_, ()> {
        *self.0.lock().unwrap() = now;
        Box::pin(std::future::ready(Ok(())))
    }
}

/// Lets something go wrong at each call in turn, over a file that is new each time.
fn check(part: Part, mischiefs: &[Mischief]) {
    let database = Runtime::new().unwrap();
    // In memory, where there is such a folder: nothing here survives a power cut anyway.
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    let path = folder.path().join("jobs.db");
    let store = |clock: Arc<VirtualClock>| {
        for ending in ["", "-wal", "-shm"] {
            // There is none the first time.
            let _ = std::fs::remove_file(format!("{}{ending}", path.display()));
        }
        let shown = Arc::new(Shown(Mutex::new(clock.now())));
        let opens = SqliteStore::with_clock(path.clone(), shown.clone());
        let store = waited_for(database.handle(), opens).unwrap();
        AtOnce { store, database: database.handle().clone(), clock, shows: shown }
    };
    life::check((part, EVERY), mischiefs, store);
}

#[test]
fn a_store_in_a_file_that_panics_once_stops_nothing() {
    check(Part::Store, &[Mischief::Panic]);
}

#[test]
fn a_store_in_a_file_that_fails_once_stops_nothing() {
    check(Part::Store, &[Mischief::LostAnswer]);
}

#[test]
fn a_store_in_a_file_that_hangs_once_stops_nothing() {
    check(Part::Store, &[Mischief::Hang]);
}

#[test]
fn a_clock_that_goes_wrong_once_stops_nothing_beside_a_store_in_a_file() {
    check(Part::Clock, &[Mischief::Panic, Mischief::Block]);
}

#[test]
fn a_log_that_goes_wrong_once_stops_nothing_beside_a_store_in_a_file() {
    check(Part::Log, &[Mischief::Panic, Mischief::Block]);
}
