//! The thirteen families, as the registry asks for them: each reads its own numbers of all jobs.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use jobwatch_catalogue::label::{ItemStatus, RunStatus, SkipReason};
use jobwatch_catalogue::metric::{
    DURATION_BUCKETS_SECONDS, JOB_CONSECUTIVE_FAILURES, JOB_EXECUTION_DURATION_SECONDS,
    JOB_EXECUTION_SKIPPED_TOTAL, JOB_EXECUTION_TOTAL, JOB_FIRST_SCHEDULED_TIMESTAMP_SECONDS,
    JOB_IN_PROGRESS_SINCE_TIMESTAMP_SECONDS, JOB_ITEMS_PROCESSED_TOTAL, JOB_LAST_SUCCESS_TIMESTAMP_SECONDS,
    JOB_NEXT_DUE_TIMESTAMP_SECONDS, JOB_QUEUE_SIZE, JOB_SCHEDULE_INTERVAL_SECONDS,
    JOB_SUCCESS_DUE_TIMESTAMP_SECONDS, JOB_TIMEOUT_SECONDS, Metric, MetricKind,
};
use prometheus::core::{Collector, Desc};
use prometheus::proto::{self, LabelPair, MetricFamily, MetricType};

use crate::metrics::block::{Block, Count, Distribution};

/// A metric of all jobs.
#[derive(Clone)]
pub(super) struct Family {
    desc: Desc,
    kind: MetricType,
    numbers: Numbers,
    /// Ordered by name, as the registry wants them: it has nothing to sort then.
    blocks: Arc<[Block]>,
}

