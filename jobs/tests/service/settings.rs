//! Settings: where each comes from, what is wrong with them, and no secrets.

use std::collections::BTreeSet;

use clipper_jobs::clip_sync::Wanted;
use clipper_jobs::database::Address;
use clipper_jobs::retention::{self, Retention};
use clipper_jobs::service;
use clipper_jobs::settings::{Accepts, SETTINGS, Settings, markdown};

use crate::process::{TOKEN, execute};
use crate::site::Site;

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
            setting.variable,
            setting.meaning,
            setting.value(),
            setting.default
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
- START_DELAY is `0s`; write a duration from 1s to 1h, as `30s`
- HOT_SCORE_REFRESH_INTERVAL is `5`; write a duration from 1s to 366d, as `5m`
- TRENDING_SCORE_REFRESH_BATCH_SIZE is `0`; write a number from 1 to 1000000
- REPUTATION_TASKS_ENABLED is `perhaps`; write `true` or `false`
"
    );
}

/// Bounds are told where they are kept, and what they let through can be run with.
#[test]
fn the_least_and_the_most_of_each_setting_can_be_used_and_no_more() {
    let catalogue = service::catalogue().unwrap();
    let read = |variable: &str, value: &str| {
        let environment = |asked: &str| (asked == variable).then(|| value.to_owned());
        Settings::read(&catalogue, environment).map_err(|error| error.to_string())
    };
    let written = |text: u64| format!("{text}s");
    let mut bounded = 0;
    for setting in SETTINGS {
        let (least, most): (u64, u64) = match setting.accepts {
            Accepts::Words(_) => continue,
            Accepts::Numbers(least, most) => (least.into(), most.into()),
            Accepts::Durations(least, most, _) | Accepts::DurationsOrOff(least, most, _) => (least, most),
        };
        let is_number = matches!(setting.accepts, Accepts::Numbers(..));
        let value = |number: u64| if is_number { number.to_string() } else { written(number) };
        let bounds = setting.accepts.bounds().unwrap();
        assert!(setting.value().contains(&bounds), "{bounds}");
        for job in catalogue.jobs() {
            let variable = setting.variable.replace("<JOB>", &job.name().variable_prefix());
            for inside in [least, most] {
                assert_eq!(read(&variable, &value(inside)).err(), None);
            }
            for outside in [least - 1, most + 1] {
                let outside = value(outside);
                let error = read(&variable, &outside).unwrap_err();
                let told = format!("\n- {variable} is `{outside}`; write {}", setting.accepts);
                assert!(error.ends_with(&told) && told.contains(&bounds), "{error}");
            }
            bounded += 1;
        }
    }
    assert!(bounded > 60, "{bounded}");
}

/// The longest durations: the runtime takes them, and the database can count back by them.
#[tokio::test]
async fn the_longest_durations_can_be_run_with() {
    let longest = [
        ("HOT_SCORE_REFRESH_TIMEOUT", "366d"),
        ("HOT_SCORE_REFRESH_INTERVAL", "366d"),
        ("DEAD_LETTER_RETENTION", "36500d"),
        ("TRUST_HISTORY_RETENTION", "36500d"),
    ];
    for site in [Site::on_sqlite().await, Site::on_postgres().await] {
        let variables = [longest.as_slice(), &[("DATABASE_URL", &site.url)]].concat();
        let (code, out, error) = execute(site.folder.path(), &["run", "hot_score_refresh"], &variables);
        assert_eq!(code, 0, "{out}{error}");
        let environment = |asked: &str| {
            let found = variables.iter().find(|(variable, _)| *variable == asked);
            found.map(|(_, value)| (*value).to_owned())
        };
        let settings = Settings::read(&service::catalogue().unwrap(), environment).unwrap();
        retention::sweep(&site.database, &settings.retention).await.unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    for (variable, value, accepted) in [
        ("HOT_SCORE_REFRESH_TIMEOUT", "400d", "a duration from 1s to 366d, as `1h`"),
        ("DEAD_LETTER_RETENTION", "3000000d", "`off`, or a duration from 1h to 36500d, as `30d`"),
    ] {
        for command in ["config", "serve"] {
            let (code, _, error) = execute(folder.path(), &[command], &[(variable, value)]);
            assert_eq!(code, 2);
            assert!(error.ends_with(&format!("\n- {variable} is `{value}`; write {accepted}\n")), "{error}");
        }
    }
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
