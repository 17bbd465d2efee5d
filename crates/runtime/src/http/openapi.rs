//! The description of all routes.

use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi as _};

use super::{actions, observe, page, problem, wire};

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Jobwatch",
        description = "What runs, when it runs next, and what to do about it. Whatever else is asked for below \
            /admin is answered with a Problem, too: 401 or 403 without a token for it, 404 where there is nothing, 405 \
            for another method, 408 for a request that takes too long."
    ),
    paths(
        actions::list,
        actions::detail,
        actions::trigger,
        actions::pause,
        actions::resume,
        actions::cancel,
        page::index,
        observe::metrics,
        observe::healthz,
        observe::ready,
    ),
    components(schemas(problem::Problem, wire::Jobs)),
    modifiers(&Token)
)]
struct Document;

struct Token;

impl Modify for Token {
    fn modify(&self, document: &mut OpenApi) {
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    }
}

/// The OpenAPI document of [`super::observe`] and [`super::admin`].
pub fn document() -> OpenApi {
    Document::openapi()
}
