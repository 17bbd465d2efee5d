//! Who may do what, and what the log tells about it.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::http::Request;
use insta::assert_snapshot;
use jobwatch_runtime::http::{AdminToken, AdminTokens};
use jobwatch_runtime::testing::Fault;
use tracing::subscriber::{DefaultGuard, set_default};

use crate::service::{MINUTE, TOKEN, service};

/// `admin`, `alice` who may act, and `bob` who may look.
fn tokens() -> AdminTokens {
    let admin = AdminTokens::from(AdminToken::new(TOKEN));
    admin.with_list("alice:operate:battery, bob:read:staple").unwrap()
}

/// What is logged on this thread about the admin API, while the guard is there.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn listen() -> (Self, DefaultGuard) {
        let log = Self::default();
        let write = log.clone();
        let lines =
            tracing_subscriber::fmt().with_writer(move || write.clone()).without_time().with_ansi(false);
        (log, set_default(lines.finish()))
    }

    fn lines(&self) -> String {
        let all = String::from_utf8(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()).unwrap();
        let of_admin = all.lines().filter(|line| line.contains("http::audit"));
        of_admin.map(|line| line.trim_start().to_owned() + "\n").collect()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

const ACTIONS: [(&str, &str); 4] = [
    ("/admin/jobs/trigger", r#"{"job_name": "send_mails"}"#),
    ("/admin/jobs/send_mails/pause", ""),
    ("/admin/jobs/send_mails/resume", ""),
    ("/admin/jobs/send_mails/cancel", ""),
];

#[tokio::test(start_paused = true)]
async fn only_the_token_opens_the_admin_api() {
    let status = async |tokens: AdminTokens, header: Option<&str>| {
        let service = service(tokens).await;
        let mut request = Request::get("/admin/jobs");
        if let Some(header) = header {
            request = request.header("authorization", header);
        }
        service.request(request.body(Body::empty()).unwrap()).await.status().as_u16()
    };
    let configured = || AdminTokens::from(AdminToken::new(format!("{TOKEN}\n")));
    assert_eq!(status(configured(), Some("Bearer correct horse")).await, 200);
    assert_eq!(status(configured(), Some("bearer correct horse")).await, 200);
    for wrong in [
        None,
        Some(""),
        Some("Bearer"),
        Some("Bearer "),
        Some("Bearer correct hors"),
        Some("Bearer correct horsee"),
        Some("Basic correct horse"),
        Some("correct horse"),
    ] {
        assert_eq!(status(configured(), wrong).await, 401, "{wrong:?}");
    }
    for none in [AdminTokens::none(), AdminToken::new("").into(), AdminToken::new(" \n").into()] {
        assert_eq!(status(none, Some("Bearer ")).await, 403);
    }
}

#[tokio::test(start_paused = true)]
async fn who_may_read_sees_all_and_does_nothing() {
    let service = service(tokens()).await;
    let list = service.ask_with("staple", "GET", "/admin/jobs", "").await;
    assert!(list.contains(r#""name": "bob""#) && list.contains(r#""permission": "read""#), "{list}");
    assert!(service.ask_with("staple", "GET", "/admin/jobs/nightly", "").await.starts_with("200"));
    for (path, body) in ACTIONS {
        let refused = "403 Forbidden\n{\n  \"error\": \"the token `bob` may only read; ask with one that may \
                       operate\"\n}";
        assert_eq!(service.ask_with("staple", "POST", path, body).await, refused);
    }
    let detail = service.handle.detail("send_mails", 0).await.unwrap();
    assert!(detail.status.state.running.is_none() && !detail.status.state.paused);
    assert_eq!(detail.history.len(), 1, "what was due");
    for (path, body) in ACTIONS {
        assert!(service.ask_with("battery", "POST", path, body).await.starts_with("20"), "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_log_tells_who_did_what_and_what_the_answer_was() {
    let service = service(tokens()).await;
    let (log, _guard) = Log::listen();
    for secret in [TOKEN, "battery", "staple", "wrong"] {
        for (path, body) in ACTIONS {
            service.ask_with(secret, "POST", path, body).await;
        }
        service.ask_with(secret, "GET", "/admin/jobs/nightly", "").await;
        tokio::time::sleep(MINUTE).await;
    }
    let hostile = format!(r#"{{"job_name": "\u001b[2Kpaid\nnothing {}"}}"#, "x".repeat(1_000));
    service.ask_with("battery", "POST", "/admin/jobs/trigger", &hostile).await;
    service.store.set(Fault::Error);
    service.ask_with("battery", "POST", "/admin/jobs/nightly/pause", "").await;
    let told = log.lines();
    assert!(![TOKEN, "battery", "staple", "wrong"].iter().any(|secret| told.contains(secret)), "{told}");
    assert_snapshot!(told, @r#"
    INFO jobwatch_runtime::http::audit: the admin API was asked token="admin" action="trigger" job_name="send_mails" status=202
    INFO jobwatch_runtime::http::audit: the admin API was asked token="admin" action="pause" job_name="send_mails" status=200
    INFO jobwatch_runtime::http::audit: the admin API was asked token="admin" action="resume" job_name="send_mails" status=200
    INFO jobwatch_runtime::http::audit: the admin API was asked token="admin" action="cancel" job_name="send_mails" status=202
    INFO jobwatch_runtime::http::audit: the admin API was asked token="alice" action="trigger" job_name="send_mails" status=202
    INFO jobwatch_runtime::http::audit: the admin API was asked token="alice" action="pause" job_name="send_mails" status=200
    INFO jobwatch_runtime::http::audit: the admin API was asked token="alice" action="resume" job_name="send_mails" status=200
    INFO jobwatch_runtime::http::audit: the admin API was asked token="alice" action="cancel" job_name="send_mails" status=202
    INFO jobwatch_runtime::http::audit: the admin API was asked token="bob" action="trigger" job_name="send_mails" status=403
    INFO jobwatch_runtime::http::audit: the admin API was asked token="bob" action="pause" job_name="send_mails" status=403
    INFO jobwatch_runtime::http::audit: the admin API was asked token="bob" action="resume" job_name="send_mails" status=403
    INFO jobwatch_runtime::http::audit: the admin API was asked token="bob" action="cancel" job_name="send_mails" status=403
    INFO jobwatch_runtime::http::audit: the admin API was asked token="alice" action="trigger" job_name="\u{1b}[2Kpaid\nnothing xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" status=404
    INFO jobwatch_runtime::http::audit: the admin API was asked token="alice" action="pause" job_name="nightly" status=503
    "#);
}

#[tokio::test(start_paused = true)]
async fn the_log_tells_of_who_did_not_wait_for_the_answer() {
    let service = service(tokens()).await;
    let (log, _guard) = Log::listen();
    service.store.set(Fault::Hang);
    let mut asked = Box::pin(service.ask_with("battery", "POST", "/admin/jobs/nightly/pause", ""));
    assert!(futures_util::poll!(&mut asked).is_pending());
    assert_eq!(log.lines(), "");
    drop(asked);
    assert_snapshot!(log.lines(), @r#"WARN jobwatch_runtime::http::audit: the admin API was asked, and the answer was not waited for: it may have been done token="alice" action="pause" job_name="nightly""#);
}
