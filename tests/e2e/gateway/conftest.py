"""Fixtures of the gateway's tests from outside. One gateway and one upstream serve a whole module; each test uses paths of its
own, so that what the upstream saw of it can be told."""

import hashlib
import itertools
import json
import os
from pathlib import Path

import pytest

from gwkit.gateway import MSCTL, Gateway, raise_file_limit
from gwkit.upstream import Upstream


@pytest.fixture(scope="session", autouse=True)
def machine():
    raise_file_limit()
    assert os.access(MSCTL, os.X_OK), f"no msctl at {MSCTL}: build it (preset dev, target msctl), or set MSCTL"


@pytest.fixture(scope="module")
def upstream():
    server = Upstream()
    yield server
    server.stop()
    assert not server.errors, f"the gateway sent its upstream what is not HTTP/1.1: {server.errors}"


@pytest.fixture(scope="module")
def start_gateway(tmp_path_factory):
    """start_gateway(config, threads=1) → Gateway, stopped at the end of the module, with exit code 0."""
    running = []

    def start(config, folder=None, **options):
        gateway = Gateway(folder or tmp_path_factory.mktemp("gateway"), config, **options)
        running.append(gateway)
        return gateway

    yield start
    failures = []
    for gateway in running:
        try:
            if gateway.process.poll() is None:  # what a test ended itself, it has judged itself
                gateway.stop()
            else:
                gateway.assert_sane()
        except AssertionError as error:
            failures.append(error)
    if failures:
        raise failures[0]


@pytest.fixture(scope="module")
def gateway(start_gateway, upstream):
    """Where a module has none of its own: everything goes to the upstream, over two threads."""
    return start_gateway({
        "limits": {"bodyBytes": "100MiB"},
        "upstreams": {"app": {"endpoints": [upstream.endpoint]}},
        "routes": [{"name": "app", "match": {"path": "/**"}, "upstream": "app", "timeout": "20s"}],
    }, threads=2)


@pytest.fixture
def client(gateway):
    with gateway.connect() as client:
        yield client


@pytest.fixture(scope="module")
def make_upstream():
    """More replicas: make_upstream("a")."""
    servers = []

    def make(name):
        server = Upstream(name)
        servers.append(server)
        return server

    yield make
    for server in servers:
        server.stop()


_numbers = itertools.count(1)


@pytest.fixture
def path():
    """A path that no other test uses."""
    return f"/t/{next(_numbers)}"


@pytest.fixture(scope="session")
def write_keys():
    """Writes an API key file: write_keys(folder / "keys.yaml", alice=("secret", ["gold"]))."""

    def write(file, **keys):
        entries = [{"name": name, "sha256": hashlib.sha256(key.encode()).hexdigest(), "groups": groups}
                   for name, (key, groups) in keys.items()]
        Path(file).write_text(json.dumps(entries))

    return write
