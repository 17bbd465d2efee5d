//! Where the links of alerts lead: to the headings of the runbook.

use crate::sandbox::Sandbox;

/// Two catalogues; the runbook of the first is the team's own, the second has none.
fn two() -> Sandbox {
    let sandbox = Sandbox::empty();
    for service in ["mall", "shop"] {
        let catalogue = format!(
            "name: {service}-jobs\nservice: {service}\nselector: {{namespace: {service}}}\nrunbook: {service}.md\n\
             runbook_url: https://github.com/x/y/blob/main/{service}.md\n\
             jobs:\n  - {{name: {service}_job, summary: Works., interval: 5s, timeout: 20m}}\n"
        );
        sandbox.write(&format!("teams/{service}.yaml"), &catalogue);
    }
    sandbox.write(
        "mall.md",
        "# 🚨 Runs fail\n\nAlert: BackgroundJobFailing\n\n# 2. Stuck\n\nAlert: BackgroundJobStuck\n",
    );
    sandbox
}

/// The anchors of two alerts in the rules of a catalogue.
fn anchors(sandbox: &Sandbox, service: &str) -> Vec<String> {
    let rules = sandbox.read(&format!("alerts/{service}-jobs.rules.yaml"));
    let of = |alert: &str| {
        let rule = rules.split_once(&format!("alert: {alert}\n")).unwrap().1;
        let link = rule.split_once("runbook_url: ").unwrap().1.lines().next().unwrap();
        link.split_once('#').unwrap().1.trim_matches(['"', '\'']).to_owned()
    };
    ["BackgroundJobFailing", "BackgroundJobStuck"].map(of).to_vec()
}

#[test]
fn links_follow_the_headings_of_each_runbook() {
    let sandbox = two();
    let generate = ["generate", "--catalogue", "teams"];
    let check = ["generate", "--check", "--catalogue", "teams"];
    assert_eq!(sandbox.run(&generate).code, 0);
    assert_eq!(anchors(&sandbox, "mall"), ["-runs-fail", "2-stuck"]);
    assert_eq!(anchors(&sandbox, "shop"), ["job-failures", "stuck-job"]);
    assert_eq!(sandbox.run(&check).code, 0);
    sandbox.replace("mall.md", "# 2. Stuck", "# 3. Stuck");
    assert_eq!(sandbox.run(&check).code, 1);
    sandbox.write("shop.md", "# Late\n\nAlert: BackgroundJobStuck\n");
    assert_eq!(sandbox.run(&generate).code, 0);
    assert_eq!(anchors(&sandbox, "mall"), ["-runs-fail", "3-stuck"]);
    assert_eq!(anchors(&sandbox, "shop"), ["job-failures", "late"]);
    assert_eq!(sandbox.run(&check).code, 0);
}

#[test]
fn a_runbook_that_is_too_large_is_told_rather_than_passed_over() {
    let sandbox = two();
    sandbox.write("mall.md", &"a".repeat((2 << 20) + 1));
    let run = sandbox.run(&["generate", "--catalogue", "teams"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains("mall.md"), "{}", run.stderr);
}
