"""Real clients: curl, and Python's http.client."""

import hashlib
import http.client
import json
import shutil
import subprocess
import threading

import pytest

from gwkit.upstream import simple_answer
from gwkit.wait import PATIENCE


@pytest.fixture(scope="module")
def gateway(start_gateway, upstream, tmp_path_factory, write_keys):
    folder = tmp_path_factory.mktemp("clients")
    write_keys(folder / "keys.yaml", alice=("secret", []))
    return start_gateway({
        "limits": {"bodyBytes": "16MiB"},
        "upstreams": {"app": {"endpoints": [upstream.endpoint]}},
        "authentication": {"partners": {"apiKey": {"header": "X-API-Key", "keys": "keys.yaml"}}},
        "routes": [
            {"name": "app", "match": {"path": "/t/**"}, "upstream": "app"},
            {"name": "known", "match": {"path": "/known"}, "upstream": "app", "authentication": ["partners"]},
        ],
    }, folder=folder, threads=2)


@pytest.fixture
def curl(gateway):
    if not shutil.which("curl"):
        pytest.skip("no curl")

    def run(path, *options, fails=None):
        done = subprocess.run(["curl", "-sS", "--max-time", "20", *options, f"http://127.0.0.1:{gateway.address[1]}{path}"],
                              capture_output=True, timeout=PATIENCE * 2, check=False)
        assert done.returncode == (fails or 0), done
        return done.stdout

    return run


CODE = ("-o", "/dev/null", "-w", "%{http_code}")


def test_curl_get(curl, path):
    assert json.loads(curl(path + "?a=b"))["target"] == path + "?a=b"


def test_curl_versions(curl, path):
    assert json.loads(curl(path, "--http1.0"))["method"] == "GET"
    assert json.loads(curl(path, "--http1.1"))["method"] == "GET"
    assert json.loads(curl(path, "--http2"))["method"] == "GET"  # asks for an upgrade to h2c, which is declined


def test_curl_head_and_options(curl, path):
    assert curl(path, "-I").startswith(b"HTTP/1.1 200")
    assert json.loads(curl(path, "-X", "OPTIONS"))["method"] == "OPTIONS"


def test_curl_upload(curl, upstream, path, tmp_path):
    data = bytes(range(256)) * 20_000
    (tmp_path / "data").write_bytes(data)
    assert json.loads(curl(path, "-T", str(tmp_path / "data")))["length"] == len(data)
    assert json.loads(curl(path, "-T", str(tmp_path / "data"), "-H", "Transfer-Encoding: chunked"))["length"] == len(data)
    assert json.loads(curl(path, "--data-binary", f"@{tmp_path / 'data'}", "-H", "Expect: 100-continue", "--expect100-timeout", "15"))["length"] == len(data)
    assert json.loads(curl(path, "-F", f"file=@{tmp_path / 'data'}"))["length"] > len(data)
    assert [hashlib.sha256(r.body).digest() for r in upstream.of(path)[:3]] == [hashlib.sha256(data).digest()] * 3


def test_curl_keeps_its_connection(curl, gateway, path):
    out = curl(path, "-o", "/dev/null", "-o", "/dev/null", "-w", "%{num_connects} ", f"http://127.0.0.1:{gateway.address[1]}{path}")
    assert out.split() == [b"1", b"0"]


def test_curl_path_as_is(curl, path):
    assert curl("/t/../../etc/passwd", "--path-as-is", *CODE) == b"400"
    assert json.loads(curl("/t/x/../y", "--path-as-is"))["target"] == "/t/y"


def test_curl_through_the_gateway_as_a_proxy(curl, gateway, upstream, path):
    """curl then sends the absolute form."""
    done = subprocess.run(["curl", "-sS", "-x", f"http://127.0.0.1:{gateway.address[1]}", f"http://inner.test{path}"], capture_output=True,
                          timeout=PATIENCE, check=True)
    assert json.loads(done.stdout)["target"] == path
    assert upstream.wait_request(path).fields.one("Host") == "inner.test"


def test_curl_codes(curl):
    assert curl("/known", *CODE) == b"401"
    assert curl("/known", "-H", "X-API-Key: secret", *CODE) == b"200"
    assert curl("/nothing", *CODE) == b"404"


def test_curl_sees_a_broken_answer(curl, upstream, path):
    def script(conn, request):
        conn.body(request)
        conn.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 500_000)

    upstream.on(path, script)
    curl(path, fails=18)  # CURLE_PARTIAL_FILE


def test_curl_events(gateway, upstream, path):
    """Unbuffered: the first event is there while the upstream still waits."""
    go = threading.Event()

    def script(conn, request):
        conn.body(request)
        conn.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n")
        go.wait(PATIENCE)
        conn.send(b"data: 2\n\n")

    upstream.on(path, script)
    with subprocess.Popen(["curl", "-sSN", f"http://127.0.0.1:{gateway.address[1]}{path}"], stdout=subprocess.PIPE) as curl:
        assert curl.stdout.readline() == b"data: 1\n"
        go.set()
        assert curl.stdout.read() == b"\ndata: 2\n\n"


def test_http_client(gateway, upstream, path):
    connection = http.client.HTTPConnection("127.0.0.1", gateway.address[1], timeout=PATIENCE)
    for method, body in [("GET", None), ("POST", b"hello"), ("PUT", b"x" * 1_000_000), ("DELETE", None), ("PATCH", b"{}")]:
        connection.request(method, path, body=body, headers={"X-A": "b"})
        answer = connection.getresponse()
        seen = json.loads(answer.read())
        assert (answer.status, seen["method"], seen["length"]) == (200, method, len(body or b""))
    connection.request("POST", path, body=iter([b"one", b"two", b"x" * 100_000]), encode_chunked=True)
    assert json.loads(connection.getresponse().read())["length"] == 100_006
    connection.request("HEAD", path)
    assert connection.getresponse().read() == b""
    upstream.respond(path + "/chunks", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
    connection.request("GET", path + "/chunks")
    assert connection.getresponse().read() == b"hello"
    upstream.respond(path + "/gone", simple_answer(b"", "204 No Content").replace(b"Content-Length: 0\r\n", b""))
    connection.request("GET", path + "/gone")
    assert connection.getresponse().read() == b""
    connection.close()
