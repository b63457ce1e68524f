"""Bodies of requests: JSON only, of limited size, within a limited time."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.types import Message

from app.api.problems import Problem

MAX_BODY_BYTES = 64 * 1024
BODY_TIMEOUT_SECONDS = 30

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class JsonRoute(APIRoute):
    """A route whose body, if it takes one, is checked before FastAPI reads it.

    FastAPI alone answers 422 to everything that is wrong with a body, and reads one of any size.
    """

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()
        if self.body_field is None:
            return handle

        async def handle_checked(request: Request) -> Response:
            media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
            if media_type != "application/json":
                raise Problem(415, "The body must be application/json.")
            checked = JsonRequest(request.scope, _limited(request), request._send)
            if not await _read(checked):
                raise Problem(400, "The body is not JSON.")
            return await handle(checked)

        return handle_checked


class JsonRequest(Request):
    """Takes exactly what RFC 8259 calls JSON: Python's parser also takes NaN, and UTF-16."""

    async def json(self) -> Any:
        if not hasattr(self, "_json"):
            try:
                self._json = json.loads((await self.body()).decode(), parse_constant=_refuse)
            except (ValueError, RecursionError):
                raise Problem(400, "The body is not JSON.") from None
        return self._json


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


async def _read(request: Request) -> bytes:
    try:
        async with asyncio.timeout(BODY_TIMEOUT_SECONDS):
            return await request.body()
    except TimeoutError:
        headers = {"Connection": "close"}
        raise Problem(408, "The body did not arrive in time.", headers=headers) from None


def _limited(request: Request) -> Callable[[], Coroutine[Any, Any, Message]]:
    """Receives as the request does, up to the limit."""
    declared = request.headers.get("content-length", "0")
    left = MAX_BODY_BYTES

    async def receive() -> Message:
        nonlocal left
        # A body that is declared too large is refused before any of it is read.
        if declared.isdigit() and int(declared) > MAX_BODY_BYTES:
            raise too_large()
        message = await request.receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise too_large()
        return message

    return receive


def too_large() -> Problem:
    return Problem(413, f"The body must not be larger than {MAX_BODY_BYTES} bytes.")
