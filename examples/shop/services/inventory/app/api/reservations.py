"""Routes of what is taken from stock."""

from fastapi import APIRouter, Response

from app.api.body import JsonRoute
from app.api.items import Items
from app.items import Reservation

router = APIRouter(prefix="/reservations", route_class=JsonRoute)


@router.post("", status_code=201)
async def reserve(wanted: Reservation, store: Items, response: Response) -> Reservation:
    """Answers a second request for an order with the first one's reservation.

    A caller who does not know what became of a request may send it again.
    """
    reservation, is_new = await store.reserve(wanted)
    if not is_new:
        response.status_code = 200
    return reservation
