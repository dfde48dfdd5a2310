"""A watchdog of our own: a real HTTP server that counts the signs of life it is given."""

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self


@dataclass
class FakeWatchdog:
    """Use it as a context manager; `url` is its address, `status` what it answers."""

    status: int = 200
    heard: list[str] = field(default_factory=list)
    """Method and path of every request."""

    def __enter__(self) -> Self:
        watchdog = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                watchdog.heard.append(f"GET {self.path}")
                self.send_response(watchdog.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
                del format, args

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/ping/secret"
