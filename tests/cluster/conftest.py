"""Clusters for tests, and msctl to drive at them. README.md tells what there is."""
import datetime
import math
import os
import random
import secrets
import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).resolve().parents[1] / "e2e")]

from clusterkit import cluster as clusters  # noqa: E402
from clusterkit import layout  # noqa: E402
from clusterkit.proxy import Proxy  # noqa: E402
from shop import Shop  # noqa: E402
from helpers.fixtures import make_workspace, msctl_program, service_program, workspace  # noqa: E402,F401


def pytest_terminal_summary(terminalreporter):
    terminalreporter.write_line(f"seed {os.environ.get('MSCTL_SEED', datetime.date.today().isoformat())}, sample {os.environ.get('MSCTL_SAMPLE', '1')}")


def pytest_configure(config):
    config.addinivalue_line("markers", "quiet: judges times and rates, so that it wants the release program and a machine at rest; never in a sample")
    config.addinivalue_line("markers", "alone: needs that no cluster with a real node is up; runs before those that share one")


def _sample(items, share):
    """Of each file this share of its tests, one at least, another one each day: MSCTL_SEED chooses, today's date by default."""
    seed = os.environ.get("MSCTL_SEED", datetime.date.today().isoformat())
    files = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    return [item for path, of_file in files.items() for item in random.Random(f"{seed} {path.name}").sample(of_file, math.ceil(share * len(of_file)))]


def pytest_collection_modifyitems(config, items):
    if (share := float(os.environ.get("MSCTL_SAMPLE", "1"))) < 1:
        chosen = set(_sample([item for item in items if not item.get_closest_marker("quiet")], share))
        config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
        items[:] = [item for item in items if item in chosen]
    items.sort(key=lambda item: item.get_closest_marker("alone") is None)


def _lent(level, nodes, folder):
    """With CLUSTER_KEEP=1 it stays for the next session, in the state folder of its name; `./dev cluster down --name …` ends it."""
    keep = bool(os.environ.get("CLUSTER_KEEP"))
    name = f"tests-{level}" if keep else f"tests-{level}-{os.getpid()}"
    state = (layout.default_state(name) if keep else folder / "state").resolve()
    try:
        yield clusters.up(layout.Layout(name, state, level, nodes))
    finally:
        if not keep:
            clusters.down(state)


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    """Level 1: a real control plane; pods are simulated, on as many as three nodes."""
    yield from _lent(1, 3, tmp_path_factory.mktemp("cluster"))


@pytest.fixture(scope="session")
def real_cluster(tmp_path_factory):
    """Level 2: pods run."""
    yield from _lent(2, 0, tmp_path_factory.mktemp("cluster"))


def _made(at):
    """A namespace of the test's own in a cluster; its removal is not waited for."""
    name = f"test-{secrets.token_hex(4)}"
    at.kubectl("create", "namespace", name)
    yield name
    at.kubectl("delete", "namespace", name, "--wait=false", code=None)  # the server may just have been killed; all goes in the end


@pytest.fixture
def namespace(cluster):
    yield from _made(cluster)


@pytest.fixture
def real_namespace(real_cluster):
    yield from _made(real_cluster)


@pytest.fixture
def make_shop(cluster, msctl_program, tmp_path):
    """Workspaces of simulated services, each with a namespace of its own: make_shop()."""
    made = []

    def make():
        namespace = f"test-{secrets.token_hex(4)}"
        cluster.kubectl("create", "namespace", namespace)
        made.append(namespace)
        return Shop(msctl_program, tmp_path / namespace, cluster.kubeconfig, namespace)

    yield make
    for namespace in made:
        cluster.kubectl("delete", "namespace", namespace, "--wait=false")


@pytest.fixture
def make_proxy(cluster):
    """Proxies before the API server: make_proxy(), or of another cluster."""
    made = []

    def make(at=None, **options):
        made.append(Proxy(at or cluster, **options))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def proxy(make_proxy):
    return make_proxy()
