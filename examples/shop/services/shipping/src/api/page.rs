use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::problem::{Problem, WrongValue};
use crate::shipments::{MAX_ORDER_LENGTH, ShipmentId};

const DEFAULT_SIZE: usize = 50;
const MAX_SIZE: usize = 100;

/// `?order=`, `?limit=` and `?cursor=`. A cursor is the id of the last shipment of the page before.
pub(super) struct PageQuery {
    pub(super) order: Option<String>,
    pub(super) cursor: Option<ShipmentId>,
    pub(super) limit: usize,
}

impl<S: Sync> FromRequestParts<S> for PageQuery {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default().as_bytes();
        let value = |name| form_urlencoded::parse(query).find(|(each, _)| each == name);
        let mut wrong = Vec::new();
        let mut fail = |parameter, detail: String| {
            wrong.push(WrongValue { parameter, detail: detail.into(), ..WrongValue::default() });
        };

        let order = value("order").map(|(_, text)| text.into_owned());
        if order
            .as_ref()
            .is_some_and(|text| !(1..=MAX_ORDER_LENGTH).contains(&text.chars().count()))
        {
            fail("order", format!("must have 1 to {MAX_ORDER_LENGTH} characters"));
        }
        let mut limit = DEFAULT_SIZE;
        if let Some((_, text)) = value("limit") {
            match text.parse() {
                Ok(number) if (1..=MAX_SIZE).contains(&number) => limit = number,
                _ => fail("limit", format!("must be an integer from 1 to {MAX_SIZE}")),
            }
        }
        let mut cursor = None;
        if let Some((_, text)) = value("cursor") {
            match text.parse() {
                Ok(id) => cursor = Some(id),
                Err(_) => fail("cursor", "must be the nextCursor of a list".to_owned()),
            }
        }
        if wrong.is_empty() {
            Ok(Self { order, cursor, limit })
        } else {
            Err(Problem::unprocessable("The query has values that are not allowed.", wrong))
        }
    }
}
