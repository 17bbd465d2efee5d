//! The service, and what is done with its jobs by hand.

mod tables;

use std::io::{Write, stderr};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use clipper_jobs::database::Database;
use clipper_jobs::log;
use clipper_jobs::once::{self, OnceError};
use clipper_jobs::plain::lines;
use clipper_jobs::service;
use clipper_jobs::settings::{self, Settings};
use clipper_jobs::webhooks::dead_letters::{self, Selection};
use indicatif::{ProgressBar, ProgressStyle};
use jobwatch_runtime::store::RunRecord;
use jobwatch_runtime::{Outcome, Report};

/// Runs Clipper's background jobs: on an embedded SQLite file, or on PostgreSQL with any number of
/// replicas.
///
/// Without a command it serves: the jobs run on their schedules, and http://127.0.0.1:8080 has
/// a page for people, /metrics, /healthz, /readyz and the admin API below /admin/jobs. Page and
/// API ask for ADMIN_TOKEN, or for one of ADMIN_TOKENS.
///
/// Settings are environment variables: `clipper-jobs config` lists those in force, and
/// `clipper-jobs config --help` all that there are. RUST_LOG filters the
/// log, as in RUST_LOG=warn.
#[derive(Debug, Parser)]
#[command(
    name = "clipper-jobs",
    version,
    after_help = "Exit codes: 0 clean, 1 a run failed or was interrupted or nothing was replayed, 2 could not run."
)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the jobs on their schedules, until SIGTERM or Ctrl-C. The default
    Serve,
    /// Runs one job once in the foreground, and exits with its outcome
    Run {
        /// The job, as `hot_score_refresh`
        job: String,
    },
    /// Prints the settings in force, and where each comes from. Secrets are left out
    ///
    /// A secret may also stand in a file, which the variable of the same name and `_FILE` names.
    #[command(after_long_help = tables::settings())]
    Config {
        /// Prints the settings that there are, as a table of Markdown
        #[arg(long)]
        markdown: bool,
    },
    /// Looks after webhooks
    #[command(subcommand)]
    Webhooks(Webhooks),
}

#[derive(Debug, Subcommand)]
enum Webhooks {
    /// Deliveries that were given up
    #[command(subcommand)]
    DeadLetters(DeadLetters),
}

#[derive(Debug, Subcommand)]
enum DeadLetters {
    /// Lists them, newest first
    List {
        /// How many at most
        #[arg(long, default_value_t = 50)]
        most: u32,
    },
    /// Makes them due again, with the same webhook-id as before
    Replay {
        /// The ids, as `list` shows them
        #[arg(required_unless_present = "all")]
        ids: Vec<i64>,
        /// All of them
        #[arg(long, conflicts_with = "ids")]
        all: bool,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let code = match execute(arguments.command.unwrap_or(Command::Serve)).await {
        Ok(code) => code,
        Err(error) => {
            // The exit code tells even where nothing can be written.
            let _ = writeln!(stderr(), "clipper-jobs: {}", lines(&error.to_string()));
            2
        }
    };
    // A body that blocks its thread would keep the process from ending otherwise.
    std::process::exit(code)
}

async fn execute(command: Command) -> Result<i32, Box<dyn std::error::Error>> {
    let catalogue = service::catalogue()?;
    // What is no text is refused as what it is, and not passed over as if it were not set.
    let environment =
        |variable: &str| std::env::var_os(variable).map(|value| value.to_string_lossy().into_owned());
    if let Command::Config { markdown: true } = command {
        print(&settings::markdown());
        return Ok(0);
    }
    let settings = Settings::read(&catalogue, environment)?;
    match command {
        Command::Serve => {
            log::to_stderr(log::OF_A_SERVICE);
            let report = service::serve(&settings).await?;
            Ok(i32::from(!report.is_clean()))
        }
        Command::Run { job } => {
            // The schedules of the other jobs are nobody's concern here.
            log::to_stderr("warn,jobwatch_runtime::engine::run=info,jobwatch_runtime::engine::runtime=warn");
            let record = run_once(&settings, &job).await?;
            let seconds = (record.ended - record.since).as_seconds_f64();
            print(&format!("{} {} ({seconds:.1} s)\n", record.id, record.outcome));
            Ok(i32::from(!matches!(record.outcome, Outcome::Succeeded(_))))
        }
        Command::Config { .. } => {
            print(&tables::in_force(&settings.origins));
            Ok(0)
        }
        Command::Webhooks(Webhooks::DeadLetters(command)) => {
            let database = Database::connect_with(&settings.database, settings.database_connections).await?;
            match command {
                DeadLetters::List { most } => {
                    print(&tables::dead_letters(&dead_letters::list(&database, most).await?));
                    Ok(0)
                }
                DeadLetters::Replay { ids, all } => {
                    let selection = if all { Selection::All } else { Selection::Ids(ids) };
                    let replayed = dead_letters::replay(&database, &selection).await?;
                    print(&format!("{} are due again\n", replayed.due));
                    for (number, why) in [
                        (replayed.inactive, "stay: their subscriptions are not active; activate them first"),
                        (replayed.due_already, "stay: the same messages are due already"),
                        (replayed.unknown, "are not there: `list` shows those that there are"),
                    ] {
                        if number > 0 {
                            print(&format!("{number} {why}\n"));
                        }
                    }
                    Ok(i32::from(replayed.due == 0))
                }
            }
        }
    }
}

/// Runs a job once, and shows on a terminal how far it is.
async fn run_once(settings: &Settings, job: &str) -> Result<RunRecord, OnceError> {
    let spinner = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix}, {elapsed}: {msg}") {
        spinner.set_style(style);
    }
    spinner.set_prefix(job.to_owned());
    spinner.set_message("at work");
    spinner.enable_steady_tick(Duration::from_millis(100));
    let record = once::run(settings, job, |so_far| {
        if let Some(Report { succeeded, failed, skipped }) = so_far {
            spinner.set_message(format!("{succeeded} succeeded, {failed} failed, {skipped} skipped so far"));
        }
    })
    .await;
    spinner.finish_and_clear();
    record
}

/// Prints lines. Texts of a database or of another service may be among them.
fn print(text: &str) {
    // Whoever closes the pipe has read enough.
    let _ = std::io::stdout().write_all(lines(text).as_bytes());
}
