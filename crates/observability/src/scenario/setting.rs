//! A job, and all that holds for it.

use std::collections::BTreeMap;

use crate::alert_name::AlertName;
use crate::quantity::Quantity;
use crate::scope::WatchedJob;
use crate::series::About;

/// What holds for one job about one alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertSettings {
    /// The alert's name.
    pub name: AlertName,
    /// For how many seconds its condition has to hold before it fires.
    pub hold: u64,
    /// What its value is about.
    pub about: About,
    /// Whether it escalates for the job.
    pub escalates: bool,
    /// Whether the job sets the threshold itself.
    pub is_own: bool,
    /// Its parameters for the job. `None` if it does not watch the job.
    pub thresholds: Option<Vec<(&'static str, Quantity)>>,
}

/// A job, and all that holds for it.
#[derive(Debug, Clone)]
pub struct Setting<'a> {
    /// The name of the catalogue that it is in.
    pub catalogue: &'a str,
    /// Whether it is the first one of the catalogue that is watched.
    pub is_first: bool,
    /// The job.
    pub job: WatchedJob<'a>,
    /// Labels with a value that every series has which the rules read.
    pub selector: &'a BTreeMap<String, String>,
    /// The namespace that the job is meant to be in. `None` if it may be in any, or if the rules
    /// read one alone.
    pub namespace: Option<&'a str>,
    /// The labels that tell copies of the job apart, besides the namespace.
    pub grouping_labels: Vec<&'a str>,
    /// Every alert, in order.
    pub alerts: Vec<AlertSettings>,
    /// For how many seconds the rules remember a timestamp that is no longer exposed.
    pub memory: u64,
    /// The names of other jobs that are watched, as many as are to be simulated beside this one.
    pub other_jobs: Vec<&'a str>,
    /// Whether these are all.
    pub has_all_others: bool,
}
