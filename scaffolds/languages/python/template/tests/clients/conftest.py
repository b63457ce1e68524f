"""A need to call: an HTTP server on a port of its own."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


class FakeNeed:
    """Gives each request the next of its answers, and the last one from then on."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.answers: list[tuple[int, dict[str, str], bytes]] = [(200, {}, b"{}")]
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        self.hold = threading.Event()
        self.hold.set()

    def answer(self, *statuses: int, body: bytes = b"{}", **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers = [(status, named, body) for status in statuses]


class Server(ThreadingHTTPServer):
    daemon_threads = True
    need: FakeNeed

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that gave up is part of the tests."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def _answer(self) -> None:
        need = self.server.need
        received = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        need.requests.append((self.command, self.path, headers, received))
        need.hold.wait(10)
        status, extra, body = need.answers[min(len(need.requests), len(need.answers)) - 1]
        self.send_response(status)
        for name, value in extra.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _answer  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def need() -> Iterator[FakeNeed]:
    with Server(("127.0.0.1", 0), Handler) as server:
        server.need = FakeNeed(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.need
        server.need.hold.set()
        server.shutdown()
        thread.join()
