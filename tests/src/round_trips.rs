//! What is between a client and PostgreSQL, and counts how often the client has waited for it.

#![expect(clippy::expect_used, reason = "a test that cannot set itself up has failed")]

use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use tempfile::TempDir;

use crate::postgres::Postgres;

/// The type of the message by which the server says that it waits for the client again.
const READY_FOR_QUERY: u8 = b'Z';

/// A socket that leads to a server.
#[derive(Debug)]
pub struct RoundTrips {
    folder: TempDir,
    number: Arc<AtomicU64>,
}

impl RoundTrips {
    /// Begins to count those to a server.
    ///
    /// # Panics
    ///
    /// When there can be no such socket.
    pub fn to(server: &Postgres) -> Self {
        let folder = tempfile::Builder::new().prefix("trips").tempdir().expect("a temporary folder");
        let listener =
            UnixListener::bind(Postgres::socket(folder.path())).expect("a socket in a folder of ours");
        let (number, server) = (Arc::new(AtomicU64::new(0)), Postgres::socket(server.folder()));
        let counter = number.clone();
        // It ends with the process: nothing wakes it before.
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let (server, number) = (server.clone(), counter.clone());
                // Either may go away at any moment.
                thread::spawn(move || drop(connect(client, &server, &number)));
            }
        });
        Self { folder, number }
    }

    /// Where the server is, through this.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// How many there have been.
    pub fn number(&self) -> u64 {
        self.number.load(Ordering::Acquire)
    }
}

/// Passes everything on, one way and the other.
fn connect(client: UnixStream, server: &Path, number: &AtomicU64) -> io::Result<()> {
    let server = UnixStream::connect(server)?;
    let (mut asks, mut asked) = (client.try_clone()?, server.try_clone()?);
    thread::spawn(move || {
        let _ = io::copy(&mut asks, &mut asked);
        let _ = asked.shutdown(Shutdown::Write);
    });
    answers(server, client, number)
}

/// Passes the answers on. Each has a type and a length, which counts itself.
fn answers(mut server: UnixStream, mut client: UnixStream, number: &AtomicU64) -> io::Result<()> {
    let mut head = [0; 5];
    loop {
        server.read_exact(&mut head)?;
        let [kind, length @ ..] = head;
        let mut message = head.to_vec();
        let rest = u64::from(u32::from_be_bytes(length)).saturating_sub(4);
        Read::by_ref(&mut server).take(rest).read_to_end(&mut message)?;
        if kind == READY_FOR_QUERY {
            number.fetch_add(1, Ordering::AcqRel);
        }
        client.write_all(&message)?;
    }
}
