//! Clients without a token that are slow, idle or many, in real time.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::routing::get;
use futures_util::FutureExt;
use jobwatch_catalogue::{Catalogue, JobSpec};
use jobwatch_runtime::http::{AdminToken, Limits, admin, observe, serve};
use jobwatch_runtime::store::MemoryStore;
use jobwatch_runtime::testing::{Fault, FaultyStore};
use jobwatch_runtime::{Report, Runtime, Settings};
use prometheus::Registry;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};

const SECOND: Duration = Duration::from_secs(1);

const LIMITS: Limits =
    Limits { connections: 32, head: SECOND, request: SECOND, connection: Duration::from_secs(2) };

struct Service {
    address: SocketAddr,
    store: FaultyStore<MemoryStore>,
}

/// A service with the token `secret`, and with a large page for everybody.
async fn service(limits: Limits) -> Service {
    let catalogue = Catalogue::builder("shop").job(JobSpec::every("send_mails", SECOND)).build().unwrap();
    let (registry, store) = (Registry::new(), FaultyStore::new(MemoryStore::default()));
    let runtime = Runtime::builder(catalogue)
        .job("send_mails", async |_| Report::default())
        .settings(Settings { start_delay: Duration::ZERO, ..Settings::default() })
        .registry(&registry)
        .store(store.clone())
        .build()
        .unwrap();
    let handle = runtime.handle();
    tokio::spawn(runtime.run_until(std::future::pending()));
    let large = Bytes::from("x".repeat(16 << 20));
    let router = Router::new()
        .route("/large", get(async move || large.clone()))
        .merge(observe(handle.clone(), &registry))
        .merge(admin(handle, AdminToken::new("secret")));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, router, limits));
    Service { address, store }
}

impl Service {
    /// Sends a request, and answers the status, or nothing if there is none in two seconds.
    async fn status(&self, request: &str) -> Option<u16> {
        let answered = timeout(2 * SECOND, async {
            let mut stream = TcpStream::connect(self.address).await?;
            stream.write_all(request.as_bytes()).await?;
            let mut answer = [0; 12];
            stream.read_exact(&mut answer).await?;
            Ok::<_, std::io::Error>(String::from_utf8_lossy(&answer[9..]).parse().unwrap())
        });
        answered.await.ok()?.ok()
    }

    async fn probe(&self, path: &str) -> Option<u16> {
        self.status(&format!("GET {path} HTTP/1.1\r\nhost: shop\r\n\r\n")).await
    }
}

/// What a client does with its connection, a step every tenth of a second.
#[derive(Debug, Clone, Copy)]
enum Client {
    /// Nothing.
    Silent,
    /// It sends a header that never ends.
    Head,
    /// It sends a body that never ends, without a token or with a wrong one.
    Body(&'static str),
    /// It asks for pages, and reads none.
    Deaf,
    /// It asks again and again.
    Hasty,
}

async fn slow(address: SocketAddr, client: Client) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    let begins: &str = match client {
        Client::Silent => "",
        Client::Head => "GET /healthz HTTP/1.1\r\nhost: shop\r\n",
        Client::Body(head) => {
            &format!("POST /admin/jobs/trigger HTTP/1.1\r\nhost: shop\r\n{head}content-length: 9999\r\n\r\n")
        }
        Client::Deaf => "GET /large HTTP/1.1\r\nhost: shop\r\n\r\n",
        Client::Hasty => "GET /healthz HTTP/1.1\r\nhost: shop\r\n\r\n",
    };
    stream.write_all(begins.as_bytes()).await?;
    loop {
        sleep(SECOND / 10).await;
        match client {
            Client::Silent => {
                if stream.read(&mut [0]).await? == 0 {
                    return Ok(());
                }
            }
            Client::Head => stream.write_all(b"x-more: 1\r\n").await?,
            Client::Body(_) => stream.write_all(b" ").await?,
            // Nothing more may be written once nothing more is read, and nothing is read until
            // then.
            Client::Deaf => stream.write_all(b"GET /large HTTP/1.1\r\nhost: shop\r\n\r\n").await?,
            Client::Hasty => {
                stream.write_all(begins.as_bytes()).await?;
                if stream.read(&mut [0; 999]).await? == 0 {
                    return Ok(());
                }
            }
        }
    }
}

