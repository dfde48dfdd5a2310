"""Plain ASGI middleware: security headers on every answer, and a limit to what a request may carry."""

import json
import re
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES: Final = 256 * 1024
PHOTO_PATHS: Final = re.compile(r"(/api/v1)?/incidents/\d{1,10}/photos?|/a/[A-Za-z0-9_-]{1,20}/photos")
"""Where pictures are sent: they alone may be larger."""

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)

HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}

FRAMED_PATH: Final = "/widget"
"""The one address that other sites may put into a frame: it takes no sign-in, runs no script and has no form."""
FRAMED_POLICY: Final = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *"
FRAMED_HEADERS: Final = {name: value for name, value in HEADERS.items() if name != "X-Frame-Options"} | {
    "Content-Security-Policy": FRAMED_POLICY
}


class SecurityHeaders:
    """Sets the headers; pages and API answers are not to be cached unless they say so themselves."""

    def __init__(self, app: ASGIApp, *, https: bool = False) -> None:
        """Wrap an application; `https` when its public address is one, so that browsers keep to it."""
        self.app = app
        always = {"Strict-Transport-Security": "max-age=31536000"} if https else {}
        self.headers, self.framed = HEADERS | always, FRAMED_HEADERS | always

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request with the headers added."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(self.framed if scope["path"] == FRAMED_PATH else self.headers)
                headers.setdefault("Cache-Control", "no-cache" if scope["path"].startswith("/static/") else "no-store")
            await send(message)

        await self.app(scope, receive, send_with_headers)


class BodyLimit:
    """Refuses a request whose body is longer than the limit with 413; what is passed on has come in whole."""

    def __init__(self, app: ASGIApp, *, max_bytes: int = MAX_BODY_BYTES, max_photo_bytes: int = MAX_BODY_BYTES) -> None:
        """Wrap an application; `max_photo_bytes` is the limit where pictures are sent."""
        self.app = app
        self.max_bytes, self.max_photo_bytes = max_bytes, max_photo_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on if it is small enough."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        length = Headers(scope=scope).get("content-length", "")
        most = self.max_photo_bytes if PHOTO_PATHS.fullmatch(scope["path"]) else self.max_bytes
        # What was announced is not what comes: with `Transfer-Encoding: chunked` a server believes no length.
        announced_too_long = length.isdecimal() and int(length) > most
        messages = None if announced_too_long else await self._read(receive, most)
        if messages is None:
            await self._refuse(send, most)
            return
        waiting = iter(messages)

        async def replay() -> Message:
            return next(waiting, None) or await receive()

        await self.app(scope, replay, send)

    async def _read(self, receive: Receive, most: int) -> list[Message] | None:
        """Read a body; None when it is too long."""
        messages: list[Message] = []
        size = 0
        while True:
            message = await receive()
            messages.append(message)
            size += len(message.get("body", b""))
            if size > most:
                return None
            if message["type"] != "http.request" or not message.get("more_body", False):
                return messages

    async def _refuse(self, send: Send, most: int) -> None:
        detail = f"the body is longer than {most // 1024} KiB"
        body = json.dumps({"type": "about:blank", "title": "Content Too Large", "status": 413, "detail": detail})
        headers = [(b"content-type", b"application/problem+json"), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": 413, "headers": headers})
        await send({"type": "http.response.body", "body": body.encode()})
