//! The lives of the processes that play: when each is there, and who is in it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use jobwatch_observability::scenario::{Execution, Script};
use jobwatch_runtime::JobName;

/// A process of a scenario.
pub(crate) struct Part {
    /// The name of the job that plays it. Replicas of one have the same.
    pub(crate) name: JobName,
    pub(crate) script: Arc<Script>,
    /// When it is over.
    pub(crate) until: u64,
}

/// One life of a process, of several parts.
pub(crate) struct Life {
    pub(crate) parts: Vec<usize>,
    pub(crate) up: Range<u64>,
    /// When it is told to shut down, and runs nothing any more.
    pub(crate) stops: Option<u64>,
    pub(crate) disabled: bool,
    /// Whether it knows nothing of what was before.
    pub(crate) forgetful: bool,
    /// From when until when something else takes all room for executions, in milliseconds.
    pub(crate) crowded: Vec<(u64, u64)>,
}

/// The lives of all processes. Parts whose process is always there share one.
pub(crate) fn lives(parts: &[Part]) -> Vec<Life> {
    let mut shared: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    let mut all = Vec::new();
    for (place, Part { script, .. }) in parts.iter().enumerate() {
        let is_disabled = |up: &Range<u64>| {
            let away = script.away.as_ref().filter(|away| away.disabled);
            script.interval == 0 || away.is_some_and(|away| away.during == *up)
        };
        if let [up] = script.up.as_slice()
            && up.end == u64::MAX
            && script.stops.is_none()
            && !is_disabled(up)
            && crowded(script).is_empty()
        {
            shared.entry(up.start).or_default().push(place);
            continue;
        }
        for (number, up) in script.up.iter().enumerate() {
            all.push(Life {
                parts: vec![place],
                up: up.clone(),
                stops: script.stops,
                disabled: is_disabled(up),
                forgetful: script.contract_only && number > 0,
                crowded: crowded(script),
            });
        }
    }
    let together = shared.into_iter().flat_map(|(start, places)| {
        // Replicas of one job are never one process.
        let mut crews: Vec<Vec<usize>> = Vec::new();
        for place in places {
            let is_free = |crew: &&mut Vec<usize>| crew.iter().all(|of| parts[*of].name != parts[place].name);
            match crews.iter_mut().find(is_free) {
                Some(crew) => crew.push(place),
                None => crews.push(vec![place]),
            }
        }
        crews.into_iter().map(move |parts| Life {
            parts,
            up: start..u64::MAX,
            stops: None,
            disabled: false,
            forgetful: false,
            crowded: Vec::new(),
        })
    });
    all.extend(together);
    all
}

/// The name of the job that takes all room in a process.
pub(crate) fn crowd(life: usize) -> String {
    format!("crowd-{life}")
}

/// Between which executions, in milliseconds, no other starts although one is due: there is no room
/// for it.
fn crowded(script: &Script) -> Vec<(u64, u64)> {
    let gaps = script.executions.windows(2).filter(|pair| pair[1].waits);
    let first = script.executions.first().filter(|first| first.waits);
    let before_first = first.map(|first| (script.up[0].start * 1_000 + 1, first.start * 1_000));
    let between =
        |pair: &[Execution]| (pair[0].start + pair[0].duration) * 1_000 + 500..pair[1].start * 1_000;
    let between = gaps.map(between).filter(|gap| !gap.is_empty()).map(|gap| (gap.start, gap.end));
    before_first.into_iter().chain(between).collect()
}
