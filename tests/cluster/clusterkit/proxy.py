"""A proxy before the API server that counts requests and lets faults happen to those that a test names.

It has a certificate of the cluster's authority and speaks HTTP/1.1. Who a client is, by its certificate, it tells the API server as
every authenticating proxy does (`--requestheader-…`); a token is handed on. What a test asks directly does not pass through it.
"""
import ssl
import threading
import time
from dataclasses import dataclass, field

from . import kubeconfig
from .exchange import Server


@dataclass
class Call:
    """One request. `number` counts from 1; `status` is what the client got, None while or when it got nothing."""
    number: int
    method: str
    path: str
    user: str
    at: float = field(default_factory=time.monotonic)
    status: int | None = None

    @property
    def is_write(self):
        return self.method not in ("GET", "HEAD")

    def __str__(self):
        return f"{self.number}: {self.method} {self.path} by {self.user or 'nobody'}: {self.status}"


class Proxy:
    def __init__(self, cluster, counts=lambda call: True):
        """`counts`: which requests have a number; the others pass, with number 0."""
        self.it, self.counts = cluster.it, counts
        self.calls, self.rules = [], []
        self.lock = threading.Lock()
        self.plain, self.trusted = (ssl.create_default_context(cafile=self.it.pki / "ca.crt") for _ in range(2))
        self.trusted.load_cert_chain(self.it.pki / "front-proxy.crt", self.it.pki / "front-proxy.key")
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(self.it.pki / "server.crt", self.it.pki / "server.key")
        self.tls.load_verify_locations(self.it.pki / "ca.crt")
        self.tls.verify_mode = ssl.CERT_OPTIONAL
        self.tls.set_alpn_protocols(["http/1.1"])
        self.server = Server(self)
        self.url = f"https://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def kubeconfig(self, path, who="admin", namespace=None):
        """Writes one that leads through here."""
        return kubeconfig.write(path, kubeconfig.document(self.it.name, self.url, self.it.pki / "ca.crt",
                                                          kubeconfig.by_certificate(self.it.pki, who), namespace))

    def at(self, number, fault):
        """The fault happens to this request."""
        self.when(lambda call: call.number == number, fault)

    def when(self, condition, fault, times=1):
        """The fault happens to the first `times` requests for which condition(call) holds; to all of them with None."""
        with self.lock:
            self.rules.append([condition, fault, times])

    def reset(self):
        """Counts from 1 again, without faults."""
        with self.lock:
            self.calls, self.rules = [], []

    def begin(self, method, path, user):
        """The call, and the faults that happen to it."""
        with self.lock:
            call = Call(len(self.calls) + 1, method, path, user)
            if self.counts(call):
                self.calls.append(call)
            else:
                call.number = 0
            due = [rule for rule in self.rules if rule[2] != 0 and rule[0](call)]
            for rule in due:
                rule[2] = rule[2] and rule[2] - 1
        return call, [rule[1] for rule in due]

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
