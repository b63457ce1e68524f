//! One client for each service that this one needs.

mod client;
mod retry;
pub mod sample_need;
#[cfg(test)]
mod tests;

pub use client::{CallError, Client, Limits};
