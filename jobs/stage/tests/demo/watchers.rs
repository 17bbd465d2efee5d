//! The demo as a newcomer sees it who has Prometheus and Alertmanager, and one who has not.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use e2e::waiting::wait;

use super::{command, execute};

#[test]
fn whoever_lacks_prometheus_is_told_what_to_install() {
    let folder = tempfile::tempdir().unwrap();
    let (code, _, errors) = execute(folder.path(), &["--prometheus", "--port", "0"], &[("PATH", "/nowhere")]);
    assert_eq!(code, 2);
    assert!(errors.contains("--prometheus needs `prometheus`, which is in no folder of PATH"), "{errors}");
    assert!(errors.contains("apt-get install --no-install-recommends prometheus"), "{errors}");
}

/// A demo that ends by SIGTERM with this value, and takes its watchers with it.
struct Ending(Child);

impl Ending {
    fn terminate(&mut self) -> bool {
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        self.0.wait().is_ok_and(|status| status.success())
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(None)) {
            self.terminate();
        }
    }
}

impl Ending {
    /// Starts one with watchers, to which a job is broken.
    fn start(folder: &Path) -> Self {
        let path = std::env::var("PATH").unwrap();
        // It ends by itself should nobody be told of anything.
        let arguments = ["--prometheus", "--port", "0", "--fail", "clip_sync=error", "--for", "2m"];
        let variables = [("PATH", path.as_str()), ("CLIP_SYNC_INTERVAL", "1s")];
        Self(command(folder, &arguments, &variables).stdout(Stdio::piped()).spawn().unwrap())
    }

    /// What it says.
    fn lines(&mut self) -> impl Iterator<Item = String> + use<> {
        BufReader::new(self.0.stdout.take().unwrap()).lines().map_while(Result::ok)
    }
}

/// The address of a watcher, if a line of the demo has one.
fn page(line: &str) -> Option<String> {
    let (_, address) = line.split_once(": http://")?;
    address.split('/').next().map(str::to_owned)
}

#[test]
fn who_is_told_of_what_is_shown_and_nobody_watches_when_it_has_ended() {
    let folder = tempfile::tempdir().unwrap();
    let mut demo = Ending::start(folder.path());
    let mut pages = Vec::new();
    let mut is_told = false;
    let mut lines = demo.lines();
    for line in lines.by_ref() {
        pages.extend(page(&line));
        is_told = line.contains("slack      firing    BackgroundJobConsecutiveFailures  clip_sync");
        if is_told {
            break;
        }
    }
    assert!(is_told, "nobody was told");
    assert_eq!(pages.len(), 2, "{pages:?}");
    assert!(pages.iter().all(|page| TcpStream::connect(page).is_ok()));
    assert!(demo.terminate());
    assert!(pages.iter().all(|page| TcpStream::connect(page).is_err()), "{pages:?}");
}

#[tokio::test]
async fn nobody_watches_after_a_demo_that_was_killed() {
    let folder = tempfile::tempdir().unwrap();
    let mut demo = Ending::start(folder.path());
    // Read on, since it ends by itself when nobody does.
    let mut lines = demo.lines();
    let pages: Vec<String> = lines.by_ref().filter_map(|line| page(&line)).take(2).collect();
    for page in &pages {
        wait(&format!("a watcher on {page}"), async || TcpStream::connect(page).ok()).await;
    }
    demo.0.kill().unwrap();
    demo.0.wait().unwrap();
    for page in &pages {
        wait(&format!("the end of the watcher on {page}"), async || TcpStream::connect(page).err()).await;
    }
    drop(lines);
}
