//! Rules that are generated here have nothing to find.

use std::time::Duration;

use jobwatch_catalogue::{Catalogue, JobSpec, Suppression};

use super::{Facts, RuleSet, lint};
use crate::generator::Generator;
use crate::model::Model;

/// Catalogues that have all that rules are made of: rare and frequent jobs, queues, items, copies.
fn catalogues() -> Vec<Catalogue> {
    let every = |name: &str, seconds| JobSpec::every(name, Duration::from_secs(seconds));
    let nightly = JobSpec::cron("backup", "0 2 * * *", "Europe/Berlin");
    let all = Catalogue::builder("shop")
        .namespace("shop")
        .job(every("mails", 60).items("mails").queue("mails"))
        .job(every("reports", 3_600).timeout(Duration::from_secs(1_800)))
        .job(nightly.clone());
    let copies = Catalogue::builder("bank").grouping_label("cluster").job(every("a", 300)).job(nightly);
    // A job that runs each minute fails less often than the runbook's threshold.
    let known = Suppression::new("alert-never-fires", "As told.").alert("BackgroundJobFailing");
    [all, copies].map(|builder| builder.suppress(known.clone()).build().unwrap()).into()
}

#[test]
fn generated_rules_lint_clean() {
    for catalogue in catalogues() {
        let models = [Model::new(&catalogue).unwrap()];
        let files = Generator::new(&models[0]).files().unwrap();
        let rules = files.iter().filter(|file| file.path.as_str().ends_with(".rules.yaml"));
        let texts: Vec<&str> = rules.map(|file| file.text.as_str()).collect();
        assert!(!texts.is_empty());
        let facts = Facts { retention: Some(catalogue.retention()), models: &models, ..Facts::default() };
        for finding in lint(&RuleSet::read(&texts).unwrap(), &facts).into_iter().flatten() {
            assert!(finding.suppressed.is_some(), "{} {}", finding.code, finding.message);
        }
    }
}
