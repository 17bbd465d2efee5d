//! Thresholds that are marked, to be found again in what is written with them.

use super::holes::Settable;
use crate::model::{Alert, JobClass};

/// The classes of an alert where each parameter that can be set has its mark.
pub(super) fn marked(alert: &Alert, settable: &[Settable]) -> Vec<JobClass> {
    let mut classes = alert.classes.clone();
    for class in &mut classes {
        for of in settable {
            class.parameters[of.place] = of.mark();
        }
    }
    classes
}

/// The same where one job has another threshold. A single job has the mark alone.
pub(super) fn marked_by_job(alert: &Alert, settable: &[Settable]) -> Vec<JobClass> {
    let mut classes = marked(alert, settable);
    let (Some(threshold), Some(first)) = (settable.first(), classes.first_mut()) else { return classes };
    let mut other = first.clone();
    other.parameters[threshold.place] = threshold.other_mark();
    if let [_, .., last] = alert.classes.iter().flat_map(|class| &class.jobs).collect::<Vec<_>>().as_slice() {
        let last = (*last).clone();
        for class in &mut classes {
            class.jobs.retain(|job| *job != last);
        }
        other.jobs = vec![last];
        classes.retain(|class| !class.jobs.is_empty());
        classes.push(other);
    }
    classes
}
