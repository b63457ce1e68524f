"""Requests through the gateway in the cluster while everything moves: none may fail.

MSCTL_REQUESTS says how many at least (20,000)."""
import json
import os
import subprocess
import time

import pytest
from clusterkit import tools
from clusterkit.images import Image
from clusterkit.waiting import until
from shop import Shop

REQUESTS = int(os.environ.get("MSCTL_REQUESTS", "20000"))
HEALTH = "{ready: /ready, live: /live}"


class Traffic:
    """Requests that go on until stop(), and as many as were asked for."""

    def __init__(self, cluster, folder, *targets):
        self.stopped = folder / "stop"
        words = cluster.command(str(tools.program("load")), "-workers", "8", "-requests", str(REQUESTS), "-until", str(self.stopped), *targets)
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def stop(self):
        self.stopped.touch()
        out, err = self.process.communicate(timeout=900)
        assert self.process.returncode == 0, err
        return json.loads(out)


@pytest.fixture
def shop(real_cluster, real_namespace, msctl_program, tmp_path):
    made = Shop(msctl_program, tmp_path / "shop", real_cluster.kubeconfig, real_namespace, f"{real_cluster.registry}/shop")

    def version(name, text, **keys):
        image = Image(tools.program("web"), {"VERSION": text})
        reference = image.push(real_cluster.registry, f"shop/{name}", text)
        made.service(name, version=image.digest, reference=reference, health=HEALTH, resources="{cpu: 50m, memory: 64Mi}", **keys)

    made.version = version
    return made


def pods(cluster, namespace, name):
    selector = f"app.kubernetes.io/name={name}"
    return [each["metadata"]["name"] for each in json.loads(cluster.kubectl("get", "pods", "-n", namespace, "-l", selector, "-o", "json"))["items"]
            if "deletionTimestamp" not in each["metadata"]]


def all_ready(cluster, namespace):
    for name in ("web", "second", "gateway"):
        cluster.kubectl("rollout", "status", f"deployment/{name}", "-n", namespace, "--timeout=180s")


def test_nothing_fails_while_services_and_gateway_roll_scale_and_lose_pods(real_cluster, real_namespace, shop, tmp_path):
    shop.version("web", "one", replicas=2)
    shop.version("second", "one", replicas=2)
    shop.deploy()
    gateway = f"http://gateway.{real_namespace}.svc.cluster.local:80"
    until(lambda: subprocess.run(real_cluster.command("curl", "-sf", "-m", "2", f"{gateway}/web/"), capture_output=True, check=False).returncode == 0, "the gateway")
    traffic = Traffic(real_cluster, tmp_path, f"{gateway}/web/", f"{gateway}/second/")

    def lose(name):
        real_cluster.kubectl("delete", "pod", pods(real_cluster, real_namespace, name)[0], "-n", real_namespace, "--wait=false")

    def move():
        """A new version, more and fewer replicas, Pods that go, a gateway that is replaced, another configuration of it."""
        shop.version("web", "two", replicas=2)
        shop.deploy()
        shop.run("scale", "second=4", "-e", "test")
        shop.run("wait", "second", "-e", "test", "--timeout", "2m")
        lose("web")
        lose("second")
        real_cluster.kubectl("rollout", "restart", "deployment/gateway", "-n", real_namespace)
        all_ready(real_cluster, real_namespace)
        shop.run("scale", "second=1", "-e", "test")
        lose("gateway")
        all_ready(real_cluster, real_namespace)
        shop.version("second", "two", replicas=2, routes=json.dumps([{"match": {"path": "/second/**"}, "response": {"headers": {"set": {"X-Moved": "yes"}}}}]))
        shop.deploy()
        shop.run("rollback", "-e", "test")
        all_ready(real_cluster, real_namespace)

    begin = time.monotonic()
    move()
    counts = traffic.stop()
    print(f"{counts['requests']} requests in {counts['seconds']:.0f} s, the slowest {counts['worst']:.0f} ms; moved for {time.monotonic() - begin:.0f} s")
    assert counts["failed"] == 0, json.dumps(counts, indent=1)
    assert counts["requests"] >= REQUESTS and set(counts["statuses"]) == {"200"}
    assert set(counts["answers"]) == {"one", "two"}
