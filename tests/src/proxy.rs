//! A port in front of a PostgreSQL server of a test, whose connections can be cut off or go silent.

#![expect(clippy::expect_used, reason = "a test that cannot set itself up has failed")]

use std::path::PathBuf;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::postgres::Postgres;

/// Passes on what clients and server say, until this value ends, and with it all connections.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    silenced: watch::Sender<u64>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// Listens on a port of its own in front of a server.
    ///
    /// # Panics
    ///
    /// When there is no free port.
    pub async fn start(server: &Postgres) -> Self {
        let socket = Postgres::socket(server.folder());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let (silenced, _) = watch::channel(0);
        let accepting = tokio::spawn(accept(listener, socket, silenced.clone()));
        Self { port, silenced, accepting }
    }

    /// Where it is, for a client that finds the server at an address.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Where it is, as `HOST:PORT`.
    pub fn place(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Swallows from now on what is said over the connections that are open: they stay open, and
    /// nobody is answered. Later ones are passed on.
    pub fn silence(&self) {
        self.silenced.send_modify(|times| *times += 1);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, socket: PathBuf, silenced: watch::Sender<u64>) {
    // They end with this.
    let mut passing = tokio::task::JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        let Ok(server) = UnixStream::connect(&socket).await else { continue };
        passing.spawn(pass(client, server, silenced.subscribe()));
    }
}

async fn pass(client: TcpStream, server: UnixStream, silenced: watch::Receiver<u64>) {
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    let there = pass_on(from_client, to_server, silenced.clone());
    let back = pass_on(from_server, to_client, silenced);
    // Whichever ends first, as when one of them closes the connection, ends the other.
    tokio::select! {
        () = there => {}
        () = back => {}
    }
}

/// Passes on what one side says, or reads it and keeps it.
async fn pass_on(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    silenced: watch::Receiver<u64>,
) {
    let mut bytes = [0; 8192];
    while let Ok(number @ 1..) = from.read(&mut bytes).await {
        let is_silent = silenced.has_changed().unwrap_or(true);
        if !is_silent && to.write_all(&bytes[..number]).await.is_err() {
            break;
        }
    }
}
