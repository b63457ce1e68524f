//! The parts of the service; `main.rs` joins them.

pub mod api;
pub mod config;
pub mod http_client;
pub mod shipments;
pub mod needs;
pub mod redis_store;
pub mod server;
pub mod telemetry;
pub mod trace;

mod random;
#[cfg(test)]
mod test_log;
