//! Calls other services: what the clients of the needs have in common.

mod client;
mod retry;
#[cfg(test)]
pub(crate) mod tests;

pub use client::{CallError, HttpClient, Limits, WrongUrl};
pub use retry::Retries;
