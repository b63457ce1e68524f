"""The service's HTTP interface; openapi.yaml describes it to others."""

from fastapi import FastAPI
from starlette.types import ASGIApp

from app.api import health, items, meta, problems, reservations
from app.api.observe import Observe
from app.items import Store
from app.lifecycle import Lifecycle
from app.metrics import Metrics

ROUTERS = (items.router, reservations.router, health.router, meta.router)


def create_app(store: Store, metrics: Metrics, lifecycle: Lifecycle) -> ASGIApp:
    return Observe(create_routes(store, metrics, lifecycle), metrics, lifecycle)


def create_routes(store: Store, metrics: Metrics, lifecycle: Lifecycle) -> FastAPI:
    # The document is kept by hand in openapi.yaml, so the generated one is off.
    app = FastAPI(openapi_url=None, redirect_slashes=False)
    app.state.store = store
    app.state.metrics = metrics
    app.state.lifecycle = lifecycle
    problems.install(app)
    for router in ROUTERS:
        app.include_router(router)
    return app
