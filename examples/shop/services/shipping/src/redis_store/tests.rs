use std::net::TcpListener;
use std::time::{Duration, SystemTime};

use super::RedisStore;
use crate::shipments::{Shipment, ShipmentId, State, Store, StoreError};

/// A shipment of an order of its own.
fn shipment(made: SystemTime) -> Shipment {
    let id = ShipmentId::new(made);
    Shipment {
        order: format!("order of {id}"),
        id,
        address: "Hafenstraße 1".to_owned(),
        recipient: "ann@example.com".to_owned(),
        state: State::Preparing,
    }
}

#[test]
fn other_urls_are_refused() {
    for url in ["", "localhost:6379", "http://localhost", "redis://localhost/notanumber"] {
        assert!(RedisStore::new(url).is_err(), "{url}");
    }
}

#[tokio::test]
async fn every_call_says_unavailable_when_redis_is_away() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let store = RedisStore::new(&format!("redis://{address}")).unwrap();
    let shipment = shipment(SystemTime::now());
    for (call, result) in [
        ("ping", store.ping().await),
        ("create", store.create(&shipment).await.map(drop)),
        ("get", store.get(&shipment.id).await.map(drop)),
        ("of_order", store.of_order(&shipment.order).await.map(drop)),
        ("list", store.list(None, 10).await.map(drop)),
        ("dispatch", store.dispatch(&shipment.id).await.map(drop)),
    ] {
        assert!(matches!(result, Err(StoreError::Unavailable(_))), "{call}: {result:?}");
    }
}

/// Runs when TEST_REDIS_URL names a server that may be written to.
#[tokio::test]
async fn against_redis() {
    let Ok(url) = std::env::var("TEST_REDIS_URL") else {
        eprintln!("skipped: TEST_REDIS_URL is not set");
        return;
    };
    let store = RedisStore::new(&url).unwrap();
    let now = SystemTime::now();
    let made: Vec<_> = (0..3).map(|n| shipment(now + Duration::from_millis(n))).collect();
    for shipment in &made {
        assert_eq!(store.create(shipment).await.unwrap(), *shipment);
    }
    let second = Shipment { id: ShipmentId::new(now), ..made[0].clone() };
    assert_eq!(store.create(&second).await.unwrap(), made[0]);
    assert!(matches!(store.get(&second.id).await, Err(StoreError::NotFound)));

    assert_eq!(store.get(&made[1].id).await.unwrap(), made[1]);
    assert_eq!(store.of_order(&made[2].order).await.unwrap().as_ref(), Some(&made[2]));
    assert_eq!(store.of_order("an order without one").await.unwrap(), None);
    let page = store.list(Some(&made[0].id), 1).await.unwrap();
    assert_eq!(page.shipments, made[1..2]);
    assert_eq!(page.next.as_deref(), Some(made[1].id.as_str()));

    let shipped = Shipment { state: State::Shipped, ..made[1].clone() };
    let id = &made[1].id;
    let (one, other) = tokio::join!(store.dispatch(id), store.dispatch(id));
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_eq!((&one.shipment, &other.shipment), (&shipped, &shipped));
    assert!(one.first != other.first, "{one:?} {other:?}");
    assert!(!store.dispatch(id).await.unwrap().first);
    assert_eq!(store.get(id).await.unwrap(), shipped);
    assert!(matches!(store.dispatch(&second.id).await, Err(StoreError::NotFound)));
}
