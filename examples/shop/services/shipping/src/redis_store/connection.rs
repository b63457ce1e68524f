//! The connection to Redis: one, which all requests share, since what they send is pipelined.

use std::sync::Arc;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, FromRedisValue, Pipeline, RedisError};
use tokio::sync::Mutex;
use tokio::time::timeout;
use tracing::debug;

use crate::shipments::StoreError;

// A request should learn within a second or two that Redis is away, rather than wait for it.
const STEP_TIMEOUT: Duration = Duration::from_secs(1);
const TOTAL_TIMEOUT: Duration = Duration::from_secs(2);

pub(super) struct Connection {
    client: Client,
    /// Locked while it is made, so that requests which need one at the same time make one.
    current: Mutex<Option<Arc<MultiplexedConnection>>>,
}

impl Connection {
    pub(super) fn new(url: &str) -> Result<Self, RedisError> {
        Ok(Self { client: Client::open(url)?, current: Mutex::default() })
    }

    pub(super) async fn run<T: FromRedisValue>(
        &self,
        commands: &Pipeline,
    ) -> Result<T, StoreError> {
        match timeout(TOTAL_TIMEOUT, self.try_twice(commands)).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(StoreError::Unavailable(error.to_string())),
            Err(_) => Err(StoreError::Unavailable("no answer in time".to_owned())),
        }
    }

    /// Redis may have been restarted since the last request: a connection that turns out to be
    /// closed is worth a second try. One that does not answer is not.
    async fn try_twice<T: FromRedisValue>(&self, commands: &Pipeline) -> Result<T, RedisError> {
        match self.try_once(commands).await {
            Err(error) if error.is_connection_dropped() => {
                debug!(%error, "redis closed the connection");
                self.try_once(commands).await
            }
            result => result,
        }
    }

    async fn try_once<T: FromRedisValue>(&self, commands: &Pipeline) -> Result<T, RedisError> {
        let connection = self.connect().await?;
        let result = commands.query_async(&mut MultiplexedConnection::clone(&connection)).await;
        if result.as_ref().is_err_and(RedisError::is_io_error) {
            self.forget(&connection).await;
        }
        result
    }

    async fn connect(&self) -> Result<Arc<MultiplexedConnection>, RedisError> {
        let mut current = self.current.lock().await;
        if let Some(connection) = &*current {
            return Ok(Arc::clone(connection));
        }
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(STEP_TIMEOUT))
            .set_response_timeout(Some(STEP_TIMEOUT));
        let made = self.client.get_multiplexed_async_connection_with_config(&config).await?;
        Ok(Arc::clone(current.insert(Arc::new(made))))
    }

    /// The next request makes a new connection, unless another one did already.
    async fn forget(&self, connection: &Arc<MultiplexedConnection>) {
        let mut current = self.current.lock().await;
        if current.as_ref().is_some_and(|current| Arc::ptr_eq(current, connection)) {
            *current = None;
        }
    }
}
