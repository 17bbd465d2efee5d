//! Jobs that are added to a catalogue.

use std::collections::HashMap;

use super::job::{OfAll, job};
use super::labels::{all_grouping_labels, labels_of_jobs};
use super::words::in_path;
use crate::catalogue::Catalogue;
use crate::difference::{AdditionError, differences};
use crate::expression::Expressions;
use crate::job::{JobDraft, JobSpec};
use crate::problem::{CatalogueError, Problem, ProblemKind, Problems};
use crate::schedule::Schedule;

impl Catalogue {
    /// Returns the catalogue with jobs that stand in code. One that it has already has to say the
    /// same as far as it says anything; the others come behind its own, in their order.
    ///
    /// ```
    /// use std::time::Duration;
    /// use jobwatch_catalogue::{AdditionError, Catalogue, JobSpec};
    ///
    /// let minute = Duration::from_secs(60);
    /// let send_mails = || JobSpec::every("send_mails", minute);
    /// let catalogue = Catalogue::builder("shop").job(send_mails()).build()?;
    ///
    /// let both = catalogue.clone().with_jobs([
    ///     send_mails(),
    ///     JobSpec::cron("clean_up", "0 3 * * *", "UTC"),
    /// ])?;
    /// assert_eq!(both.jobs().len(), 2);
    ///
    /// let refused = catalogue.with_jobs([JobSpec::every("send_mails", 5 * minute)]).unwrap_err();
    /// let AdditionError::Differences(differences) = refused else { unreachable!() };
    /// assert_eq!(differences[0].in_catalogue, "`every 1m`");
    /// assert_eq!(differences[0].in_code, "`every 5m`");
    /// # Ok::<(), AdditionError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`AdditionError`] names the jobs that differ, and in what. Of jobs that cannot be added, it
    /// has the problems, each with the path to the value, as in `jobs[clean_up].timeout`.
    pub fn with_jobs(mut self, drafts: impl IntoIterator<Item = JobDraft>) -> Result<Self, AdditionError> {
        let mut problems = Problems::new();
        let mut found = Vec::new();
        // Those that are in the catalogue already count once.
        let (mut added, mut restated) = (Expressions::default(), Expressions::default());
        added.count(self.jobs.iter().map(expressions).sum());
        let mut places = HashMap::with_capacity(self.jobs.len());
        places.extend(self.jobs.iter().enumerate().map(|(place, job)| (job.name.to_string(), place)));
        let of_catalogue = self.jobs.len();
        let mut further: Vec<(String, JobSpec)> = Vec::new();
        for draft in drafts {
            let path = format!("jobs[{}]", in_path(&draft.name));
            let known = places.get(&draft.name).copied();
            let expressions = if known.is_some() { &mut restated } else { &mut added };
            let of_all =
                OfAll { timeout: self.timeout, grouping_labels: &self.grouping_labels, labels: &self.labels };
            let Some(job) = job(&mut problems, &path, draft.clone(), of_all, expressions) else { continue };
            match known {
                Some(place) if place < of_catalogue => {
                    found.extend(differences(&self, &self.jobs[place], &draft, &job));
                }
                Some(place) => {
                    let kind = || ProblemKind::DuplicateName { name: draft.name.clone(), other: place + 1 };
                    problems.add(|| Problem { path: format!("{path}.name"), kind: kind() });
                }
                None => {
                    places.insert(draft.name, of_catalogue + further.len());
                    further.push((path, job));
                }
            }
        }
        if !further.is_empty() {
            let jobs = self.jobs.into_iter().enumerate().map(|(place, job)| (format!("jobs[{place}]"), job));
            let all: Vec<_> = jobs.chain(further).collect();
            labels_of_jobs(&mut problems, &self.labels, &all);
            all_grouping_labels(&mut problems, &self.grouping_labels, &all);
            self.jobs = all.into_iter().map(|(_, job)| job).collect();
        }
        if let Some((problems, omitted)) = problems.found() {
            return Err(CatalogueError { problems, omitted }.into());
        }
        if found.is_empty() { Ok(self) } else { Err(AdditionError::Differences(found)) }
    }
}

