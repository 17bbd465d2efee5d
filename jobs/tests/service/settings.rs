//! Settings: where each comes from, what is wrong with them, and no secrets.

use crate::process::{TOKEN, execute};

#[test]
fn settings_are_shown_with_their_origin_and_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let variables = [
        ("DATABASE_URL", "postgres://clipper:hunter2@db.internal/clipper"),
        ("HOT_SCORE_REFRESH_INTERVAL", "600s"),
        ("REPUTATION_TASKS_ENABLED", "no"),
    ];
    let (code, out, _) = execute(folder.path(), &["config"], &variables);
    assert_eq!(code, 0);
    assert!(!out.contains("hunter2") && !out.contains(TOKEN), "{out}");
    let line = |variable: &str| {
        let line = out.lines().find(|line| line.starts_with(variable)).unwrap();
        line.split_whitespace().skip(1).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(line("DATABASE_URL"), "postgres://clipper:***@db.internal/clipper environment");
    assert_eq!(line("ADMIN_TOKEN"), "*** environment");
    assert_eq!(line("HOT_SCORE_REFRESH_INTERVAL"), "every 10m environment");
    assert_eq!(line("REPUTATION_TASKS_ENABLED"), "false environment");
    assert_eq!(line("START_DELAY"), "30s default");
    assert_eq!(line("TRENDING_SCORE_REFRESH_INTERVAL"), "every 1h catalogue");
}

#[test]
fn settings_that_cannot_be_used_are_named_all_at_once_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let variables = [
        ("DATABASE_URL", "mysql://clipper:hunter2@db.internal/clipper"),
        ("PORT", "http"),
        ("START_DELAY", "0s"),
        ("HOT_SCORE_REFRESH_INTERVAL", "5"),
        ("REPUTATION_TASKS_ENABLED", "perhaps"),
        ("TRENDING_SCORE_REFRESH_BATCH_SIZE", "0"),
        ("ADMIN_TOKEN_FILE", "token"),
    ];
    let (code, out, error) = execute(folder.path(), &["serve"], &variables);
    assert_eq!((code, out.as_str()), (2, ""));
    assert_eq!(
        error,
        "clipper-jobs: settings that cannot be used:
- DATABASE_URL: `sqlite:FILE` or `postgres://USER:PASSWORD@HOST/DATABASE`
- PORT is `http`; write a port from 1 to 65535, or 0 for any that is free
- ADMIN_TOKEN: set either ADMIN_TOKEN or ADMIN_TOKEN_FILE, not both
- START_DELAY is `0s`; write a duration from 1s to 1h, as `30s`; two scrapes of Prometheus
- HOT_SCORE_REFRESH_INTERVAL is `5`; write a duration from 1s to 366d, as `90s`, `5m` or `6h`
- TRENDING_SCORE_REFRESH_BATCH_SIZE is `0`; write a number from 1 to 1000000
- REPUTATION_TASKS_ENABLED is `perhaps`; write `true` or `false`
"
    );
}
