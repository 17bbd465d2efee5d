//! Computes embeddings of new clips for the similarity search, by a service that speaks OpenAI's `POST /v1/embeddings`.

mod client;
mod clips;

use std::collections::HashMap;
use std::fmt::Write;
use std::time::Duration;

use chrono::Utc;
use jobwatch_runtime::{JobError, Report, RunContext};
use sha2::{Digest, Sha256};
use tokio::time::MissedTickBehavior;

use crate::database::Database;
pub use client::{Client, Service};
use clips::Clip;
pub use clips::size;

/// The shortest time between two requests: 500 a minute.
const PACE: Duration = Duration::from_millis(120);

/// Computes what is missing, in requests of a size. A clip that the service refuses is tried again after all others, in a later run.
///
/// # Errors
///
/// What the database says, or the service: one that is away or wants to be left alone ends the run, which keeps what it has done.
pub async fn generate(
    database: &Database,
    client: &Client,
    batch_size: u32,
    run: &RunContext,
) -> Result<Report, JobError> {
    let started = Utc::now();
    let mut pace = tokio::time::interval(PACE);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut report = Report::default();
    loop {
        if run.is_cancelled() {
            return Err(JobError::Cancelled);
        }
        let clips = clips::without_embedding(database, client.service(), batch_size, started).await?;
        if clips.is_empty() {
            return Ok(report);
        }
        let hashes: Vec<String> = clips.iter().map(|clip| hash(client.service(), &clip.text())).collect();
        let mut known = clips::cached(database, &hashes).await?;
        let missing: Vec<&Clip> = clips
            .iter()
            .zip(&hashes)
            .filter(|(_, hash)| !known.contains_key(*hash))
            .map(|(clip, _)| clip)
            .collect();
        for (clip, embedding) in embed(client, &missing, &mut pace).await? {
            match embedding {
                Ok(embedding) => {
                    let hash = hash(client.service(), &clip.text());
                    clips::cache(database, &hash, &embedding).await?;
                    known.insert(hash, embedding);
                }
                Err(problem) => {
                    tracing::warn!(clip = clip.id, problem, "embedding failed");
                    clips::failed(database, clip.id, Utc::now()).await?;
                    report.failed += 1;
                }
            }
        }
        report.succeeded += store(database, client, &clips, &hashes, &known).await?;
    }
}

/// Writes the embeddings that are known now. Answers how many.
async fn store(
    database: &Database,
    client: &Client,
    clips: &[Clip],
    hashes: &[String],
    known: &HashMap<String, Vec<f32>>,
) -> Result<u64, JobError> {
    let mut stored = 0;
    for (clip, hash) in clips.iter().zip(hashes) {
        if let Some(embedding) = known.get(hash) {
            clips::store(database, client.service(), clip.id, embedding, Utc::now()).await?;
            stored += 1;
        }
    }
    Ok(stored)
}

/// What the service answers for each clip. Where it refuses several at once, it is asked for each, to find the one that it means.
async fn embed<'c>(
    client: &Client,
    clips: &[&'c Clip],
    pace: &mut tokio::time::Interval,
) -> Result<Vec<(&'c Clip, Result<Vec<f32>, String>)>, JobError> {
    let mut answers = Vec::with_capacity(clips.len());
    if clips.is_empty() {
        return Ok(answers);
    }
    let texts: Vec<String> = clips.iter().map(|clip| clip.text()).collect();
    pace.tick().await;
    match client.embed(&texts).await? {
        Ok(embeddings) => answers.extend(clips.iter().copied().zip(embeddings.into_iter().map(Ok))),
        Err(problem) if clips.len() == 1 => answers.push((clips[0], Err(problem))),
        Err(_) => {
            for (clip, text) in clips.iter().copied().zip(texts) {
                pace.tick().await;
                let answer = client.embed(&[text]).await?;
                answers.push((clip, answer.map(|mut embeddings| embeddings.pop().unwrap_or_default())));
            }
        }
    }
    Ok(answers)
}

/// What an embedding is cached by.
fn hash(service: &Service, text: &str) -> String {
    let digest = Sha256::digest(format!("{}\n{}\n{text}", service.model, service.dimensions));
    digest.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
