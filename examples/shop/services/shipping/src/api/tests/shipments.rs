use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use super::memory_store::MemoryStore;
use super::observe::{BrokenStore, TRACE_ID, TRACEPARENT};
use super::{Fixture, PARCEL, UNKNOWN_ID};
use crate::shipments::{ShipmentId, StoreError};

fn path_of(shipment: &Value) -> String {
    format!("/items/{}", shipment["id"].as_str().unwrap())
}

fn parcel(order: &str) -> String {
    json!({"order": order, "address": "Harbour Street 1", "recipient": "ann@example.com"})
        .to_string()
}

#[tokio::test]
async fn a_created_shipment_can_be_read() {
    let service = Fixture::new();
    let answer = service.call("POST", "/items", &parcel("örder")).await;
    assert_eq!(answer.status, 201);
    let made = answer.json();
    assert!(made["id"].as_str().unwrap().parse::<ShipmentId>().is_ok());
    let expected = json!({
        "id": made["id"], "order": "örder", "address": "Harbour Street 1",
        "recipient": "ann@example.com", "state": "preparing",
    });
    assert_eq!(made, expected);
    assert_eq!(answer.header("location"), path_of(&made));

    let answer = service.get(&path_of(&made)).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (200, made));
    assert_eq!(answer.header("content-type"), "application/json");
}

#[tokio::test]
async fn an_order_has_one_shipment() {
    let service = Fixture::new();
    let first = service.create(PARCEL).await;
    let other = r#"{"order":"o1","address":"Elsewhere 2","recipient":"bob@example.com"}"#;
    let answer = service.call("POST", "/items", other).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (200, first));
    assert_eq!(answer.header("location"), "");
}

#[tokio::test]
async fn a_location_has_the_public_prefix() {
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
        let service = Fixture::new();
        let headers = [("x-forwarded-prefix", prefix)];
        let answer = service.send("POST", "/items", PARCEL, &headers).await;
        let id = answer.json()["id"].as_str().unwrap().to_owned();
        assert_eq!(answer.header("location"), format!("{expected}{id}"), "prefix {prefix:?}");
    }
}

#[tokio::test]
async fn a_dispatched_shipment_is_shipped_and_its_recipient_told_once() {
    let service = Fixture::new();
    let mut shipment = service.create(PARCEL).await;
    let path = path_of(&shipment);
    shipment["state"] = json!("shipped");
    for _ in 0..2 {
        let headers = [("traceparent", TRACEPARENT)];
        let answer = service.send("POST", &format!("{path}/dispatch"), "", &headers).await;
        assert_eq!((answer.status.as_u16(), answer.json()), (200, shipment.clone()));
        assert_eq!(service.notifier.told(), [("o1".to_owned(), TRACE_ID.to_owned())]);
    }
    assert_eq!(service.get(&path).await.json(), shipment);
}

#[tokio::test]
async fn a_shipment_is_shipped_even_if_its_recipient_cannot_be_told() {
    let service = Fixture::new();
    let path = path_of(&service.create(PARCEL).await);
    service.notifier.away.store(true, Ordering::Relaxed);
    let answer = service.call("POST", &format!("{path}/dispatch"), "").await;
    assert_eq!((answer.status.as_u16(), &answer.json()["state"]), (200, &json!("shipped")));
    let lines = service.log.lines();
    let warning = lines.iter().find(|line| line["level"] == "warn").unwrap();
    assert_eq!(warning["message"], "notification not sent");

    service.notifier.away.store(false, Ordering::Relaxed);
    service.call("POST", &format!("{path}/dispatch"), "").await;
    assert!(service.notifier.told().is_empty());
}

#[tokio::test]
async fn a_dispatch_that_panics_is_answered() {
    let service = Fixture::on(Arc::new(BrokenStore), Arc::new(MemoryStore::default()));
    service.call("POST", &format!("/items/{UNKNOWN_ID}/dispatch"), "").await.problem(500);
}

#[tokio::test]
async fn unknown_shipments_are_not_found() {
    let service = Fixture::new();
    for id in [UNKNOWN_ID, "1", "a%2Fb", "..%2F..", "%ff"] {
        let path = format!("/items/{id}");
        service.get(&path).await.problem(404);
        service.call("POST", &format!("{path}/dispatch"), "").await.problem(404);
    }
}

#[tokio::test]
async fn an_empty_list_is_an_array() {
    assert_eq!(Fixture::new().get("/items").await.text(), "{\"items\":[]}\n");
}

#[tokio::test]
async fn the_list_can_be_narrowed_to_an_order() {
    let service = Fixture::new();
    service.create(PARCEL).await;
    let second = service.create(&parcel("a b&c")).await;
    let id = second["id"].as_str().unwrap();
    for (query, expected) in [
        ("order=a%20b%26c", vec![second.clone()]),
        ("order=a+b%26c&limit=1", vec![second.clone()]),
        (&format!("order=a+b%26c&cursor={UNKNOWN_ID}"), vec![second.clone()]),
        (&format!("order=a+b%26c&cursor={id}"), vec![]),
        ("order=o2", vec![]),
    ] {
        let list = service.get(&format!("/items?{query}")).await.json();
        assert_eq!(list, json!({"items": expected}), "{query}");
    }
}

#[tokio::test]
async fn pages_cover_the_list_once() {
    let service = Fixture::new();
    for n in 0..7 {
        service.create(&parcel(&format!("order {n}"))).await;
    }
    let (mut ids, mut sizes) = (BTreeSet::new(), Vec::new());
    let mut target = "/items?limit=3".to_owned();
    loop {
        let page = service.get(&target).await.json();
        let items = page["items"].as_array().unwrap();
        ids.extend(items.iter().map(|shipment| shipment["id"].to_string()));
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
    service.create(PARCEL).await;
    assert!(service.get("/items?limit=1").await.json().get("nextCursor").is_none());
}

#[tokio::test]
async fn every_route_of_shipments_says_unavailable() {
    let service = Fixture::new();
    service.store.fail(Some(|| StoreError::Unavailable("connection refused".to_owned())));
    let shipment = format!("/items/{UNKNOWN_ID}");
    let dispatch = format!("{shipment}/dispatch");
    for (method, path) in [
        ("GET", "/items"),
        ("GET", "/items?order=o1"),
        ("POST", "/items"),
        ("GET", &shipment),
        ("POST", &dispatch),
    ] {
        let answer = service.call(method, path, PARCEL).await;
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
