"""One gateway configuration, the same requests, byte by byte, to a local run and to the gateway in the cluster: the same answers.

MSCTL_SEED chooses them (today's date by default)."""
import datetime
import hashlib
import json
import os
import random
import re
import shutil
import socket
import subprocess

import pytest
from clusterkit import tools
from clusterkit.images import Image
from clusterkit.waiting import until
from shop import Shop

SEED = os.environ.get("MSCTL_SEED", datetime.date.today().isoformat())
REQUESTS = 1000
KEY = "a-key-of-the-tests"

GATEWAY = """
gateway:
  limits: {headerBytes: 8KiB, bodyBytes: 32KiB, bodyTimeout: 3s, headerTimeout: 3s}
  authentication:
    partners: {apiKey: {header: X-API-Key, keys: partners.yaml}}
  routes:
    - {name: teapot, match: {path: /teapot}, respond: {status: 418, body: short and stout, headers: {X-Tea: yes}}}
    - {name: closed, match: {path: /closed/**}, respond: {status: 403}}
"""
KEYS = [{"name": "ada", "sha256": hashlib.sha256(KEY.encode()).hexdigest(), "groups": ["staff"]}]
SERVICES = {
    "orders": [
        {"name": "orders", "match": {"path": "/orders/**"},
         "request": {"stripPrefix": "/orders", "headers": {"set": {"X-Shop": "eu"}, "add": {"X-More": "1"}, "remove": ["Cookie"], "rename": {"X-Old": "X-New"}}},
         "response": {"headers": {"set": {"X-Served-By": "orders"}, "remove": ["X-From"]}}},
        {"name": "order", "match": {"path": "/orders/{id}/lines/{line}", "methods": ["GET", "PUT"]},
         "request": {"headers": {"set": {"X-Order": "{path.id}", "X-Line": "{path.line}", "X-Client": "{client.address}"}}}},
        {"name": "own", "match": {"path": "/own/**"}, "authentication": ["partners"], "request": {"headers": {"set": {"X-Who": "{consumer.name}"}}}},
        {"name": "few", "match": {"path": "/few"}, "rateLimit": {"quota": 7, "window": "1h", "by": "route"}}],
    "users": [
        {"name": "users", "match": {"path": "/users", "methods": ["GET", "POST"]}},
        {"name": "beta", "match": {"path": "/users", "methods": ["GET", "POST"], "headers": {"X-Beta": "1"}}, "response": {"headers": {"set": {"X-Beta": "yes"}}}},
        {"name": "asked", "match": {"path": "/users", "query": {"v": "2"}}, "response": {"headers": {"set": {"X-Version": "2"}}}},
        {"name": "german", "match": {"path": "/users", "host": "*.de.example"}, "response": {"headers": {"set": {"X-Country": "de"}}}}]}

PATHS = ["/orders", "/orders/", "/orders/7", "/orders/7/lines/3", "/orders/a%20b/lines/%C3%A4", "/orders/7/lines/3/x", "/own", "/own/a", "/few", "/users", "/users/",
         "/users?v=2", "/users?v=2&w", "/teapot", "/closed/x", "/closedx", "/nowhere", "/", "*", "//orders", "/orders//x", "/orders/../users", "/orders/%2e%2e/own",
         "/orders/%2E/7", "/own/%2e%2e/orders", "/orders;a=b/7", "/orders/%2f", "/orders/%00", "/orders/%zz", "/orders/\u00e4", "http://shop.example/users",
         "/users#part", "/orders/./7?x=%20&y=a+b", "/ORDERS/7", "/orders\\7", "/users?" + "q" * 3000, "/" + "l" * 9000]
