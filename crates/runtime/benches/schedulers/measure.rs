//! What a process does in ten seconds.

use std::fmt;
use std::fs;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::contestants::Contestant;

/// How long is measured.
pub(crate) const SECONDS: u64 = 10;

/// How many runs began so many milliseconds after the second.
static LATE: [AtomicU64; 1_000] = [const { AtomicU64::new(0) }; 1_000];

/// What every job does. All of them are due at full seconds.
pub(crate) fn note() {
    let late = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_millis();
    LATE[late as usize].fetch_add(1, Ordering::Relaxed);
}

/// What was measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Figures {
    pub(crate) runs: f64,
    pub(crate) late_p50: f64,
    pub(crate) late_p99: f64,
    pub(crate) cpu_microseconds: f64,
    pub(crate) memory_kilobytes: f64,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { runs, late_p50, late_p99, cpu_microseconds, memory_kilobytes } = self;
        write!(f, "figures {runs} {late_p50} {late_p99} {cpu_microseconds} {memory_kilobytes}")
    }
}

impl Figures {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let line = text.lines().find_map(|line| line.strip_prefix("figures "))?;
        let mut numbers = line.split(' ').map(|number| number.parse().ok());
        let mut next = || numbers.next()?;
        Some(Self {
            runs: next()?,
            late_p50: next()?,
            late_p99: next()?,
            cpu_microseconds: next()?,
            memory_kilobytes: next()?,
        })
    }
}

pub(crate) fn run(contestant: Contestant, jobs: usize) -> Figures {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        contestant.start(jobs).await;
        // From the middle of one second to the middle of another, when nothing is due.
        middle_of_second(2).await;
        for late in &LATE {
            late.store(0, Ordering::Relaxed);
        }
        let before = cpu_microseconds();
        middle_of_second(SECONDS).await;
        let cpu_microseconds = cpu_microseconds() - before;
        let late: Vec<u64> = LATE.iter().map(|late| late.load(Ordering::Relaxed)).collect();
        let runs: u64 = late.iter().sum();
        let quantile = |share: f64| {
            let rank = (runs as f64 * share).ceil() as u64;
            let mut seen = 0;
            late.iter()
                .position(|number| {
                    seen += number;
                    seen >= rank.max(1)
                })
                .unwrap_or(0) as f64
        };
        println!(
            "{}",
            Figures {
                runs: runs as f64,
                late_p50: quantile(0.5),
                late_p99: quantile(0.99),
                cpu_microseconds,
                memory_kilobytes: memory_kilobytes(),
            }
        );
        // Ending a hundred thousand tasks in order is not what is measured.
        std::process::exit(0)
    })
}

async fn middle_of_second(seconds: u64) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let then = Duration::from_secs(now.as_secs() + seconds) + Duration::from_millis(900);
    tokio::time::sleep(then - now).await;
}

/// The time that the threads of this process were on a processor, which the kernel counts in
/// nanoseconds. None of them ends while it is measured.
fn cpu_microseconds() -> f64 {
    let threads = fs::read_dir("/proc/self/task").unwrap();
    let of_thread = |thread: std::io::Result<fs::DirEntry>| {
        let stat = fs::read_to_string(thread.unwrap().path().join("schedstat")).unwrap();
        stat.split(' ').next().unwrap().parse::<f64>().unwrap() / 1_000.0
    };
    threads.map(of_thread).sum()
}

fn memory_kilobytes() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
