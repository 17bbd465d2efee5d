//! The same metrics by the vectors of the `prometheus` crate, against random lives of jobs.

use jobwatch_catalogue::label::ItemStatus;
use jobwatch_catalogue::metric::{
    DURATION_BUCKETS_SECONDS, JOB_CONSECUTIVE_FAILURES, JOB_EXECUTION_DURATION_SECONDS,
    JOB_EXECUTION_SKIPPED_TOTAL, JOB_EXECUTION_TOTAL, JOB_FIRST_SCHEDULED_TIMESTAMP_SECONDS,
    JOB_IN_PROGRESS_SINCE_TIMESTAMP_SECONDS, JOB_ITEMS_PROCESSED_TOTAL, JOB_LAST_SUCCESS_TIMESTAMP_SECONDS,
    JOB_NEXT_DUE_TIMESTAMP_SECONDS, JOB_QUEUE_SIZE, JOB_SCHEDULE_INTERVAL_SECONDS,
    JOB_SUCCESS_DUE_TIMESTAMP_SECONDS, JOB_TIMEOUT_SECONDS, Metric,
};
use prometheus::core::Collector;
use prometheus::{GaugeVec, HistogramOpts, HistogramVec, IntCounterVec, IntGaugeVec, Opts, TextEncoder};
use proptest::prelude::*;

use super::*;
use crate::job::error::JobError;
use crate::job::outcome::{Failure, Interruption, Report};

/// Something that happens to a job.
#[derive(Debug, Clone)]
enum Event {
    Started(DateTime<Utc>),
    Ended(Outcome, Duration, DateTime<Utc>),
    Skipped(SkipReason, u64),
    Restored(DateTime<Utc>, Option<DateTime<Utc>>, u32),
    Interval(Option<Duration>),
    Timeout(Duration),
    Due(Option<DateTime<Utc>>, Option<DateTime<Utc>>),
    QueueSize(u64),
}

/// Vectors of the `prometheus` crate.
struct Reference {
    executions: IntCounterVec,
    duration: HistogramVec,
    last_success: GaugeVec,
    items: IntCounterVec,
    queue_size: IntGaugeVec,
    schedule_interval: GaugeVec,
    timeout: GaugeVec,
    first_scheduled: GaugeVec,
    next_due: GaugeVec,
    success_due: GaugeVec,
    in_progress_since: GaugeVec,
    consecutive_failures: IntGaugeVec,
    skipped: IntCounterVec,
}

