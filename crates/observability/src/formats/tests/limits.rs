//! What is too large for one way to apply it, or for Kubernetes.

use std::collections::BTreeSet;
use std::io::Read;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use flate2::read::GzDecoder;
use jobwatch_catalogue::{Catalogue, CatalogueBuilder, JobSpec};
use serde_json::json;

use super::{GRAFANA_DASHBOARD, PROMETHEUS_RULE, catalogue, check_schema};
use crate::artifact::{Artifact, RenderError};
use crate::formats::kubernetes::Limit;
use crate::formats::{
    Format, grafana, grafana_operator, grafana_sidecar, notices, prometheus, prometheus_operator,
};
use crate::generator::Generator;
use crate::model::Model;
use crate::overlay::{Fields, GRAFANA_DASHBOARDS, Overlay};
use crate::target::Target;
use crate::views::Views;

/// What is larger than Kubernetes takes is no file.
#[test]
fn an_object_that_is_too_large_says_what_to_do() {
    let jobs = (0..1_500).map(|number| JobSpec::every(format!("job-{number:060}"), Duration::from_secs(300)));
    let catalogue =
        jobs.fold(Catalogue::builder("shop").target("prometheus-operator"), CatalogueBuilder::job);
    let catalogue = catalogue.build().unwrap();
    let model = Model::new(&catalogue).unwrap();
    let error = Generator::new(&model).files().unwrap_err();
    let RenderError::TooLarge { hint, .. } = &error else { panic!("{error}") };
    assert_eq!(hint, "split the catalogue, or leave the target `prometheus-operator` out");
    assert!(error.to_string().ends_with("Kubernetes takes at most 524288 of a PrometheusRule"), "{error}");
}

/// Whatever fits into one object, the groups are whole, and in their order.
#[test]
fn rules_that_are_too_large_for_one_object_are_in_several() {
    let catalogue = catalogue();
    let model = Model::new(&catalogue).unwrap();
    let views = Views::new(&model, &[]);
    let read = |file: &Artifact| serde_yaml::from_str::<serde_json::Value>(&file.text).unwrap();
    let plain = read(&(prometheus::FORMAT.files)(&views).unwrap()[0])["groups"].clone();
    let mut numbers = BTreeSet::new();
    for most in (2_000..80_000).step_by(3_000) {
        let limit =
            Limit { most, kind: "a PrometheusRule", target: Target::PrometheusOperator, instead: None };
        let Ok(files) = prometheus_operator::split(&views, &limit) else { continue };
        assert!(files.iter().all(|file| file.text.len() <= most), "{most}");
        files.iter().for_each(|file| check_schema(PROMETHEUS_RULE, &file.text));
        let objects: Vec<_> = files.iter().map(read).collect();
        let groups = objects.iter().flat_map(|object| object["spec"]["groups"].as_array().unwrap().clone());
        assert_eq!(serde_json::Value::from_iter(groups), plain, "{most}");
        for (number, (file, object)) in files.iter().zip(&objects).enumerate().skip(1) {
            let number = number + 1;
            assert_eq!(object["metadata"]["name"], format!("shop-jobs.{number}"));
            let path = format!("alerts/kubernetes/shop-jobs.{number}.prometheusrule.yaml");
            assert_eq!(file.path.as_str(), path);
            assert!(prometheus_operator::FORMAT.origin(&path, file.text.as_bytes()).is_some());
        }
        assert_eq!(notices(&files).len(), usize::from(files.len() > 1), "{most}");
        numbers.insert(files.len());
    }
    assert!(numbers.contains(&1) && numbers.contains(&2), "{numbers:?}");
}

#[test]
fn a_large_dashboard_is_compressed_for_the_operator() {
    let jobs = (0..4_000).map(|number| JobSpec::every(format!("job-{number:040}"), Duration::from_secs(300)));
    let catalogue = jobs.fold(Catalogue::builder("shop"), CatalogueBuilder::job).build().unwrap();
    let model = Model::new(&catalogue).unwrap();
    let views = Views::new(&model, &[]);
    let files = (grafana_operator::FORMAT.files)(&views).unwrap();
    let object: serde_json::Value = serde_yaml::from_str(&files[0].text).unwrap();
    assert!(object["spec"].get("json").is_none());
    let bytes = BASE64_STANDARD.decode(object["spec"]["gzipJson"].as_str().unwrap()).unwrap();
    let mut dashboard = String::new();
    GzDecoder::new(&bytes[..]).read_to_string(&mut dashboard).unwrap();
    assert_eq!(dashboard, (grafana::FORMAT.files)(&views).unwrap()[0].text.trim_end());
    insta::assert_snapshot!(notices(&files).join("\n"), @"dashboards/kubernetes/background-jobs.grafanadashboard.yaml has the dashboard in gzip (gzipJson), because it is larger than 262144 bytes");
    check_schema(GRAFANA_DASHBOARD, &files[0].text);
}

