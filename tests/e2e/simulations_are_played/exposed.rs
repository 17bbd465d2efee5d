//! What a process exposed about a job, scrape by scrape.

use std::collections::BTreeMap;

use jobwatch_catalogue::label::{JOB_NAME, LE};
use prometheus::proto::{MetricFamily, MetricType};

/// A series: its name, and its labels but for the job's name.
pub(crate) type Key = (String, BTreeMap<String, String>);

/// The samples of each series at each step, as far as there are any.
#[derive(Debug, Default)]
pub(crate) struct Exposed(pub(crate) BTreeMap<Key, Vec<Option<f64>>>);

/// What one process exposes about several jobs, scrape by scrape. Its series are the same each
/// time.
#[derive(Debug, Default)]
pub(crate) struct Scrapes {
    /// The series of each metric, with the job that it is about, in the order of the registry.
    layout: Vec<(String, Key)>,
    /// The places of the scrapes, each with a value of each series.
    scrapes: Vec<(usize, Vec<f64>)>,
}

impl Scrapes {
    /// Takes in what a scrape found.
    pub(crate) fn take(&mut self, place: usize, families: &[MetricFamily]) {
        if self.layout.is_empty() {
            self.layout = layout(families);
        }
        let mut values = Vec::with_capacity(self.layout.len());
        for family in families {
            for metric in family.get_metric() {
                match family.get_field_type() {
                    MetricType::COUNTER => values.push(metric.get_counter().get_value()),
                    MetricType::HISTOGRAM => {
                        let histogram = metric.get_histogram();
                        let buckets = histogram.get_bucket().iter();
                        values.extend(buckets.map(|bucket| bucket.cumulative_count() as f64));
                        let count = histogram.get_sample_count() as f64;
                        values.extend([count, count, histogram.get_sample_sum()]);
                    }
                    _ => values.push(metric.get_gauge().get_value()),
                }
            }
        }
        assert_eq!(values.len(), self.layout.len(), "a process exposes the same series at each scrape");
        self.scrapes.push((place, values));
    }

    /// Adds what was exposed about a job to what other lives of its process have exposed.
    pub(crate) fn add_to(&self, exposed: &mut Exposed, job: &str) {
        for (index, (_, key)) in self.layout.iter().enumerate().filter(|(_, (of, _))| of == job) {
            let samples = exposed.0.entry(key.clone()).or_default();
            for (place, values) in &self.scrapes {
                if samples.len() <= *place {
                    samples.resize(place + 1, None);
                }
                samples[*place] = values.get(index).copied();
            }
        }
    }
}

/// Returns the series of gathered families, each with the job that it is about.
fn layout(families: &[MetricFamily]) -> Vec<(String, Key)> {
    let mut all = Vec::new();
    for family in families {
        let name = family.name();
        for metric in family.get_metric() {
            let pairs = metric.get_label().iter();
            let mut labels: BTreeMap<String, String> =
                pairs.map(|label| (label.name().to_owned(), label.value().to_owned())).collect();
            let job = labels.remove(JOB_NAME).unwrap();
            if family.get_field_type() != MetricType::HISTOGRAM {
                all.push((job, (name.to_owned(), labels)));
                continue;
            }
            let bounds = metric.get_histogram().get_bucket().iter().map(|bucket| bucket.upper_bound());
            for bound in bounds.map(|bound| bound.to_string()).chain(["+Inf".to_owned()]) {
                let mut labels = labels.clone();
                labels.insert(LE.to_owned(), bound);
                all.push((job.clone(), (format!("{name}_bucket"), labels)));
            }
            all.push((job.clone(), (format!("{name}_count"), labels.clone())));
            all.push((job, (format!("{name}_sum"), labels)));
        }
    }
    all
}
