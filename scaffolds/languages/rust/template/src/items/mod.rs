//! The service's resource: what an item is, and what keeps items.

mod id;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

pub use id::ItemId;

/// Limits of an item's values. They are stated in openapi.yaml too.
pub const MAX_NAME_LENGTH: usize = 100;
pub const MAX_QUANTITY: u32 = 1_000_000;

/// One item as clients see it and as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    pub id: ItemId,
    pub name: String,
    pub quantity: u32,
}

/// A part of the list of items, oldest first.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Page {
    pub items: Vec<Item>,
    /// The cursor of the page after this one; none on the last page.
    pub next: Option<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("no such item")]
    NotFound,
    /// The store cannot be reached now; the same call may work later.
    #[error("the store is not available: {0}")]
    Unavailable(String),
    /// Somebody else wrote to the store.
    #[error("stored item is not readable: {0}")]
    Unreadable(#[from] serde_json::Error),
}

/// Keeps items. Every replica of the service works on the same store.
#[async_trait]
pub trait Store: Send + Sync {
    async fn create(&self, item: &Item) -> Result<(), StoreError>;

    async fn get(&self, id: &ItemId) -> Result<Item, StoreError>;

    /// At most `limit` items that follow the cursor (an item's id; none: from the start).
    async fn list(&self, cursor: Option<&ItemId>, limit: usize) -> Result<Page, StoreError>;

    /// Never creates an item.
    async fn replace(&self, item: &Item) -> Result<(), StoreError>;

    async fn delete(&self, id: &ItemId) -> Result<(), StoreError>;

    /// Says whether the store answers.
    async fn ping(&self) -> Result<(), StoreError>;
}
