//! What is not the runtime's goes wrong: at every call of the store, of the clock and of the log in
//! turn, from the start on, and at several. Whatever that does, every job goes on, and every due
//! time is accounted for.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use jobwatch_runtime::store::MemoryStore;
use jobwatch_runtime::testing::VirtualClock;
use proptest::prelude::*;

use crate::ordeal::life::suffer;
use crate::ordeal::trap::{ALWAYS, Fault, Mischief, Pace, Part, Trap};

fn in_memory(clock: Arc<VirtualClock>) -> MemoryStore {
    MemoryStore::new(clock)
}

/// Lets something go wrong at each call in turn.
fn check(part: Part, mischief: Mischief) {
    check_at(Pace::AtOnce, part, mischief);
}

fn check_at(pace: Pace, part: Part, mischief: Mischief) {
    let happens = |number: &u64| {
        let trap = Trap::new(pace, vec![(part, mischief, *number)]);
        suffer(&trap, in_memory);
        trap.calls(part) >= *number
    };
    let calls = (1..).take_while(happens).count();
    // Jobs that are due together are claimed by one.
    assert!(calls > 20, "{calls} calls are too few to prove anything");
}

#[test]
fn where_nothing_goes_wrong_all_jobs_are_listed_by_two_questions_to_the_store() {
    suffer(&Trap::new(Pace::AtOnce, vec![]), in_memory);
    let trap = Trap::new(Pace::InAWhile, vec![]);
    suffer(&trap, in_memory);
    let together = trap.together.each_ref().map(|number| number.load(Ordering::Relaxed));
    assert!(together.iter().all(|number| *number > 10), "{together:?} are too few to prove anything");
}

fn fault() -> impl Strategy<Value = Fault> {
    use Mischief::{Block, Error, Hang, LostAnswer, Nonsense, Panic, PanicLater, PanicOnDrop};
    let of_store = vec![Panic, PanicLater, PanicOnDrop, Error, LostAnswer, Hang, Block];
    let of_clock = vec![Panic, Nonsense, Block];
    prop_oneof![
        3 => (Just(Part::Store), prop::sample::select(of_store), 1_u64..60),
        2 => (Just(Part::Clock), prop::sample::select(of_clock), 1_u64..200),
        2 => (Just(Part::Log), prop::sample::select(vec![Panic, Block]), 1_u64..150),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn whatever_goes_wrong_together_stops_nothing(
        pace in prop::sample::select(vec![Pace::AtOnce, Pace::InAWhile]),
        faults in prop::collection::vec(fault(), 2..8),
    ) {
        suffer(&Trap::new(pace, faults), in_memory);
    }
}

#[test]
fn a_log_or_a_clock_that_always_panics_stops_nothing() {
    let panics = [Part::Log, Part::Clock].map(|part| (part, Mischief::Panic, ALWAYS));
    suffer(&Trap::new(Pace::AtOnce, panics.to_vec()), in_memory);
    let makes_no_sense = vec![(Part::Clock, Mischief::Nonsense, ALWAYS)];
    suffer(&Trap::new(Pace::AtOnce, makes_no_sense), in_memory);
}

#[test]
fn a_store_that_panics_once_stops_nothing() {
    check(Part::Store, Mischief::Panic);
    check(Part::Store, Mischief::PanicLater);
    check(Part::Store, Mischief::PanicOnDrop);
}

#[test]
fn a_store_that_fails_once_stops_nothing() {
    check(Part::Store, Mischief::Error);
    check(Part::Store, Mischief::LostAnswer);
}

#[test]
fn a_store_that_hangs_once_stops_nothing() {
    check(Part::Store, Mischief::Hang);
    check(Part::Store, Mischief::Block);
}

#[test]
fn a_batch_that_panics_once_stops_nothing() {
    check_at(Pace::InAWhile, Part::Store, Mischief::Panic);
    check_at(Pace::InAWhile, Part::Store, Mischief::PanicLater);
    check_at(Pace::InAWhile, Part::Store, Mischief::PanicOnDrop);
}

#[test]
fn a_batch_that_fails_once_stops_nothing() {
    check_at(Pace::InAWhile, Part::Store, Mischief::Error);
    check_at(Pace::InAWhile, Part::Store, Mischief::LostAnswer);
}

#[test]
fn a_batch_that_hangs_once_stops_nothing() {
    check_at(Pace::InAWhile, Part::Store, Mischief::Hang);
    check_at(Pace::InAWhile, Part::Store, Mischief::Block);
}

#[test]
fn a_clock_that_panics_once_stops_nothing() {
    check(Part::Clock, Mischief::Panic);
}

#[test]
fn a_clock_that_hangs_once_stops_nothing() {
    check(Part::Clock, Mischief::Block);
}

#[test]
fn a_clock_that_makes_no_sense_once_stops_nothing() {
    check(Part::Clock, Mischief::Nonsense);
}

#[test]
fn a_log_that_panics_once_stops_nothing() {
    check(Part::Log, Mischief::Panic);
}

#[test]
fn a_log_that_hangs_once_stops_nothing() {
    check(Part::Log, Mischief::Block);
}
