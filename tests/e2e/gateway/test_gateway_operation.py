"""Running it: draining, listeners, many connections, and a storm of broken requests."""

import os
import random
import re
import signal
import socket
import subprocess
import threading
import time

import pytest

from gwkit.client import Client, get
from gwkit.gateway import MSCTL, start_refused
from gwkit.load import config_for
from gwkit.message import Ended, Source, read_response
from gwkit.upstream import simple_answer
from gwkit.wait import PATIENCE, until


@pytest.fixture
def gateway(start_gateway, upstream, tmp_path):
    return start_gateway(config_for(upstream, listeners=[{"address": "127.0.0.1:0"}]), folder=tmp_path, threads=2)


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


@pytest.mark.parametrize("text", ["routes: [", "nonsense: 1\n", "[]", "listeners: [{address: \"127.0.0.1:99999\"}]\n",
                                  "routes: [{name: a, match: {path: a}, respond: {status: 200}}]\n"])
def test_a_broken_configuration_does_not_start(tmp_path, text):
    """65, with the place."""
    ended = start_refused(tmp_path, text)
    assert ended.returncode == 65, ended
    assert re.search(r"gateway\.yaml:\d+:\d+: error\[MSC1\d\d\d\]", ended.stderr), ended.stderr


def test_a_file_that_is_not_there(tmp_path):
    ended = subprocess.run([MSCTL, "gateway", "run", "--config", str(tmp_path / "none.yaml")], capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert ended.returncode in (65, 69) and "none.yaml" in ended.stderr


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
