use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Fixture, LAMP, UNKNOWN_ID};
use crate::items::{ItemId, StoreError};

fn path_of(item: &Value) -> String {
    format!("/items/{}", item["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_created_item_can_be_read() {
    let service = Fixture::new();
    let answer = service.call("POST", "/items", r#"{"name":"lämp","quantity":3}"#).await;
    assert_eq!(answer.status, 201);
    let made = answer.json();
    assert!(made["id"].as_str().unwrap().parse::<ItemId>().is_ok());
    assert_eq!(made, json!({"id": made["id"], "name": "lämp", "quantity": 3}));
    assert_eq!(answer.header("location"), path_of(&made));

    let answer = service.get(&path_of(&made)).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (200, made));
    assert_eq!(answer.header("content-type"), "application/json");
}

#[tokio::test]
async fn a_location_has_the_public_prefix() {
    let service = Fixture::new();
    for (prefix, expected) in [
        ("/shop/lamps", "/shop/lamps/items/"),
        ("/shop/", "/shop/items/"),
        ("//evil.example", "/items/"),
        ("https://evil.example", "/items/"),
        ("/a/../b", "/items/"),
        ("/a/..", "/items/"),
        ("shop", "/items/"),
        ("/a?b", "/items/"),
        ("/", "/items/"),
        ("", "/items/"),
    ] {
        let headers = [("x-forwarded-prefix", prefix)];
        let answer = service.send("POST", "/items", LAMP, &headers).await;
        let id = answer.json()["id"].as_str().unwrap().to_owned();
        assert_eq!(answer.header("location"), format!("{expected}{id}"), "prefix {prefix:?}");
    }
}

#[tokio::test]
async fn an_item_can_be_replaced() {
    let service = Fixture::new();
    let made = service.create(LAMP).await;
    let path = path_of(&made);
    let answer = service.call("PUT", &path, r#"{"name":"light","quantity":4}"#).await;
    let expected = json!({"id": made["id"], "name": "light", "quantity": 4});
    assert_eq!((answer.status.as_u16(), answer.json()), (200, expected.clone()));
    assert_eq!(service.get(&path).await.json(), expected);
    service.call("PUT", &path, r#"{"name":""}"#).await.problem(422);
    assert_eq!(service.get(&path).await.json(), expected);
}

#[tokio::test]
async fn an_item_can_be_deleted_once() {
    let service = Fixture::new();
    let path = path_of(&service.create(LAMP).await);
    let answer = service.call("DELETE", &path, "").await;
    assert_eq!((answer.status.as_u16(), answer.text()), (204, ""));
    service.get(&path).await.problem(404);
    service.call("DELETE", &path, "").await.problem(404);
}

#[tokio::test]
async fn unknown_items_are_not_found() {
    let service = Fixture::new();
    for id in [UNKNOWN_ID, "1", "a%2Fb", "..%2F..", "%ff"] {
        let path = format!("/items/{id}");
        service.get(&path).await.problem(404);
        service.call("PUT", &path, LAMP).await.problem(404);
        service.call("PUT", &path, "{}").await.problem(422);
        service.call("DELETE", &path, "").await.problem(404);
    }
}

#[tokio::test]
async fn an_empty_list_is_an_array() {
    assert_eq!(Fixture::new().get("/items").await.text(), "{\"items\":[]}\n");
}

#[tokio::test]
async fn pages_cover_the_list_once() {
    let service = Fixture::new();
    for n in 0..7 {
        service.create(&format!(r#"{{"name":"lamp {n}","quantity":{n}}}"#)).await;
    }
    let (mut ids, mut sizes) = (BTreeSet::new(), Vec::new());
    let mut target = "/items?limit=3".to_owned();
    loop {
        let page = service.get(&target).await.json();
        let items = page["items"].as_array().unwrap();
        ids.extend(items.iter().map(|item| item["id"].to_string()));
        sizes.push(items.len());
        let Some(cursor) = page["nextCursor"].as_str() else {
            break;
        };
        target = format!("/items?limit=3&cursor={cursor}");
    }
    assert_eq!((ids.len(), sizes), (7, vec![3, 3, 1]));
}

#[tokio::test]
async fn the_last_full_page_has_no_cursor() {
    let service = Fixture::new();
    service.create(LAMP).await;
    assert!(service.get("/items?limit=1").await.json().get("nextCursor").is_none());
}

#[tokio::test]
async fn every_route_of_items_says_unavailable() {
    let service = Fixture::new();
    service.store.fail(Some(|| StoreError::Unavailable("connection refused".to_owned())));
    let item = format!("/items/{UNKNOWN_ID}");
    for (method, path) in
        [("GET", "/items"), ("POST", "/items"), ("GET", &item), ("PUT", &item), ("DELETE", &item)]
    {
        let answer = service.call(method, path, LAMP).await;
        let problem = answer.problem(503);
        assert_eq!(answer.header("retry-after"), "1", "{method} {path}");
        assert!(!problem.to_string().contains("refused"), "the inner error is told: {problem}");
    }
}

#[tokio::test]
async fn other_failures_of_the_store_are_ours() {
    let service = Fixture::new();
    service.store.fail(Some(|| serde_json::from_str::<Value>("{").unwrap_err().into()));
    service.get("/items").await.problem(500);
}
