"""Requests to 127.0.0.1, one connection each unless told otherwise."""
import http.client
import json as _json
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class Answer:
    status: int
    headers: dict
    body: bytes

    @property
    def text(self):
        return self.body.decode()

    def json(self):
        return _json.loads(self.body)


def request(url, method="GET", body=None, headers=None, timeout=60):
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)
    try:
        target = (parts.path or "/") + ("?" + parts.query if parts.query else "")
        connection.request(method, target, body=body, headers=headers or {})
        got = connection.getresponse()
        return Answer(got.status, {k.lower(): v for k, v in got.getheaders()}, got.read())
    finally:
        connection.close()


def status_of(url, **options):
    """The status, or 0 when nobody answers."""
    try:
        return request(url, **options).status
    except (OSError, http.client.HTTPException):
        return 0


@dataclass
class Load:
    """Requests from several threads, over kept connections, until told to end. What was answered is kept with its time."""

    url: str
    threads: int = 4
    answers: list = field(default_factory=list)  # (time of the end, status or the error's name, body)

    def __enter__(self):
        self._end = threading.Event()
        self._workers = [threading.Thread(target=self._work, daemon=True) for _ in range(self.threads)]
        for each in self._workers:
            each.start()
        return self

    def end(self):
        """No further requests; those under way are waited for at the end of the block."""
        self._end.set()

    def __exit__(self, *_):
        self.end()
        for each in self._workers:
            each.join(timeout=90)

    def _work(self):
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
        while not self._end.is_set():
            try:
                connection.request("GET", parts.path + ("?" + parts.query if parts.query else ""))
                got = connection.getresponse()
                self.answers.append((time.monotonic(), got.status, got.read()))
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                self.answers.append((time.monotonic(), type(error).__name__, str(error).encode()))
        connection.close()

    def failures(self):
        return [each for each in list(self.answers) if each[1] != 200]
