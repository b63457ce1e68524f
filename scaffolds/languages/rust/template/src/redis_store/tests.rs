use std::net::TcpListener;
use std::time::{Duration, SystemTime};

use super::RedisStore;
use crate::items::{Item, ItemId, Store, StoreError};

fn lamp(made: SystemTime, quantity: u32) -> Item {
    Item { id: ItemId::new(made), name: "lämp".to_owned(), quantity }
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
    let item = lamp(SystemTime::now(), 1);
    for (call, result) in [
        ("ping", store.ping().await),
        ("create", store.create(&item).await),
        ("get", store.get(&item.id).await.map(drop)),
        ("list", store.list(None, 10).await.map(drop)),
        ("replace", store.replace(&item).await),
        ("delete", store.delete(&item.id).await),
    ] {
        assert!(matches!(result, Err(StoreError::Unavailable(_))), "{call}: {result:?}");
    }
}

/// Runs when TEST_REDIS_URL names a server whose items may be touched.
#[tokio::test]
async fn against_redis() {
    let Ok(url) = std::env::var("TEST_REDIS_URL") else {
        eprintln!("skipped: TEST_REDIS_URL is not set");
        return;
    };
    let store = RedisStore::new(&url).unwrap();
    let now = SystemTime::now();
    let mut made: Vec<_> =
        (0..3).map(|n| lamp(now + Duration::from_millis(n), 7 + n as u32)).collect();
    for item in &made {
        store.create(item).await.unwrap();
    }

    assert_eq!(store.get(&made[1].id).await.unwrap(), made[1]);
    let page = store.list(Some(&made[0].id), 1).await.unwrap();
    assert_eq!(page.items, made[1..2]);
    assert_eq!(page.next.as_deref(), Some(made[1].id.as_str()));
    made[1].quantity = 70;
    store.replace(&made[1]).await.unwrap();
    assert_eq!(store.get(&made[1].id).await.unwrap(), made[1]);

    for item in &made {
        store.delete(&item.id).await.unwrap();
    }
    for (call, result) in [
        ("delete", store.delete(&made[0].id).await),
        ("replace", store.replace(&made[0]).await),
        ("get", store.get(&made[0].id).await.map(drop)),
    ] {
        assert!(matches!(result, Err(StoreError::NotFound)), "{call}: {result:?}");
    }
    assert!(!store.list(None, 100).await.unwrap().items.contains(&made[2]));
}