/// The object of a dashboard of a team's own, which has a text of a length.
fn of_length(format: &Format, length: usize) -> Result<Artifact, RenderError> {
    let catalogue = catalogue();
    let model = Model::new(&catalogue).unwrap();
    let dashboards = |own: serde_json::Value| {
        let mut all = json!({ "shop-jobs.json": { "title": "Shop", "uid": "shop", "panels": [] } });
        all.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
        Fields::from([(GRAFANA_DASHBOARDS.to_owned(), all)])
    };
    let panels = json!([{ "type": "text", "title": "x".repeat(length) }, { "type": "text", "title": "b" }]);
    let own = json!({ "own.json": { "title": "Own", "uid": "own", "panels": panels } });
    let overlay = Overlay::read(&catalogue, &dashboards(json!({})), &dashboards(own)).unwrap();
    let views = Views::new(&model, &[]).overlaid(&overlay);
    let mut files = (format.files)(&views)?;
    let file = files.pop().unwrap();
    assert!(file.path.as_str().starts_with("dashboards/kubernetes/shop-jobs.own."), "{}", file.path);
    Ok(file)
}

/// How long the text is where the object has just so many bytes, if it is written as it is there.
fn length_for(format: &Format, bytes: usize, near: usize) -> usize {
    near + bytes - of_length(format, near).unwrap().text.len()
}

/// What a ConfigMap has as its one dashboard.
fn dashboard_of(file: &Artifact) -> String {
    let object: serde_json::Value = serde_yaml::from_str(&file.text).unwrap();
    object["data"]["shop-jobs.own.json"].as_str().unwrap().to_owned()
}

#[test]
fn what_client_side_apply_refuses_is_told_from_its_first_byte_on() {
    let format = &grafana_sidecar::FORMAT;
    let most = length_for(format, 262_144, 1_000);
    let largest = of_length(format, most).unwrap();
    assert_eq!(largest.text.len(), 262_144);
    assert_eq!(notices(&[largest]), [""; 0]);
    let notices = notices(&[of_length(format, most + 1).unwrap()]);
    insta::assert_snapshot!(notices.join("\n"), @"dashboards/kubernetes/shop-jobs.own.configmap.yaml has more than 262144 bytes, which client-side `kubectl apply` refuses: use `kubectl apply --server-side`");
}

#[test]
fn a_config_map_is_written_without_line_breaks_before_it_is_refused() {
    let format = &grafana_sidecar::FORMAT;
    let most = length_for(format, 1_048_576, 1_000);
    let plain = of_length(format, most).unwrap();
    assert_eq!(plain.text.len(), 1_048_576);
    assert!(dashboard_of(&plain).contains("\n  \"panels\": [\n"), "it has its line breaks");
    assert!(!notices(&[plain]).join(" ").contains("without line breaks"));
    // One byte more, and the line breaks are gone, but those between its fields. Its content is
    // not.
    let dense = of_length(format, most + 1).unwrap();
    let text = dashboard_of(&dense);
    assert_eq!(text.lines().count(), 6, "two braces and four fields");
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["panels"][0]["title"].as_str().unwrap().len(), most + 1);
    assert_eq!((&value["uid"], &value["panels"][1]["title"]), (&json!("own"), &json!("b")));
    let said = notices(&[dense]).join("\n");
    assert!(
        said.ends_with("shop-jobs.own.configmap.yaml has the dashboard without line breaks and blanks, because Kubernetes takes at most 1048576 bytes of a ConfigMap"),
        "{said}"
    );
    // That has an end, too.
    let most = length_for(format, 1_048_576, most + 1);
    assert_eq!(of_length(format, most).unwrap().text.len(), 1_048_576);
    let error = of_length(format, most + 1).unwrap_err();
    let RenderError::TooLarge { hint, .. } = &error else { panic!("{error}") };
    insta::assert_snapshot!(error, @"dashboards/kubernetes/shop-jobs.own.configmap.yaml would have 1048577 bytes, and Kubernetes takes at most 1048576 of a ConfigMap");
    assert_eq!(
        hint,
        "split the catalogue, or leave the target `grafana-sidecar` out and choose `grafana-operator`, which takes more"
    );
}

#[test]
fn a_dashboard_is_compressed_for_the_operator_from_the_first_byte_that_is_too_much() {
    let format = &grafana_operator::FORMAT;
    let most = length_for(format, 262_144, 1_000);
    let is_plain = |length| {
        let file = of_length(format, length).unwrap();
        let object: serde_json::Value = serde_yaml::from_str(&file.text).unwrap();
        object["spec"].get("json").is_some()
    };
    assert!(is_plain(most) && !is_plain(most + 1));
}
