use std::collections::BTreeSet;

use super::{Fixture, PARCEL};
use crate::api::routes;

#[tokio::test]
async fn unknown_paths_are_not_found() {
    let service = Fixture::new();
    for path in ["/", "/nothing", "/items/", "//items", "/items/1/2", "/./items", "/ITEMS"] {
        service.get(path).await.problem(404);
    }
}

#[tokio::test]
async fn other_methods_are_refused_with_allow() {
    let service = Fixture::new();
    for (path, allow) in [
        ("/items", "GET, HEAD, POST"),
        ("/items/1", "GET, HEAD"),
        ("/items/1/dispatch", "POST"),
        ("/health/live", "GET, HEAD"),
    ] {
        for method in ["PATCH", "OPTIONS", "BREW"] {
            let answer = service.call(method, path, PARCEL).await;
            let problem = answer.problem(405);
            assert_eq!(answer.header("allow"), allow);
            assert_eq!(problem["detail"], format!("This path takes {allow}."));
        }
    }
}

#[tokio::test]
async fn head_is_answered_where_get_is() {
    let service = Fixture::new();
    let answer = service.call("HEAD", "/items", "").await;
    assert_eq!((answer.status.as_u16(), answer.text()), (200, ""));
    let length = service.get("/items").await.body.len().to_string();
    assert_eq!(answer.header("content-length"), length);
}

/// Keeps openapi.yaml and the routes from drifting apart. The document is written in block style
/// down to its methods, so lines are enough to find them.
#[tokio::test]
async fn the_document_describes_every_route() {
    let answer = Fixture::new().get("/openapi.yaml").await;
    assert_eq!(answer.header("content-type"), "application/yaml");
    assert!(answer.text().starts_with("openapi: 3.1"));

    let (_, paths) = answer.text().split_once("\npaths:\n").unwrap();
    let (paths, _) = paths.split_once("\ncomponents:\n").unwrap();
    let mut documented = BTreeSet::new();
    let mut path = "";
    for line in paths.lines() {
        let key = line.trim().trim_end_matches(':');
        if line.starts_with("  /") {
            path = key;
        } else if line.starts_with("    ") && !line.starts_with("     ") && key != "parameters" {
            documented.insert(format!("{} {path}", key.to_uppercase()));
        }
    }
    let served: BTreeSet<_> =
        routes().iter().map(|(method, path, _)| format!("{method} {path}")).collect();
    assert_eq!(documented, served);
}
