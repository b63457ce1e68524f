use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;

use crate::http_client::CallError;
use crate::needs::notifications::Notifier;
use crate::shipments::Shipment;
use crate::trace::Trace;

/// Stands for the service notifications.
#[derive(Default)]
pub(super) struct Recorder {
    /// The orders whose recipients were told, each with the trace of the request.
    told: Mutex<Vec<(String, String)>>,
    pub(super) away: AtomicBool,
}

impl Recorder {
    pub(super) fn told(&self) -> Vec<(String, String)> {
        self.told.lock().unwrap().clone()
    }
}

#[async_trait]
impl Notifier for Recorder {
    async fn on_its_way(&self, trace: &Trace, shipment: &Shipment) -> Result<(), CallError> {
        if self.away.load(Ordering::Relaxed) {
            return Err(CallError::Timeout("notifications"));
        }
        self.told.lock().unwrap().push((shipment.order.clone(), trace.trace_id.clone()));
        Ok(())
    }
}
