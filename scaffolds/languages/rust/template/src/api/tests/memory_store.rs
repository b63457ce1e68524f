use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard};

use async_trait::async_trait;

use crate::items::{Item, ItemId, Page, Store, StoreError};

/// The store of these tests. A service keeps nothing in memory: its replicas share a store.
#[derive(Default)]
pub(super) struct MemoryStore {
    items: Mutex<BTreeMap<ItemId, Item>>,
    /// Makes the error of every call, if set.
    failure: Mutex<Option<fn() -> StoreError>>,
}

impl MemoryStore {
    pub(super) fn fail(&self, failure: Option<fn() -> StoreError>) {
        *self.failure.lock().unwrap() = failure;
    }

    fn items(&self) -> Result<MutexGuard<'_, BTreeMap<ItemId, Item>>, StoreError> {
        match *self.failure.lock().unwrap() {
            Some(failure) => Err(failure()),
            None => Ok(self.items.lock().unwrap()),
        }
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn create(&self, item: &Item) -> Result<(), StoreError> {
        self.items()?.insert(item.id.clone(), item.clone());
        Ok(())
    }

    async fn get(&self, id: &ItemId) -> Result<Item, StoreError> {
        self.items()?.get(id).cloned().ok_or(StoreError::NotFound)
    }

    async fn list(&self, cursor: Option<&ItemId>, limit: usize) -> Result<Page, StoreError> {
        let items = self.items()?;
        let after = cursor.map_or(Bound::Unbounded, Bound::Excluded);
        let mut following = items.range((after, Bound::Unbounded)).map(|(_, item)| item.clone());
        let page: Vec<_> = following.by_ref().take(limit).collect();
        let last = following.next().and(page.last());
        let next = last.map(|item| item.id.to_string());
        Ok(Page { items: page, next })
    }

    async fn replace(&self, item: &Item) -> Result<(), StoreError> {
        *self.items()?.get_mut(&item.id).ok_or(StoreError::NotFound)? = item.clone();
        Ok(())
    }

    async fn delete(&self, id: &ItemId) -> Result<(), StoreError> {
        self.items()?.remove(id).map(drop).ok_or(StoreError::NotFound)
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.items().map(drop)
    }
}