/// What is read of each job.
#[derive(Clone)]
enum Numbers {
    /// A counter for each value of a label; none for a job that has no such thing.
    Counters {
        of: fn(&Block) -> &[Count],
        /// The values in their own order, each with the place of its counter.
        values: Vec<(&'static str, usize)>,
    },
    /// A gauge; none for a job that has no such thing.
    Gauge(fn(&Block) -> Option<f64>),
    /// How long runs took.
    Durations,
}

/// Which metrics there are, each with what is read of it.
fn metrics() -> [(&'static Metric, Numbers); 13] {
    let gauge = Numbers::Gauge;
    [
        (&JOB_EXECUTION_TOTAL, counters(|job| &job.executions, RunStatus::ALL.map(RunStatus::as_str))),
        (&JOB_EXECUTION_DURATION_SECONDS, Numbers::Durations),
        (&JOB_LAST_SUCCESS_TIMESTAMP_SECONDS, gauge(|job| Some(job.last_success.get()))),
        (
            &JOB_ITEMS_PROCESSED_TOTAL,
            counters(
                |job| if job.has_items { &job.items } else { &[] },
                ItemStatus::ALL.map(ItemStatus::as_str),
            ),
        ),
        (&JOB_QUEUE_SIZE, gauge(|job| job.has_queue.then(|| job.queue_size.get() as f64))),
        (&JOB_SCHEDULE_INTERVAL_SECONDS, gauge(|job| Some(job.schedule_interval.get()))),
        (&JOB_TIMEOUT_SECONDS, gauge(|job| Some(job.timeout.get()))),
        (&JOB_FIRST_SCHEDULED_TIMESTAMP_SECONDS, gauge(|job| Some(job.first_scheduled.get()))),
        (&JOB_NEXT_DUE_TIMESTAMP_SECONDS, gauge(|job| Some(job.next_due.get()))),
        (&JOB_SUCCESS_DUE_TIMESTAMP_SECONDS, gauge(|job| Some(job.success_due.get()))),
        (&JOB_IN_PROGRESS_SINCE_TIMESTAMP_SECONDS, gauge(|job| Some(job.in_progress_since.get()))),
        (
            &JOB_CONSECUTIVE_FAILURES,
            gauge(|job| Some(job.consecutive_failures.load(Ordering::Relaxed).into())),
        ),
        (&JOB_EXECUTION_SKIPPED_TOTAL, counters(|job| &job.skipped, SkipReason::ALL.map(SkipReason::as_str))),
    ]
}

fn counters<const N: usize>(of: fn(&Block) -> &[Count], values: [&'static str; N]) -> Numbers {
    let mut values: Vec<(&str, usize)> = values.into_iter().zip(0..).collect();
    values.sort_unstable();
    Numbers::Counters { of, values }
}

impl Family {
    /// Every metric of these jobs, which are ordered by name.
    pub(super) fn all(
        blocks: &Arc<[Block]>,
    ) -> impl Iterator<Item = (&'static Metric, Result<Self, prometheus::Error>)> {
        metrics().into_iter().map(|(metric, numbers)| {
            let labels = metric.labels.iter().map(|label| (*label).to_owned()).collect();
            let desc = Desc::new(metric.name.to_owned(), metric.help.to_owned(), labels, HashMap::new());
            let kind = match metric.kind {
                MetricKind::Counter => MetricType::COUNTER,
                MetricKind::Gauge => MetricType::GAUGE,
                MetricKind::Histogram => MetricType::HISTOGRAM,
            };
            (metric, desc.map(|desc| Self { desc, kind, numbers, blocks: blocks.clone() }))
        })
    }

    /// A sample of a job, without its number.
    fn sample(&self, job: &Block, value: Option<&str>) -> proto::Metric {
        let values = [Some(job.job.as_str()), value].into_iter().flatten();
        let pair = |(name, value): (&String, &str)| {
            let mut pair = LabelPair::default();
            pair.set_name(name.clone());
            pair.set_value(value.to_owned());
            pair
        };
        proto::Metric::from_label(self.desc.variable_labels.iter().zip(values).map(pair).collect())
    }

    /// Adds the samples of a job.
    fn read(&self, job: &Block, samples: &mut Vec<proto::Metric>) {
        match &self.numbers {
            Numbers::Counters { of, values } => {
                let counts = of(job);
                for (value, place) in values {
                    let Some(count) = counts.get(*place) else { continue };
                    let mut counter = proto::Counter::default();
                    counter.set_value(count.get() as f64);
                    let mut sample = self.sample(job, Some(value));
                    sample.set_counter(counter);
                    samples.push(sample);
                }
            }
            Numbers::Gauge(of) => {
                let Some(number) = of(job) else { return };
                let mut gauge = proto::Gauge::default();
                gauge.set_value(number);
                let mut sample = self.sample(job, None);
                sample.set_gauge(gauge);
                samples.push(sample);
            }
            Numbers::Durations => {
                let mut sample = self.sample(job, None);
                sample.set_histogram(histogram(&job.duration.read()));
                samples.push(sample);
            }
        }
    }
}

fn histogram(runs: &Distribution) -> proto::Histogram {
    let bucket = |(bound, number): (&f64, &u64)| {
        let mut bucket = proto::Bucket::default();
        bucket.set_upper_bound(*bound);
        bucket.set_cumulative_count(*number);
        bucket
    };
    let mut histogram = proto::Histogram::default();
    // What exceeds all bounds is in the number of runs alone.
    histogram.set_bucket(DURATION_BUCKETS_SECONDS.iter().zip(&runs.cumulative).map(bucket).collect());
    histogram.set_sample_count(runs.cumulative[DURATION_BUCKETS_SECONDS.len()]);
    histogram.set_sample_sum(runs.seconds);
    histogram
}

impl Collector for Family {
    fn desc(&self) -> Vec<&Desc> {
        vec![&self.desc]
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let each = match &self.numbers {
            Numbers::Counters { values, .. } => values.len(),
            Numbers::Gauge(_) | Numbers::Durations => 1,
        };
        let mut samples = Vec::with_capacity(self.blocks.len() * each);
        for job in self.blocks.iter() {
            self.read(job, &mut samples);
        }
        let mut family = MetricFamily::default();
        family.set_name(self.desc.fq_name.clone());
        family.set_help(self.desc.help.clone());
        family.set_field_type(self.kind);
        family.set_metric(samples);
        vec![family]
    }
}
