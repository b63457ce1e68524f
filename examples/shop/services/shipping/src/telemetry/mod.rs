//! The service's log and metrics.

mod log;
mod metrics;
mod process;

pub use log::{JsonLines, log_panic};
pub use metrics::Metrics;
