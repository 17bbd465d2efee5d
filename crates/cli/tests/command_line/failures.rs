//! What programs are told when a command could not run: a document of the format that they read.

use insta::assert_snapshot;
use serde_json::Value;

use crate::sandbox::{Run, Sandbox};

/// A folder whose catalogue has two problems, and rules that are no YAML.
fn broken() -> Sandbox {
    let sandbox = Sandbox::clipper();
    sandbox.replace("jobs/catalogue.yaml", "interval: 6h", "interval: 6q");
    sandbox.replace("jobs/catalogue.yaml", "interval: 15m", "interval: 15x");
    sandbox.write("rules.yaml", "groups: [\n");
    sandbox
}

fn run(sandbox: &Sandbox, arguments: &[&str], format: &str) -> Run {
    let run = sandbox.run(&[arguments, &["--format", format]].concat());
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains("error: "), "people are told as well: {}", run.stderr);
    run
}

const CALLS: [(&[&str], usize); 4] = [
    (&["check"], 2),
    (&["check", "--catalogue", "none.yaml"], 1),
    (&["lint", "rules.yaml", "--catalogue", "none.yaml"], 1),
    (&["lint", "rules.yaml"], 2),
];

#[test]
fn a_list_of_findings_has_what_cannot_be_read() {
    let sandbox = broken();
    for (arguments, number) in CALLS {
        let findings: Vec<Value> = serde_json::from_str(&run(&sandbox, arguments, "json").stdout).unwrap();
        assert_eq!(findings.len(), number, "{arguments:?}");
        for finding in findings {
            assert_eq!((&finding["code"], &finding["severity"]), (&"could-not-run".into(), &"error".into()));
        }
    }
    let findings: Vec<Value> = serde_json::from_str(&run(&sandbox, &["check"], "json").stdout).unwrap();
    assert_snapshot!(serde_json::to_string(&findings[1]).unwrap(), @r#"{"alert":null,"catalogue":null,"code":"could-not-run","column":15,"end_column":17,"end_line":35,"expected":null,"file":"jobs/catalogue.yaml","found":null,"hint":"","job":null,"line":35,"message":"unknown unit `q`: the units are `s`, `m`, `h`, `d`, `w` and `y`","rule":null,"severity":"error","suppressed":null}"#);
    let findings: Vec<Value> =
        serde_json::from_str(&run(&sandbox, &["check", "--catalogue", "none.yaml"], "json").stdout).unwrap();
    assert_snapshot!(serde_json::to_string(&findings[0]).unwrap(), @r#"{"alert":null,"catalogue":null,"code":"could-not-run","column":null,"end_column":null,"end_line":null,"expected":null,"file":null,"found":null,"hint":"name the catalogue with `--catalogue FILE`, or write a first one with `jobwatch init`","job":null,"line":null,"message":"cannot read none.yaml: No such file or directory (os error 2)","rule":null,"severity":"error","suppressed":null}"#);
}

/// Each of these logs is held against the standard, as every other.
#[test]
fn a_log_has_an_invocation_without_success() {
    let sandbox = broken();
    for (arguments, number) in CALLS {
        let log: Value = serde_json::from_str(&run(&sandbox, arguments, "sarif").stdout).unwrap();
        let invocation = &log["runs"][0]["invocations"][0];
        assert_eq!(invocation["executionSuccessful"], false);
        assert_eq!(
            invocation["toolExecutionNotifications"].as_array().unwrap().len(),
            number,
            "{arguments:?}"
        );
        assert_eq!(log["runs"][0]["results"], Value::Array(Vec::new()));
    }
    let log: Value = serde_json::from_str(&run(&sandbox, &["lint", "rules.yaml"], "sarif").stdout).unwrap();
    assert_snapshot!(log["runs"][0]["invocations"][0], @r#"{"executionSuccessful":false,"toolExecutionNotifications":[{"level":"error","locations":[{"physicalLocation":{"artifactLocation":{"uri":"jobs/catalogue.yaml","uriBaseId":"%SRCROOT%"},"region":{"endColumn":18,"endLine":29,"startColumn":15,"startLine":29}}}],"message":{"text":"unknown unit `x`: the units are `s`, `m`, `h`, `d`, `w` and `y`"}},{"level":"error","locations":[{"physicalLocation":{"artifactLocation":{"uri":"jobs/catalogue.yaml","uriBaseId":"%SRCROOT%"},"region":{"endColumn":17,"endLine":35,"startColumn":15,"startLine":35}}}],"message":{"text":"unknown unit `q`: the units are `s`, `m`, `h`, `d`, `w` and `y`"}}]}"#);
}

#[test]
fn a_suite_of_tests_ends_in_errors() {
    let sandbox = broken();
    assert_snapshot!(run(&sandbox, &["check"], "junit").stdout, @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="jobwatch" tests="2" failures="0" errors="2">
      <testsuite name="could-not-run" tests="2" failures="0" errors="2">
        <testcase classname="could-not-run" name="could-not-run at jobs/catalogue.yaml:29:15"><error type="could-not-run" message="unknown unit `x`: the units are `s`, `m`, `h`, `d`, `w` and `y`">jobs/catalogue.yaml:29:15</error></testcase>
        <testcase classname="could-not-run" name="could-not-run at jobs/catalogue.yaml:35:15"><error type="could-not-run" message="unknown unit `q`: the units are `s`, `m`, `h`, `d`, `w` and `y`">jobs/catalogue.yaml:35:15</error></testcase>
      </testsuite>
    </testsuites>
    "#);
    assert_snapshot!(run(&sandbox, &["lint", "none.yaml"], "junit").stdout, @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="jobwatch" tests="1" failures="0" errors="1">
      <testsuite name="could-not-run" tests="1" failures="0" errors="1">
        <testcase classname="could-not-run" name="could-not-run"><error type="could-not-run" message="cannot read none.yaml: No such file or directory (os error 2)">name a rule file, a PrometheusRule manifest, or a folder of them</error></testcase>
      </testsuite>
    </testsuites>
    "#);
}

#[test]
fn a_proof_that_is_none_says_why() {
    let sandbox = broken();
    let proof: Value = serde_json::from_str(&run(&sandbox, &["prove"], "json").stdout).unwrap();
    assert_eq!((&proof["scenarios"], &proof["never_fired"]), (&Value::Array(vec![]), &Value::Array(vec![])));
    assert_snapshot!(proof["errors"][0], @r#"{"column":15,"file":"jobs/catalogue.yaml","hint":null,"line":29,"message":"unknown unit `x`: the units are `s`, `m`, `h`, `d`, `w` and `y`"}"#);
    assert_snapshot!(run(&sandbox, &["prove"], "markdown").stdout, @r#"
    Nothing was proved:

    - jobs/catalogue.yaml:29:15: unknown unit \`x\`: the units are \`s\`, \`m\`, \`h\`, \`d\`, \`w\` and \`y\`
    - jobs/catalogue.yaml:35:15: unknown unit \`q\`: the units are \`s\`, \`m\`, \`h\`, \`d\`, \`w\` and \`y\`
    "#);
    assert_snapshot!(run(&sandbox, &["prove", "--catalogue", "none.yaml"], "junit").stdout, @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="jobwatch prove" tests="1" failures="0" errors="1">
      <testsuite name="could-not-run" tests="1" failures="0" errors="1">
        <testcase classname="could-not-run" name="could-not-run"><error type="could-not-run" message="cannot read none.yaml: No such file or directory (os error 2)">name the catalogue with `--catalogue FILE`, or write a first one with `jobwatch init`</error></testcase>
      </testsuite>
    </testsuites>
    "#);
    assert_eq!(run(&sandbox, &["prove"], "table").stdout, "");
}

#[test]
fn a_list_that_is_none_says_why() {
    let sandbox = broken();
    let list: Value = serde_json::from_str(&run(&sandbox, &["list"], "json").stdout).unwrap();
    assert_eq!((&list["jobs"], &list["alerts"]), (&Value::Array(vec![]), &Value::Array(vec![])));
    assert_eq!(list["errors"].as_array().unwrap().len(), 2);
    let list: Value = serde_json::from_str(&run(&sandbox, &["list", "jobs"], "json").stdout).unwrap();
    assert_eq!(list.get("alerts"), None);
    assert_eq!(list["errors"][1]["line"], 35);
    assert_eq!(run(&sandbox, &["list"], "table").stdout, "");
}

#[test]
fn what_could_not_be_compared_says_why() {
    let sandbox = broken();
    let diff: Value = serde_json::from_str(&run(&sandbox, &["diff", "none.yaml"], "json").stdout).unwrap();
    assert_eq!((&diff["before"], &diff["differences"]), (&Value::Null, &Value::Array(vec![])));
    assert_eq!(diff["errors"][0]["line"], 29);
    assert_snapshot!(run(&sandbox, &["diff", "none.yaml"], "markdown").stdout, @r"
    Nothing was compared:

    - jobs/catalogue.yaml:29:15: unknown unit \`x\`: the units are \`s\`, \`m\`, \`h\`, \`d\`, \`w\` and \`y\`
    - jobs/catalogue.yaml:35:15: unknown unit \`q\`: the units are \`s\`, \`m\`, \`h\`, \`d\`, \`w\` and \`y\`
    ");
    assert_eq!(run(&sandbox, &["diff", "none.yaml"], "human").stdout, "");
}

#[test]
fn of_many_problems_programs_are_told_how_many_there_are() {
    let sandbox = Sandbox::empty();
    let jobs: String =
        (0..70).map(|number| format!("  - {{name: j{number}, summary: S., interval: 5q}}\n")).collect();
    sandbox.write("jobs/catalogue.yaml", &format!("service: shop\njobs:\n{jobs}"));
    let findings: Vec<Value> = serde_json::from_str(&run(&sandbox, &["check"], "json").stdout).unwrap();
    assert_eq!(findings.len(), 51);
    assert_eq!(findings[50]["message"], "jobs/catalogue.yaml has 20 more problems");
    assert_eq!(findings[50]["line"], Value::Null);
}