impl Reference {
    fn register(catalogue: &Catalogue, registry: &Registry) -> Self {
        fn add<C: Collector + Clone + 'static>(registry: &Registry, vector: prometheus::Result<C>) -> C {
            let vector = vector.unwrap();
            registry.register(Box::new(vector.clone())).unwrap();
            vector
        }
        let opts = |metric: &Metric| Opts::new(metric.name, metric.help);
        let counters = |metric: &Metric| add(registry, IntCounterVec::new(opts(metric), metric.labels));
        let gauges = |metric: &Metric| add(registry, GaugeVec::new(opts(metric), metric.labels));
        let whole = |metric: &Metric| add(registry, IntGaugeVec::new(opts(metric), metric.labels));
        let duration = &JOB_EXECUTION_DURATION_SECONDS;
        let buckets = HistogramOpts::from(opts(duration)).buckets(DURATION_BUCKETS_SECONDS.to_vec());
        let reference = Self {
            executions: counters(&JOB_EXECUTION_TOTAL),
            duration: add(registry, HistogramVec::new(buckets, duration.labels)),
            last_success: gauges(&JOB_LAST_SUCCESS_TIMESTAMP_SECONDS),
            items: counters(&JOB_ITEMS_PROCESSED_TOTAL),
            queue_size: whole(&JOB_QUEUE_SIZE),
            schedule_interval: gauges(&JOB_SCHEDULE_INTERVAL_SECONDS),
            timeout: gauges(&JOB_TIMEOUT_SECONDS),
            first_scheduled: gauges(&JOB_FIRST_SCHEDULED_TIMESTAMP_SECONDS),
            next_due: gauges(&JOB_NEXT_DUE_TIMESTAMP_SECONDS),
            success_due: gauges(&JOB_SUCCESS_DUE_TIMESTAMP_SECONDS),
            in_progress_since: gauges(&JOB_IN_PROGRESS_SINCE_TIMESTAMP_SECONDS),
            consecutive_failures: whole(&JOB_CONSECUTIVE_FAILURES),
            skipped: counters(&JOB_EXECUTION_SKIPPED_TOTAL),
        };
        for job in catalogue.jobs() {
            reference.create(job);
        }
        reference
    }

    /// Has every series of a job be there.
    fn create(&self, job: &JobSpec) {
        let name = job.name().as_str();
        self.duration.with_label_values(&[name]);
        for gauges in [&self.last_success, &self.first_scheduled, &self.next_due, &self.success_due] {
            gauges.with_label_values(&[name]);
        }
        self.in_progress_since.with_label_values(&[name]);
        self.consecutive_failures.with_label_values(&[name]);
        for status in RunStatus::ALL {
            self.executions.with_label_values(&[name, status.as_str()]);
        }
        for reason in SkipReason::ALL {
            self.skipped.with_label_values(&[name, reason.as_str()]);
        }
        if job.items().is_some() {
            self.count_items(name, Report::default());
        }
        if job.queue().is_some() {
            self.queue_size.with_label_values(&[name]);
        }
        self.note(job, &Event::Interval(job.enabled().then(|| job.schedule().longest_gap())));
        self.note(job, &Event::Timeout(job.timeout()));
    }

    fn count_items(&self, name: &str, report: Report) {
        for (status, number) in ItemStatus::ALL.iter().zip([report.succeeded, report.failed, report.skipped])
        {
            self.items.with_label_values(&[name, status.as_str()]).inc_by(number);
        }
    }

    fn note(&self, job: &JobSpec, event: &Event) {
        let name = job.name().as_str();
        let set = |gauges: &GaugeVec, number| gauges.with_label_values(&[name]).set(number);
        let set_time = |gauges, at: Option<DateTime<Utc>>| set(gauges, at.map_or(0.0, timestamp));
        match event {
            Event::Started(at) => set_time(&self.in_progress_since, Some(*at)),
            Event::Ended(outcome, took, at) => {
                set_time(&self.in_progress_since, None);
                if let Some(report) = outcome.report().filter(|_| job.items().is_some()) {
                    self.count_items(name, report);
                }
                let Some(status) = outcome.status() else { return };
                self.executions.with_label_values(&[name, status.as_str()]).inc();
                self.duration.with_label_values(&[name]).observe(took.as_secs_f64());
                let failures = self.consecutive_failures.with_label_values(&[name]);
                if status == RunStatus::Success {
                    set_time(&self.last_success, Some(*at));
                    failures.set(0);
                } else {
                    failures.inc();
                }
            }
            Event::Skipped(reason, number) => {
                self.skipped.with_label_values(&[name, reason.as_str()]).inc_by(*number);
            }
            Event::Restored(first_scheduled, last_success, failures) => {
                set_time(&self.first_scheduled, Some(*first_scheduled));
                set_time(&self.last_success, *last_success);
                self.consecutive_failures.with_label_values(&[name]).set((*failures).into());
            }
            Event::Interval(interval) => {
                set(&self.schedule_interval, interval.map_or(0.0, |interval| interval.as_secs_f64()));
            }
            Event::Timeout(timeout) => set(&self.timeout, timeout.as_secs_f64()),
            Event::Due(next, success) => {
                set_time(&self.next_due, *next);
                set_time(&self.success_due, *success);
            }
            Event::QueueSize(items) if job.queue().is_some() => {
                self.queue_size.with_label_values(&[name]).set(i64::try_from(*items).unwrap());
            }
            Event::QueueSize(_) => {}
        }
    }
}

impl JobMetrics {
    fn note(&self, event: &Event) {
        match event {
            Event::Started(at) => self.started(*at),
            Event::Ended(outcome, took, at) => self.ended(outcome, *took, *at),
            Event::Skipped(reason, number) => self.skipped(*reason, *number),
            Event::Restored(first, last, failures) => self.restore(*first, *last, *failures),
            Event::Interval(interval) => self.interval(*interval),
            Event::Timeout(timeout) => self.timeout(*timeout),
            Event::Due(next, success) => self.due(*next, *success),
            Event::QueueSize(items) => self.queue_size(*items),
        }
    }
}

/// Jobs with and without items and a queue, whose names are ordered otherwise than they are
/// written.
fn catalogue() -> Catalogue {
    let minute = Duration::from_secs(60);
    let drafts = [
        JobSpec::every("b_2", minute).items("things"),
        JobSpec::every("b", minute).queue("things"),
        JobSpec::every("b-1", minute).enabled(false),
        JobSpec::every("Z", minute).items("things").queue("things"),
        JobSpec::every("b.1", minute),
        JobSpec::cron("a", "0 3 * * *", "UTC"),
    ];
    drafts.into_iter().fold(Catalogue::builder("test"), |catalogue, job| catalogue.job(job)).build().unwrap()
}

fn moment() -> impl Strategy<Value = DateTime<Utc>> {
    (-1_000_i64..4_000_000_000_000).prop_map(|millis| DateTime::from_timestamp_millis(millis).unwrap())
}

