"""The two sides of a request that passes the proxy of proxy.py: the client's, and the API server's."""
import http.client
import socket
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .faults import Lost

HOP = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "proxy-connection"}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


class Server(ThreadingHTTPServer):
    """Listens on a free port."""
    daemon_threads, request_queue_size = True, 256

    def __init__(self, proxy):
        self.proxy = proxy
        super().__init__(("127.0.0.1", 0), Handler)

    def get_request(self):
        # The handshake waits for the client: it is for the client's own thread.
        client, address = super().get_request()
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self.proxy.tls.wrap_socket(client, server_side=True, do_handshake_on_connect=False), address

    def shutdown_request(self, request):
        """Closed at once: a connection that is to be reset would be ended properly first."""
        self.close_request(request)

    def handle_error(self, request, client_address):
        """A client that goes away is what tests do."""


class Handler(BaseHTTPRequestHandler):
    """One connection of a client; `server.proxy` knows which faults are due."""
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def identity(self):
        """(user, groups) by the client's certificate."""
        subject = (self.connection.getpeercert() or {}).get("subject", ())
        pairs = [pair for part in subject for pair in part]
        return next((value for name, value in pairs if name == "commonName"), ""), [value for name, value in pairs if name == "organizationName"]

    def exchange(self):
        proxy = self.server.proxy
        user, groups = self.identity()
        call, faults = proxy.begin(self.command, self.path, user)
        upstream = None
        try:
            body = self.body()
            for fault in faults:
                if answer := fault.before(call):
                    return self.refuse(call, answer)
            upstream, answer = self.forward(user, groups, body)
            # It took effect when all of its answer is here; what never ends, when it has begun.
            held = answer.read() if faults and not self.streams(answer) else None
            for fault in faults:
                fault.after(call)
            self.hand_back(call, upstream, answer, held)
        except (Lost, OSError, ValueError, http.client.HTTPException):
            self.lose()
        finally:
            if upstream:
                upstream.close()

    def body(self):
        """All of it; a client that is gone before its end has asked nothing."""
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            size = int(self.headers.get("Content-Length", 0))
            content = self.rfile.read(size)
            if len(content) < size:
                raise Lost
            return content
        content = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            content += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return content

    def forward(self, user, groups, body):
        proxy = self.server.proxy
        by_certificate = user and "Authorization" not in self.headers
        connection = http.client.HTTPSConnection("127.0.0.1", proxy.it.ports["api"], context=proxy.trusted if by_certificate else proxy.plain)
        connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        left_out = HOP - {"connection", "upgrade"} if "Upgrade" in self.headers else HOP
        for name, value in self.headers.items():
            if name.lower() not in left_out | {"content-length"} and not name.lower().startswith("x-remote-"):
                connection.putheader(name, value)
        if by_certificate:
            connection.putheader("X-Remote-User", user)
            for each in groups:
                connection.putheader("X-Remote-Group", each)
        if body or self.command not in ("GET", "HEAD"):
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body or None)
        return connection, connection.getresponse()

    def streams(self, answer):
        return answer.status == 101 or "watch=" in self.path or "follow=" in self.path

    def hand_back(self, call, upstream, answer, held):
        """`held`: the body, where it was read already."""
        call.status = answer.status
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if answer.status == 101 or name.lower() not in HOP:
                self.send_header(name, value)
        chunked = answer.chunked and self.command != "HEAD"
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if answer.status == 101:
            return self.splice(upstream, answer)
        parts = iter([held] if held else []) if held is not None else iter(lambda: answer.read1(65536), b"")
        for data in parts:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data) if chunked else data)
        if chunked:
            self.wfile.write(b"0\r\n\r\n")
        elif answer.length:
            raise Lost  # the API server died within its answer

    def splice(self, upstream, answer):
        """From here on it is another protocol: bytes, in both directions."""
        def up():
            while data := self.rfile.read1(65536):
                upstream.sock.sendall(data)
            upstream.sock.shutdown(socket.SHUT_WR)

        threading.Thread(target=_quietly(up), daemon=True).start()
        while data := answer.fp.read1(65536):
            self.wfile.write(data)
        self.close_connection = True

    def refuse(self, call, answer):
        content = answer.body()
        call.status = answer.status
        self.send_response_only(answer.status)
        headers = {"Content-Type": "application/json", "Content-Length": str(len(content)), **answer.headers}
        if answer.retry_after is not None:
            headers["Retry-After"] = str(answer.retry_after)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def lose(self):
        """A reset: no close of TLS, no close of TCP."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()


def _quietly(work):
    def run():
        try:
            work()
        except OSError:
            pass

    return run


for _method in METHODS:
    setattr(Handler, f"do_{_method}", Handler.exchange)
