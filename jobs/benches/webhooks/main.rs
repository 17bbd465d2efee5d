//! Deliveries a second to receivers on this machine, against bare requests, and what a slow host
//! takes from the others.
//!
//! ```sh
//! # 20,000 deliveries for each measurement: about seven minutes.
//! cargo bench -p clipper-jobs --bench webhooks
//! # A number of deliveries of yours: a minute.
//! cargo bench -p clipper-jobs --bench webhooks -- 2000
//! ```
//!
//! 32 hosts answer after 10 ms, as a host nearby would. The peer sends the same number of requests
//! to the same hosts, as many at a time, with the same client, and keeps no account of them; the
//! two take turns, and what is shown is the median of three with the smallest and the largest. In
//! the second table one further host takes 2 s to answer, and what is due for it is older than
//! everything else; what counts is how long the others wait until they have everything.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on panics")]

mod receiver;
mod site;

use std::time::Instant;

use clipper_jobs::webhooks::{AddressRule, Deliverer, Limits, retry};
use jobwatch_catalogue::JobName;
use jobwatch_runtime::RunContext;
use receiver::Receiver;
use site::{Kind, Site};

/// How many deliveries the job claims together, unless it is told otherwise.
const BATCH: u32 = 100;

const CONCURRENCY: [u32; 3] = [1, 16, 64];
const TURNS: usize = 3;

/// How many deliveries are due for the host that is slow.
const SLOW: u32 = 200;

#[tokio::main]
async fn main() {
    let asked = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    let deliveries: u32 = asked.unwrap_or(20_000);
    let receiver = Receiver::start().await;
    println!("| deliveries at a time | database | delivered | against bare requests |");
    println!("|---:|---|---:|---:|");
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let site = Site::new(kind, &receiver).await;
        for concurrency in CONCURRENCY {
            // One at a time, fewer are enough to know.
            let number = if concurrency == 1 { deliveries.div_ceil(20) } else { deliveries };
            let mut turns = Vec::new();
            for _ in 0..TURNS {
                let bare = receiver.bare(number, concurrency).await;
                site.make_due(number).await;
                turns.push((bare, rate(&site, &receiver, number, concurrency).await));
            }
            println!("{}", row(concurrency, kind, &turns));
        }
    }
    println!();
    println!(
        "| deliveries at a time | database | to the others, beside a slow host | against the same without it |"
    );
    println!("|---:|---|---:|---:|");
    for kind in [Kind::Sqlite, Kind::Postgres] {
        for concurrency in CONCURRENCY.into_iter().filter(|concurrency| *concurrency > 1) {
            let number = deliveries.div_ceil(4);
            let mut turns = Vec::new();
            for _ in 0..TURNS {
                let mut site = Site::new(kind, &receiver).await;
                site.make_due(number).await;
                let without = rate(&site, &receiver, number, concurrency).await;
                site.make_due_for_slow_host(SLOW).await;
                site.make_due(number).await;
                turns.push((without, rate(&site, &receiver, number, concurrency).await));
            }
            println!("{}", row(concurrency, kind, &turns));
        }
    }
}

fn row(concurrency: u32, kind: Kind, turns: &[(f64, f64)]) -> String {
    let rates = sorted(turns.iter().map(|(_, job)| *job));
    let ratios = sorted(turns.iter().map(|(peer, job)| job / peer));
    let (middle, last) = (turns.len() / 2, turns.len() - 1);
    format!(
        "| {concurrency} | {} | {:.0} a second | {:.2} ({:.2} to {:.2}) |",
        kind.name(),
        rates[middle],
        ratios[middle],
        ratios[0],
        ratios[last]
    )
}

/// How many deliveries to the fast hosts are made in a second: until the run ends, or, beside a
/// slow host, until they have everything.
async fn rate(site: &Site, receiver: &Receiver, number: u32, concurrency: u32) -> f64 {
    let deliverer = Deliverer::new(AddressRule::Any).unwrap();
    let limits = Limits { batch: BATCH, concurrency };
    let run = RunContext::detached(JobName::new("webhook_retry").unwrap());
    let wanted = receiver.received() + u64::from(number);
    let begun = Instant::now();
    let retry = retry(site.database(), &deliverer, limits, &run);
    if site.has_slow_host() {
        tokio::select! {
            ended = retry => drop(ended.unwrap()),
            () = receiver.has_received(wanted) => {}
        }
        assert_eq!(receiver.received(), wanted);
    } else {
        let report = retry.await.unwrap();
        assert_eq!((report.succeeded, receiver.received()), (u64::from(number), wanted));
    }
    f64::from(number) / begun.elapsed().as_secs_f64()
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}
