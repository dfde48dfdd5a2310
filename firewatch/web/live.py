"""The live channel: a WebSocket that says only that something changed, and every few seconds that the line is up.

It carries no data, so that rights, language and escaping stay where pages are made: whoever hears a new revision asks
for his page again.
"""

import asyncio
from typing import Final, cast
from urllib.parse import urlsplit

import anyio
from fastapi import APIRouter, WebSocket
from starlette.concurrency import run_in_threadpool

from firewatch.access import sessions
from firewatch.web.deps import session_cookie
from firewatch.web.services import Services

router = APIRouter()

PATH: Final = "/live"
BEAT_SECONDS: Final = 5.0
GATHER_SECONDS: Final = 0.25
"""Changes within so short a time are told once."""
SIGNED_OUT: Final = 4401
"""Close code: the session is over."""


@router.websocket(PATH)
async def live(socket: WebSocket) -> None:
    """Tell a signed-in console the revision: at once, at every change, and as a heartbeat."""
    services = cast("Services", socket.app.state.firewatch)
    if not _is_own_page(services, socket) or not await run_in_threadpool(_is_signed_in, services, socket):
        await socket.close(SIGNED_OUT)
        return
    await socket.accept()
    loop, changed = asyncio.get_running_loop(), asyncio.Event()

    def hear() -> None:
        loop.call_soon_threadsafe(changed.set)

    stop = services.db.pulse.listen(hear)
    try:
        async with anyio.create_task_group() as group:
            group.start_soon(_until_gone, socket, group.cancel_scope)
            await _tell(socket, services, changed)
            group.cancel_scope.cancel()
    finally:
        stop()


async def _tell(socket: WebSocket, services: Services, changed: asyncio.Event) -> None:
    """Tell until the session is over."""
    while True:
        changed.clear()
        await socket.send_json({"revision": services.db.pulse.revision})
        with anyio.move_on_after(BEAT_SECONDS) as waited:
            await changed.wait()
        if not waited.cancelled_caught:
            await anyio.sleep(GATHER_SECONDS)
        elif not await run_in_threadpool(_is_signed_in, services, socket):
            await socket.close(SIGNED_OUT)
            return


async def _until_gone(socket: WebSocket, telling: anyio.CancelScope) -> None:
    """End the telling when the other side leaves; whatever it says meanwhile is not listened to."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass
    telling.cancel()


def _is_own_page(services: Services, socket: WebSocket) -> bool:
    """Return whether a page of ours asks: a browser lets any page open a socket, and sends our cookie along."""
    own = {socket.headers.get("host"), urlsplit(services.public_url).netloc if services.public_url else None}
    return (urlsplit(socket.headers.get("origin", "")).netloc or "-") in own


def _is_signed_in(services: Services, socket: WebSocket) -> bool:
    cookie = socket.cookies.get(session_cookie(services))
    if not cookie:
        return False
    with services.db.read() as session:
        return sessions.check(session, services.clock, cookie) is not None
