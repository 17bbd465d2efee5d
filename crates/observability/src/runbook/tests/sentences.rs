//! The sentences that alerts have in a runbook.

use std::time::Duration;

use jobwatch_catalogue::{Catalogue, JobSpec, ThresholdOverride};
use proptest::prelude::*;

use super::{alerts, clipper, differences};
use crate::alerts::STANDARD;
use crate::alerts::unresolved::UNRESOLVED;
use crate::definition::SetBy;
use crate::model::Alert;
use crate::quantity::{Quantity, Unit};
use crate::runbook::sentence;

#[test]
fn every_sentence_is_read_back() {
    for (alert, sentence) in clipper().iter().map(|alert| (alert, sentence(alert))) {
        assert_eq!(differences(&sentence, alert), [], "{sentence}");
    }
}

#[test]
fn a_job_may_be_called_like_a_number() {
    let job = |name, above: &str| {
        let own = ThresholdOverride::new().set("above", above);
        JobSpec::every(name, Duration::from_secs(3600)).threshold("BackgroundJobNotRunning", own)
    };
    let catalogue = Catalogue::builder("test").job(job("two", "7h")).job(job("Ten", "9h"));
    for alert in alerts(&catalogue.build().unwrap()) {
        let sentence = sentence(&alert);
        assert_eq!(differences(&sentence, &alert), [], "{sentence}");
    }
}

/// The alerts of a catalogue that sets every threshold there is.
fn alerts_with(number: u64, growth: u64, seconds: [u64; 2]) -> Vec<Alert> {
    let job = |name| JobSpec::every(name, Duration::from_secs(3600)).items("things").queue("things");
    let mut builder = Catalogue::builder("test").job(job("plain")).job(job("other.job"));
    for alert in STANDARD {
        // An escalation that waits for less than ten minutes is refused.
        let least = if alert.name == UNRESOLVED.name { 600 } else { 0 };
        let mut set = ThresholdOverride::new().set("for", Quantity::Duration(least + seconds[1]));
        for parameter in alert.parameters.iter().filter(|parameter| parameter.set_by != SetBy::Nobody) {
            let value = match (parameter.key, parameter.default.unit()) {
                ("growth", _) => Quantity::Ratio(growth),
                ("over", _) => Quantity::Duration(seconds[0]),
                ("at_least", _) => Quantity::Count(number % 1_000 + 1),
                (_, Unit::PerSecond) => Quantity::PerSecond(number),
                (_, Unit::Ratio) => Quantity::Ratio(number.min(1_000_000)),
                (_, Unit::Seconds | Unit::Timestamp) => Quantity::Duration(number),
                (_, Unit::Count | Unit::Number) => Quantity::Count(number),
            };
            set = set.set(parameter.key, value);
        }
        builder = builder.threshold(alert.name.as_str(), set);
    }
    alerts(&builder.build().unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_sentence_is_read_back_to_the_values_that_it_was_written_from(
        number in 1_u64..3_000_000,
        growth in 1_u64..5_000_000,
        over in 1_u64..200_000,
        hold in 0_u64..200_000,
    ) {
        for alert in alerts_with(number, growth, [over, hold]) {
            let text = sentence(&alert);
            prop_assert_eq!(differences(&text, &alert), vec![], "{}", text);
        }
        let others = alerts_with(number + 1, growth + 1, [over + 1, hold + 1]);
        for (alert, other) in alerts_with(number, growth, [over, hold]).iter().zip(&others) {
            prop_assert!(!differences(&sentence(other), alert).is_empty(), "{}", sentence(other));
        }
    }
}
