//! Labels that no setting can name, because rules set them or group by them.

use jobwatch_catalogue::label::{JOB_NAME, LE, NAMESPACE, REASON, STATUS};

use crate::scope::{ALERTNAME, ALERTSTATE, CATALOGUE, ESCALATES, LOOKBACK, SERVICE, SEVERITY, WINDOW};

/// Those that are no further label of anything.
pub(super) const RESERVED: [&str; 11] =
    [ALERTNAME, ALERTSTATE, CATALOGUE, ESCALATES, JOB_NAME, LE, LOOKBACK, REASON, SEVERITY, STATUS, WINDOW];

/// Those that series have, and that are no further label of alerts.
pub(super) const OF_SERIES: [&str; 2] = [NAMESPACE, SERVICE];

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jobwatch_catalogue::{Catalogue, CatalogueBuilder, JobSpec};

    use super::*;

    /// Whether a catalogue refuses what is said to its builder, because rules set the label.
    fn is_refused(say: impl FnOnce(CatalogueBuilder) -> CatalogueBuilder) -> bool {
        let job = JobSpec::every("bill", Duration::from_secs(300));
        let built = say(Catalogue::builder("shop").job(job)).build();
        built.is_err_and(|error| error.to_string().contains("set by the rules themselves"))
    }

    #[test]
    fn what_a_mixin_refuses_is_what_a_catalogue_refuses() {
        for label in RESERVED.into_iter().chain(OF_SERIES) {
            assert!(is_refused(|catalogue| catalogue.label(label, "x")), "{label}");
            let selected = |catalogue: CatalogueBuilder| {
                catalogue.selectors([(label.to_owned(), "x".to_owned())].into())
            };
            assert_eq!(is_refused(selected), RESERVED.contains(&label), "{label}");
        }
        assert!(!is_refused(|catalogue| catalogue.label("team", "x")));
    }
}
