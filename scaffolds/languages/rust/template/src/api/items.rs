use std::time::SystemTime;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::body::Draft;
use super::page::PageQuery;
use super::prefix::public_prefix;
use super::problem::Problem;
use super::{Shared, answer};
use crate::items::{Item, ItemId, StoreError};

/// The id as it stands in the path, or why there is none. It is an argument of its own, not a
/// reason to refuse at once: a body that is wrong comes first.
type IdInPath = Result<Path<String>, PathRejection>;

/// The body of GET /items.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ItemList {
    items: Vec<Item>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

pub(super) async fn list(State(api): Shared, query: PageQuery) -> Result<Response, Problem> {
    let page = api.store.list(query.cursor.as_ref(), query.limit).await?;
    let list = ItemList { items: page.items, next_cursor: page.next };
    Ok(answer::json(StatusCode::OK, &list))
}

pub(super) async fn create(
    State(api): Shared,
    headers: HeaderMap,
    draft: Draft,
) -> Result<Response, Problem> {
    let item = item_of(ItemId::new(SystemTime::now()), draft);
    api.store.create(&item).await?;
    let location = format!("{}/items/{}", public_prefix(&headers), item.id);
    let body = answer::json(StatusCode::CREATED, &item);
    Ok(([(header::LOCATION, location)], body).into_response())
}

pub(super) async fn get(State(api): Shared, id: IdInPath) -> Result<Response, Problem> {
    let item = api.store.get(&known_form(id)?).await?;
    Ok(answer::json(StatusCode::OK, &item))
}

pub(super) async fn replace(
    State(api): Shared,
    id: IdInPath,
    draft: Draft,
) -> Result<Response, Problem> {
    let item = item_of(known_form(id)?, draft);
    api.store.replace(&item).await?;
    Ok(answer::json(StatusCode::OK, &item))
}

pub(super) async fn delete(State(api): Shared, id: IdInPath) -> Result<StatusCode, Problem> {
    api.store.delete(&known_form(id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn item_of(id: ItemId, draft: Draft) -> Item {
    Item { id, name: draft.name, quantity: draft.quantity }
}

/// What has not the form of an id names no item.
fn known_form(id: IdInPath) -> Result<ItemId, StoreError> {
    id.ok().and_then(|Path(id)| id.parse().ok()).ok_or(StoreError::NotFound)
}
