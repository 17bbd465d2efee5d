//! The page for people: files that are compiled in, and what their reader's browser is told.

use axum::Router;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

use super::problem::Problem;

/// What the page may load and do: nothing but its own files and the API beside it. No text can
/// become markup or code, and no other page can show this one.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
    img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

/// Path, type and text of what the page loads.
const FILES: [(&str, &str, &str); 8] = [
    ("/admin/ui/style.css", CSS, include_str!("style.css")),
    ("/admin/ui/icon.svg", SVG, include_str!("icon.svg")),
    ("/admin/ui/main.js", SCRIPT, include_str!("main.js")),
    ("/admin/ui/row.js", SCRIPT, include_str!("row.js")),
    ("/admin/ui/history.js", SCRIPT, include_str!("history.js")),
    ("/admin/ui/api.js", SCRIPT, include_str!("api.js")),
    ("/admin/ui/format.js", SCRIPT, include_str!("format.js")),
    ("/admin/ui/node.js", SCRIPT, include_str!("node.js")),
];

/// `/admin/ui`: a page for people that shows the jobs and asks for what [`super::admin`] does, of
/// which it is part. It has no data in it, and asks whoever opens it for a token. By itself this is
/// for a service that has nothing to show yet: the page then tells what `/admin/jobs` answers.
pub fn page() -> Router {
    // Its files are below it by relative paths, which a slash at the end would lead astray.
    let slash = get(async || Redirect::temporary("../ui"));
    let router = Router::new().route("/admin/ui", get(index)).route("/admin/ui/", slash);
    let all = FILES
        .into_iter()
        .fold(router, |router, (path, kind, text)| router.route(path, get(async move || file(kind, text))));
    all.method_not_allowed_fallback(async || Problem::wrong_method())
}

/// The page.
#[utoipa::path(get, path = "/admin/ui", tag = "page", responses(
    (status = 200, content_type = "text/html", body = String, description = "A page that asks for a token"),
))]
pub(super) async fn index() -> Response {
    file(HTML, include_str!("index.html"))
}

fn file(kind: &'static str, text: &'static str) -> Response {
    let headers = [
        (CONTENT_TYPE, kind),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        // A new version of the service comes with a new page.
        (CACHE_CONTROL, "no-cache"),
    ];
    (headers, text).into_response()
}