/// Returns how many cron expressions a job has.
fn expressions(job: &JobSpec) -> usize {
    match &job.schedule {
        Schedule::Interval(_) => 0,
        Schedule::Cron(cron) => cron.expressions().count(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use insta::assert_snapshot;

    use super::*;
    use crate::catalogue::OWNER;
    use crate::threshold::ThresholdOverride;

    const MINUTE: Duration = Duration::from_secs(60);

    fn catalogue() -> Catalogue {
        let mails = JobSpec::every("send_mails", MINUTE)
            .summary("Sends mails.")
            .items("mails")
            .owner("post")
            .threshold("JobSlow", ThresholdOverride::new().set("above", "5m"));
        let mut builder = Catalogue::builder("shop")
            .label("team", "shop")
            .grouping_label("cluster")
            .default_timeout(7 * MINUTE)
            .job(mails);
        builder = builder.job(JobSpec::cron("clean_up", "0 3 * * *", "UTC").enabled(false));
        builder.build().unwrap()
    }

    fn refused(draft: JobDraft) -> String {
        catalogue().with_jobs([draft]).unwrap_err().to_string()
    }

    #[test]
    fn what_the_code_leaves_out_is_what_the_catalogue_says() {
        let same = JobSpec::every("send_mails", MINUTE)
            .summary("Sends\n mails.")
            .timeout(7 * MINUTE)
            .items("mails")
            .owner("post")
            .label("team", "shop")
            .threshold("JobSlow", ThresholdOverride::new().set("above", "5m"));
        let jobs = [same, JobSpec::cron("clean_up", "0  3 * * *", "UTC")];
        assert_eq!(catalogue().with_jobs(jobs).unwrap(), catalogue());
    }

    #[test]
    fn a_further_job_gets_what_holds_for_all() {
        let added = JobSpec::every("count", 5 * MINUTE).items("clips").owner("clips").label("tier", "2");
        let catalogue = catalogue().with_jobs([added]).unwrap();
        let [.., job] = catalogue.jobs() else { panic!() };
        assert_eq!((job.name().as_str(), job.timeout(), job.items()), ("count", 7 * MINUTE, Some("clips")));
        let labels = catalogue.labels_of(job);
        assert_eq!((labels[OWNER], labels["team"], labels["tier"]), ("clips", "shop", "2"));
        assert_eq!(job.interval_variable(), "COUNT_INTERVAL");
    }

    #[test]
    fn what_differs_is_named_with_both_values_and_the_next_step() {
        let other = JobSpec::every("send_mails", 5 * MINUTE)
            .summary("Sends.")
            .interval_variable("MAILS")
            .timeout(MINUTE)
            .items("letters")
            .queue("letters")
            .enabled(false)
            .owner("crew")
            .label("team", "mail")
            .grouping_label("host")
            .threshold("JobSlow", ThresholdOverride::off());
        let AdditionError::Differences(found) = catalogue().with_jobs([other]).unwrap_err() else { panic!() };
        let told: Vec<String> = found
            .iter()
            .map(|it| format!("{} {}: {} | {}", it.job, it.field, it.in_catalogue, it.in_code))
            .collect();
        assert_snapshot!(told.join("\n"), @"
        send_mails schedule: `every 1m` | `every 5m`
        send_mails summary: `Sends mails.` | `Sends.`
        send_mails interval_variable: `SEND_MAILS_INTERVAL` | `MAILS`
        send_mails timeout: 7m | 1m
        send_mails items: `mails` | `letters`
        send_mails queue: nothing | `letters`
        send_mails enabled: true | false
        send_mails owner: `post` | `crew`
        send_mails labels.team: `shop` | `mail`
        send_mails grouping_labels: `cluster` | `host`
        send_mails alerts.JobSlow: on, `above: 5m` | off
        ");
        assert_snapshot!(refused(JobSpec::every("clean_up", MINUTE).enabled(true)), @r#"
        the catalogue and the code differ:
        - `clean_up` differs in `schedule`: `0 3 * * * (UTC)` in the catalogue, `every 1m` in code; write the same in both, or leave it out in code, where the name alone, `.job("clean_up", …)`, takes everything from the catalogue
        - `clean_up` differs in `enabled`: false in the catalogue, true in code; write the same in both, or leave it out in code, where the name alone, `.job("clean_up", …)`, takes everything from the catalogue
        "#);
    }

    #[test]
    fn what_cannot_be_added_is_told_by_its_name() {
        let twice = [JobSpec::every("more", MINUTE), JobSpec::every("more", MINUTE)];
        assert_snapshot!(catalogue().with_jobs(twice).unwrap_err(), @"
        the catalogue cannot be used
          jobs[more].name: two jobs are named `more`: the other is job 3; give each its own name
        ");
        let job = JobSpec::every("more", MINUTE).timeout(Duration::ZERO).label("cluster", "west");
        assert_snapshot!(refused(job), @"
        the catalogue cannot be used
          jobs[more].timeout: a timeout is at least one second
          jobs[more].labels.cluster: `cluster` cannot be both in `labels` and in `grouping_labels`, of whichever job: leave it out of one of them
        ");
        assert_snapshot!(refused(JobSpec::every("send mails", MINUTE)), @"
        the catalogue cannot be used
          jobs[send mails].name: a job name has letters, digits, `_`, `-` and `.`, but not ` `
        ");
    }
}
