//! Calls the service sample-need.

use serde::Deserialize;

use crate::http_client::{CallError, HttpClient, WrongUrl, path_segment};
use crate::trace::Trace;

const NEED: &str = "sample-need";
const URL_VARIABLE: &str = "SAMPLE_NEED_URL";

pub struct Client(HttpClient);

/// An item of that service, as far as this service looks at it.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub struct Item {
    pub id: String,
    pub name: String,
    pub quantity: i64,
}

impl Client {
    /// Takes the address from the environment.
    pub fn new(environment: impl Fn(&str) -> Option<String>) -> Result<Self, WrongUrl> {
        Ok(Self(HttpClient::new(NEED, URL_VARIABLE, environment)?))
    }

    /// One item; a [`CallError::Status`] of 404 if there is none with this id.
    pub async fn item(&self, trace: &Trace, id: &str) -> Result<Item, CallError> {
        self.0.get(trace, &format!("/items/{}", path_segment(id))).await
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::http::{StatusCode, Uri};

    use super::*;
    use crate::http_client::tests::serve;

    async fn answer(uri: Uri) -> (StatusCode, &'static str) {
        match uri.path() {
            "/items/a%2Fb" => (StatusCode::OK, r#"{"id":"a/b","name":"lamp","quantity":3}"#),
            _ => (StatusCode::NOT_FOUND, "{}"),
        }
    }

    #[tokio::test]
    async fn an_item_is_read() {
        let url = serve(Router::new().fallback(answer)).await;
        let environment = |name: &str| (name == URL_VARIABLE).then(|| url.clone());
        let client = Client::new(environment).unwrap();

        let item = client.item(&Trace::begin(), "a/b").await.unwrap();
        assert_eq!(item, Item { id: "a/b".to_owned(), name: "lamp".to_owned(), quantity: 3 });
        let unknown = client.item(&Trace::begin(), "unknown").await.unwrap_err();
        assert!(matches!(unknown, CallError::Status { status: StatusCode::NOT_FOUND, .. }));
    }

    #[test]
    fn a_missing_variable_is_named() {
        let wrong = Client::new(|_| None).err().unwrap();
        assert!(wrong.to_string().contains(URL_VARIABLE), "{wrong}");
    }
}
