"""Running it: configuration taken in under load, draining, listeners, metrics, the access log, many connections."""

import collections
import copy
import json
import os
import re
import signal
import socket
import threading
import time

import pytest

from gwkit.client import Client, get
from gwkit.gateway import start_refused
from gwkit.message import Ended, Source, read_response
from gwkit.problem import assert_problem
from gwkit.upstream import simple_answer
from gwkit.wait import PATIENCE, until

ADMIN = re.compile(r"administrative interface on (?:http://)?(\S+)")


def version(number):
    return {"name": "version", "match": {"path": "/version"}, "respond": {"status": 200, "body": str(number)}}


def config_for(upstream, number=1, **more):
    return {
        "upstreams": {"app": {"endpoints": [upstream.endpoint]}},
        "routes": [version(number), {"name": "app", "match": {"path": "/t/**"}, "upstream": "app", "timeout": "20s"}],
        **more,
    }


@pytest.fixture
def gateway(start_gateway, upstream, tmp_path):
    return start_gateway(config_for(upstream, listeners=[{"address": "127.0.0.1:0"}]), folder=tmp_path, threads=2)


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


# ------------------------------------------------------------------------------------------------------------- reloading

@pytest.mark.parametrize("how", ["SIGHUP", "file"])
def test_reload_under_load_loses_no_request(gateway, upstream, path, how):
    with Load(gateway, path) as load:
        for number in range(2, 8):
            config = config_for(upstream, number)
            config["listeners"] = gateway.config["listeners"]
            gateway.write(config)
            if how == "SIGHUP":
                gateway.signal(signal.SIGHUP)
            wait_version(gateway, number)
            load.wait_more(50)
    assert not load.failures, load.failures


def test_sighup_without_a_change(gateway, path):
    with Load(gateway, path) as load:
        for number in range(5):
            gateway.signal(signal.SIGHUP)
            gateway.wait_said("took in", number + 1)
        load.wait_more(50)
    assert not load.failures


def test_a_file_written_in_place_is_taken_in(gateway, upstream):
    """Not by renaming: as some editors do."""
    config = config_for(upstream, 5, listeners=gateway.config["listeners"])
    gateway.file.write_text(json.dumps(config))
    wait_version(gateway, 5)


def test_a_file_behind_a_changed_link_is_taken_in(start_gateway, upstream, tmp_path):
    """As Kubernetes replaces the files of a ConfigMap: ..data is a link to a folder, and is replaced by renaming."""
    def put(number):
        folder = tmp_path / f"..{number}"
        folder.mkdir()
        (folder / "gateway.yaml").write_text(json.dumps(config_for(upstream, number, listeners=[{"address": "127.0.0.1:0"}])))
        os.symlink(folder.name, tmp_path / "..new")
        os.replace(tmp_path / "..new", tmp_path / "..data")

    put(1)
    os.symlink("..data/gateway.yaml", tmp_path / "gateway.yaml")
    from gwkit.gateway import Gateway
    original = Gateway.write
    Gateway.write = lambda self, config: None  # the file is there already
    try:
        gateway = start_gateway(config_for(upstream, listeners=[{"address": "127.0.0.1:0"}]), folder=tmp_path)
    finally:
        Gateway.write = original
    assert gateway.ask(get("/version")).body == b"1"
    put(2)
    wait_version(gateway, 2)


@pytest.mark.parametrize("broken, code", [
    ("routes: [", "MSC1"),
    ("listeners: [{address: nonsense}]\n", "MSC1"),
    ("routs: []\n", "MSC1"),
    ("routes: [{name: a, match: {path: /a}, upstream: nobody}]\n", "MSC1"),
    ("routes: [{name: a, match: {path: /a}, respond: {status: 200}, timeout: 5}]\n", "MSC1"),
    ("", ""),
])
def test_a_broken_configuration_is_refused_and_the_old_one_serves(gateway, upstream, path, broken, code):
    with Load(gateway, path) as load:
        gateway.write_text(broken)
        if broken:
            gateway.wait_said("MSC3031")
            gateway.wait_said(f"error[{code}")
            assert "gateway.yaml" in gateway.said()
        gateway.signal(signal.SIGHUP)
        load.wait_more(50)
    assert not load.failures
    gateway.write(config_for(upstream, 9, listeners=[{"address": "127.0.0.1:0"}]))
    gateway.signal(signal.SIGHUP)
    wait_version(gateway, 9)


