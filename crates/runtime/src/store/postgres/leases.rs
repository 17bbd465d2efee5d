//! Claims and completions: of one job, or of many in one statement.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use jobwatch_catalogue::JobName;
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, FromRow, Row as _};

use super::{PostgresStore, rows};
use crate::job::run_id::RunId;
use crate::store::outcome_columns::{NAMES, OutcomeColumns};
use crate::store::{Claim, Claimed, Completion, FORGOTTEN_AT_ONCE, JobState, Lease, StoreError, TOLERANCE};

const CLAIM: &str = include_str!("claim.sql");
const COMPLETE: &str = include_str!("complete.sql");

/// What a statement has to say about one job.
#[derive(Debug, Clone)]
enum Found<T> {
    /// What became of it.
    Decided(T),
    /// Somebody else had locked its row, or changed it meanwhile.
    Busy,
    /// There is no such row: for a claim no job, for a completion no lease.
    Missing,
}

impl PostgresStore {
    /// Nothing if somebody else has the job's row.
    pub(super) async fn claim(&self, claim: Claim<'_>) -> Result<Option<Claimed>, sqlx::Error> {
        // Twice at most: the job may have to come into being first.
        for _ in 0..2 {
            match self.find_free(&[claim]).await?.pop() {
                Some(Found::Decided(claimed)) => return Ok(Some(claimed)),
                Some(Found::Missing) => self.ensure(&[claim.job]).await?,
                Some(Found::Busy) | None => break,
            }
        }
        Ok(None)
    }

