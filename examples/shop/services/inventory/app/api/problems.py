"""Errors as application/problem+json (RFC 9457).

The type is about:blank: the status says what went wrong, detail and errors say what to change.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.routing import Match

from app.items import NotFoundError, TooLittleError, UnavailableError

METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")

log = logging.getLogger(__name__)


class Problem(HTTPException):
    """A refusal that a route raises."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, detail, dict(headers or {}))


def respond(
    status: int,
    detail: str,
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if errors:
        body["errors"] = list(errors)
    return Response(
        json.dumps(body, ensure_ascii=False),
        status,
        {"Cache-Control": "no-store", **(headers or {})},
        "application/problem+json",
    )


def install(app: FastAPI) -> None:
    """Makes every error of the application a problem."""

    @app.exception_handler(StarletteHTTPException)
    async def refused(request: Request, error: StarletteHTTPException) -> Response:
        if error.status_code == 404:
            return respond(404, "There is nothing at this path.")
        if error.status_code == 405:
            allow = _allowed(request)
            return respond(405, f"This path takes {allow}.", headers={"Allow": allow})
        return respond(error.status_code, str(error.detail), headers=error.headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        errors = [_wrong_value(details) for details in error.errors()]
        place = "query" if all("parameter" in wrong for wrong in errors) else "body"
        return respond(422, f"The {place} has values that are not allowed.", errors)

    @app.exception_handler(NotFoundError)
    async def not_found(request: Request, error: NotFoundError) -> Response:
        return respond(404, "There is no item with this id.")

    @app.exception_handler(TooLittleError)
    async def too_little(request: Request, error: TooLittleError) -> Response:
        return respond(409, "There is less in stock than the reservation asks for.")

    @app.exception_handler(UnavailableError)
    async def unavailable(request: Request, error: UnavailableError) -> Response:
        log.warning("store not available", extra={"fields": {"error": str(error)}})
        detail = "The service's store does not answer at the moment."
        return respond(503, detail, headers={"Retry-After": "1"})

    @app.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> Response:
        # The framework raises it again after this answer; Observe logs it.
        return respond(500, "The service failed to answer this request.")


def _wrong_value(details: Mapping[str, Any]) -> dict[str, str]:
    """Names a wrong value: by JSON Pointer (RFC 6901) in the body, by name elsewhere."""
    place, *path = details["loc"]
    if place == "body":
        parts = (str(part).replace("~", "~0").replace("/", "~1") for part in path)
        return {"pointer": "".join("/" + part for part in parts), "detail": details["msg"]}
    return {"parameter": ".".join(map(str, path)), "detail": details["msg"]}


def _allowed(request: Request) -> str:
    """All methods of a path. The framework names only those of the first route that has it."""

    def taken(method: str) -> bool:
        scope = {**request.scope, "method": method}
        return any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)

    allowed = [method for method in METHODS if taken(method)]
    if "GET" in allowed:
        allowed.append("HEAD")
    return ", ".join(sorted(allowed))
