//! Every format recognises what it writes, and nothing else.

use jobwatch_catalogue::{Catalogue, yaml};

use super::{Format, STANDARD, promtool};
use crate::artifact::Origin;
use crate::model::Model;
use crate::views::Views;

/// Jobs whose rule tests need files of every kind, one of them with dots in its name.
const CATALOGUE: &str = "
service: shop
name: shop-jobs
jobs:
  - {name: bill.retry, summary: Bills., interval: 1s, timeout: 1d}
  - name: ping
    summary: Pings.
    interval: 1s
    timeout: 1s
    thresholds: {BackgroundJobNotRunning: {above: 1m}}
";

fn catalogue() -> Catalogue {
    yaml::parse(CATALOGUE).unwrap().catalogue
}

#[test]
fn each_format_recognises_what_it_writes() {
    let catalogue = catalogue();
    let model = Model::new(&catalogue).unwrap();
    let views = Views::new(&model, &[]);
    let tests = (promtool::FORMAT.files)(&views).unwrap();
    for kind in ["runs", "states", "late", "soon"] {
        let end = format!(".{kind}.yaml");
        assert!(tests.iter().any(|file| file.path.as_str().ends_with(&end)), "none of {kind}");
    }
    for (number, format) in STANDARD.iter().enumerate() {
        let files = (format.files)(&views).unwrap();
        assert!(!files.is_empty());
        for file in files {
            let path = file.path.as_str();
            assert_eq!((format.catalogue_in)(path), Some("shop-jobs"), "{path}");
            assert_eq!(format.origin(path, file.text.as_bytes()), Some(Origin::of(&catalogue)), "{path}");
            assert!(
                format.folders.iter().any(|folder| path.rsplit_once('/').unwrap().0 == *folder),
                "{path}"
            );
            let is_others = |(other, _): &(usize, &&Format)| *other != number;
            let mut others = STANDARD.iter().enumerate().filter(is_others);
            assert!(others.all(|(_, other)| other.origin(path, file.text.as_bytes()).is_none()), "{path}");
        }
    }
}

#[test]
fn comments_fit_a_hundred_columns_below_the_header() {
    let catalogue = catalogue();
    let model = Model::new(&catalogue).unwrap();
    let views = Views::new(&model, &[]);
    for file in STANDARD.iter().flat_map(|format| (format.files)(&views).unwrap()) {
        for line in file.text.lines().skip(1).filter(|line| line.trim_start().starts_with("# ")) {
            assert!(line.chars().count() <= 100, "{}: {line}", file.path);
        }
    }
}

#[test]
fn only_names_that_a_format_gives_are_its_own() {
    for (path, expected) in [
        ("alerts/shop-jobs.rules.yaml", Some("shop-jobs")),
        ("alerts/README.md", None),
        ("alerts/shop-jobs.yaml", None),
        ("alerts/.rules.yaml", None),
        ("alerts/shop-jobs.old.rules.yaml", None),
        ("alerts/deeper/shop-jobs.rules.yaml", None),
        ("alerts/tests/shop-jobs.bill.runs.yaml", Some("shop-jobs")),
        ("alerts/tests/shop-jobs.bill.late.yaml", Some("shop-jobs")),
        ("alerts/tests/shop-jobs.runs.yaml", None),
        ("alerts/tests/shop-jobs.bill.retry.runs.yaml", Some("shop-jobs")),
        ("alerts/tests/shop-jobs.bill.mine.yaml", None),
        ("alerts/tests/shop-jobs..runs.yaml", None),
        ("dashboards/shop-jobs.json", Some("shop-jobs")),
        ("dashboards/shop-jobs.json.bak", None),
        ("elsewhere/shop-jobs.json", None),
    ] {
        let named = STANDARD.iter().find_map(|format| (format.catalogue_in)(path));
        assert_eq!(named, expected, "{path}");
    }
}
