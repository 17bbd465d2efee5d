//! The page for people, as a browser gets it.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Request, Response};
use insta::assert_snapshot;
use jobwatch_runtime::http::{AdminToken, AdminTokens, page};
use tower::ServiceExt;

use crate::service::{TOKEN, service, show};

async fn get(path: &str) -> Response<Body> {
    page().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap()
}

/// The files that a file of the page names.
fn named(text: &str) -> BTreeSet<String> {
    let quoted = text.split('"').skip(1).step_by(2);
    let files = quoted.filter(|text| [".css", ".js", ".svg"].iter().any(|ending| text.ends_with(ending)));
    files.map(|file| file.rsplit('/').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn every_file_that_the_page_names_is_there_with_its_type_and_the_policy() {
    let mut told = String::new();
    let mut found = BTreeSet::from([String::new()]);
    let mut open = vec![String::new()];
    while let Some(file) = open.pop() {
        let path = format!("/admin/ui/{file}");
        let answer = get(path.trim_end_matches('/')).await;
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        told += &format!("{path} {}\n", header("content-type"));
        let policy = header("content-security-policy");
        for part in ["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"]
        {
            assert!(policy.split("; ").any(|directive| directive == part), "{policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains("data:"), "{policy}");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("referrer-policy"), "no-referrer");
        let text = show(answer).await;
        assert!(!text.replace("http://www.w3.org/2000/svg", "").contains("//www."), "nothing from elsewhere");
        assert!(
            !text.contains("innerHTML") && !text.contains("<style") && !text.contains(" style="),
            "{path}"
        );
        for name in named(&text) {
            if found.insert(name.clone()) {
                open.push(name);
            }
        }
    }
    let mut told: Vec<_> = told.lines().collect();
    told.sort_unstable();
    assert_snapshot!(told.join("\n"), @"
    /admin/ui/ text/html; charset=utf-8
    /admin/ui/api.js text/javascript; charset=utf-8
    /admin/ui/format.js text/javascript; charset=utf-8
    /admin/ui/history.js text/javascript; charset=utf-8
    /admin/ui/icon.svg image/svg+xml
    /admin/ui/main.js text/javascript; charset=utf-8
    /admin/ui/node.js text/javascript; charset=utf-8
    /admin/ui/row.js text/javascript; charset=utf-8
    /admin/ui/style.css text/css; charset=utf-8
    ");
}

#[tokio::test(start_paused = true)]
async fn the_page_is_there_without_a_token_and_what_it_asks_for_is_not() {
    for tokens in [AdminTokens::from(AdminToken::new(TOKEN)), AdminTokens::none()] {
        let service = service(tokens).await;
        let status = async |method: &str, path: &str| {
            let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
            service.request(request).await.status().as_u16()
        };
        assert_eq!(status("GET", "/admin/ui").await, 200);
        assert_eq!(status("GET", "/admin/ui/main.js").await, 200);
        assert_eq!(status("POST", "/admin/ui").await, 405);
        assert!([401, 403].contains(&status("GET", "/admin/ui/nothing.js").await));
        assert!([401, 403].contains(&status("GET", "/admin/jobs").await));
    }
    let slash = get("/admin/ui/").await;
    assert_eq!((slash.status().as_u16(), &slash.headers()["location"]), (307, &"../ui".parse().unwrap()));
}
