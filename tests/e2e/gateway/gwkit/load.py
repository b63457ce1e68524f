"""A configuration whose version can be asked for, and clients that ask without a pause while it changes."""

import collections
import threading

from .client import get
from .message import Ended
from .wait import until


def version(number):
    return {"name": "version", "match": {"path": "/version"}, "respond": {"status": 200, "body": str(number)}}


def config_for(upstream, number=1, **more):
    return {
        "upstreams": {"app": {"endpoints": [upstream.endpoint]}},
        "routes": [version(number), {"name": "app", "match": {"path": "/t/**"}, "upstream": "app", "timeout": "20s"}],
        **more,
    }


def wait_version(gateway, number):
    until(lambda: gateway.ask(get("/version")).body == str(number).encode(), f"version {number} is in force")


class Load:
    """Clients that ask without a pause: some keep their connection, some open one for each request."""

    def __init__(self, gateway, path, clients=6):
        self.gateway, self.path = gateway, path
        self.done = collections.Counter()
        self.failures = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=(n % 2 == 0, n)) for n in range(clients)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        self.wait_more(50)
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def wait_more(self, count):
        target = self.done.total() + count
        until(lambda: self.failures or self.done.total() >= target, "the load goes on")

    def _work(self, keep, number):
        client = None
        while not self._stop.is_set():
            try:
                client = client or self.gateway.connect()
                body = b"x" * 5000 if number % 3 == 0 else b""
                answer = client.ask(get(self.path, method="POST" if body else "GET", body=body))
                assert answer.status == 200, answer
                self.done[number] += 1
                if not keep or answer.closes:
                    client.close()
                    client = None
            except (AssertionError, OSError, Ended) as error:
                self.failures.append(error)
                return
        if client:
            client.close()
