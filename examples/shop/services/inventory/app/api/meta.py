"""What the service says about itself: metrics, and the description of its interface."""

from pathlib import Path

from fastapi import APIRouter, Request, Response

DOCUMENT = (Path(__file__).parents[2] / "openapi.yaml").read_bytes()

router = APIRouter()


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    counts = request.app.state.metrics
    return Response(counts.text(), media_type=counts.content_type)


@router.get("/openapi.yaml")
async def document() -> Response:
    return Response(DOCUMENT, media_type="application/yaml")
