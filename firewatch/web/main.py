"""The web application: middleware, error answers, API and pages. It is handed its services and makes none."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from firewatch import __version__
from firewatch.errors import FirewatchError
from firewatch.web import (
    api_alliance,
    api_danger,
    api_hotspots,
    api_incidents,
    api_messages,
    api_outlook,
    api_plans,
    api_record,
    api_resources,
    api_roads,
    api_stations,
    api_tokens,
    api_warnings,
    ground,
    health,
    hooks,
    live,
    problems,
)
from firewatch.web.console import errors as pages
from firewatch.web.console import routes
from firewatch.web.console.page import STATIC_DIR
from firewatch.web.published import routes as published
from firewatch.web.published import summaries, widget
from firewatch.web.security import BodyLimit, SecurityHeaders
from firewatch.web.services import Services

DESCRIPTION = "Wildfire early warning and joint dispatch. Times are RFC 3339, coordinates WGS84, errors RFC 9457."

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def build(services: Services, lifespan: Lifespan | None = None) -> FastAPI:
    """Return the application over some services; `lifespan` starts and stops what runs beside it."""
    app = FastAPI(
        title="firewatch",
        version=__version__,
        description=DESCRIPTION,
        lifespan=lifespan or _nothing_beside,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,  # its page loads scripts from the internet
        redoc_url=None,
    )
    app.state.firewatch = services
    for router in (api_incidents.router, api_danger.router, api_alliance.router, api_tokens.router, health.router):
        app.include_router(router)
    app.include_router(api_warnings.router)
    app.include_router(api_outlook.router)
    app.include_router(api_plans.router)
    app.include_router(api_record.router)
    app.include_router(api_resources.router)
    app.include_router(api_hotspots.router)
    app.include_router(api_messages.router)
    app.include_router(api_roads.router)
    app.include_router(api_stations.router)
    app.include_router(hooks.router)
    app.include_router(published.router)  # before the pages: a day's files stand below the day's own address
    app.include_router(summaries.router)
    app.include_router(widget.router)
    app.include_router(routes.router)
    app.include_router(ground.router)
    app.include_router(live.router)
    app.mount("/static", StaticFiles(directory=STATIC_DIR), name="static")
    for error in (FirewatchError, RequestValidationError, HTTPException, OperationalError, Exception):
        app.add_exception_handler(error, _answer)
    # Up to twice a photo's limit comes in, so that its sender reads on the page what to do.
    app.add_middleware(BodyLimit, max_photo_bytes=2 * services.book.photos.max_mib * 2**20)
    app.add_middleware(SecurityHeaders, https=services.secure_cookies)
    return app


def _answer(request: Request, error: Exception) -> Response:
    """Answer an error in the caller's way: a problem for programs, a page for people."""
    answer = problems.of(request, error)
    if request.url.path.startswith(
        ("/api/", "/webhooks/", "/healthz", "/readyz", "/metrics", "/static/", *ground.PREFIXES)
    ):
        return answer
    page = pages.error_page(request, answer.status_code, str(error) if isinstance(error, FirewatchError) else "")
    page.headers.update(
        {name: value for name, value in answer.headers.items() if name in {"allow", "connection", "retry-after"}}
    )
    return page


@asynccontextmanager
async def _nothing_beside(_app: FastAPI) -> AsyncIterator[None]:
    yield
