"""Errors as RFC 9457 problem details: for programs, under /api. Pages have their own error pages."""

from collections.abc import Mapping

import structlog
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException

from firewatch.errors import FirewatchError

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: "Bad request",
    401: "Not signed in",
    403: "Refused",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    413: "Too large",
    422: "Cannot be used",
    500: "Internal error",
    503: "Unavailable",
}


class Problem(BaseModel):
    """What went wrong, for programs and for people."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[str] = Field(default_factory=list, description="For bad input: each field and its reason")


def problem(
    status: int, detail: str, errors: list[str] | None = None, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """Return the answer that tells of a problem."""
    body = Problem(title=TITLES.get(status, "Error"), status=status, detail=detail, errors=errors or [])
    return JSONResponse(body.model_dump(), status, headers=headers, media_type=MEDIA_TYPE)


def documented(*statuses: int) -> dict[int | str, dict[str, object]]:
    """Return the `responses` of a route that may answer with these problems, or that the database is away."""
    # Not by `model`: that would promise application/json.
    content = {MEDIA_TYPE: {"schema": Problem.model_json_schema()}}
    return {status: {"description": TITLES[status], "content": content} for status in (*statuses, 503)}


def of(request: Request, error: Exception) -> JSONResponse:
    """Turn an exception into its problem."""
    if isinstance(error, FirewatchError):
        headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else {}
        return problem(error.status, str(error), headers=headers)
    if isinstance(error, RequestValidationError):
        return problem(422, "the request does not fit its description", [_field(item) for item in error.errors()])
    if isinstance(error, HTTPException):
        return problem(error.status_code, str(error.detail), headers=error.headers)
    if isinstance(error, OperationalError):
        log.warning("database_unavailable", path=request.url.path)
        return problem(503, "the database does not answer: try again", headers={"Retry-After": "5"})
    log.error("request_failed", path=request.url.path, exc_info=error)
    # The server drops the connection after this: a caller that knows does not send its next request into it.
    return problem(500, "something went wrong here; it is in the log", headers={"Connection": "close"})


def _field(item: dict[str, object]) -> str:
    where = item["loc"]
    assert isinstance(where, tuple)  # noqa: S101 - FastAPI's error locations are tuples
    return f"{'.'.join(str(part) for part in where)}: {item['msg']}"
