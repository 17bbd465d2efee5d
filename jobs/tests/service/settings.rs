//! Settings: where each comes from, what is wrong with them, and no secrets.

use std::collections::BTreeSet;

use clipper_jobs::clip_sync::Wanted;
use clipper_jobs::database::Address;
use clipper_jobs::retention::Retention;
use clipper_jobs::service;
use clipper_jobs::settings::{SETTINGS, Settings, markdown};

use crate::process::{TOKEN, execute};

/// The settings of an empty environment.
fn defaults() -> Settings {
    Settings::read(&service::catalogue().unwrap(), |_| None).unwrap()
}

#[test]
fn what_is_read_is_what_the_table_has() {
    let jobs = service::catalogue().unwrap();
    let mut told = BTreeSet::new();
    for setting in SETTINGS {
        for job in jobs.jobs() {
            told.insert(setting.variable.replace("<JOB>", &job.name().variable_prefix()));
        }
    }
    let read: BTreeSet<String> = defaults().origins.into_iter().map(|origin| origin.variable).collect();
    assert_eq!(read, told);
}

#[test]
fn the_defaults_of_the_table_are_those_of_the_code() {
    let settings = defaults();
    assert_eq!((settings.retention, &settings.wanted), (Retention::default(), &Wanted::default()));
    assert_eq!((settings.database_connections, settings.port), (10, 8080));
    assert!(settings.bind.is_loopback());
    let size = |job: &str| settings.jobs[job].batch_size;
    let sizes = format!("{}, or {} requests", size("hot_score_refresh"), size("embedding_generation"));
    assert!(SETTINGS.iter().any(|setting| setting.default == sizes), "{sizes}");
    assert_eq!(size("webhook_retry"), size("embedding_generation"));
    assert!(matches!(settings.database, Address::Sqlite(file) if file.ends_with("clipper.sqlite")));
    for origin in settings.origins {
        let Some(setting) = SETTINGS.iter().find(|setting| setting.variable == origin.variable) else {
            continue;
        };
        assert_eq!(origin.value, setting.default, "{}", origin.variable);
    }
}

#[test]
fn the_readme_and_the_help_tell_all_settings() {
    let readme = include_str!("../../../README.md");
    let written = "`clipper-jobs config --markdown` writes the table of the README anew";
    assert!(readme.contains(&markdown()), "{written}");
    let folder = tempfile::tempdir().unwrap();
    let (code, out, _) = execute(folder.path(), &["config", "--markdown"], &[]);
    assert_eq!((code, out), (0, markdown()));
    let (code, help, _) = execute(folder.path(), &["config", "--help"], &[]);
    assert_eq!(code, 0);
    assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for setting in SETTINGS {
        let entry = format!(
            "{} {} [{}; default: {}]",
            setting.variable, setting.meaning, setting.unit, setting.default
        );
        assert!(words(&help).contains(&entry), "{entry}");
    }
}

#[test]
fn settings_about_what_is_kept_are_read() {
    let read = |variable: &'static str, value: &'static str| {
        let environment = move |asked: &str| (asked == variable).then(|| value.to_owned());
        Settings::read(&service::catalogue().unwrap(), environment).map(|settings| settings.retention)
    };
    let day = std::time::Duration::from_secs(86_400);
    assert_eq!(read("DEAD_LETTER_RETENTION", "30d").unwrap().dead_letters, Some(30 * day));
    assert_eq!(read("TRUST_HISTORY_RETENTION", "OFF").unwrap().trust_history, None);
    assert_eq!(read("RUN_HISTORY", "7").unwrap().runs, 7);
    assert_eq!(read("PORT", "0").unwrap().runs, 100);
    for (variable, value) in [
        ("DEAD_LETTER_RETENTION", "10m"),
        ("TRUST_HISTORY_RETENTION", "never"),
        ("RUN_HISTORY", "0"),
        ("RUN_HISTORY", "1001"),
        ("RETENTION_INTERVAL", "0s"),
        ("RETENTION_BATCH_SIZE", "0"),
    ] {
        let error = read(variable, value).unwrap_err().to_string();
        assert!(error.contains(&format!("{variable} is `{value}`; write ")), "{error}");
    }
}

#[test]
fn settings_are_shown_with_their_origin_and_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let variables = [
        ("DATABASE_URL", "postgres://clipper:hunter2@db.internal/clipper"),
        ("HOT_SCORE_REFRESH_INTERVAL", "600s"),
        ("REPUTATION_TASKS_ENABLED", "no"),
        ("ADMIN_TOKENS", "alice:operate:hunter2"),
    ];
    let (code, out, _) = execute(folder.path(), &["config"], &variables);
    assert_eq!(code, 0);
    assert!(!out.contains("hunter2") && !out.contains(TOKEN), "{out}");
    let line = |variable: &str| {
        let line = out.lines().find(|line| line.starts_with(variable)).unwrap();
        line.split_whitespace().skip(1).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(line("DATABASE_URL"), "postgres://clipper:***@db.internal/clipper environment");
    assert_eq!(line("ADMIN_TOKEN "), "*** environment");
    assert_eq!(line("ADMIN_TOKENS"), "*** environment");
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
        ("ADMIN_TOKENS", "alice:read:hunter2, hunter3:operate"),
    ];
    let (code, out, error) = execute(folder.path(), &["serve"], &variables);
    assert_eq!((code, out.as_str()), (2, ""));
    assert_eq!(
        error,
        "clipper-jobs: settings that cannot be used:
- DATABASE_URL: write `sqlite:FILE` or `postgres://USER:PASSWORD@HOST/DATABASE`
- PORT is `http`; write a port from 1 to 65535, or 0 for any that is free
- ADMIN_TOKEN: set either ADMIN_TOKEN or ADMIN_TOKEN_FILE, not both
- ADMIN_TOKENS: entry 2 has not the form `NAME:read:SECRET` or `NAME:operate:SECRET`
- START_DELAY is `0s`; write a duration from 1s to 1h, as `30s`; two scrapes of Prometheus
- HOT_SCORE_REFRESH_INTERVAL is `5`; write a duration from 1s to 366d, as `90s`, `5m` or `6h`
- TRENDING_SCORE_REFRESH_BATCH_SIZE is `0`; write a number from 1 to 1000000
- REPUTATION_TASKS_ENABLED is `perhaps`; write `true` or `false`
"
    );
}

#[test]
fn a_database_in_memory_is_refused_at_the_start_in_each_form() {
    let folder = tempfile::tempdir().unwrap();
    let refused = "clipper-jobs: settings that cannot be used:
- DATABASE_URL: a database in memory is another one for each connection, and is lost with the process: \
                   write `sqlite:FILE`, with a file of its own
";
    for url in [
        "sqlite::memory:",
        "sqlite://:memory:",
        "sqlite:file::memory:?cache=shared",
        "sqlite:file:clips?cache=shared&mode=memory",
        "sqlite://clips?mode=memory",
        "sqlite:file:/clips?vfs=memdb",
    ] {
        for command in [["run", "hot_score_refresh"].as_slice(), &["serve"], &["config"]] {
            let (code, out, error) = execute(folder.path(), command, &[("DATABASE_URL", url)]);
            assert_eq!((code, out.as_str(), error.as_str()), (2, "", refused), "{url}");
        }
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    // A file may be called something alike.
    for file in ["memory", "my:memory:.sqlite", "mode=memory"] {
        let address: Address = format!("sqlite:{file}").parse().unwrap();
        assert!(matches!(address, Address::Sqlite(path) if path == std::path::Path::new(file)));
    }
}
