//! The demo, on the terminal.

use std::fs::File;
use std::io::{Write, stderr};
use std::process::ExitCode;

use clap::Parser;
use clipper_jobs::log;
use clipper_jobs::plain::lines;
use clipper_stage::demo;

/// Shows Clipper's background jobs at work on a made-up site, and what becomes of broken ones.
/// Needs nothing.
///
/// An empty database is filled: a file in a temporary folder, or the one that DATABASE_URL names.
/// Small servers on loopback stand in for Twitch, the embedding service and receivers of webhooks,
/// intervals are short, and a table tells what the jobs do. What the service serves is served, too.
/// Of the environment, only PORT, DATABASE_URL and the jobs' own settings, as CLIP_SYNC_INTERVAL,
/// are heeded.
#[derive(Debug, Parser)]
#[command(
    name = "clipper-demo",
    version,
    after_help = "Exit codes: 0 shown, whatever became of the jobs, 2 could not be shown."
)]
struct Arguments {
    #[command(flatten)]
    options: demo::Options,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Arguments { options } = Arguments::parse();
    let code = match show(&options).await {
        Ok(()) => 0,
        Err(error) => {
            // The exit code tells even where nothing can be written.
            let _ = writeln!(stderr(), "clipper-demo: {}", lines(&error.to_string()));
            2
        }
    };
    // A body that blocks its thread would keep the process from ending otherwise.
    std::process::exit(code)
}

async fn show(options: &demo::Options) -> Result<(), Box<dyn std::error::Error>> {
    let folder = options.folder()?;
    // On the terminal is the table.
    log::to_file(File::create(folder.path().join(demo::LOG))?);
    demo::show(options, folder.path(), |variable| std::env::var(variable).ok()).await?;
    Ok(())
}
