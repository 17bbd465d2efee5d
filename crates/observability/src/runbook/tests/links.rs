//! Where the links of alerts lead.

use jobwatch_catalogue::{Catalogue, yaml};

use super::{RUNBOOK, catalogue, clipper};
use crate::model::Model;
use crate::runbook::{anchors, codes, compare};

/// The anchors of two alerts in a runbook, `-` where there is none.
fn shown(catalogue: &Catalogue, text: &str) -> String {
    let model = Model::new(catalogue).unwrap();
    let anchors = anchors(&model, text);
    let of = |name: &str| {
        let found = anchors.iter().find(|(alert, _)| alert.as_str() == name);
        found.map_or("-", |(_, anchor)| anchor).to_owned()
    };
    format!("{} {}", of("BackgroundJobFailing"), of("BackgroundJobStuck"))
}

/// Where the links lead on GitHub, and on GitLab.
#[track_caller]
fn check(text: &str, github: &str, gitlab: &str) {
    assert_eq!(shown(&catalogue(), text), github, "{text}");
    assert_eq!(shown_at("https://gitlab.com/clipper/clipper/-/", text), gitlab, "{text}");
}

/// Where they lead where the runbook has another address.
fn shown_at(address: &str, text: &str) -> String {
    let source = include_str!("../../../../../jobs/catalogue.yaml");
    let elsewhere = source.replace("https://github.com/clipper/clipper/blob/main/", address);
    assert_ne!(source, elsewhere);
    shown(&yaml::parse(&elsewhere).unwrap().catalogue, text)
}

#[track_caller]
fn check_alike(text: &str, expected: &str) {
    check(text, expected, expected);
}

const FAILING: &str = "**Alert**: `BackgroundJobFailing`\n**Severity**: Warning\n";
const STUCK: &str = "**Alert**: `BackgroundJobStuck`\n**Severity**: Warning\n";

#[test]
fn links_follow_the_headings_of_the_runbook() {
    check_alike(RUNBOOK, "job-failures stuck-job");
    check_alike(&format!("# Failures\n{FAILING}\n# 2. Hanging runs\n{STUCK}"), "failures 2-hanging-runs");
    check_alike(&format!("# Failures\n{FAILING}\n{STUCK}"), "failures failures");
    check_alike(
        &format!("Failures\n===\n\n{FAILING}\nRuns that\nhang\n---\n{STUCK}"),
        "failures runs-thathang",
    );
    check_alike(&format!("# 🚨 Failures\n{FAILING}\n# *Stuck* `run`\n{STUCK}"), "-failures stuck-run");
    check(
        &format!("# Failures & more\n{FAILING}\n# 2024\n{STUCK}"),
        "failures--more 2024",
        "failures-more anchor-2024",
    );
    check_alike(&format!("# Alert\n{FAILING}\n# Alert\n{STUCK}"), "alert alert-1");
    check_alike(
        "# Jobs\n## BackgroundJobFailing\nSeverity: Warning\n## BackgroundJobStuck\nText.\n",
        "backgroundjobfailing backgroundjobstuck",
    );
    check_alike(&format!("# Failures ![logo](x.png)\n{FAILING}\n# Stuck\n{STUCK}"), "failures stuck");
    check_alike(&format!("# Jobs\n\n### Failures\n\nText.\n\n#### Details\n\n{FAILING}"), "details -");
    check_alike("---\nalert: BackgroundJobFailing\n---\n# When it fails\n\nText.\n", "when-it-fails -");
}

/// GitHub and GitLab show the braces, and make the anchor of all that they show.
#[test]
fn an_anchor_that_is_set_by_hand_holds_on_a_site_alone() {
    let text = format!(
        "# When it fails {{#failing}}\n{FAILING}\n# Stuck {{#stuck_run .wide}}\n{STUCK}\n# Stuck {{#stuck}}\n"
    );
    check_alike(&text, "when-it-fails-failing stuck-stuck_run-wide");
    for site in ["https://docs.clipper.example/", "https://clipper.github.io/"] {
        assert_eq!(shown_at(site, &text), "failing stuck_run", "{site}");
    }
}

#[test]
fn a_heading_in_html_has_an_anchor_as_one_in_markdown() {
    check_alike(
        &format!("## Job Failures\n{FAILING}\n<h2>Stuck runs</h2>\n\n{STUCK}"),
        "job-failures stuck-runs",
    );
    check_alike(
        &format!("<h1 align=\"center\">\n<b>Job</b> Failures\n</h1>\n\n{FAILING}\n## Job Failures\n{STUCK}"),
        "job-failures job-failures-1",
    );
    check(
        &format!(
            "<div><H4 id='x'>Fails &amp; <code>more</code><br></H4></div>\n\n{FAILING}\n\n* <h3>Stuck</h3>\n\n{STUCK}"
        ),
        "fails--more stuck",
        "fails-more stuck",
    );
    check_alike("# Jobs\n\n<h2>BackgroundJobStuck</h2>\n\nDelete the pod.\n", "- backgroundjobstuck");
    // One that does not end where it begins is none, nor is one in a cell or behind text.
    for html in ["<h2>Stuck", "<h2><h3>", "</h2>", "<!-- <h2>Stuck</h2> -->", "Text <h2>Stuck</h2>"] {
        check_alike(&format!("# Jobs\n{FAILING}\n{html}\n\n{STUCK}"), "jobs jobs");
    }
    let cell = "<table><tr><td><h2>Alert</h2></td></tr></table>";
    check_alike(&format!("# Jobs\n{FAILING}\n{cell}\n\n{STUCK}"), "jobs jobs");
}

#[test]
fn a_link_leads_to_the_section_rather_than_to_a_mention() {
    let table = "# Overview\n\n| Alert | Severity |\n|---|---|\n| BackgroundJobFailing | Warning |\n| BackgroundJobStuck | Warning |\n";
    check_alike(table, "overview overview");
    check_alike(&format!("{table}\n# Failures\n{FAILING}"), "failures overview");
    check_alike(&format!("{table}\n# BackgroundJobStuck\n\nText.\n"), "overview backgroundjobstuck");
}

#[test]
fn an_alert_that_no_link_can_lead_to_is_told() {
    for (text, message) in [
        (
            FAILING.to_owned(),
            "BackgroundJobFailing stands under no heading, so that its link leads to the top of the page",
        ),
        (format!("# 🚨\n{FAILING}"), "BackgroundJobFailing stands under a heading that no link can lead to"),
    ] {
        check_alike(&text, "- -");
        let findings = compare(&clipper(), &text);
        let broken: Vec<_> = findings.iter().filter(|finding| finding.code == codes::ANCHOR_BROKEN).collect();
        assert_eq!(broken.iter().map(|finding| finding.message.as_str()).collect::<Vec<_>>(), [message]);
    }
}

#[test]
fn rules_have_the_links_that_the_runbook_gives() {
    let catalogue = catalogue();
    let model = Model::new(&catalogue).unwrap();
    let url = |model: &Model<'_>| crate::rules::runbook_url(&model.alerts()[0], model);
    assert!(url(&model).ends_with("background-jobs.md#job-failures"));
    let anchors = anchors(&model, &format!("# When jobs fail\n{FAILING}"));
    assert!(url(&model.with_anchors(anchors)).ends_with("background-jobs.md#when-jobs-fail"));
}
