//! A scrape of `/metrics`: over HTTP from a running service, and the encoding of the registry
//! alone.
//!
//! ```sh
//! cargo bench -p clipper-jobs --bench scrape              # 6 jobs, and 1,000
//! cargo bench -p clipper-jobs --bench scrape -- 100       # a number of jobs of yours
//! ```
//!
//! Every job has run before the first scrape. The two take turns; what is shown is the median of
//! each, and the median of their ratios of which eight in ten lie between the other two.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on panics")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use jobwatch_catalogue::{Catalogue, JobSpec};
use jobwatch_runtime::http::observe;
use jobwatch_runtime::{Report, Runtime, Settings};
use prometheus::{Registry, TextEncoder};
use tokio::net::TcpListener;

const TURNS: usize = 100;

#[tokio::main]
async fn main() {
    let asked: Vec<usize> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let sizes = if asked.is_empty() { vec![6, 1_000] } else { asked };
    println!("| jobs | series | bytes | the registry alone | a scrape | against the registry alone |");
    println!("|---:|---:|---:|---:|---:|---:|");
    for jobs in sizes {
        println!("{}", row(jobs).await);
    }
}

async fn row(jobs: usize) -> String {
    let registry = Registry::new();
    let runtime = runtime(jobs, &registry);
    let handle = runtime.handle();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/metrics", listener.local_addr().unwrap());
    let server = tokio::spawn(axum::serve(listener, observe(handle.clone(), &registry)).into_future());
    let running = tokio::spawn(runtime.run_until(std::future::pending()));
    while succeeded(&registry) < jobs {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::new();
    let mut turns = Vec::new();
    let mut last = String::new();
    for _ in 0..TURNS {
        let begun = Instant::now();
        black_box(encode(&registry));
        let alone = begun.elapsed().as_secs_f64();
        let begun = Instant::now();
        last = client.get(&url).send().await.unwrap().text().await.unwrap();
        turns.push((alone, begun.elapsed().as_secs_f64()));
    }
    handle.shutdown();
    running.await.unwrap();
    server.abort();
    let series = last.lines().filter(|line| !line.starts_with('#')).count();
    let ratios = sorted(turns.iter().map(|(alone, scrape)| scrape / alone));
    let middle = TURNS / 2;
    format!(
        "| {jobs} | {series} | {} | {:.2} ms | {:.2} ms | {:.2} ({:.2} to {:.2}) |",
        last.len(),
        1_000.0 * sorted(turns.iter().map(|(alone, _)| *alone))[middle],
        1_000.0 * sorted(turns.iter().map(|(_, scrape)| *scrape))[middle],
        ratios[middle],
        ratios[TURNS / 10],
        ratios[TURNS - 1 - TURNS / 10],
    )
}

/// Jobs that are due at once and then not for a day.
fn runtime(jobs: usize, registry: &Registry) -> Runtime {
    let names: Vec<String> = (0..jobs).map(|number| format!("job_{number}")).collect();
    let all = names.iter().map(|name| JobSpec::every(name, Duration::from_secs(86_400)));
    let catalogue =
        all.fold(Catalogue::builder("bench"), |catalogue, job| catalogue.job(job)).build().unwrap();
    let settings = Settings { start_delay: Duration::ZERO, ..Settings::default() };
    let builder = Runtime::builder(catalogue).registry(registry).settings(settings);
    let body = async |_| Report { succeeded: 1, ..Report::default() };
    names.iter().fold(builder, |builder, name| builder.job(name, body)).build().unwrap()
}

/// How many jobs have succeeded once.
fn succeeded(registry: &Registry) -> usize {
    let ended = |line: &&str| line.starts_with("job_execution_total{") && line.ends_with(" 1");
    encode(registry).lines().filter(ended).count()
}

fn encode(registry: &Registry) -> String {
    let mut text = String::new();
    TextEncoder::new().encode_utf8(&registry.gather(), &mut text).unwrap();
    text
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}
