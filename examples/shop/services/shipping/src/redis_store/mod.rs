//! Keeps shipments in Redis.
//!
//! Each shipment is a JSON string under its own key. A sorted set holds all ids with equal scores, so
//! that it is ordered by id, which is the order of creation; a page of the list is a range of it. A key
//! for each order holds the id of its shipment.

mod connection;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use redis::RedisError;

use self::connection::Connection;
use crate::shipments::{Dispatched, Page, Shipment, ShipmentId, State, Store, StoreError};

const SHIPMENT_PREFIX: &str = "shipping:shipment:";
const INDEX: &str = "shipping:shipments";

const ORDER_PREFIX: &str = "shipping:order:";

/// Keeps a shipment unless its order has one; returns the id of the order's shipment. A script, so
/// that two replicas which are asked at the same time keep one.
const CREATE: &str = "
local first = redis.call('GET', KEYS[1])
if first then return first end
redis.call('SET', KEYS[1], ARGV[1])
redis.call('SET', KEYS[2], ARGV[2])
redis.call('ZADD', KEYS[3], 0, ARGV[1])
return ARGV[1]";

/// Overwrites a value that is still as it was read; returns whether it was.
const SWAP: &str = "
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1";

pub struct RedisStore {
    connection: Connection,
}

impl RedisStore {
    /// Prepares a store for redis://host:port[/db]. It does not connect yet: the service starts,
    /// and says that it is not ready, while Redis is away.
    pub fn new(url: &str) -> Result<Self, RedisError> {
        Ok(Self { connection: Connection::new(url)? })
    }

    async fn fetch(&self, ids: &[String]) -> Result<Vec<Shipment>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<_> = ids.iter().map(|id| key(id)).collect();
        let (values,): (Vec<Option<String>>,) =
            self.connection.run(redis::pipe().mget(keys)).await?;
        values.iter().flatten().map(|value| decode(value)).collect()
    }

    /// The value of a shipment as it is stored.
    async fn read(&self, id: &str) -> Result<String, StoreError> {
        let (value,): (Option<String>,) = self.connection.run(redis::pipe().get(key(id))).await?;
        value.ok_or(StoreError::NotFound)
    }
}

#[async_trait]
impl Store for RedisStore {
    async fn create(&self, shipment: &Shipment) -> Result<Shipment, StoreError> {
        let mut script = redis::pipe();
        script.cmd("EVAL").arg(CREATE).arg(3);
        script.arg(order_key(&shipment.order)).arg(key(shipment.id.as_str())).arg(INDEX);
        script.arg(shipment.id.as_str()).arg(serde_json::to_string(shipment)?);
        let (first,): (String,) = self.connection.run(&script).await?;
        if first == shipment.id.as_str() {
            return Ok(shipment.clone());
        }
        decode(&self.read(&first).await?)
    }

    async fn get(&self, id: &ShipmentId) -> Result<Shipment, StoreError> {
        decode(&self.read(id.as_str()).await?)
    }

    async fn of_order(&self, order: &str) -> Result<Option<Shipment>, StoreError> {
        let (id,): (Option<String>,) =
            self.connection.run(redis::pipe().get(order_key(order))).await?;
        match id {
            Some(id) => decode(&self.read(&id).await?).map(Some),
            None => Ok(None),
        }
    }

    async fn list(&self, cursor: Option<&ShipmentId>, limit: usize) -> Result<Page, StoreError> {
        let after = cursor.map_or("-".to_owned(), |id| format!("({id}"));
        let mut range = redis::pipe();
        range.cmd("ZRANGEBYLEX").arg(INDEX).arg(after).arg("+");
        // One more than asked for tells whether there is a next page.
        range.arg("LIMIT").arg(0).arg(limit + 1);
        let (mut ids,): (Vec<String>,) = self.connection.run(&range).await?;
        let more = ids.len() > limit;
        ids.truncate(limit);
        let shipments = self.fetch(&ids).await?;
        Ok(Page { shipments, next: ids.pop().filter(|_| more) })
    }

    /// A shipment changes once in its life, so a value that is no longer as it was read tells that
    /// another call dispatched it.
    async fn dispatch(&self, id: &ShipmentId) -> Result<Dispatched, StoreError> {
        let before = self.read(id.as_str()).await?;
        let mut shipment = decode(&before)?;
        if shipment.state == State::Shipped {
            return Ok(Dispatched { shipment, first: false });
        }
        shipment.state = State::Shipped;
        let mut script = redis::pipe();
        script.cmd("EVAL").arg(SWAP).arg(1).arg(key(id.as_str()));
        script.arg(before).arg(serde_json::to_string(&shipment)?);
        let (first,): (bool,) = self.connection.run(&script).await?;
        Ok(Dispatched { shipment, first })
    }

    async fn ping(&self) -> Result<(), StoreError> {
        let (_,): (String,) = self.connection.run(redis::pipe().ping()).await?;
        Ok(())
    }
}

fn key(id: &str) -> String {
    format!("{SHIPMENT_PREFIX}{id}")
}

fn order_key(order: &str) -> String {
    format!("{ORDER_PREFIX}{order}")
}

fn decode(value: &str) -> Result<Shipment, StoreError> {
    Ok(serde_json::from_str(value)?)
}
