//! A plan in simulated lives, against an oracle.

use jobwatch_catalogue::Schedule;
use proptest::prelude::*;

use super::tests::{at, planned};
use super::*;

/// What happens next in a simulated life.
#[derive(Debug, Clone)]
enum Event {
    /// Time passes; the store and the job do nothing.
    Wait(i64),
    /// The clock is stepped, also back.
    Step(i64),
    Answer(Answered),
    /// The run ends, with its due time done or not.
    End(bool),
    Trigger(bool),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        6 => (1_i64..4_000).prop_map(Event::Wait),
        1 => (-4_000_i64..4_000).prop_map(Event::Step),
        4 => Just(Event::Answer(Answered::Granted)),
        1 => (0_u64..90).prop_map(|seconds| Event::Answer(Answered::Held(Duration::from_secs(seconds)))),
        1 => (0_u64..90).prop_map(|seconds| Event::Answer(Answered::Early(Duration::from_secs(seconds)))),
        1 => prop::sample::select(vec![Answered::Done, Answered::Paused, Answered::Nothing]).prop_map(Event::Answer),
        5 => prop::bool::weighted(0.8).prop_map(Event::End),
        1 => any::<bool>().prop_map(Event::Trigger),
    ]
}

fn overlap() -> impl Strategy<Value = Overlap> {
    prop::sample::select(vec![Overlap::Skip, Overlap::QueueOne, Overlap::CancelOther])
}

fn schedule(shortest: u64) -> impl Strategy<Value = Schedule> {
    prop_oneof![
        (shortest..10_000).prop_map(|seconds| Schedule::every(Duration::from_secs(seconds)).unwrap()),
        prop::sample::select(vec!["* * * * *", "*/7 * * * *", "0 * * * *", "0 3 * * *"])
            .prop_map(|expression| Schedule::cron(expression, "Europe/Berlin").unwrap()),
    ]
}

/// An oracle walks from one due time to the next and counts; the plan has to end each as a run or
/// as skipped, whatever the store answers, however long runs take, and wherever the clock is put.
fn live(schedule: Schedule, jitter: u64, overlap: Overlap, events: Vec<Event>) -> Result<(), TestCaseError> {
    let jitter = jitter.min(schedule.shortest_gap().as_secs() / 2);
    let mut plan = planned(schedule.clone(), jitter, 0, overlap);
    let start = plan.done();
    let (mut now, mut runs, mut skipped) = (at(0), 0, 0);
    let (mut claimed, mut running) = (None, None);
    let note = |step: Step, claimed: &mut Option<DateTime<Utc>>, now: DateTime<Utc>| {
        if let Some(slot) = step.claim {
            assert!(slot <= now, "{slot} is claimed at {now}");
            assert_eq!(claimed.replace(slot), None, "claimed while claiming");
        }
        // The schedule is alive: there is a next look, unless an answer is awaited.
        assert!(step.next.is_some() || claimed.is_some());
        step.skipped.iter().flatten().map(|(_, number)| number).sum::<u64>()
    };
    for event in events {
        match event {
            Event::Wait(seconds) | Event::Step(seconds) => {
                now += TimeDelta::seconds(seconds);
                let step = plan.wake(now);
                skipped += note(step, &mut claimed, now);
            }
            Event::Answer(answer) => {
                let Some(slot) = claimed.take() else { continue };
                if answer == Answered::Granted {
                    running = Some(Some(slot));
                }
                let step = plan.answered(answer, now);
                skipped += note(step, &mut claimed, now);
            }
            Event::End(is_final) => {
                let Some(slot) = running.take() else { continue };
                runs += u64::from(is_final && slot.is_some());
                let step = plan.ended(is_final, now);
                skipped += note(step, &mut claimed, now);
            }
            Event::Trigger(granted) => {
                if plan.trigger() {
                    assert_eq!(plan.wake(now), Step::default(), "one question at a time");
                    let step = plan.triggered(granted, now);
                    running = granted.then_some(None);
                    skipped += note(step, &mut claimed, now);
                }
            }
        }
    }
    let open = matches!(plan.phase, Phase::Open(_) | Phase::Claiming { .. } | Phase::Running(Some(_)));
    let timetable = Timetable::new(schedule, at(0));
    let mut occurrences = 0;
    let mut occurrence = timetable.next_after(start);
    while occurrence <= plan.done() {
        occurrences += 1;
        occurrence = timetable.next_after(occurrence);
    }
    prop_assert_eq!(runs + skipped + u64::from(open), occurrences);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn every_due_time_ends_as_one_run_or_is_skipped_for_one_reason(
        schedule in schedule(1),
        jitter in 0_u64..30,
        overlap in overlap(),
        events in prop::collection::vec(event(), 1..120),
    ) {
        live(schedule, jitter, overlap, events)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2))]

    /// Of forty thousand events, some twelve thousand let time pass, each 2,000 s on average.
    #[test]
    fn so_does_every_due_time_of_a_year(
        schedule in schedule(60),
        jitter in 0_u64..30,
        overlap in overlap(),
        events in prop::collection::vec(event(), 40_000),
    ) {
        live(schedule, jitter, overlap, events)?;
    }
}