    pub(super) async fn claim_many(
        &self,
        claims: &[Claim<'_>],
    ) -> Result<Vec<Result<Claimed, StoreError>>, sqlx::Error> {
        let mut answers = vec![Err(StoreError::busy("grant a lease")); claims.len()];
        for mut places in distinct(claims.iter().map(|claim| claim.job)) {
            // Twice at most: jobs may have to come into being first.
            for _ in 0..2 {
                let these: Vec<_> = places.iter().map(|place| claims[*place]).collect();
                let found = self.find_free(&these).await?;
                let mut missing = Vec::new();
                for (place, found) in places.into_iter().zip(found) {
                    match found {
                        Found::Decided(claimed) => answers[place] = Ok(claimed),
                        Found::Missing => missing.push(place),
                        Found::Busy => {}
                    }
                }
                if missing.is_empty() {
                    break;
                }
                let jobs: Vec<_> = missing.iter().map(|place| claims[*place].job).collect();
                self.ensure(&jobs).await?;
                places = missing;
            }
        }
        Ok(answers)
    }

    /// Claims jobs of which no two are the same.
    async fn find_free(&self, claims: &[Claim<'_>]) -> Result<Vec<Found<Claimed>>, sqlx::Error> {
        let key = |claim: &Claim<'_>| Some((claim.job.to_string(), claim.request.idempotency_key.clone()?));
        let (keyed, keys): (Vec<_>, Vec<_>) = claims.iter().filter_map(key).unzip();
        let rows = sqlx::query(CLAIM)
            .bind(claims.iter().map(|claim| claim.job.as_str()).collect::<Vec<_>>())
            .bind(claims.iter().map(|claim| claim.slot).collect::<Vec<_>>())
            .bind(claims.iter().map(|claim| claim.holder.as_ref()).collect::<Vec<_>>())
            .bind(claims.iter().map(|claim| rows::interval(claim.length)).collect::<Vec<_>>())
            .bind(claims.iter().map(|claim| claim.request.reason.as_deref()).collect::<Vec<_>>())
            .bind(claims.iter().map(|claim| claim.request.idempotency_key.as_deref()).collect::<Vec<_>>())
            .bind(keyed)
            .bind(keys)
            .bind(self.history as i64)
            .bind(FORGOTTEN_AT_ONCE)
            .fetch_all(&self.statements)
            .await?;
        let mut found = vec![Found::Busy; claims.len()];
        for row in rows {
            let place = place(&row)?;
            if let (Some(found), Some(claim)) = (found.get_mut(place), claims.get(place)) {
                *found = claimed(&row, *claim)?;
            }
        }
        Ok(found)
    }

    /// Nothing if somebody else has the job's row.
    pub(super) async fn complete(
        &self,
        completion: Completion<'_>,
    ) -> Result<Option<Option<JobState>>, sqlx::Error> {
        match self.find_held(&[completion]).await?.pop() {
            Some(Found::Decided(state)) => Ok(Some(Some(state))),
            Some(Found::Missing) => Ok(self.find_recorded(&[completion]).await?.pop()),
            Some(Found::Busy) | None => Ok(None),
        }
    }

    pub(super) async fn complete_many(
        &self,
        completions: &[Completion<'_>],
    ) -> Result<Vec<Result<Option<JobState>, StoreError>>, sqlx::Error> {
        let mut answers = vec![Err(StoreError::busy("record a run")); completions.len()];
        for places in distinct(completions.iter().map(|completion| &completion.lease.job)) {
            let these: Vec<_> = places.iter().map(|place| completions[*place]).collect();
            let found = self.find_held(&these).await?;
            let mut lost = Vec::new();
            for (place, found) in places.into_iter().zip(found) {
                match found {
                    Found::Decided(state) => answers[place] = Ok(Some(state)),
                    Found::Missing => lost.push(place),
                    Found::Busy => {}
                }
            }
            if lost.is_empty() {
                continue;
            }
            let these: Vec<_> = lost.iter().map(|place| completions[*place]).collect();
            for (place, state) in lost.into_iter().zip(self.find_recorded(&these).await?) {
                answers[place] = Ok(state);
            }
        }
        Ok(answers)
    }

    /// Completes runs of jobs of which no two are the same.
    async fn find_held(&self, completions: &[Completion<'_>]) -> Result<Vec<Found<JobState>>, sqlx::Error> {
        let outcomes: Vec<_> =
            completions.iter().map(|completion| OutcomeColumns::from(completion.outcome)).collect();
        let numbers =
            |of: fn(&OutcomeColumns) -> Option<i64>| -> Vec<_> { outcomes.iter().map(of).collect() };
        let leases = || completions.iter().map(|completion| completion.lease);
        let rows = sqlx::query(COMPLETE)
            .bind(leases().map(|lease| lease.job.as_str()).collect::<Vec<_>>())
            .bind(leases().map(|lease| rows::signed(lease.token)).collect::<Vec<_>>())
            .bind(leases().map(|lease| lease.holder.as_ref()).collect::<Vec<_>>())
            .bind(completions.iter().map(|completion| completion.done).collect::<Vec<_>>())
            .bind(outcomes.iter().map(|columns| columns.outcome.as_str()).collect::<Vec<_>>())
            .bind(outcomes.iter().map(|columns| columns.cause.as_deref()).collect::<Vec<_>>())
            .bind(outcomes.iter().map(|columns| columns.message.as_deref()).collect::<Vec<_>>())
            .bind(numbers(|columns| columns.milliseconds))
            .bind(numbers(|columns| columns.items_succeeded))
            .bind(numbers(|columns| columns.items_failed))
            .bind(numbers(|columns| columns.items_skipped))
            .bind(self.history as i64)
            .bind(FORGOTTEN_AT_ONCE)
            .fetch_all(&self.statements)
            .await?;
        let mut found = vec![Found::Busy; completions.len()];
        for row in rows {
            let place = place(&row)?;
            let (Some(found), Some(completion)) = (found.get_mut(place), completions.get(place)) else {
                continue;
            };
            *found = match row.try_get("was_held")? {
                None => Found::Decided(rows::state(&row, &completion.lease.job)?),
                Some(true) => Found::Busy,
                Some(false) => Found::Missing,
            };
        }
        Ok(found)
    }

    /// What is known about the jobs of runs that were recorded before as they are now: the answer
    /// to the first time may have been lost.
    async fn find_recorded(
        &self,
        completions: &[Completion<'_>],
    ) -> Result<Vec<Option<JobState>>, sqlx::Error> {
        let leases = || completions.iter().map(|completion| completion.lease);
        let statement = format!(
            "SELECT place, {NAMES} \
             FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS asked (name, number, place) \
             JOIN jobwatch_run ON job = name AND token = number AND ended IS NOT NULL"
        );
        let recorded = sqlx::query(AssertSqlSafe(statement))
            .bind(leases().map(|lease| lease.job.as_str()).collect::<Vec<_>>())
            .bind(leases().map(|lease| rows::signed(lease.token)).collect::<Vec<_>>())
            .fetch_all(&self.statements)
            .await?;
        let mut same = Vec::new();
        for row in recorded {
            let (place, outcome) = (place(&row)?, OutcomeColumns::from_row(&row)?);
            let asked = completions.get(place).map(|completion| OutcomeColumns::from(completion.outcome));
            if asked == Some(outcome) {
                same.push(place);
            }
        }
        let mut states = vec![None; completions.len()];
        if !same.is_empty() {
            let jobs: Vec<_> = same.iter().map(|place| &completions[*place].lease.job).collect();
            for (place, state) in same.into_iter().zip(self.states(&jobs).await?) {
                states[place] = Some(state);
            }
        }
        Ok(states)
    }
}

/// The places of jobs, in groups in which none comes twice: one group, unless somebody names a job
/// twice.
fn distinct<'a>(jobs: impl Iterator<Item = &'a JobName>) -> Vec<Vec<usize>> {
    let mut times: HashMap<&JobName, usize> = HashMap::new();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (place, job) in jobs.enumerate() {
        let time = times.entry(job).or_default();
        match groups.get_mut(*time) {
            Some(group) => group.push(place),
            None => groups.push(vec![place]),
        }
        *time += 1;
    }
    groups
}

/// Which of those that were asked about a row is about. SQL counts from one.
fn place(row: &PgRow) -> Result<usize, sqlx::Error> {
    let place: i64 = row.try_get("place")?;
    usize::try_from(place - 1).map_err(|error| sqlx::Error::Decode(error.into()))
}

/// Reads what became of a claim.
fn claimed(row: &PgRow, claim: Claim<'_>) -> Result<Found<Claimed>, sqlx::Error> {
    let now: DateTime<Utc> = row.try_get("now")?;
    let decided = |claimed| Ok(Found::Decided(claimed));
    if row.try_get("is_taken")? {
        return decided(Claimed::Granted(Lease {
            job: claim.job.clone(),
            slot: claim.slot,
            holder: claim.holder.clone(),
            token: rows::token(row.try_get("token")?),
            since: row.try_get("since")?,
            until: row.try_get("until")?,
        }));
    }
    let repeated = |token| decided(Claimed::Repeated(RunId { job: claim.job.clone(), token }));
    if let Some(token) = row.try_get("repeated")? {
        return repeated(rows::token(token));
    }
    if row.try_get::<Option<&str>, _>("name")?.is_none() {
        return Ok(Found::Missing);
    }
    if let Some(lease) = rows::lease(row, claim.job)?.filter(|lease| lease.until > now) {
        if row.try_get::<Option<bool>, _>("is_same")? == Some(true) && lease.holder != *claim.holder {
            return repeated(lease.token);
        }
        let remaining = (lease.until - now).to_std().unwrap_or_default();
        return decided(Claimed::Held { lease, remaining });
    }
    let Some(slot) = claim.slot else { return Ok(Found::Busy) };
    if slot > now + TOLERANCE {
        return decided(Claimed::Early((slot - now).to_std().unwrap_or_default()));
    }
    if row.try_get("is_paused")? {
        return decided(Claimed::Paused);
    }
    let done: Option<DateTime<Utc>> = row.try_get("done")?;
    if Some(slot) <= done { decided(Claimed::Done) } else { Ok(Found::Busy) }
}
