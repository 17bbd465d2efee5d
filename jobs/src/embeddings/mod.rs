//! Computes embeddings of new clips for the similarity search, by a service that speaks OpenAI's
//! `POST /v1/embeddings`.
//!
//! A run needs no guard: what it writes about a clip follows from the clip's text and the model,
//! and is the same whichever run writes it. One of another model, as a replica of the previous
//! release may write while the next one starts, is known by its name and computed anew by the next
//! run.

mod client;
mod clips;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write;
use std::time::Duration;

use jobwatch_runtime::{Job, JobError, Report, RunContext};
use sha2::{Digest, Sha256};

use crate::cache::Cache;
use crate::database::Database;
use crate::embedding_bytes::{from_bytes, to_bytes};
use crate::search::{self, OpenSearch};
pub use client::{Client, Service};
use clips::Clip;
pub use clips::size;

/// How long the embedding of a text is remembered: as long as clips of the same title are made, and
/// models are kept.
const LIFETIME: Duration = Duration::from_secs(30 * 86_400);

/// The job. What is new is indexed for the search, where there is one.
pub(crate) fn job(
    database: Database,
    client: Client,
    cache: Cache,
    index: Option<OpenSearch>,
    batch_size: u32,
) -> Job {
    type State = (Database, Client, Cache, Option<OpenSearch>, u32);
    let body = async |(database, client, cache, index, batch_size): State, run: RunContext| {
        let generated = generate(&database, &client, &cache, batch_size, &run).await;
        if let Some(index) = index {
            search::index_new(&database, &index, &client.service().model, &run).await?;
        }
        generated
    };
    let waiting = async |(database, client, ..): State| size(&database, client.service()).await;
    Job::with((database, client, cache, index, batch_size), Job::new(body).queue(waiting))
}

/// Computes what is missing, in requests of a size. A clip that the service refuses is tried again
/// a day later, after all others: it would fail each run until then in which there is little else
/// to do.
///
/// # Errors
///
/// What the database says, or the service: one that is away or wants to be left alone ends the run,
/// which keeps what it has done.
pub async fn generate(
    database: &Database,
    client: &Client,
    cache: &Cache,
    batch_size: u32,
    run: &RunContext,
) -> Result<Report, JobError> {
    let mut report = Report::default();
    loop {
        if run.is_cancelled() {
            return Err(JobError::Cancelled);
        }
        let clips = clips::without_embedding(database, client.service(), batch_size).await?;
        if clips.is_empty() {
            return Ok(report);
        }
        let keys: Vec<String> = clips.iter().map(|clip| key(client.service(), &clip.text())).collect();
        let mut known = cached(client.service(), cache, &keys).await?;
        let mut asked = HashSet::new();
        let mut is_missing = |key| !known.contains_key(key) && asked.insert(key);
        let missing: Vec<&Clip> =
            clips.iter().zip(&keys).filter_map(|(clip, key)| is_missing(key).then_some(clip)).collect();
        let mut new = BTreeMap::new();
        for (clip, embedding) in embed(client, &missing).await? {
            match embedding {
                Ok(embedding) => {
                    let key = key(client.service(), &clip.text());
                    new.insert(key.clone(), to_bytes(&embedding));
                    known.insert(key, embedding);
                }
                Err(problem) => {
                    tracing::warn!(clip = clip.id, problem, "embedding failed");
                    clips::failed(database, clip.id).await?;
                    report.failed += 1;
                }
            }
        }
        cache.put(&new, LIFETIME).await?;
        report.succeeded += store(database, client, &clips, &keys, &known).await?;
        run.progress(report);
    }
}

/// Writes the embeddings that are known now. Answers how many.
async fn store(
    database: &Database,
    client: &Client,
    clips: &[Clip],
    keys: &[String],
    known: &HashMap<String, Vec<f32>>,
) -> Result<u64, JobError> {
    let mut stored = 0;
    for (clip, key) in clips.iter().zip(keys) {
        if let Some(embedding) = known.get(key) {
            clips::store(database, client.service(), clip.id, embedding).await?;
            stored += 1;
        }
    }
    Ok(stored)
}

/// What the service answers for each clip. Where it refuses several at once, it is asked for each,
/// to find the one that it means.
async fn embed<'c>(
    client: &Client,
    clips: &[&'c Clip],
) -> Result<Vec<(&'c Clip, Result<Vec<f32>, String>)>, JobError> {
    let mut answers = Vec::with_capacity(clips.len());
    if clips.is_empty() {
        return Ok(answers);
    }
    let texts: Vec<String> = clips.iter().map(|clip| clip.text()).collect();
    match client.embed(&texts).await? {
        Ok(embeddings) => answers.extend(clips.iter().copied().zip(embeddings.into_iter().map(Ok))),
        Err(problem) if clips.len() == 1 => answers.push((clips[0], Err(problem))),
        Err(_) => {
            for (clip, text) in clips.iter().copied().zip(texts) {
                let answer = client.embed(&[text]).await?;
                answers.push((clip, answer.map(|mut embeddings| embeddings.pop().unwrap_or_default())));
            }
        }
    }
    Ok(answers)
}

/// Embeddings of texts that were embedded before, by their keys.
async fn cached(
    service: &Service,
    cache: &Cache,
    keys: &[String],
) -> Result<HashMap<String, Vec<f32>>, JobError> {
    let found = cache.get(keys).await?.into_iter().map(|(key, bytes)| (key, from_bytes(&bytes)));
    // The cache may be one that others write to, too.
    Ok(found.filter(|(_, embedding)| embedding.len() == service.dimensions as usize).collect())
}

/// What an embedding is cached by: a hash of the model, the size and the text.
fn key(service: &Service, text: &str) -> String {
    let digest = Sha256::digest(format!("{}\n{}\n{text}", service.model, service.dimensions));
    digest.iter().fold("embedding:".to_owned(), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
