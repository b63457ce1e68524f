use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard};

use async_trait::async_trait;

use crate::shipments::{Dispatched, Page, Shipment, ShipmentId, State, Store, StoreError};

/// The store of these tests. A service keeps nothing in memory: its replicas share a store.
#[derive(Default)]
pub(super) struct MemoryStore {
    shipments: Mutex<BTreeMap<ShipmentId, Shipment>>,
    /// Makes the error of every call, if set.
    failure: Mutex<Option<fn() -> StoreError>>,
}

impl MemoryStore {
    pub(super) fn fail(&self, failure: Option<fn() -> StoreError>) {
        *self.failure.lock().unwrap() = failure;
    }

    fn shipments(&self) -> Result<MutexGuard<'_, BTreeMap<ShipmentId, Shipment>>, StoreError> {
        match *self.failure.lock().unwrap() {
            Some(failure) => Err(failure()),
            None => Ok(self.shipments.lock().unwrap()),
        }
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn create(&self, shipment: &Shipment) -> Result<Shipment, StoreError> {
        let mut shipments = self.shipments()?;
        if let Some(first) = shipments.values().find(|each| each.order == shipment.order) {
            return Ok(first.clone());
        }
        shipments.insert(shipment.id.clone(), shipment.clone());
        Ok(shipment.clone())
    }

    async fn get(&self, id: &ShipmentId) -> Result<Shipment, StoreError> {
        self.shipments()?.get(id).cloned().ok_or(StoreError::NotFound)
    }

    async fn of_order(&self, order: &str) -> Result<Option<Shipment>, StoreError> {
        Ok(self.shipments()?.values().find(|each| each.order == order).cloned())
    }

    async fn list(&self, cursor: Option<&ShipmentId>, limit: usize) -> Result<Page, StoreError> {
        let shipments = self.shipments()?;
        let after = cursor.map_or(Bound::Unbounded, Bound::Excluded);
        let mut following =
            shipments.range((after, Bound::Unbounded)).map(|(_, shipment)| shipment.clone());
        let page: Vec<_> = following.by_ref().take(limit).collect();
        let last = following.next().and(page.last());
        let next = last.map(|shipment| shipment.id.to_string());
        Ok(Page { shipments: page, next })
    }

    async fn dispatch(&self, id: &ShipmentId) -> Result<Dispatched, StoreError> {
        let mut shipments = self.shipments()?;
        let shipment = shipments.get_mut(id).ok_or(StoreError::NotFound)?;
        let first = shipment.state == State::Preparing;
        shipment.state = State::Shipped;
        Ok(Dispatched { shipment: shipment.clone(), first })
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.shipments().map(drop)
    }
}