METHODS = ["GET"] * 20 + ["POST"] * 6 + ["PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "get", "BREW", "G T", "CONNECT"]
HOSTS = ["shop.example"] * 25 + ["shop.de.example", "a.b.de.example", "SHOP.example", "shop.example:80", "", "a b", "shop.example, x"]
HEADERS = [("X-API-Key", KEY), ("X-API-Key", "wrong"), ("X-API-Key", ""), ("Cookie", "a=b"), ("X-Old", "old"), ("X-Beta", "1"), ("X-Consumer-Name", "root"),
           ("X-Claim-Admin", "true"), ("X-Forwarded-For", "192.0.2.7"), ("Forwarded", "for=192.0.2.7"), ("X-Request-Id", "mine"), ("X-Want", "201"), ("X-Want", "204"),
           ("X-Want", "503"), ("X-Want", "304"), ("Connection", "X-Old"), ("TE", "trailers"), ("Upgrade", "websocket"), ("Expect", "100-continue"), ("Expect", "tea"),
           ("X Bad", "1"), ("X-Null", "a\0b"), ("X-Long", "l" * 2000), ("X-Tab", "a\tb"), ("Transfer-Encoding", "identity"), ("Transfer-Encoding", "gzip, chunked"),
           ("Content-Length", "5"), ("Content-Length", "-1"), ("Content-Length", "5, 5"), ("Accept-Encoding", "gzip"), ("Trailer", "X-End"), ("Range", "bytes=0-3")]


def request_of(rng):
    """One request as bytes; most are in order, some are not."""
    method, path, host = rng.choice(METHODS), rng.choice(PATHS[:15] * 4 + PATHS), rng.choice(HOSTS)
    version = rng.choice(["1.1"] * 40 + ["1.0", "1.0", "2.0", "1.x"])
    lines = [f"{method} {path} HTTP/{version}"]
    if rng.random() < 0.99:
        lines.append(f"Host: {host}")
    for name, value in rng.sample(HEADERS, rng.choice([0, 0, 0, 1, 1, 2])):
        lines.append(f"{name}: {value}" if rng.random() < 0.98 else f"{name} : {value}")
    body, kind = b"", rng.random()
    if kind < 0.2:
        body = rng.randbytes(rng.choice([0, 1, 5, 1000])).hex().encode()
        lines.append(f"Content-Length: {len(body)}")
    elif kind < 0.3:
        pieces = [rng.randbytes(rng.choice([1, 5, 100])).hex().encode() for _ in range(3)]
        body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
        if rng.random() < 0.2:
            body = body.replace(b"\r\n", rng.choice([b"\n", b";x=y\r\n", b" \r\n"]), 1)
        lines.append("Transfer-Encoding: chunked")
    elif kind < 0.33:
        lines.append("Content-Length: 40000")  # more than is taken
    lines.append("Connection: close")
    ending = rng.choice(["\r\n"] * 100 + ["\n"])
    return (ending.join(lines) + ending * 2).encode("utf-8") + body


def ask(port, request):
    """All that comes back until the connection ends."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as conn:
        try:
            conn.sendall(request)
        except OSError:
            pass  # it may have been refused before all of it was sent
        answer = b""
        try:
            while piece := conn.recv(65536):
                answer += piece
        except ConnectionResetError:
            pass  # behind a refusal that has come
        return answer


PASSING = {"date", "x-request-id", "traceparent"}


def settled(answer):
    """What may differ from one request to the next, or between two machines, made equal."""
    interim, found, rest = answer.partition(b"\r\n\r\n")
    if found and interim.startswith(b"HTTP/1.1 100"):
        return json.dumps([interim.decode(), settled(rest)])
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers = sorted(line for line in lines[1:] if line.partition(":")[0].lower() not in PASSING)
    text = body.decode("latin-1")
    if any(line.lower().startswith("transfer-encoding: chunked") for line in headers):
        text = "".join(text.split("\r\n")[1::2])
    try:
        document = json.loads(text)
    except ValueError:
        document = text
    if isinstance(document, dict):
        document.pop("requestId", None)
        document["headers"] = [each for each in document.get("headers", []) if each[0].lower() not in PASSING]
    out = json.dumps([lines[0], headers, document], sort_keys=True)
    out = re.sub(r"\b\d{1,3}(\.\d{1,3}){3}(:\d+)?\b", "ADDRESS", out)
    # The JSON around them has the length of what is in it.
    out = re.sub(r"Content-Length: \d+", "Content-Length: N", out)
    return re.sub(r"(Retry-After: |\bt=|reset=)\d+", r"\1N", out)


@pytest.fixture
def both(real_cluster, real_namespace, msctl_program, tmp_path):
    """The ports of the gateways: of the run here, and of the one there."""
    shop = Shop(msctl_program, tmp_path / "shop", real_cluster.kubeconfig, real_namespace, f"{real_cluster.registry}/shop")
    file = shop.folder / "msctl.yaml"
    file.write_text(file.read_text() + GATEWAY)
    (shop.folder / "partners.yaml").write_text(json.dumps(KEYS))
    program = tools.program("echo")
    for name, routes in SERVICES.items():
        image = Image(program, {"NAME": name})
        reference = image.push(real_cluster.registry, f"shop/{name}", "1")
        shop.service(name, version=image.digest, reference=reference, routes=json.dumps(routes), env=json.dumps({"NAME": name}), resources="{cpu: 50m, memory: 64Mi}")
        shutil.copy(program, shop.folder / "services" / name / "run")
    shop.deploy()
    # A limit of one gateway is counted by one.
    real_cluster.kubectl("delete", "hpa", "gateway", "-n", real_namespace, "--ignore-not-found")
    real_cluster.kubectl("scale", "deployment/gateway", "--replicas=1", "-n", real_namespace)
    until(lambda: len(real_cluster.kubectl("get", "pods", "-n", real_namespace, "-l", "app.kubernetes.io/name=gateway", "-o", "name").split()) == 1, "one gateway")
    there = real_cluster.forward(f"{real_namespace}/gateway:80")
    status = json.loads(shop.run("run", "--detach", "--gateway-port", "0", "-o", "json"))
    here = int(status["gateway"]["url"].rsplit(":", 1)[1])
    try:
        for port in (here, there):
            until(lambda port=port: b" 200 " in ask(port, b"GET /users HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), f"the gateway at {port}")
        yield here, there
    finally:
        subprocess.run([msctl_program, "stop"], cwd=shop.folder, capture_output=True, check=True)


def test_a_gateway_here_and_one_in_the_cluster_give_the_same_answers(both):
    rng = random.Random(SEED)
    statuses, different = {}, []
    for number in range(REQUESTS):
        request = request_of(rng)
        answers = [settled(ask(port, request)) for port in both]
        status = json.loads(answers[0])[0]
        statuses[status] = statuses.get(status, 0) + 1
        if answers[0] != answers[1]:
            different.append(f"{number}: {request[:400]!r}\n  here:  {answers[0][:1500]}\n  there: {answers[1][:1500]}")
    assert not different, f"seed {SEED}: {len(different)} of {REQUESTS} differ\n" + "\n".join(different[:5])
    # They are of all kinds, so that it says something.
    print(statuses)
    assert {int(status.split()[1]) for status in statuses if status} >= {200, 201, 400, 401, 403, 404, 405, 413, 418, 429, 503}, statuses
