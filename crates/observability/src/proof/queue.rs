//! Queues that grow, and queues that are long.

use jobwatch_catalogue::metric::JOB_QUEUE_SIZE;
use jobwatch_catalogue::{AlertName, Quantity, duration};

use std::time::Duration;

use super::series::{Sample, Series};
use super::situation::{Check, Situation, Stage};
use crate::condition::Condition;

use AlertName::{BackgroundJobCriticalQueueSize as Long, BackgroundJobQueueGrowing as Growing};

pub(super) fn situations(stage: &Stage<'_>) -> Vec<Situation> {
    let mut all = growth(stage);
    all.extend(length(stage));
    all
}

/// A queue that jumps from one length to another.
struct Jump {
    namespace: &'static str,
    says: String,
    before: Option<u64>,
    after: u64,
    fires: bool,
}

fn growth(stage: &Stage<'_>) -> Vec<Situation> {
    let Some(Condition::QueueGrowing {
        above: Quantity::Count(above),
        growth: Quantity::Ratio(growth),
        over: Quantity::Duration(over),
    }) = stage.condition(Growing)
    else {
        return Vec::new();
    };
    let ago = duration::format(Duration::from_secs(over));
    let by = Quantity::Ratio(growth);
    let most = largest_outgrown(above + 1, growth);
    let mut jumps = vec![
        Jump {
            namespace: "queue-not-long",
            says: format!("The queue grows from nothing to {above}, which is not above {above}."),
            before: Some(0),
            after: above,
            fires: false,
        },
        Jump {
            namespace: "queue-from-nothing",
            says: format!("The queue grows from nothing to {}.", 2 * above.max(1)),
            before: Some(0),
            after: 2 * above.max(1),
            fires: true,
        },
        Jump {
            namespace: "queue-not-grown-enough",
            says: format!("The queue grows by no more than {by}."),
            before: Some(most.map_or(0, |most| most + 1)),
            after: above + 1,
            fires: false,
        },
        Jump {
            namespace: "queue-unknown-before",
            says: format!("The queue is long, and nobody knows how long it was {ago} ago."),
            before: None,
            after: 2 * above.max(1),
            fires: false,
        },
    ];
    if let Some(most) = most {
        jumps.push(Jump {
            namespace: "queue-grown",
            says: format!("The queue is above {above} and has grown by more than {by} within {ago}."),
            before: Some(most),
            after: above + 1,
            fires: true,
        });
    }
    let hold = stage.alert(Growing).map_or(0, |alert| alert.hold);
    // The jump is seen for as long as the comparison looks back, and an alert that has to hold for longer misses it.
    let seen = hold + stage.step < over;
    jumps.into_iter().filter(|jump| seen || !jump.fires).map(|jump| jump_at(stage, over, jump)).collect()
}

fn jump_at(stage: &Stage<'_>, over: u64, jump: Jump) -> Situation {
    let at = stage.step_from(over) + stage.step;
    // The first step at which what was so long ago is the length after the jump.
    let forgotten = stage.step_from(at + over);
    let queue = stage.series(JOB_QUEUE_SIZE.name, &[], forgotten, |now| {
        let length = if now < at { jump.before } else { Some(jump.after) };
        length.map_or(Sample::Nothing, Sample::Value)
    });
    let checks = if jump.fires {
        let [before, after] = stage.onset(Growing, at);
        let last = Check::fires(forgotten - stage.step, Growing);
        let again = Check::silent(forgotten, &[Growing]);
        if after.at < last.at { vec![before, after, last, again] } else { vec![before, after, again] }
    } else {
        let fires = stage.fires_at(Growing, at);
        vec![Check::silent(fires, &[Growing]), Check::silent(forgotten - stage.step, &[Growing])]
    };
    Situation::new(jump.namespace, jump.says).process(vec![queue]).check(checks)
}

fn length(stage: &Stage<'_>) -> Vec<Situation> {
    let Some(Condition::QueueSize { above: Quantity::Count(above) }) = stage.condition(Long) else {
        return Vec::new();
    };
    let onset = stage.onset(Long, stage.start());
    let until = onset[1].at;
    let seen_by_two = |length: u64| -> [Vec<Series>; 2] {
        [length, length / 2].map(|length| {
            vec![stage.series(JOB_QUEUE_SIZE.name, &[], until, |now| {
                if now < stage.start() { Sample::Nothing } else { Sample::Value(length) }
            })]
        })
    };
    let [newer, older] = seen_by_two(above + 1);
    let [same, half] = seen_by_two(above);
    vec![
        Situation::new("queue-too-long", format!("The queue has a length of {}, above {above}.", above + 1))
            .process(newer)
            .process(older)
            .check(onset),
        Situation::new(
            "queue-just-short-enough",
            format!(
                "The queue has a length of {above}, and two replicas see it: that is one queue, not two."
            ),
        )
        .process(same)
        .process(half)
        .check([Check::silent(until, &[Long])]),
    ]
}

/// The longest queue that has grown by more than a part, in millionths, when it is of a length now; nothing where even an
/// empty one has not.
fn largest_outgrown(now: u64, growth: u64) -> Option<u64> {
    let factor = 1_000_000 + u128::from(growth);
    let largest = (u128::from(now) * 1_000_000).div_ceil(factor).checked_sub(1)?;
    u64::try_from(largest).ok()
}