async fn check(client: Client) {
    let service = service(LIMITS).await;
    let clients: Vec<_> = (0..60).map(|_| tokio::spawn(slow(service.address, client))).collect();
    for path in ["/healthz", "/metrics", "/readyz", "/healthz"] {
        assert_eq!(service.probe(path).await, Some(200), "{client:?} {path}");
    }
    for client in clients {
        // Whoever goes on is closed within the time of a connection and that of a request.
        let ended = timeout(8 * SECOND, client).await;
        assert!(ended.is_ok(), "a connection lives for ever");
    }
}

#[tokio::test]
async fn clients_that_say_nothing_keep_nobody_from_being_answered_and_are_closed() {
    check(Client::Silent).await;
}

#[tokio::test]
async fn clients_whose_header_never_ends_keep_nobody_from_being_answered_and_are_closed() {
    check(Client::Head).await;
}

#[tokio::test]
async fn clients_whose_body_never_ends_keep_nobody_from_being_answered_and_are_closed() {
    for head in ["", "authorization: Bearer guessed\r\n", "authorization: Bearer secret\r\n"] {
        check(Client::Body(head)).await;
    }
}

#[tokio::test]
async fn clients_that_do_not_read_keep_nobody_from_being_answered_and_are_closed() {
    check(Client::Deaf).await;
}

#[tokio::test]
async fn clients_that_ask_again_and_again_keep_nobody_from_being_answered_and_are_closed() {
    check(Client::Hasty).await;
}

#[tokio::test]
async fn clients_that_say_nothing_and_come_back_when_they_are_closed_keep_nobody_from_being_answered() {
    let service = service(Limits { connections: 8, ..LIMITS }).await;
    for _ in 0..200 {
        let address = service.address;
        tokio::spawn(async move {
            loop {
                let _ = slow(address, Client::Silent).await;
            }
        });
    }
    sleep(SECOND / 2).await;
    for path in ["/healthz", "/metrics", "/readyz", "/healthz"] {
        assert_eq!(service.probe(path).await, Some(200), "{path}");
    }
}

#[tokio::test]
async fn many_connections_may_wait_until_they_are_accepted() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut serving = std::pin::pin!(serve(listener, Router::new(), LIMITS));
    // It begins, and is then too busy to accept anything.
    assert!(serving.as_mut().now_or_never().is_none());
    let mut waiting = Vec::new();
    for _ in 0..500 {
        waiting.push(timeout(2 * SECOND, TcpStream::connect(address)).await.unwrap().unwrap());
    }
}

#[tokio::test]
async fn a_connection_on_which_no_request_arrives_is_closed_soon_also_after_the_first() {
    let long = Duration::from_secs(600);
    let service = service(Limits { head: SECOND / 4, connection: long, request: long, ..LIMITS }).await;
    for client in [Client::Silent, Client::Head] {
        assert!(timeout(5 * SECOND, slow(service.address, client)).await.is_ok(), "{client:?}");
    }
    let mut stream = TcpStream::connect(service.address).await.unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: shop\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    timeout(5 * SECOND, stream.read_to_string(&mut answer)).await.unwrap().unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
}

#[tokio::test]
async fn a_request_in_progress_does_not_give_way_to_clients_that_say_nothing() {
    let service = service(LIMITS).await;
    sleep(SECOND / 5).await;
    service.store.set(Fault::Slow(SECOND / 4));
    let asked = service.status("GET /admin/jobs HTTP/1.1\r\nauthorization: Bearer secret\r\n\r\n");
    let others = async {
        sleep(SECOND / 10).await;
        for _ in 0..60 {
            tokio::spawn(slow(service.address, Client::Silent));
        }
        service.probe("/healthz").await
    };
    assert_eq!(tokio::join!(asked, others), (Some(200), Some(200)));
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_told_so() {
    let service = service(Limits { request: SECOND / 4, ..LIMITS }).await;
    sleep(SECOND / 5).await;
    service.store.set(Fault::Hang);
    let list = "GET /admin/jobs HTTP/1.1\r\nauthorization: Bearer secret\r\n\r\n";
    assert_eq!(service.status(list).await, Some(408));
    let body =
        "POST /admin/jobs/trigger HTTP/1.1\r\nauthorization: Bearer secret\r\ncontent-length: 9\r\n\r\n{";
    assert_eq!(service.status(body).await, Some(408));
}
