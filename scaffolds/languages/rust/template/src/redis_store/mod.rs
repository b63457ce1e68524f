//! Keeps items in Redis.
//!
//! Each item is a JSON string under its own key. A sorted set holds all ids with equal scores, so
//! that it is ordered by id, which is the order of creation; a page of the list is a range of it.

mod connection;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use redis::RedisError;

use self::connection::Connection;
use crate::items::{Item, ItemId, Page, Store, StoreError};

const ITEM_PREFIX: &str = "sample-service:item:";
const INDEX: &str = "sample-service:items";

pub struct RedisStore {
    connection: Connection,
}

impl RedisStore {
    /// Prepares a store for redis://host:port[/db]. It does not connect yet: the service starts,
    /// and says that it is not ready, while Redis is away.
    pub fn new(url: &str) -> Result<Self, RedisError> {
        Ok(Self { connection: Connection::new(url)? })
    }

    /// Leaves out items that were deleted since their ids were read.
    async fn fetch(&self, ids: &[String]) -> Result<Vec<Item>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<_> = ids.iter().map(|id| format!("{ITEM_PREFIX}{id}")).collect();
        let (values,): (Vec<Option<String>>,) =
            self.connection.run(redis::pipe().mget(keys)).await?;
        values.iter().flatten().map(|value| decode(value)).collect()
    }
}

#[async_trait]
impl Store for RedisStore {
    async fn create(&self, item: &Item) -> Result<(), StoreError> {
        let mut transaction = redis::pipe();
        transaction.atomic().set(key(&item.id), serde_json::to_string(item)?).ignore();
        transaction.zadd(INDEX, item.id.as_str(), 0).ignore();
        let () = self.connection.run(&transaction).await?;
        Ok(())
    }

    async fn get(&self, id: &ItemId) -> Result<Item, StoreError> {
        let (value,): (Option<String>,) = self.connection.run(redis::pipe().get(key(id))).await?;
        decode(&value.ok_or(StoreError::NotFound)?)
    }

    async fn list(&self, cursor: Option<&ItemId>, limit: usize) -> Result<Page, StoreError> {
        let after = cursor.map_or("-".to_owned(), |id| format!("({id}"));
        let mut range = redis::pipe();
        range.cmd("ZRANGEBYLEX").arg(INDEX).arg(after).arg("+");
        // One more than asked for tells whether there is a next page.
        range.arg("LIMIT").arg(0).arg(limit + 1);
        let (mut ids,): (Vec<String>,) = self.connection.run(&range).await?;
        let more = ids.len() > limit;
        ids.truncate(limit);
        let items = self.fetch(&ids).await?;
        Ok(Page { items, next: ids.pop().filter(|_| more) })
    }

    /// SET XX does it only if the item is there, in one step: an item that is deleted at the same
    /// time does not come back.
    async fn replace(&self, item: &Item) -> Result<(), StoreError> {
        let mut set = redis::pipe();
        set.cmd("SET").arg(key(&item.id)).arg(serde_json::to_string(item)?).arg("XX");
        let (replaced,): (Option<String>,) = self.connection.run(&set).await?;
        replaced.map(|_| ()).ok_or(StoreError::NotFound)
    }

    async fn delete(&self, id: &ItemId) -> Result<(), StoreError> {
        let mut transaction = redis::pipe();
        transaction.atomic().del(key(id)).zrem(INDEX, id.as_str()).ignore();
        let (removed,): (u64,) = self.connection.run(&transaction).await?;
        if removed > 0 { Ok(()) } else { Err(StoreError::NotFound) }
    }

    async fn ping(&self) -> Result<(), StoreError> {
        let (_,): (String,) = self.connection.run(redis::pipe().ping()).await?;
        Ok(())
    }
}

fn key(id: &ItemId) -> String {
    format!("{ITEM_PREFIX}{id}")
}

fn decode(value: &str) -> Result<Item, StoreError> {
    Ok(serde_json::from_str(value)?)
}
