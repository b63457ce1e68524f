"""Reading HTTP/1.1 messages strictly (RFC 9112): what the gateway sends is held to the grammar, to the byte."""

import json
import re

TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z")
VALUE = re.compile(rb"([\x21-\x7e\x80-\xff]([\x20-\x7e\x80-\xff\t]*[\x21-\x7e\x80-\xff])?)?\Z")
STATUS_LINE = re.compile(rb"HTTP/1\.1 ([1-9][0-9][0-9]) ([\x20-\x7e\x80-\xff\t]*)\Z")
REQUEST_LINE = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([\x21-\x7e]+) HTTP/1\.1\Z")


class Malformed(AssertionError):
    """The other side broke the grammar."""


class Ended(Exception):
    """The connection ended where more was due; `partial` is what had arrived of the message."""

    def __init__(self, what, partial=None, reset=False):
        super().__init__(what)
        self.partial = partial
        self.reset = reset


class Fields(list):
    """(name, value) pairs in their order, as bytes on the wire and text here (latin-1)."""

    def all(self, name):
        return [v for n, v in self if n.lower() == name.lower()]

    def one(self, name):
        values = self.all(name)
        assert len(values) == 1, f"{name}: one field expected, got {values} in {self}"
        return values[0]

    def get(self, name, default=None):
        values = self.all(name)
        assert len(values) <= 1, f"{name}: at most one field expected, got {values}"
        return values[0] if values else default

    def elements(self, name):
        return [e.strip().lower() for v in self.all(name) for e in v.split(",") if e.strip()]

    def __contains__(self, name):
        return bool(self.all(name))


def parse_fields(lines):
    fields = Fields()
    for line in lines:
        name, colon, value = line.partition(b":")
        value = value.strip(b" \t")
        if not colon or not TOKEN.match(name) or not VALUE.match(value):
            raise Malformed(f"bad field line {line!r}")
        fields.append((name.decode("latin-1"), value.decode("latin-1")))
    return fields


def split_head(block):
    if b"\r" in block.replace(b"\r\n", b"") or b"\n" in block.replace(b"\r\n", b""):
        raise Malformed(f"a bare CR or LF in {block!r}")
    lines = block[:-4].split(b"\r\n")
    return lines[0], parse_fields(lines[1:])


class Body:
    def __init__(self):
        self.content = bytearray()
        self.trailers = Fields()
        self.chunks = []


def read_chunked(source, body):
    while True:
        line = source.line()
        size = re.fullmatch(rb"([0-9A-Fa-f]{1,16})(?:[ \t]*;[^\r\n]*)?", line)
        if not size:
            raise Malformed(f"bad chunk size line {line!r}")
        length = int(size.group(1), 16)
        if length == 0:
            break
        source.exactly(length, body.content)
        body.chunks.append(length)
        if source.exactly(2) != b"\r\n":
            raise Malformed("a chunk does not end with CRLF")
    lines = []
    while line := source.line():
        lines.append(line)
    body.trailers = parse_fields(lines)


class Source:
    """A socket read through a buffer of our own."""

    def __init__(self, sock):
        self.sock = sock
        self.buffer = bytearray()

    def fill(self, size=65536):
        """More bytes in the buffer; False at the end of the stream."""
        try:
            data = self.sock.recv(size)
        except ConnectionResetError as error:
            raise Ended("reset", reset=True) from error
        self.buffer += data
        return bool(data)

    def until(self, mark):
        scanned = 0
        while (at := self.buffer.find(mark, scanned)) < 0:
            scanned = max(0, len(self.buffer) - len(mark) + 1)
            if not self.fill():
                raise Ended(f"the end of the stream instead of {mark!r}", partial=bytes(self.buffer))
        block = bytes(self.buffer[: at + len(mark)])
        del self.buffer[: at + len(mark)]
        return block

    def line(self):
        line = self.until(b"\r\n")[:-2]
        if b"\n" in line or b"\r" in line:
            raise Malformed(f"a bare CR or LF in {line!r}")
        return line

    def exactly(self, size, into=None):
        target = bytearray() if into is None else into
        left = size
        while left:
            if not self.buffer and not self.fill(min(max(left, 4096), 1 << 20)):
                raise Ended(f"the end of the stream, {left} bytes of {size} missing", partial=bytes(target))
            part = self.buffer[:left]
            target += part
            del self.buffer[: len(part)]
            left -= len(part)
        return bytes(target) if into is None else None

    def rest(self, into):
        into += self.buffer
        self.buffer.clear()
        while self.fill():
            into += self.buffer
            self.buffer.clear()


class Response:
    def __init__(self, status, reason, fields):
        self.status = status
        self.reason = reason
        self.fields = fields
        self.framing = "none"
        self.body = b""
        self.trailers = Fields()
        self.chunks = []
        self.interim = []  # 1xx responses that came before
        self.raw_head = b""

    @property
    def closes(self):
        return "close" in self.fields.elements("Connection")

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.reason} {list(self.fields)} {bytes(self.body[:400])!r}>"


def framing_of(fields, status, to_head):
    lengths = fields.all("Content-Length")
    codings = fields.all("Transfer-Encoding")
    if lengths and codings:
        raise Malformed("both Content-Length and Transfer-Encoding")
    if len(lengths) > 1 or (lengths and not re.fullmatch(r"[0-9]+", lengths[0])):
        raise Malformed(f"Content-Length {lengths}")
    if codings and [c.strip().lower() for c in ",".join(codings).split(",")] != ["chunked"]:
        raise Malformed(f"Transfer-Encoding {codings}")
    if (status < 200 or status == 204) and (lengths or codings):
        raise Malformed(f"{status} with a framing field")  # RFC 9110 §8.6, RFC 9112 §6.1
    if to_head or status < 200 or status in (204, 304):
        return "none", 0
    if codings:
        return "chunked", 0
    if lengths:
        return "length", int(lengths[0])
    return "close", 0


def read_head(source):
    block = source.until(b"\r\n\r\n")
    start, fields = split_head(block)
    line = STATUS_LINE.match(start)
    if not line:
        raise Malformed(f"bad status line {start!r}")
    response = Response(int(line.group(1)), line.group(2).decode("latin-1"), fields)
    response.raw_head = block
    return response


def read_response(source, to_head=False, interim=True):
    """One response, with the 1xx ones before it; `interim=False` returns a 1xx as it comes."""
    before = []
    while True:
        response = read_head(source)
        if response.status == 101 or not 100 <= response.status < 200:
            break
        framing_of(response.fields, response.status, to_head)
        if not interim:
            return response
        before.append(response)
    response.interim = before
    if response.status == 101:
        return response
    read_body(source, response, to_head)
    return response


def read_body(source, response, to_head=False):
    response.framing, length = framing_of(response.fields, response.status, to_head)
    body = Body()
    try:
        if response.framing == "length":
            source.exactly(length, body.content)
        elif response.framing == "chunked":
            read_chunked(source, body)
        elif response.framing == "close":
            source.rest(body.content)
    except Ended as ended:
        response.body = bytes(body.content)
        ended.partial = response
        raise
    response.body = bytes(body.content)
    response.trailers = body.trailers
    response.chunks = body.chunks
