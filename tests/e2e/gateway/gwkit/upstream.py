"""A raw upstream: records the bytes of every connection, and answers as the test says.

    upstream.on("/slow", script)      script(conn, request) runs in the connection's thread after the request's head has arrived

A script reads the body (conn.body()), sends what it likes (conn.send), waits on the test's events, resets or closes. When it
returns True the connection goes on with the next request; otherwise it is closed. Without a script the whole request is read and
answered with 200 and a JSON description of it.
"""

import json
import socket
import struct
import threading

from .message import Body, Ended, Malformed, REQUEST_LINE, Source, read_chunked, split_head
from .wait import PATIENCE, until


class Request:
    def __init__(self, connection, method, target, fields):
        self.connection = connection
        self.method = method
        self.target = target
        self.fields = fields
        self.body = b""
        self.trailers = []
        self.complete = False   # the body arrived whole
        self.truncated = False  # the connection ended before that

    @property
    def path(self):
        return self.target.partition("?")[0]

    def __repr__(self):
        return f"<{self.method} {self.target} {list(self.fields)} complete={self.complete}>"


def simple_answer(body=b"ok", status="200 OK", fields=()):
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *fields]
    return "\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + body


class Connection:
    def __init__(self, upstream, sock):
        self.upstream = upstream
        self.sock = sock
        self.source = Source(sock)
        self.received = bytearray()
        self.requests = []
        self.ended = threading.Event()  # the gateway has ended its side, or we ours
        self.current = None
        recv = sock.recv

        class Tap:  # records what is received
            @staticmethod
            def recv(size):
                data = recv(size)
                if self.upstream.keep_bytes:
                    self.received += data
                return data

        self.source.sock = Tap

    def head(self):
        block = self.source.until(b"\r\n\r\n")
        start, fields = split_head(block)
        line = REQUEST_LINE.match(start)
        if not line:
            raise Malformed(f"bad request line {start!r}")
        self.current = Request(self, line.group(1).decode(), line.group(2).decode(), fields)
        self.requests.append(self.current)
        self.upstream.arrived(self.current)
        return self.current

    def body(self, request=None):
        """Reads the rest of the request; strict about its framing."""
        request = request or self.current
        lengths, codings = request.fields.all("Content-Length"), request.fields.all("Transfer-Encoding")
        if len(lengths) + len(codings) > 1:
            raise Malformed(f"framing {lengths} {codings}")
        body = Body()
        try:
            if codings:
                if codings != ["chunked"]:
                    raise Malformed(f"Transfer-Encoding {codings}")
                read_chunked(self.source, body)
            elif lengths:
                self.source.exactly(int(lengths[0]), body.content)
        except Ended:
            request.body = bytes(body.content)
            request.truncated = True
            raise
        request.body = bytes(body.content)
        request.trailers = body.trailers
        request.complete = True
        self.upstream.changed()
        return request.body

    def send(self, data):
        self.sock.sendall(data)

    def wait_end(self):
        """Until the gateway ends its side of the connection."""
        try:
            while self.sock.recv(65536):
                pass
        except OSError:
            pass
        self.ended.set()

    def reset(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self):
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.sock.close()


class Upstream:
    def __init__(self, name="upstream"):
        self.name = name
        self.keep_bytes = True
        self.scripts = {}
        self.connections = []
        self.requests = []
        self.errors = []  # what broke the grammar on the gateway's side
        self._change = threading.Condition()
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(4096)
        self.port = self._listener.getsockname()[1]
        self.endpoint = f"127.0.0.1:{self.port}"
        self._stopped = False
        threading.Thread(target=self._accept, daemon=True).start()

    def on(self, path, script):
        self.scripts[path] = script

    def respond(self, path, data, keep=True):
        """Reads requests for this path whole and answers with these bytes."""

        def script(conn, request):
            conn.body(request)
            conn.send(data)
            return keep

        self.on(path, script)

    def stop(self):
        self._stopped = True
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._listener.close()
        for conn in list(self.connections):
            conn.close()

    def arrived(self, request):
        with self._change:
            self.requests.append(request)
            self._change.notify_all()

    def changed(self):
        with self._change:
            self._change.notify_all()

    def of(self, path):
        return [r for r in list(self.requests) if r.path == path]

    def wait_request(self, path, count=1, complete=False):
        """The count-th request for this path, once it is there (with its whole body, if `complete`)."""
        with self._change:
            fine = self._change.wait_for(
                lambda: len(found := self.of(path)) >= count and (not complete or found[count - 1].complete), PATIENCE)
        assert fine, f"no request for {path}; there were {self.requests[-5:]}"
        return self.of(path)[count - 1]

    def wait_connections_end(self, connections):
        until(lambda: all(c.ended.is_set() for c in connections), "the gateway closes upstream connections")

    def bytes_received(self):
        return b"".join(bytes(c.received) for c in list(self.connections))

    def _accept(self):
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            conn = Connection(self, sock)
            self.connections.append(conn)
            threading.Thread(target=self._serve, args=(conn,), daemon=True).start()

    def _serve(self, conn):
        try:
            while True:
                request = conn.head()
                script = self.scripts.get(request.path, describe)
                if not script(conn, request):
                    break
        except Ended:
            pass
        except Malformed as error:
            self.errors.append(error)
        except OSError:
            pass
        finally:
            conn.ended.set()
            conn.close()
            self.changed()


def describe(conn, request):
    if "100-continue" in request.fields.elements("Expect"):
        conn.send(b"HTTP/1.1 100 Continue\r\n\r\n")
    conn.body(request)
    text = json.dumps({
        "replica": conn.upstream.name,
        "method": request.method,
        "target": request.target,
        "fields": list(request.fields),
        "body": request.body[:4096].decode("latin-1"),
        "length": len(request.body),
    })
    conn.send(simple_answer(b"" if request.method == "HEAD" else text.encode(), fields=["Content-Type: application/json"]))
    return True


def refused_port():
    """A socket that holds a port on which nobody listens, so that connecting is refused."""
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    return sock
