//! What a plan says, step by step.

use jobwatch_catalogue::Schedule;

use super::*;

pub(super) fn at(seconds: i64) -> DateTime<Utc> {
    // A moment that is no due time of any schedule here by accident.
    DateTime::from_timestamp(1_790_000_000 + seconds, 0).unwrap()
}

pub(super) fn plan(schedule: Schedule, jitter: u64, not_before: i64) -> Plan {
    planned(schedule, jitter, not_before, Overlap::Skip)
}

pub(super) fn planned(schedule: Schedule, jitter: u64, not_before: i64, overlap: Overlap) -> Plan {
    let (jitter, not_before) = (Duration::from_secs(jitter), at(not_before));
    let habits = Arc::new(Habits { catch_up: Duration::MAX, jitter, overlap });
    Plan::new(JobName::new("job").unwrap(), Timetable::new(schedule, at(0)), (habits, not_before), None)
}

fn minutely() -> Plan {
    plan(Schedule::every(Duration::from_secs(60)).unwrap(), 0, 0)
}

/// A step in short, with seconds since the start.
fn short(step: Step) -> String {
    let since = |moment: DateTime<Utc>| (moment - at(0)).num_seconds();
    let mut text: Vec<String> = step.claim.iter().map(|slot| format!("claim {}", since(*slot))).collect();
    text.extend(
        step.skipped.iter().flatten().map(|(reason, number)| format!("{number} {}", reason.as_str())),
    );
    text.extend(step.next.map(|next| format!("look at {}", since(next))));
    text.join(", ")
}

#[test]
fn a_new_job_runs_at_once_and_then_on_time() {
    let mut plan = minutely();
    assert_eq!(short(plan.wake(at(0))), "claim 0, look at 60");
    assert_eq!(short(plan.answered(Answered::Granted, at(0))), "look at 60");
    assert_eq!(short(plan.ended(true, at(5))), "look at 60");
    assert_eq!(short(plan.wake(at(60))), "claim 60, look at 120");
}

#[test]
fn nothing_runs_before_a_fresh_process_has_been_scraped() {
    let mut plan = plan(Schedule::every(Duration::from_secs(60)).unwrap(), 0, 150);
    assert_eq!(short(plan.wake(at(0))), "look at 150");
    assert_eq!(plan.next_due(at(10)), at(150));
    assert_eq!(short(plan.wake(at(150))), "claim 120, 2 missed, look at 180");
}

#[test]
fn a_due_time_that_waits_for_a_run_follows_it() {
    for (overlap, cancels) in [(Overlap::QueueOne, false), (Overlap::CancelOther, true)] {
        let mut plan = planned(Schedule::every(Duration::from_secs(60)).unwrap(), 0, 0, overlap);
        plan.wake(at(0));
        plan.answered(Answered::Granted, at(0));
        assert_eq!(short(plan.wake(at(30))), "look at 60");
        let step = plan.wake(at(60));
        assert_eq!((short(step), step.cancel), ("look at 120".to_owned(), cancels));
        assert_eq!((plan.done() - at(0)).num_seconds(), 0, "it is nobody's yet");
        assert_eq!(short(plan.wake(at(185))), "look at 240");
        assert_eq!(short(plan.ended(true, at(200))), "claim 180, 2 overlap, look at 240");
        assert_eq!(short(plan.answered(Answered::Granted, at(200))), "look at 240");
        assert_eq!(short(plan.ended(true, at(201))), "look at 240");
    }
}

#[test]
fn a_run_that_outlasts_its_interval_skips_due_times() {
    let mut plan = minutely();
    plan.wake(at(0));
    plan.answered(Answered::Granted, at(0));
    assert_eq!(short(plan.wake(at(60))), "1 overlap, look at 120");
    assert_eq!(short(plan.wake(at(185))), "2 overlap, look at 240");
    assert_eq!((plan.done() - at(0)).num_seconds(), 180);
    assert_eq!(short(plan.ended(true, at(200))), "look at 240");
}

#[test]
fn a_due_time_that_another_replica_runs_is_taken_over_when_it_dies() {
    let mut plan = minutely();
    plan.wake(at(0));
    assert_eq!(short(plan.answered(Answered::Held(Duration::from_secs(30)), at(0))), "look at 30");
    assert_eq!(short(plan.wake(at(30))), "claim 0, look at 60");
    assert_eq!(short(plan.answered(Answered::Done, at(30))), "1 lease_held, look at 60");
    assert_eq!(short(plan.wake(at(60))), "claim 60, look at 120");
    plan.answered(Answered::Held(Duration::from_secs(90)), at(60));
    assert_eq!(short(plan.wake(at(120))), "claim 120, 1 lease_held, look at 180");
}

#[test]
fn a_store_that_does_not_answer_is_asked_again_and_less_and_less_often() {
    let mut plan = plan(Schedule::every(Duration::from_secs(600)).unwrap(), 0, 0);
    let mut now = at(0);
    let mut waits = Vec::new();
    plan.wake(now);
    for _ in 0..8 {
        let next = plan.answered(Answered::Nothing, now).next.unwrap();
        waits.push((next - now).num_seconds());
        now = next;
        assert!(plan.wake(now).claim.is_some());
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30, 30]);
}

#[test]
fn a_run_whose_lease_was_lost_leaves_its_due_time_open() {
    let mut plan = minutely();
    plan.wake(at(0));
    plan.answered(Answered::Granted, at(0));
    assert_eq!(short(plan.ended(false, at(10))), "look at 11");
    assert_eq!(short(plan.wake(at(11))), "claim 0, look at 60");
}

#[test]
fn a_paused_job_skips_its_due_times() {
    let mut plan = minutely();
    plan.wake(at(0));
    assert_eq!(short(plan.answered(Answered::Paused, at(0))), "1 paused, look at 60");
}

#[test]
fn a_job_that_nobody_sees_to_any_more_is_taken_up_where_it_was() {
    let mut plan = minutely();
    plan.wake(at(0));
    assert_eq!(short(plan.abandon(at(5))), "look at 5");
    assert_eq!(short(plan.wake(at(5))), "look at 6");
    assert_eq!(short(plan.wake(at(6))), "claim 0, look at 60");
    plan.answered(Answered::Granted, at(6));
    assert_eq!(short(plan.abandon(at(7))), "look at 7");
    assert_eq!(short(plan.wake(at(8))), "claim 0, look at 60");
    plan.answered(Answered::Granted, at(8));
    assert_eq!(short(plan.wake(at(60))), "1 overlap, look at 120");
    // The due time of the run is not the latest that has passed any more.
    assert_eq!(short(plan.abandon(at(70))), "1 missed, look at 70");
    assert_eq!(short(plan.wake(at(70))), "look at 120");
    assert!(plan.trigger());
    assert_eq!(short(plan.abandon(at(80))), "look at 80");
    assert!(plan.trigger(), "somebody may ask for it once more");
}
