"""The service over real HTTP: uvicorn in a thread, on a port of its own."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import uvicorn
from fastapi import FastAPI

from firewatch.access import tokens
from firewatch.access.models import Role
from firewatch.clock import Clock
from firewatch.db import Database
from firewatch.rulebook.read import Rulebook
from firewatch.web.main import build
from firewatch.web.services import Services

TOKEN = "a-made-up-token-of-the-tests"


@dataclass(frozen=True)
class Api:
    """A program that speaks to the service."""

    client: httpx.Client
    headers: Mapping[str, str]

    def get(self, path: str, **params: str | int) -> httpx.Response:
        return self.client.get(f"/api/v1/{path}", headers=self.headers, params=params)

    def post(self, path: str, body: object = None, **headers: str) -> httpx.Response:
        return self.client.post(f"/api/v1/{path}", json=body, headers={**self.headers, **headers})

    def signed(self, token: str) -> "Api":
        """The same service, another token."""
        return Api(self.client, {"Authorization": f"Bearer {token}"})


def application(db: Database, clock: Clock, book: Rulebook) -> FastAPI:
    """The application over a database, with TOKEN to come in by."""
    with db.write() as session:
        tokens.ensure_bootstrap(session, clock, TOKEN)
    return build(Services(db=db, clock=clock, book=book))


@contextmanager
def running(app: FastAPI) -> Iterator[str]:
    """Serve an application; yield its address."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, access_log=False, server_header=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{_port(server, thread)}"
    finally:
        server.should_exit = True
        thread.join(timeout=20)
        assert not thread.is_alive()


def _port(server: uvicorn.Server, thread: threading.Thread) -> int:
    until = time.monotonic() + 20
    while not server.started:
        assert thread.is_alive()
        assert time.monotonic() < until
        time.sleep(0.005)
    port: int = server.servers[0].sockets[0].getsockname()[1]
    return port


@contextmanager
def serving(db: Database, clock: Clock, book: Rulebook) -> Iterator[Api]:
    """Serve the API; yield a program with TOKEN."""
    with running(application(db, clock, book)) as address, httpx.Client(base_url=address, timeout=20) as client:
        yield Api(client, {"Authorization": f"Bearer {TOKEN}"})


def token_for(db: Database, clock: Clock, role: Role) -> str:
    """A token of a role."""
    with db.write() as session:
        return tokens.create(session, clock, f"a {role}", role)[1]
