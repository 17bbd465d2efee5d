//! What is done through the admin API, who does it, and what the answer is: for the log.

use std::future::Future;
use std::sync::Arc;

use axum::http::StatusCode;

use super::problem::Problem;
use super::token::{Caller, Permission};
use crate::engine::request_error::RequestError;
use crate::log::log;

/// The longest name of a job in the log, in characters. Whoever asks may write any.
const LONGEST_NAME: usize = 100;

/// Does what somebody asks, if they may, and tells the log. `status` is what a request is answered
/// with that is met.
pub(super) async fn audited<T>(
    caller: &Caller,
    action: &'static str,
    job: &str,
    status: StatusCode,
    doing: impl Future<Output = Result<T, RequestError>>,
) -> Result<T, Problem> {
    let mut asked = Asked {
        token: caller.name.clone(),
        action,
        job: job.chars().take(LONGEST_NAME).collect(),
        answer: None,
    };
    let done = match caller.permission {
        Permission::Operate => doing.await.map_err(Problem::from),
        Permission::Read => Err(Problem::read_only(&caller.name)),
    };
    asked.answer = Some(done.as_ref().map_or_else(Problem::status, |_| status));
    done
}

/// What somebody asked for. It is told when this is dropped, and so even if nobody waits for the
/// answer any more.
struct Asked {
    token: Arc<str>,
    action: &'static str,
    job: String,
    answer: Option<StatusCode>,
}

impl Drop for Asked {
    fn drop(&mut self) {
        let Self { token, action, job, answer } = self;
        match answer {
            Some(status) => {
                let status = status.as_u16();
                log!(info, token = &**token, action, job_name = &**job, status, "the admin API was asked");
            }
            None => log!(
                warn,
                token = &**token,
                action,
                job_name = &**job,
                "the admin API was asked, and the answer was not waited for: it may have been done"
            ),
        }
    }
}
