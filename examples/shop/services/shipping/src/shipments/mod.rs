//! The service's resource: what a shipment is, and what keeps shipments.

mod id;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

pub use id::ShipmentId;

/// Limits of a shipment's values. They are stated in openapi.yaml too.
pub const MAX_ORDER_LENGTH: usize = 64;
pub const MAX_ADDRESS_LENGTH: usize = 200;
pub const MAX_RECIPIENT_LENGTH: usize = 254;

/// One shipment as clients see it and as it is stored. An order has at most one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shipment {
    pub id: ShipmentId,
    pub order: String,
    pub address: String,
    /// An e-mail address: who is told that the shipment is on its way.
    pub recipient: String,
    pub state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Preparing,
    Shipped,
}

/// A part of the list of shipments, oldest first.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Page {
    pub shipments: Vec<Shipment>,
    /// The cursor of the page after this one; none on the last page.
    pub next: Option<String>,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Dispatched {
    pub shipment: Shipment,
    /// It was not shipped before this call.
    pub first: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("no such shipment")]
    NotFound,
    /// The store cannot be reached now; the same call may work later.
    #[error("the store is not available: {0}")]
    Unavailable(String),
    /// Somebody else wrote to the store.
    #[error("stored shipment is not readable: {0}")]
    Unreadable(#[from] serde_json::Error),
}

/// Keeps shipments. Every replica of the service works on the same store.
#[async_trait]
pub trait Store: Send + Sync {
    /// Returns the shipment of the order: this one, or the one that the order has already.
    async fn create(&self, shipment: &Shipment) -> Result<Shipment, StoreError>;

    async fn get(&self, id: &ShipmentId) -> Result<Shipment, StoreError>;

    /// The shipment of an order, if it has one.
    async fn of_order(&self, order: &str) -> Result<Option<Shipment>, StoreError>;

    /// At most `limit` shipments that follow the cursor (a shipment's id; none: from the start).
    async fn list(&self, cursor: Option<&ShipmentId>, limit: usize) -> Result<Page, StoreError>;

    /// Makes a shipment shipped. Of all calls for one shipment, on all replicas, one at most is told
    /// that it was the first.
    async fn dispatch(&self, id: &ShipmentId) -> Result<Dispatched, StoreError>;

    /// Says whether the store answers.
    async fn ping(&self) -> Result<(), StoreError>;
}
