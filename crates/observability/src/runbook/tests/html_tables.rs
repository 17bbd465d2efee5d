//! Tables in HTML, which are read and mended as those in Markdown are.

use super::clipper;
use super::markdown::{check, failure_ratio, shown};
use crate::runbook::fix;

/// A table in HTML, of these cells.
fn html_table(rows: &[&[&str]]) -> String {
    let rows = rows.iter().map(|cells| {
        let cells: String = cells.iter().map(|cell| format!("    {cell}\n")).collect();
        format!("  <tr>\n{cells}  </tr>\n")
    });
    format!("<table>\n{}</table>\n", rows.collect::<String>())
}

#[test]
fn a_table_in_html_is_read_as_one_in_markdown_is() {
    let severity = "runbook-severity-differs \"Warning\"";
    let threshold = "runbook-threshold-differs \"60%\"";
    let name = "<td><code>BackgroundJobCriticalFailureRate</code></td>";
    let above = "<td>&gt; 60% <b>failure</b> rate for 5 minutes</td>";
    check(
        &html_table(&[
            &["<th>Field</th>", "<th>Value</th>"],
            &["<td>Alert Name(s)</td>", name],
            &["<td>Severity</td>", "<td align=\"left\">Warning</td>"],
            &["<th scope=row>Threshold</th>", above],
        ]),
        &[severity, threshold],
    );
    check(
        &html_table(&[
            &["<td>Alert</td>", name],
            &["<td>Severity</td>", "<td>Warning</td>"],
            &["<td>Threshold</td>", above],
        ]),
        &[severity, threshold],
    );
    check(
        &html_table(&[
            &["<TH>Alert", "<TH>Severity", "<TH>Threshold"],
            &[name, "<td>\n\n*Warning*\n\n</td>", above],
        ]),
        &["runbook-severity-differs \"*Warning*\"", threshold],
    );
    check(
        &html_table(&[
            &["<td>Alert</td>", "<td>Severity</td>", "<td>Threshold</td>"],
            &[name, "<td>Warning</td>", above],
        ]),
        &[severity, threshold],
    );
    let commented = html_table(&[
        &["<td>Alert</td>", name],
        &["<td>Severity</td>", "<!-- <td>Warning</td>\n --><td>Critical</td>"],
        &["<td>Threshold</td>", above],
    ]);
    check(&commented, &[threshold]);
    check(&format!("> {}", commented.replace('\n', "\n> ")), &[threshold]);
    check(
        &html_table(&[
            &["<td>Alert</td>", name],
            &["<td>Severity</td>", "<td><table><tr><td>Warning</table>Critical</td>"],
            &["<td>Threshold</td>", above],
        ]),
        &["runbook-severity-differs \"Warning</table>Critical\"", threshold],
    );
}

#[test]
fn a_table_in_html_about_something_else_has_no_field() {
    let section = failure_ratio("Threshold: > 50% failure rate for 5 minutes");
    for table in [
        html_table(&[
            &["<th>Severity</th>", "<th>Response time</th>"],
            &["<td>Warning</td>", "<td>1 hour</td>"],
        ]),
        html_table(&[
            &["<th>Alert</th>", "<th>Runbook</th>"],
            &["<td>BackgroundJobStuck</td>", "<td><a href=\"#x\">here</a></td>"],
        ]),
        "<table>\n<tr><td>Severity\n\n## Next\n\nWarning\n".to_owned(),
        "<td>Severity</td><td>Warning</td>\n".to_owned(),
    ] {
        let text = format!("{section}\n{table}");
        check(&text, &[]);
        assert_eq!(fix(&clipper(), &text), text);
    }
}

#[test]
fn mending_a_table_in_html_leaves_its_tags() {
    let table = |severity: &str, threshold: &str| {
        html_table(&[
            &["<td>Alert</td>", "<td>BackgroundJobNotRunning</td>"],
            &["<td>Severity</td>", severity],
            &["<td>Threshold</td>", threshold],
        ])
    };
    let check = |severity: &str, threshold: &str, mended: [&str; 2]| {
        let text = fix(&clipper(), &table(severity, threshold));
        assert_eq!(text, table(mended[0], mended[1]));
        assert_eq!(shown(&text), [""; 0]);
    };
    let right = "No successful run for &gt; 2 hours (<code>reputation_tasks</code>: &gt; 13 hours)";
    check("<td>critical</td>", "<td>no idea</td>", ["<td>Warning</td>", &format!("<td>{right}</td>")]);
    check("<td></td>", "<td> </td>", ["<td>Warning</td>", &format!("<td>{right} </td>")]);
    check(
        "<td><b>🔴 critical</b> (pages)</td>",
        "<td><i>No success</i> for 3 hours</td>",
        ["<td><b>🔴 Warning</b> (pages)</td>", &format!("<td>{right}</td>")],
    );
    check(
        "<td><b>critical (pages</b>)</td>",
        &format!("<td><i>{right}</i></td>"),
        ["<td><b>Warning (pages</b>)</td>", &format!("<td><i>{right}</i></td>")],
    );
}
