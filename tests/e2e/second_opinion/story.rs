//! What happens to a job in one environment, as it is drawn: simple things first, so that what is
//! shrunk is plain.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// What happens. Moments and lengths are in thousandths of the time that is watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Story {
    pub(super) chapters: Vec<Chapter>,
    pub(super) replicas: Vec<Replica>,
    /// From when on, and for how long, nobody is to run the job.
    pub(super) pauses: Vec<(u64, u64)>,
    /// How long the queue is from each moment on.
    pub(super) queue: Vec<(u64, u64)>,
}

/// How executions go for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Chapter {
    /// Its share of the whole.
    pub(super) lasts: u64,
    pub(super) goes: Goes,
    /// How long each execution takes, in thousandths of the timeout. What takes longer is stopped.
    pub(super) takes: u64,
    /// How many of ten items fail.
    pub(super) failed_items: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Goes {
    Well,
    /// Every execution fails.
    Wrong,
    /// One of so many fails.
    OneFailsOf(u64),
    /// An execution neither ends nor lets itself be stopped while the chapter lasts.
    Hangs,
    /// Nobody starts it.
    Nowhere,
}

/// A replica of the process, which comes and goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Replica {
    /// How many seconds its clock is ahead, or behind if negative.
    pub(super) skew: i64,
    /// When it is deployed, and for how long it is there.
    pub(super) there: (u64, u64),
    /// When it restarts, and for how many seconds it is down then.
    pub(super) restarts: Vec<(u64, u64)>,
    /// When Prometheus does not reach it, and for how many scrapes.
    pub(super) gaps: Vec<(u64, u64)>,
}

/// Longer than all that is watched, in thousandths.
const EVER: u64 = 2_000;

impl Story {
    pub(super) fn drawn() -> impl Strategy<Value = Self> {
        let pause = vec((0..1_000_u64, 1..400_u64), 0..2);
        let queue = vec((0..1_000_u64, select(vec![0, 40, 60, 90, 110, 150, 400, 1_100, 5_000])), 0..8);
        let replicas = prop_oneof![2 => vec(Replica::drawn(), 1), 1 => vec(Replica::drawn(), 2..4)];
        let pauses = prop_oneof![3 => Just(Vec::new()), 1 => pause];
        (vec(Chapter::drawn(), 1..5), replicas, pauses, queue).prop_map(
            |(chapters, replicas, pauses, mut queue)| {
                queue.sort_unstable();
                Self { chapters, replicas, pauses, queue }
            },
        )
    }

    /// How executions go at a moment, and when that ends.
    pub(super) fn chapter_at(&self, permille: u64) -> (Chapter, u64) {
        let all: u64 = self.chapters.iter().map(|chapter| chapter.lasts).sum();
        let mut end = 0;
        for chapter in &self.chapters {
            end += chapter.lasts;
            if permille < end * 1_000 / all {
                return (*chapter, end * 1_000 / all);
            }
        }
        (self.chapters[self.chapters.len() - 1], EVER)
    }
}

impl Chapter {
    fn drawn() -> impl Strategy<Value = Self> {
        let goes = prop_oneof![
            3 => Just(Goes::Well),
            2 => Just(Goes::Wrong),
            2 => (2..5_u64).prop_map(Goes::OneFailsOf),
            1 => Just(Goes::Hangs),
            1 => Just(Goes::Nowhere),
        ];
        let takes = select(vec![10, 100, 300, 450, 700, 990, 1_200]);
        let failed_items = select(vec![0, 1, 2, 3, 10]);
        (1..10_u64, goes, takes, failed_items).prop_map(|(lasts, goes, takes, failed_items)| Self {
            lasts,
            goes,
            takes,
            failed_items,
        })
    }
}

impl Replica {
    fn drawn() -> impl Strategy<Value = Self> {
        let always = Just((0, EVER));
        let for_a_while = (0..800_u64, 100..1_000_u64);
        let there = prop_oneof![3 => always, 1 => for_a_while];
        let skew = select(vec![0, 0, 10, -10, 30, -30]);
        let restarts = vec((0..1_000_u64, select(vec![20, 90, 400])), 0..3);
        let gaps =
            prop_oneof![2 => Just(Vec::new()), 1 => vec((0..1_000_u64, select(vec![1, 2, 8, 30])), 1..3)];
        (skew, there, restarts, gaps).prop_map(|(skew, there, restarts, gaps)| Self {
            skew,
            there,
            restarts,
            gaps,
        })
    }
}
