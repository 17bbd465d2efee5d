//! Findings that a catalogue suppresses.

use insta::assert_snapshot;

use super::{GOOD, problems, read};
use crate::suppression::Suppression;

#[test]
fn suppressions_say_what_and_why() {
    let suppress = |list: &str| problems(&format!("{GOOD}suppress:\n{list}"));
    assert_snapshot!(suppress("  - alert: Late\n"), @r#"
    8:5 suppress[0].code "": the key `code` is missing (add it, as in `code: alert-never-fires`)
    8:5 suppress[0].reason "": the key `reason` is missing (add it, as in `reason: why the team lives with it`)
    "#);
    assert_snapshot!(suppress("  - {code: a, job: bil, reason: ' '}\n"), @r#"
    8:20 suppress[0].job "bil": no job of this catalogue is named `bil`: name one that is, or leave `job` out
    8:33 suppress[0].reason "' '": this text is empty: say why the team lives with the finding
    "#);
    assert_snapshot!(suppress("  - {code: a, job: b l, reason: why}\n  - {code: a, job: bull, reason: why}\n"), @r#"
    8:20 suppress[0].job "b l": a job name has letters, digits, `_`, `-` and `.`, but not ` `
    9:20 suppress[1].job "bull": no job of this catalogue is named `bull`: name one that is, or leave `job` out
    "#);
}

#[test]
fn the_old_name_of_suppress_is_read_with_a_notice() {
    let text = format!("{GOOD}accept:\n  - {{code: a, alert: Late, reason: why}}\n");
    let parsed = read(&text);
    assert_eq!(parsed.catalogue.suppressed(), [Suppression::new("a", "why").alert("Late")]);
    assert_eq!(parsed.positions.of("suppress[0].reason").line, 8);
    let [notice] = parsed.notices.as_slice() else { panic!("{:?}", parsed.notices) };
    assert_eq!((notice.position.line, &text[notice.position.span.clone()]), (7, "accept"));
    assert_eq!(
        (notice.message.as_str(), notice.hint.as_deref()),
        ("`accept` is now called `suppress`", Some("rename the key"))
    );
    assert_eq!(read(GOOD).notices, []);
    assert_snapshot!(problems(&format!("{text}suppress: []\n")), @r#"7:1 accept "accept": `accept` is the earlier name of `suppress`, which is there as well (move what it holds to `suppress`)"#);
}
