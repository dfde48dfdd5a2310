"""A tile server over real HTTP that behaves as it is told: answers, delays, breaks, sends what is no tile."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np

from firewatch.maps.pictures import grey_png

TILE = grey_png(np.full((256, 256), 9))
HUGE_BYTES = 8 * 1024 * 1024


class FakeTiles:
    """What the server is to do, and what it was asked."""

    def __init__(self) -> None:
        self.mood = "good"
        self.asked: list[str] = []
        self.at_once = self.most_at_once = 0
        self.let_go = threading.Event()
        """Ends what `slow` holds up."""
        self.lock = threading.Lock()
        self.url = ""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    fake: FakeTiles

    def do_GET(self) -> None:
        fake = self.fake
        with fake.lock:
            fake.asked.append(self.path)
            fake.at_once += 1
            fake.most_at_once = max(fake.most_at_once, fake.at_once)
        try:
            getattr(self, f"_{fake.mood}")()
        except OSError:
            self.close_connection = True
        finally:
            with fake.lock:
                fake.at_once -= 1

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the library calls it
        pass

    def _good(self) -> None:
        self._answer(200, "image/png", TILE)

    def _brief(self) -> None:
        time.sleep(0.1)
        self._good()

    def _slow(self) -> None:
        self.fake.let_go.wait(20)
        self._good()

    def _missing(self) -> None:
        self._answer(404, "text/plain", b"no such tile")

    def _broken(self) -> None:
        self._answer(500, "text/plain", b"out of order")

    def _page(self) -> None:
        self._answer(200, "image/png", b"<html>sign in first</html>")

    def _elsewhere(self) -> None:
        self.send_response(302)
        self.send_header("Location", "http://127.0.0.1:1/secret")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _huge(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "image/png")
        self.send_header("Content-Length", str(HUGE_BYTES))
        self.end_headers()
        self.wfile.write(TILE)
        for _ in range(HUGE_BYTES // 65536):
            self.wfile.write(b"\0" * 65536)

    def _trickle(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(TILE)))
        self.end_headers()
        for byte in TILE:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            if self.fake.let_go.wait(0.05):
                return

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def tile_server() -> Iterator[FakeTiles]:
    """Run a tile server on a free port."""
    fake = FakeTiles()
    handler = type("Handler", (_Handler,), {"fake": fake})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    fake.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield fake
    finally:
        fake.let_go.set()
        server.shutdown()
        thread.join()
        server.server_close()
