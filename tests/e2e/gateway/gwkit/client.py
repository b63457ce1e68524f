"""A client that sends exactly the bytes it is told to, and reads answers strictly."""

import select
import socket
import struct

from .message import Source, read_head, read_response
from .sockets import queues
from .wait import PATIENCE, until


def get(path="/", *fields, host="gw.test", method="GET", body=b"", version="HTTP/1.1"):
    """The bytes of a request. Fields: 'Name: value'."""
    head = [f"{method} {path} {version}"]
    if host is not None:
        head.append(f"Host: {host}")
    head += fields
    if body and not any(f.lower().startswith(("content-length:", "transfer-encoding:")) for f in fields):
        head.append(f"Content-Length: {len(body)}")
    return "\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + body


def post(*fields, body=b"", version="HTTP/1.1"):
    """A POST whose framing fields are only those given."""
    return get("/x", *fields, method="POST", version=version) + body


SMUGGLED = get("/SMUGGLED")  # a request hidden in or behind another; no upstream may ever see it


class Client:
    def __init__(self, address, source_address=None, receive_buffer=None, patience=PATIENCE):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if receive_buffer:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.sock.settimeout(patience)
        if source_address:
            self.sock.bind((source_address, 0))
        self.sock.connect(address)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.source = Source(self.sock)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send(self, *pieces):
        """Each piece has been read by the other side before the next is sent."""
        for number, piece in enumerate(pieces):
            if number:
                self.wait_read()
            self.sock.sendall(piece)
        return self

    def try_send(self, data):
        """Sends, or not, when the other side has closed already."""
        try:
            self.sock.sendall(data)
            return True
        except (BrokenPipeError, ConnectionResetError):
            return False

    def wait_read(self):
        """Until the other side's kernel buffer holds nothing of ours (or the connection is gone)."""
        ours, peer = self.sock.getsockname(), self.sock.getpeername()
        until(lambda: not queues(ours, peer)[1] and not queues(peer, ours)[0], "the gateway reads what was sent")

    def response(self, to_head=False, interim=True):
        return read_response(self.source, to_head=to_head, interim=interim)

    def head(self):
        """Only the head of the next response, 1xx or not."""
        return read_head(self.source)

    def ask(self, request):
        to_head = request.startswith(b"HEAD ")
        self.sock.sendall(request)
        return self.response(to_head=to_head)

    def read_some(self, size=65536):
        """What is there, at least a byte; b'' at the end."""
        if self.source.buffer:
            data = bytes(self.source.buffer)
            self.source.buffer.clear()
            return data
        return self.sock.recv(size)

    def silent(self):
        """Nothing to read just now, and not closed."""
        return not self.source.buffer and not select.select([self.sock], [], [], 0)[0]

    def assert_closed(self):
        """The other side ends the connection, without another byte."""
        assert not self.source.buffer, f"bytes after the answer: {bytes(self.source.buffer)!r}"
        try:
            extra = self.sock.recv(65536)
        except ConnectionResetError:
            return
        except socket.timeout:
            raise AssertionError("the gateway does not close the connection") from None
        assert not extra, f"bytes after the answer: {extra!r}"

    def finish_sending(self):
        self.sock.shutdown(socket.SHUT_WR)

    def reset(self):
        """Closes with RST."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def close(self):
        self.sock.close()
