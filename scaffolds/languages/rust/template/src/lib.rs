//! The parts of the service; `main.rs` joins them.

pub mod api;
pub mod clients;
pub mod config;
pub mod items;
pub mod redis_store;
pub mod server;
pub mod telemetry;
pub mod trace;

mod random;
#[cfg(test)]
mod test_log;