/// Around the bounds of the buckets, and beyond all of them.
fn length() -> impl Strategy<Value = Duration> {
    prop_oneof![
        prop::sample::select(DURATION_BUCKETS_SECONDS.to_vec()).prop_map(Duration::from_secs_f64),
        (0_u64..20_000_000_000_000).prop_map(Duration::from_nanos),
        (0_u64..2_000_000_000).prop_map(Duration::from_nanos),
    ]
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let report = (0_u64..1 << 40, 0_u64..100, 0_u64..100).prop_map(|(succeeded, failed, skipped)| Report {
        succeeded,
        failed,
        skipped,
    });
    prop_oneof![
        report.clone().prop_map(Outcome::Succeeded),
        report.prop_map(|report| Outcome::Failed(Failure::Items(report))),
        Just(Outcome::Failed(Failure::Error(JobError::permanent("no")))),
        Just(Outcome::Interrupted(Interruption::Shutdown)),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    let maybe = || prop::option::of(moment());
    prop_oneof![
        1 => moment().prop_map(Event::Started),
        4 => (outcome(), length(), moment()).prop_map(|(how, took, at)| Event::Ended(how, took, at)),
        1 => (prop::sample::select(SkipReason::ALL.to_vec()), 0_u64..1 << 40)
            .prop_map(|(reason, number)| Event::Skipped(reason, number)),
        1 => (moment(), maybe(), 0_u32..1 << 30)
            .prop_map(|(first, last, failures)| Event::Restored(first, last, failures)),
        1 => prop::option::of(length()).prop_map(Event::Interval),
        1 => length().prop_map(Event::Timeout),
        1 => (maybe(), maybe()).prop_map(|(next, success)| Event::Due(next, success)),
        1 => (0_u64..1 << 62).prop_map(Event::QueueSize),
    ]
}

/// Registries as users make them.
fn registry(is_custom: bool) -> Registry {
    if !is_custom {
        return Registry::new();
    }
    let labels = [("zone".to_owned(), "a\"b\\c".to_owned())].into();
    Registry::new_custom(Some("shop".to_owned()), Some(labels)).unwrap()
}

fn exposed(registry: &Registry) -> String {
    TextEncoder::new().encode_to_string(&registry.gather()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_exposed_is_to_the_byte_what_vectors_expose(
        is_custom in any::<bool>(),
        lives in prop::collection::vec(prop::collection::vec((0_usize..6, event()), 0..60), 1..4),
    ) {
        let catalogue = catalogue();
        let (ours, theirs) = (registry(is_custom), registry(is_custom));
        let metrics = Metrics::register(&catalogue, &ours).unwrap();
        let reference = Reference::register(&catalogue, &theirs);
        prop_assert_eq!(exposed(&ours), exposed(&theirs));
        // Scraped now and then.
        for life in lives {
            for (job, event) in life {
                let job = &catalogue.jobs()[job];
                metrics.job(job.name()).unwrap().note(&event);
                reference.note(job, &event);
            }
            prop_assert_eq!(exposed(&ours), exposed(&theirs));
        }
    }
}

#[test]
fn a_job_that_is_not_in_the_catalogue_has_no_metrics() {
    let metrics = Metrics::register(&catalogue(), &Registry::new()).unwrap();
    assert!(metrics.job(&JobName::new("c").unwrap()).is_none());
}

/// Runs end on several threads while a registry is scraped: nothing is lost, and what a scrape
/// shows of the durations fits together.
#[test]
fn a_scrape_in_the_middle_of_runs_that_end_fits_together() {
    const EACH: u64 = 2_000;
    let registry = Registry::new();
    let metrics = Metrics::register(&catalogue(), &registry).unwrap();
    let job = metrics.job(&JobName::new("Z").unwrap()).unwrap();
    let count = |registry: &Registry| {
        let families = registry.gather();
        let family = families.iter().find(|family| family.name() == JOB_EXECUTION_DURATION_SECONDS.name);
        let histogram = family.unwrap().get_metric()[0].get_histogram().clone();
        let buckets = histogram.get_bucket().iter().map(|bucket| bucket.cumulative_count());
        let ends: Vec<u64> = buckets.chain([histogram.get_sample_count()]).collect();
        assert!(ends.is_sorted(), "{ends:?}");
        histogram.get_sample_count()
    };
    std::thread::scope(|scope| {
        for seconds in [1, 100, 100_000] {
            let job = &job;
            scope.spawn(move || {
                for _ in 0..EACH {
                    let took = Duration::from_secs(seconds);
                    job.ended(&Outcome::Succeeded(Report::items(1)), took, DateTime::UNIX_EPOCH);
                }
            });
        }
        let mut before = 0;
        for _ in 0..50 {
            let now = count(&registry);
            assert!(now >= before);
            before = now;
        }
    });
    assert_eq!(count(&registry), 3 * EACH);
    assert!(exposed(&registry).contains("job_execution_duration_seconds_sum{job_name=\"Z\"} 200202000\n"));
}
