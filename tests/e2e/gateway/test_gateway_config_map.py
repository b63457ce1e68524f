"""A configuration that is taken in from a ConfigMap the moment that it changes, whatever the files of the volume say."""
import hashlib
import json
import tempfile
from pathlib import Path

import pytest

from gwkit.cluster import CONFIG_MAPS, Cluster
from gwkit.client import get
from gwkit.load import Load, config_for, wait_version
from gwkit.wait import until


def files(gateway_config, **more):
    return {"gateway.yaml": json.dumps(gateway_config), **more}


@pytest.fixture
def config(upstream):
    return lambda number: config_for(upstream, number, listeners=[{"address": "127.0.0.1:0"}])


@pytest.fixture
def cluster(config):
    made = Cluster("gateway", files(config(2)))
    yield made
    made.close()


@pytest.fixture
def gateway(start_gateway, cluster, config, tmp_path):
    """It begins with the files of its volume, version 1; the ConfigMap has version 2 already."""
    return start_gateway(config(1), folder=tmp_path, arguments=["--config-map", "gateway"], environment={"MSCTL_KUBECONFIG": cluster.kubeconfig()})


def test_what_the_map_has_is_in_force_and_no_request_is_lost(gateway, cluster, config, path):
    wait_version(gateway, 2)
    with Load(gateway, path) as load:
        for number in range(3, 7):
            cluster.change(files(config(number)))
            wait_version(gateway, number)
            load.wait_more(50)
    assert not load.failures, load.failures
    # By its name alone: the Role allows no more.
    assert {(asked, query["fieldSelector"]) for asked, query in cluster.asked} == {(CONFIG_MAPS, "metadata.name=gateway")}


def test_the_files_of_the_volume_come_late_and_change_nothing(gateway, cluster, config):
    wait_version(gateway, 2)
    cluster.change(files(config(3)))
    wait_version(gateway, 3)
    gateway.write(config(1))  # as the kubelet had it a minute ago
    cluster.change(files(config(4)))
    wait_version(gateway, 4)
    assert all("ConfigMap/gateway/gateway.yaml" in line for line in gateway.output["stderr"] if "took in" in line)


def test_a_wrong_one_is_refused_and_the_next_right_one_taken_in(gateway, cluster, config):
    wait_version(gateway, 2)
    cluster.change({"gateway.yaml": "listeners: 5\n"})
    gateway.wait_said("ConfigMap/gateway/gateway.yaml:1:12")
    wait_version(gateway, 2)
    cluster.change({})
    gateway.wait_said("was not taken in", 2)
    cluster.change(files(config(3)))
    wait_version(gateway, 3)


def test_files_beside_it_come_with_it(gateway, cluster, config):
    wait_version(gateway, 2)
    keys = {"authentication": {"partners": {"apiKey": {"header": "X-API-Key", "keys": "partners.yaml"}}}}
    secret = hashlib.sha256(b"test").hexdigest()
    new = {**config(3), **keys}
    new["routes"] = [{**route, "authentication": ["partners"]} for route in new["routes"]]
    cluster.change(files(new, **{"partners.yaml": json.dumps([{"name": "ann", "sha256": secret, "groups": []}])}))
    until(lambda: gateway.ask(get("/version")).status == 401, "a key is asked for")
    assert gateway.ask(get("/version", "X-API-Key: test")).body == b"3"


def test_a_cluster_that_hangs_up_is_watched_again(gateway, cluster, config):
    wait_version(gateway, 2)
    until(lambda: cluster.watchers, "the watch")
    cluster.end_watches()
    until(lambda: cluster.watchers, "another watch")
    cluster.change(files(config(3)))
    wait_version(gateway, 3)


def test_nothing_of_it_stays(gateway, cluster):
    wait_version(gateway, 2)
    folders = [each for each in Path(tempfile.gettempdir()).glob("msctl-gateway-*") if each.is_dir()]
    gateway.stop()
    assert [each for each in folders if not each.exists()]
