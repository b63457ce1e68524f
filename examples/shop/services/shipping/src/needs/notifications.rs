//! Calls the service notifications.

use async_trait::async_trait;
use axum::http::Method;
use serde_json::json;

use crate::http_client::{CallError, HttpClient, WrongUrl};
use crate::shipments::Shipment;
use crate::trace::Trace;

const NEED: &str = "notifications";
const URL_VARIABLE: &str = "NOTIFICATIONS_URL";

/// Tells a recipient about a shipment.
#[async_trait]
pub trait Notifier: Send + Sync {
    async fn on_its_way(&self, trace: &Trace, shipment: &Shipment) -> Result<(), CallError>;
}

pub struct Client(HttpClient);

impl Client {
    /// Takes the address from the environment.
    pub fn new(environment: impl Fn(&str) -> Option<String>) -> Result<Self, WrongUrl> {
        Ok(Self(HttpClient::new(NEED, URL_VARIABLE, environment)?))
    }
}

#[async_trait]
impl Notifier for Client {
    async fn on_its_way(&self, trace: &Trace, shipment: &Shipment) -> Result<(), CallError> {
        let body = json!({
            "order": shipment.order,
            "recipient": shipment.recipient,
            "text": format!("Your order {} is on its way.", shipment.order),
        });
        let body = Some(body.to_string().into());
        self.0.send(trace, Method::POST, "/items", body).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use axum::Router;
    use axum::extract::State as Shared;
    use axum::http::{HeaderMap, StatusCode, Uri};
    use serde_json::Value;
    use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

    use super::*;
    use crate::http_client::tests::serve;
    use crate::shipments::{ShipmentId, State};

    type Seen = (String, String, Value);

    async fn answer(
        Shared(seen): Shared<UnboundedSender<Seen>>,
        uri: Uri,
        headers: HeaderMap,
        body: String,
    ) -> StatusCode {
        let trace = Trace::from_headers(&headers).trace_id.clone();
        seen.send((uri.path().to_owned(), trace, serde_json::from_str(&body).unwrap())).unwrap();
        if body.contains("nobody") { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::CREATED }
    }

    fn shipment(recipient: &str) -> Shipment {
        Shipment {
            id: ShipmentId::new(SystemTime::now()),
            order: "o1".to_owned(),
            address: "Harbour Street 1".to_owned(),
            recipient: recipient.to_owned(),
            state: State::Shipped,
        }
    }

    #[tokio::test]
    async fn a_notification_is_sent() {
        let (sender, mut seen) = unbounded_channel();
        let url = serve(Router::new().fallback(answer).with_state(sender)).await;
        let environment = |name: &str| (name == URL_VARIABLE).then(|| url.clone());
        let client = Client::new(environment).unwrap();

        let trace = Trace::begin();
        client.on_its_way(&trace, &shipment("ann@example.com")).await.unwrap();
        let text = "Your order o1 is on its way.";
        let body = json!({"order": "o1", "recipient": "ann@example.com", "text": text});
        let expected = ("/items".to_owned(), trace.trace_id.clone(), body);
        assert_eq!(seen.recv().await.unwrap(), expected);

        let refused = client.on_its_way(&trace, &shipment("nobody@example.com")).await.unwrap_err();
        let expected = StatusCode::UNPROCESSABLE_ENTITY;
        assert!(matches!(refused, CallError::Status { status, .. } if status == expected));
    }

    #[test]
    fn a_missing_variable_is_named() {
        let wrong = Client::new(|_| None).err().unwrap();
        assert!(wrong.to_string().contains(URL_VARIABLE), "{wrong}");
    }
}
