//! Who is told: the receivers of an Alertmanager, as one server that keeps what arrives.

#![expect(clippy::expect_used, reason = "a test that cannot set itself up has failed")]

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long a notification is waited for.
const PATIENCE: Duration = Duration::from_secs(90);

/// What a receiver was told.
#[derive(Debug, Clone)]
pub struct Notification {
    /// Which receiver.
    pub receiver: String,
    /// The alerts, as Alertmanager sends them.
    pub alerts: Vec<Value>,
}

/// A server that stands in for every receiver. It ends with this value.
#[derive(Debug)]
pub struct Webhook {
    address: SocketAddr,
    arriving: Receiver<Notification>,
    /// All that has been waited for, and what came before it.
    pub seen: Vec<Notification>,
    has_ended: Arc<AtomicBool>,
    listener: Option<JoinHandle<()>>,
}

impl Webhook {
    /// Starts it on a free port of loopback.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("a bound port has an address");
        let (sender, arriving) = mpsc::channel();
        let has_ended = Arc::new(AtomicBool::new(false));
        let ends = Arc::clone(&has_ended);
        let listener = thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                if ends.load(Ordering::SeqCst) {
                    return;
                }
                let sender = sender.clone();
                thread::spawn(move || receive(&connection, &sender));
            }
        });
        Self { address, arriving, seen: Vec::new(), has_ended, listener: Some(listener) }
    }

    /// Returns a configuration of Alertmanager with its receivers replaced by this one. Routes and
    /// inhibitions stay as they are.
    ///
    /// # Panics
    ///
    /// When it has no receivers.
    #[track_caller]
    pub fn instead_of_receivers(&self, configuration: &str) -> String {
        const BEGIN: &str = "\nreceivers:\n";
        let (before, rest) = configuration.split_once(BEGIN).expect("a configuration has receivers");
        let end = rest.find("\ninhibit_rules:").unwrap_or(rest.len());
        let names = rest[..end].lines().filter_map(|line| line.strip_prefix("  - name: "));
        let receiver = |name: &str| {
            let url = format!("http://{}/{name}", self.address);
            format!("  - name: {name}\n    webhook_configs: [{{url: '{url}', send_resolved: true}}]\n")
        };
        format!("{before}{BEGIN}{}{}", names.map(receiver).collect::<String>(), &rest[end..])
    }

    /// Waits until a receiver is told of an alert with a status and some labels, and returns it.
    ///
    /// # Panics
    ///
    /// When that takes too long, with what arrived instead.
    #[track_caller]
    pub fn wait(&mut self, receiver: &str, status: &str, labels: &[(&str, &str)]) -> Value {
        let is_wanted = |alert: &&Value| {
            alert["status"] == status && labels.iter().all(|(name, value)| alert["labels"][*name] == *value)
        };
        let begun = Instant::now();
        loop {
            let left = PATIENCE.saturating_sub(begun.elapsed());
            let Ok(notification) = self.arriving.recv_timeout(left) else {
                panic!("{receiver} was told of no {status} {labels:?}, but: {:#?}", self.seen)
            };
            self.seen.push(notification.clone());
            if notification.receiver == receiver
                && let Some(alert) = notification.alerts.iter().find(is_wanted)
            {
                return alert.clone();
            }
        }
    }
}

impl Drop for Webhook {
    fn drop(&mut self) {
        self.has_ended.store(true, Ordering::SeqCst);
        // Wakes the listener.
        let _ = TcpStream::connect(self.address);
        if let Some(listener) = self.listener.take() {
            let _ = listener.join();
        }
    }
}

/// Takes the notifications of a connection, and says thanks for each.
fn receive(mut connection: &TcpStream, sender: &Sender<Notification>) {
    let mut reader = BufReader::new(connection);
    while let Ok(Some(notification)) = next(&mut reader) {
        let thanks = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        if sender.send(notification).is_err() || connection.write_all(thanks.as_bytes()).is_err() {
            return;
        }
    }
}

/// Reads a request. `None` if the connection has ended.
fn next(reader: &mut BufReader<&TcpStream>) -> io::Result<Option<Notification>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let receiver = line.split(' ').nth(1).unwrap_or_default().trim_start_matches('/').to_owned();
    let mut length = 0;
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.parse().map_err(io::Error::other)?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let body: Value = serde_json::from_slice(&body)?;
    Ok(Some(Notification { receiver, alerts: body["alerts"].as_array().cloned().unwrap_or_default() }))
}
