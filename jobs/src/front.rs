//! The port, and what answers there: at first that the database is waited for, and then everything.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{Redirect, Response};
use axum::routing::get;
use jobwatch_runtime::http;
use tokio::net::TcpListener;
use tower::ServiceExt;

use crate::service_error::ServiceError;
use crate::settings::Settings;

/// Listens where the settings say, and answers where that is.
///
/// # Errors
///
/// [`ServiceError::Listen`] if the port is taken.
pub async fn listen(settings: &Settings) -> Result<(TcpListener, SocketAddr), ServiceError> {
    let listening = async {
        let listener = TcpListener::bind((settings.bind, settings.port)).await?;
        let local = listener.local_addr()?;
        Ok((listener, local))
    };
    let address = format!("{}:{}", settings.bind, settings.port);
    listening.await.map_err(|source| ServiceError::Listen { address, source })
}

/// `/`, which leads people to the page of the jobs.
pub(crate) fn root() -> Router {
    Router::new().route("/", get(async || Redirect::to("admin/ui")))
}

/// A router that can be replaced while it serves, for connections that are open already, too.
/// Copies share it.
#[derive(Debug, Clone)]
pub(crate) struct Front(Arc<RwLock<Router>>);

impl Front {
    pub(crate) fn new(router: Router) -> Self {
        Self(Arc::new(RwLock::new(router)))
    }

    /// Every request from now on goes to another router.
    pub(crate) fn replace(&self, router: Router) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = router;
    }

    /// Serves for ever, and whoever is slow or opens many connections keeps nobody from it.
    pub(crate) async fn serve(self, listener: TcpListener) -> Infallible {
        let router = Router::new().fallback(pass_on).with_state(self);
        http::serve(listener, router, http::Limits::default()).await
    }
}

async fn pass_on(State(front): State<Front>, request: Request) -> Result<Response, Infallible> {
    let router = front.0.read().unwrap_or_else(PoisonError::into_inner).clone();
    router.oneshot(request).await
}
