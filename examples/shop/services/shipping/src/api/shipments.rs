use std::time::SystemTime;

use axum::extract::rejection::PathRejection;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tracing::{Instrument, Span, error, warn};

use super::body::Draft;
use super::page::PageQuery;
use super::prefix::public_prefix;
use super::problem::Problem;
use super::{Dependencies, Shared, answer};
use crate::shipments::{self, Page, Shipment, ShipmentId, StoreError};
use crate::trace::Trace;

/// The id as it stands in the path, or why there is none.
type IdInPath = Result<Path<String>, PathRejection>;

/// The body of GET /items.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShipmentList {
    items: Vec<Shipment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

pub(super) async fn list(State(api): Shared, query: PageQuery) -> Result<Response, Problem> {
    let PageQuery { order, cursor, limit } = query;
    let page = match order {
        Some(order) => {
            let shipment = api.store.of_order(&order).await?;
            let after = |shipment: &Shipment| cursor.is_none_or(|cursor| shipment.id > cursor);
            Page { shipments: shipment.filter(after).into_iter().collect(), next: None }
        }
        None => api.store.list(cursor.as_ref(), limit).await?,
    };
    let list = ShipmentList { items: page.shipments, next_cursor: page.next };
    Ok(answer::json(StatusCode::OK, &list))
}

/// A second request for an order answers with the first one's shipment, so that a caller who does
/// not know what became of a request may send it again.
pub(super) async fn create(
    State(api): Shared,
    headers: HeaderMap,
    draft: Draft,
) -> Result<Response, Problem> {
    let new = Shipment {
        id: ShipmentId::new(SystemTime::now()),
        order: draft.order,
        address: draft.address,
        recipient: draft.recipient,
        state: shipments::State::Preparing,
    };
    let kept = api.store.create(&new).await?;
    if kept.id != new.id {
        return Ok(answer::json(StatusCode::OK, &kept));
    }
    let location = format!("{}/items/{}", public_prefix(&headers), kept.id);
    let body = answer::json(StatusCode::CREATED, &kept);
    Ok(([(header::LOCATION, location)], body).into_response())
}

pub(super) async fn get(State(api): Shared, id: IdInPath) -> Result<Response, Problem> {
    let shipment = api.store.get(&known_form(id)?).await?;
    Ok(answer::json(StatusCode::OK, &shipment))
}

/// Runs as a task of its own: whoever changes the state is the only one to send the notification,
/// and must not be stopped between the two because the caller left.
pub(super) async fn dispatch(
    State(api): Shared,
    Extension(trace): Extension<Trace>,
    id: IdInPath,
) -> Result<Response, Problem> {
    let id = known_form(id)?;
    let whole = async move { dispatch_and_tell(&api, &trace, &id).await };
    match tokio::spawn(whole.instrument(Span::current())).await {
        Ok(shipment) => Ok(answer::json(StatusCode::OK, &shipment?)),
        Err(error) => {
            error!(%error, "dispatch failed");
            Err(Problem::internal())
        }
    }
}

async fn dispatch_and_tell(
    api: &Dependencies,
    trace: &Trace,
    id: &ShipmentId,
) -> Result<Shipment, StoreError> {
    let dispatched = api.store.dispatch(id).await?;
    if !dispatched.first {
        return Ok(dispatched.shipment);
    }
    if let Err(error) = api.notifier.on_its_way(trace, &dispatched.shipment).await {
        // The parcel is with the carrier, whether or not its recipient has been told: the state
        // stands. Nor does a second dispatch send it: that could tell somebody twice.
        warn!(%error, shipment = %id, "notification not sent");
    }
    Ok(dispatched.shipment)
}

/// What has not the form of an id names no shipment.
fn known_form(id: IdInPath) -> Result<ShipmentId, StoreError> {
    id.ok().and_then(|Path(id)| id.parse().ok()).ok_or(StoreError::NotFound)
}
