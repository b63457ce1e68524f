"""What an orchestrator asks."""

import asyncio

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from app.items import UnavailableError

READINESS_TIMEOUT_SECONDS = 0.5

router = APIRouter(prefix="/health")


@router.get("/live")
async def live() -> JSONResponse:
    """Says that the process serves. It asks nobody else: a restart does not bring Redis back."""
    return JSONResponse({"status": "live"})


@router.get("/ready")
async def ready(request: Request) -> JSONResponse:
    """Says whether requests should be sent here, and if not, which check failed."""
    if request.app.state.lifecycle.draining:
        return JSONResponse({"status": "unready", "failed": "shutdown"}, 503)
    try:
        async with asyncio.timeout(READINESS_TIMEOUT_SECONDS):
            await request.app.state.store.ping()
    except (UnavailableError, TimeoutError):
        return JSONResponse({"status": "unready", "failed": "redis"}, 503)
    return JSONResponse({"status": "ready"})