def test_a_request_ends_with_the_configuration_it_began_with(gateway, upstream, path):
    release = threading.Event()

    def script(conn, request):
        conn.body(request)
        release.wait(PATIENCE)
        conn.send(simple_answer(b"begun before"))
        return True

    upstream.on(path, script)
    with gateway.connect() as client:
        client.send(get(path))
        upstream.wait_request(path)
        gateway.write({"listeners": gateway.config["listeners"], "routes": [version(2)]})  # neither the route nor the upstream is left
        wait_version(gateway, 2)
        release.set()
        assert client.response().body == b"begun before"
        assert_problem(client.ask(get(path)), 404)


def test_a_tunnel_outlives_a_reload(gateway, upstream, path):
    def script(conn, _):
        conn.send(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
        while data := conn.sock.recv(1000):
            conn.send(data)

    upstream.on(path, script)
    with gateway.connect() as client:
        client.send(get(path, "Connection: Upgrade", "Upgrade: echo"))
        assert client.response().status == 101
        for number in range(2, 5):
            gateway.write(config_for(upstream, number, listeners=gateway.config["listeners"]))
            wait_version(gateway, number)
            client.send(b"still there")
            assert client.source.exactly(11) == b"still there"


def test_quota_is_kept_over_a_reload(start_gateway, upstream, tmp_path):
    def config(number):
        made = config_for(upstream, number, listeners=[{"address": "127.0.0.1:0"}])
        made["routes"].append({"name": "limited", "match": {"path": "/limited"}, "respond": {"status": 200},
                               "rateLimit": {"quota": 2, "window": "1h", "by": "route"}})
        return made

    gateway = start_gateway(config(1), folder=tmp_path)
    assert [gateway.ask(get("/limited")).status for _ in range(3)] == [200, 200, 429]
    gateway.write(config(2))
    wait_version(gateway, 2)
    assert gateway.ask(get("/limited")).status == 429


def test_keys_are_taken_in_again(start_gateway, upstream, tmp_path, write_keys):
    write_keys(tmp_path / "keys.yaml", alice=("old", []))
    config = config_for(upstream, listeners=[{"address": "127.0.0.1:0"}])
    config["authentication"] = {"partners": {"apiKey": {"header": "X-API-Key", "keys": "keys.yaml"}}}
    config["routes"].append({"name": "known", "match": {"path": "/known"}, "respond": {"status": 200}, "authentication": ["partners"]})
    gateway = start_gateway(config, folder=tmp_path)
    assert gateway.ask(get("/known", "X-API-Key: old")).status == 200
    write_keys(tmp_path / "keys.yaml", alice=("new", []))
    gateway.signal(signal.SIGHUP)
    until(lambda: gateway.ask(get("/known", "X-API-Key: new")).status == 200, "the new key is known")
    assert gateway.ask(get("/known", "X-API-Key: old")).status == 401


def test_an_upstream_moved_by_a_reload(gateway, upstream, make_upstream, path):
    """New requests go to the new replica, none is lost."""
    other = make_upstream("other")
    with Load(gateway, path) as load:
        config = config_for(upstream, 2, listeners=gateway.config["listeners"])
        config["upstreams"]["app"]["endpoints"] = [other.endpoint]
        gateway.write(config)
        wait_version(gateway, 2)
        load.wait_more(50)
    assert not load.failures, load.failures
    before = len(upstream.requests)
    for _ in range(10):
        assert gateway.ask(get(path)).json()["replica"] == "other"
    assert len(upstream.requests) == before


# -------------------------------------------------------------------------------------------------------------- draining

def test_sigterm_lets_requests_under_way_finish(start_gateway, upstream, tmp_path, path):
    gateway = start_gateway(config_for(upstream), folder=tmp_path, threads=2)
    release = threading.Event()

    def script(conn, request):
        conn.body(request)
        release.wait(PATIENCE)
        conn.send(simple_answer(b"finished"))
        return True

    upstream.on(path, script)
    idle = gateway.connect()
    assert idle.ask(get("/version")).status == 200
    uploading = gateway.connect()
    uploading.send(get(path + "/upload", "Content-Length: 10", method="POST") + b"12345")
    clients = [gateway.connect() for _ in range(5)]
    for client in clients:
        client.send(get(path))
    upstream.wait_request(path, len(clients))
    upstream.wait_request(path + "/upload")
    gateway.signal(signal.SIGTERM)
    until(lambda: refuses(gateway.address), "no connection is taken any more")
    assert gateway.process.poll() is None
    idle.assert_closed()
    release.set()
    for client in clients:
        answer = client.response()
        assert answer.body == b"finished" and answer.closes
        client.assert_closed()
    uploading.send(b"67890")
    assert uploading.response().json()["body"] == "1234567890"
    assert gateway.wait_exit() == 0


def refuses(address):
    try:
        sock = socket.create_connection(address, timeout=PATIENCE)
    except ConnectionRefusedError:
        return True
    except ConnectionResetError:
        return False
    with sock:
        try:
            sock.sendall(get("/version"))
            return not sock.recv(1)
        except OSError:
            return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_at_once_when_nothing_is_under_way(start_gateway, upstream, tmp_path, number):
    gateway = start_gateway(config_for(upstream), folder=tmp_path)
    idle = [gateway.connect() for _ in range(20)]
    for client in idle[:10]:
        assert client.ask(get("/version")).status == 200
    begun = time.monotonic()
    gateway.signal(number)
    code = gateway.wait_exit()
    assert code == (0 if number == signal.SIGTERM else code)
    assert code in (0, 130)
    assert time.monotonic() - begun < 5, "idle connections hold it"
    for client in idle:
        client.close()


# -------------------------------------------------------------------------------------------------------------- listening

def test_several_listeners(start_gateway, upstream, tmp_path):
    gateway = start_gateway(config_for(upstream, listeners=[{"address": "127.0.0.1:0"}, {"address": "127.0.0.1:0"}, {"address": "0.0.0.0:0"}]),
                            folder=tmp_path, threads=2)
    assert len(set(gateway.addresses)) == 3
    for host, port in gateway.addresses:
        with Client((host if host != "0.0.0.0" else "127.0.0.1", port)) as client:
            assert client.ask(get("/version")).body == b"1"


def test_listening_on_ipv6(start_gateway, upstream, tmp_path):
    if not socket.has_ipv6 or not os.path.exists("/proc/net/if_inet6"):
        pytest.skip("no IPv6 here")
    gateway = start_gateway(config_for(upstream, listeners=[{"address": "127.0.0.1:0"}, {"address": "[::1]:0"}]), folder=tmp_path, count=1)
    found = until(lambda: re.search(r"http://\[::1\]:(\d+)", gateway.said()), "it listens on IPv6")
    with socket.create_connection(("::1", int(found.group(1))), timeout=PATIENCE) as sock:
        sock.sendall(get("/t/v6"))
        assert read_response(Source(sock)).status == 200
    fields = upstream.wait_request("/t/v6").fields
    assert fields.one("X-Forwarded-For") == "::1"
    assert 'for="[::1]"' in fields.one("Forwarded"), "RFC 7239 §6"


def test_a_port_of_another_program(upstream, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ended = start_refused(tmp_path, config_for(upstream, listeners=[{"address": "127.0.0.1:%d" % taken.getsockname()[1]}]))
    assert ended.returncode == 69, ended
    assert "MSC3030" in ended.stderr
    assert str(os.getpid()) in ended.stderr, f"does not tell who has the port: {ended.stderr}"


def test_a_port_of_another_gateway(gateway, upstream, tmp_path):
    """SO_REUSEPORT would let two of one user share it unnoticed."""
    address = "127.0.0.1:%d" % gateway.address[1]
    ended = start_refused(tmp_path / "second", config_for(upstream, listeners=[{"address": address}]))
    assert ended.returncode == 69, ended
    assert "MSC3030" in ended.stderr and str(gateway.process.pid) in ended.stderr
    assert gateway.ask(get("/version")).status == 200


@pytest.mark.parametrize("text", ["", "routes: [", "nonsense: 1\n", "[]", "listeners: [{address: \"127.0.0.1:99999\"}]\n",
                                  "routes: [{name: a, match: {path: a}, respond: {status: 200}}]\n"])
def test_a_broken_configuration_does_not_start(tmp_path, text):
    """65, with the place."""
    if text == "":  # nothing at all is a gateway without routes; it may serve or be refused, but that is for the loader's tests
        return
    ended = start_refused(tmp_path, text)
    assert ended.returncode == 65, ended
    assert re.search(r"gateway\.yaml:\d+:\d+: error\[MSC1\d\d\d\]", ended.stderr), ended.stderr


def test_a_file_that_is_not_there(tmp_path):
    import subprocess
    from gwkit.gateway import MSCTL
    ended = subprocess.run([MSCTL, "gateway", "run", "--config", str(tmp_path / "none.yaml")], capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert ended.returncode in (65, 69) and "none.yaml" in ended.stderr


# ---------------------------------------------------------------------------------------------------- metrics, access log

def scrape(gateway):
    address = until(lambda: ADMIN.search(gateway.said()), "the administrative interface is told").group(1)
    if address.startswith("/") or address.startswith("unix:"):
        sock = socket.socket(socket.AF_UNIX)
        sock.settimeout(PATIENCE)
        sock.connect(address.removeprefix("unix:"))
    else:
        host, _, port = address.rpartition(":")
        sock = socket.create_connection((host, int(port.rstrip("/"))), timeout=PATIENCE)
    with sock:
        sock.sendall(b"GET /metrics HTTP/1.1\r\nHost: admin\r\nConnection: close\r\n\r\n")
        answer = read_response(Source(sock))
    assert answer.status == 200
    assert answer.fields.one("Content-Type").startswith("text/plain")
    samples = {}
    for line in answer.body.decode().splitlines():
        if line and not line.startswith("#"):
            found = re.fullmatch(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\]|\\.)*",?)*)\})? (\S+)', line)
            assert found, f"not the text format: {line!r}"
            labels = tuple(sorted(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', found.group(2) or "")))
            samples[(found.group(1), labels)] = float(found.group(3))
    return samples


def value(samples, name, **labels):
    return sum(v for (n, have), v in samples.items() if n == name and set(labels.items()) <= set(have))


@pytest.mark.parametrize("where", ["address", "socket"])
def test_metrics(start_gateway, upstream, tmp_path, path, where):
    admin = {"address": "127.0.0.1:0"} if where == "address" else {"socket": str(tmp_path / "admin.sock")}
    config = config_for(upstream, admin=admin)
    config["routes"].append({"name": "limited", "match": {"path": "/limited"}, "respond": {"status": 200},
                             "rateLimit": {"quota": 1, "window": "1h", "by": "route"}})
    gateway = start_gateway(config, folder=tmp_path, threads=2)
    for _ in range(7):
        gateway.ask(get(path))
    gateway.ask(get(path, method="POST", body=b"x"))
    gateway.ask(get(path, method="WEIRD"))
    for _ in range(3):
        gateway.ask(get("/limited"))
    for _ in range(2):
        gateway.ask(get("/nothing"))
    gateway.ask(b"GET /x HTTP/1.1\r\nHost : a\r\n\r\n")
    upstream.respond(path + "/503", simple_answer(b"", "503 Later"))
    gateway.ask(get(path + "/503"))
    total = "msctl_gateway_requests_total"
    samples = until(lambda: value(found := scrape(gateway), total, route="app") >= 10 and found, "all are counted")
    assert value(samples, total, route="app", upstream="app", method="GET", status="200") == 7
    assert value(samples, total, route="app", method="POST", status="200") == 1
    assert value(samples, total, route="app", method="GET", status="503") == 1
    assert not value(samples, total, method="WEIRD"), "clients can invent series"
    assert value(samples, total, route="limited", status="200") == 1
    assert value(samples, total, route="limited", status="429") == 2
    assert value(samples, total, status="404") == 2
    assert {k for k, _ in next(labels for (n, labels) in samples if n == total)} == {"route", "upstream", "method", "status"}
    assert value(samples, "msctl_gateway_rejected_total", route="limited") == 2
    assert {k for k, _ in next(labels for (n, labels) in samples if n == "msctl_gateway_rejected_total")} == {"route", "reason"}
    for name in ("msctl_gateway_request_duration_seconds", "msctl_gateway_upstream_duration_seconds"):
        assert value(samples, name + "_count") >= 10, name
        assert value(samples, name + "_bucket", le="+Inf") == value(samples, name + "_count")
        assert value(samples, name + "_sum") > 0
    with gateway.connect() as one, gateway.connect() as two:
        one.ask(get(path)), two.ask(get("/version"))
        connections = scrape(gateway)
        assert value(connections, "msctl_gateway_connections", side="client") >= 2
        assert value(connections, "msctl_gateway_connections", side="upstream") >= 1


def test_access_log(start_gateway, upstream, tmp_path, path):
    gateway = start_gateway(config_for(upstream), folder=tmp_path, threads=2)
    answer = gateway.ask(get(path + '?q="quoted"&caf%C3%A9', 'User-Agent: "odd" \\ agent caf\xc3\xa9', "Referer: http://a/\t"))
    assert answer.status == 200
    problem = assert_problem(gateway.ask(get("/nothing")), 404)
    gateway.ask(b"GET /x HTTP/1.1\r\nHost : a\r\n\r\n")
    entries = until(lambda: len(found := gateway.access_log()) >= 3 and found, "three requests are logged")
    assert len(entries) == 3
    flat = [json.dumps(e) for e in sorted(entries, key=lambda e: e["status"])]
    flat = [flat[0], flat[2], flat[1]]  # 200, 404, 400: the threads' lines come in no order
    request_id = upstream.wait_request(path).fields.one("X-Request-Id")
    assert request_id in flat[0] and path in flat[0] and "200" in flat[0] and '"app"' in flat[0]
    assert problem["requestId"] in flat[1] and "404" in flat[1] and "MSC3004" in flat[1]
    assert "400" in flat[2] and "MSC3001" in flat[2]


def test_access_log_can_be_off(start_gateway, upstream, tmp_path, path):
    gateway = start_gateway(config_for(upstream, accessLog=False), folder=tmp_path)
    for _ in range(3):
        assert gateway.ask(get(path)).status == 200
    gateway.stop()
    assert not gateway.output["stdout"]


def test_every_request_is_logged(start_gateway, upstream, tmp_path):
    gateway = start_gateway(config_for(upstream), folder=tmp_path, threads=2)
    with gateway.connect() as client:
        client.send(get("/version") * 500)
        for _ in range(500):
            client.response()
    gateway.stop()
    assert len(gateway.access_log()) == 500


# ------------------------------------------------------------------------------------------------------------------- many

def test_two_thousand_open_connections(start_gateway, upstream, tmp_path, path):
    gateway = start_gateway(config_for(upstream), folder=tmp_path, threads=2)
    before = gateway.memory()
    clients = [gateway.connect() for _ in range(2000)]
    for client in clients:
        client.send(get(path))
    for client in clients:
        assert client.response().status == 200
    assert gateway.memory() - before < 400 * 1024 * 1024
    for client in clients[::7]:
        assert client.ask(get("/version")).status == 200
    with gateway.connect() as another:
        assert another.ask(get(path)).status == 200
    for client in clients:
        client.close()
    until(lambda: gateway.client_connections() == 0, "the clients' connections are closed")
    assert gateway.ask(get(path)).status == 200


def test_more_connections_than_descriptors(start_gateway, upstream, tmp_path, path):
    """It goes on with what it has, and is well again when clients go."""
    gateway = start_gateway(config_for(upstream), folder=tmp_path, file_limit=120)
    clients = []
    for _ in range(300):
        client = gateway.connect()
        clients.append(client)
    assert gateway.process.poll() is None
    for client in clients:
        client.close()
    until(lambda: succeeds(gateway, path), "it serves again")


def succeeds(gateway, path):
    try:
        return gateway.ask(get(path), patience=1).status == 200
    except (OSError, Ended):
        return False


def test_connections_that_only_open_and_close(gateway, path):
    for _ in range(500):
        gateway.connect().close()
    for _ in range(200):
        gateway.connect().reset()
    assert gateway.ask(get(path)).status == 200
    until(lambda: gateway.client_connections() == 0, "the connections are closed")


def test_random_bytes_do_no_harm(gateway, path):
    """A seeded storm of broken and cut requests, on both threads; the sanitizers watch."""
    import random
    chance = random.Random(9112)
    fair = [get(path), get(path, "Transfer-Encoding: chunked", method="POST") + b"5;x=y\r\nhello\r\n0\r\nX: y\r\n\r\n", get(path, method="POST", body=b"hello" * 20),
            get(path, "Connection: Upgrade", "Upgrade: x"), get(path, "Expect: 100-continue", method="PUT", body=b"x")]
    for _ in range(400):
        raw = bytearray(b"".join(chance.choices(fair, k=chance.randint(1, 3))))
        for _ in range(chance.randint(0, 6)):
            at = chance.randrange(len(raw))
            kind = chance.randrange(3)
            if kind == 0:
                raw[at] = chance.randrange(256)
            elif kind == 1:
                del raw[at:at + chance.randint(1, 8)]
            else:
                raw[at:at] = bytes(chance.choices(b"\r\n\t\0 :;,%/.0123456789abcdefghTC", k=chance.randint(1, 5)))
            if not raw:
                raw = bytearray(b"x")
        with gateway.connect() as client:
            client.try_send(bytes(raw))
            if chance.random() < 0.5:
                try:
                    client.finish_sending()
                    while client.read_some():
                        pass
                except OSError:
                    pass
    assert gateway.ask(get(path)).status == 200
    gateway.assert_sane()
