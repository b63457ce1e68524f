"""The autoscaler of a real cluster scales by what msctl's gateway counts."""
import json
import secrets
import subprocess
import threading
import time
import urllib.error
import urllib.request

import pytest
from clusterkit import tools
from clusterkit.images import Image
from clusterkit.waiting import until
from shop import Shop

pytestmark = pytest.mark.quiet

HEALTH = "{ready: /ready, live: /live}"
API_SERVICE = "v1beta1.external.metrics.k8s.io"
SCALE = "{min: 1, max: 4, target: {requestsPerSecond: 5}}"
# Of the Pods' own port: the API server comes there, and whoever else can reach it.
PORT = 10250


class Load:
    """So many requests a second until it is stopped: from several clients, since one waits for its answers."""

    CLIENTS = 6

    def __init__(self, port, per_second, path="/web/"):
        self.url, self.pause, self.ended = f"http://127.0.0.1:{port}{path}", self.CLIENTS / per_second, threading.Event()
        self.threads = [threading.Thread(target=self.run) for _ in range(self.CLIENTS)]
        for each in self.threads:
            each.start()

    def run(self):
        while not self.ended.wait(self.pause):
            try:
                urllib.request.urlopen(self.url, timeout=5).read()
            except OSError:
                pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ended.set()
        for each in self.threads:
            each.join()


class Place:
    """A workspace in a namespace of its own."""

    def __init__(self, cluster, namespace, msctl, folder):
        self.cluster, self.namespace = cluster, namespace
        self.shop = Shop(msctl, folder, cluster.kubeconfig, namespace, f"{cluster.registry}/shop")
        image = Image(tools.program("web"), {"VERSION": "one"})
        reference = image.push(cluster.registry, "shop/web", "1")
        self.shop.service("web", version=image.digest, reference=reference, health=HEALTH, resources="{cpu: 20m, memory: 32Mi}", scale=SCALE)

    def administrator(self):
        """Applies what msctl has written for them."""
        self.shop.run("generate", "kubernetes")
        self.cluster.kubectl("apply", "-f", str(self.shop.folder / "deploy/kubernetes/deployers/test.yaml"))

    def value(self, metric="msctl-requests-per-second"):
        """As a number; nothing while it is not answered."""
        path = f"/apis/external.metrics.k8s.io/v1beta1/namespaces/{self.namespace}/{metric}?labelSelector=service%3Dweb%2Cworkspace%3Dshop"
        done = self.cluster.kubectl("get", "--raw", path, code=None)
        if done.returncode != 0:
            return None
        item, = json.loads(done.stdout)["items"]
        assert item["metricLabels"] == {"workspace": "shop", "service": "web"}
        text = item["value"]
        return float(text[:-1]) / 1000 if text.endswith("m") else float(text)

    def get(self, *words):
        return json.loads(self.cluster.kubectl("get", *words, "-n", self.namespace, "-o", "json"))

    def replicas(self):
        return self.get("deployment", "web")["spec"]["replicas"]

    def gateways(self):
        pods = self.get("pods", "-l", "app.kubernetes.io/component=gateway")["items"]
        return [each for each in pods if each["status"].get("podIP") and "deletionTimestamp" not in each["metadata"]]

    def logs(self):
        return "".join(self.cluster.kubectl("logs", each["metadata"]["name"], "-n", self.namespace) for each in self.gateways())

    def status(self):
        document = self.shop.json("status", "-e", "test")
        return document, next(each for each in document["services"] if each["name"] == "web")

    def forward(self):
        port = self.cluster.forward(f"{self.namespace}/gateway:80")

        def answers():
            try:
                return urllib.request.urlopen(f"http://127.0.0.1:{port}/web/", timeout=5).status == 200
            except OSError:
                return False

        until(answers, "the gateway")
        return port


@pytest.fixture
def place(real_cluster, real_namespace, msctl_program, tmp_path):
    return Place(real_cluster, real_namespace, msctl_program, tmp_path / "shop")


@pytest.fixture
def another(real_cluster, msctl_program, tmp_path):
    namespace = f"test-{secrets.token_hex(4)}"
    real_cluster.kubectl("create", "namespace", namespace)
    yield Place(real_cluster, namespace, msctl_program, tmp_path / "another")
    real_cluster.kubectl("delete", "namespace", namespace, "--wait=false", code=None)


@pytest.fixture(autouse=True)
def without_api_service(real_cluster):
    """Each test begins in a cluster in which nobody has made it."""
    real_cluster.kubectl("delete", "apiservice", API_SERVICE, "--ignore-not-found")
    yield
    real_cluster.kubectl("delete", "apiservice", API_SERVICE, "--ignore-not-found")


def test_requests_scale_a_service_up_and_their_end_scales_it_down(place):
    place.shop.deploy()
    assert "replicas" not in place.shop.run("deploy", "-e", "test", "--images", place.shop.images(), "--plan")
    port = place.forward()

    # Without the administrator's file the number stays, and why is told with its cure.
    def told():
        _, web = place.status()
        return next((each for each in web["conditions"] if each["code"] == "MSC5307"), None)

    condition = until(told, "what is missing")
    assert "deploy/kubernetes/deployers/test.yaml" in condition["cure"], condition
    place.administrator()
    until(lambda: place.value() is not None, "the metric")
    until(lambda: not told(), "the autoscaler")

    with Load(port, 18):
        begin = time.monotonic()
        until(lambda: place.replicas() >= 3, "more replicas")
        print(f"three replicas {time.monotonic() - begin:.0f} s after the first request; {place.value():.1f} requests a second")
        _, web = place.status()
        traffic = web["traffic"]
        print(traffic)
        assert 5 < traffic["requestsPerSecond"] < 30 and traffic["errorsPerSecond"] == 0
        assert 0 < traffic["p50"] <= traffic["p95"] <= traffic["p99"] < 5
        assert web["autoscaler"]["lastDecision"]["metric"] == "requestsPerSecond"
        assert place.value("msctl-latency-p95") is not None and place.value("msctl-concurrency") is not None
    begin = time.monotonic()
    until(lambda: place.replicas() == 1, "one replica again")
    print(f"one replica {time.monotonic() - begin:.0f} s after the last request")
    assert place.value() < 1
    assert "REQ/S" in place.shop.run("status", "-e", "test")


def test_two_workspaces_are_served_by_whichever_gateway_is_there(place, another):
    for each in (place, another):
        each.administrator()
        each.shop.deploy()
    ports = [each.forward() for each in (place, another)]
    for each in (place, another):
        until(lambda each=each: each.value() is not None, "the metric")
    with Load(ports[1], 10):
        # While a gateway does not answer there is no number.
        until(lambda: (another.value() or 0) > 3, "its traffic")
        assert until(lambda: (place.value() or 0) < 3, "a number without that traffic")
    document = json.loads(place.cluster.kubectl("get", "apiservice", API_SERVICE, "-o", "json"))
    serving = document["spec"]["service"]["namespace"]
    owner, other = (place, another) if serving == place.namespace else (another, place)
    # The one whose gateway serves goes: the other takes over.
    place.cluster.kubectl("delete", "deployment", "gateway", "-n", owner.namespace)
    place.cluster.kubectl("delete", "service", "gateway-external-metrics", "-n", owner.namespace)
    begin = time.monotonic()
    until(lambda: json.loads(place.cluster.kubectl("get", "apiservice", API_SERVICE, "-o", "json"))["spec"]["service"]["namespace"] == other.namespace, "the other gateway")
    until(lambda: other.value() is not None, "the metric")
    print(f"taken over {time.monotonic() - begin:.0f} s later")
    # Of a workspace without a gateway there is no number, rather than 0.
    assert owner.value() is None


def test_another_adapter_s_registration_is_left_alone(place):
    foreign = {"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService", "metadata": {"name": API_SERVICE, "labels": {"app.kubernetes.io/managed-by": "Helm"}},
               "spec": {"group": "external.metrics.k8s.io", "version": "v1beta1", "groupPriorityMinimum": 100, "versionPriority": 100, "insecureSkipTLSVerify": True,
                        "service": {"name": "keda-operator-metrics-apiserver", "namespace": "keda", "port": 443}}}
    place.administrator()
    place.cluster.kubectl("delete", "apiservice", API_SERVICE)
    place.cluster.kubectl("create", "-f", "-", stdin=json.dumps(foreign))
    place.shop.deploy()
    until(lambda: "MSC5304" in place.logs(), "what the gateway says of it")
    time.sleep(25)  # two looks more
    assert place.logs().count("MSC5304") == len(place.gateways())
    after = json.loads(place.cluster.kubectl("get", "apiservice", API_SERVICE, "-o", "json"))
    assert after["spec"] == foreign["spec"]
    # It goes on serving.
    assert place.forward()


def test_whoever_is_not_the_api_server_is_refused(place):
    place.administrator()
    place.shop.deploy()
    until(lambda: place.value() is not None, "the metric")
    pki = place.cluster.it.pki
    address = place.gateways()[0]["status"]["podIP"]
    url = f"https://{address}:{PORT}/apis/external.metrics.k8s.io/v1beta1"

    def ask(*words):
        command = place.cluster.command("curl", "-sk", "-m", "5", "-o", "/dev/null", "-w", "%{http_code}", *words, url)
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout

    assert ask("--cert", f"{pki}/front-proxy.crt", "--key", f"{pki}/front-proxy.key") == "200"
    assert ask() == "000"
    assert ask("--cert", f"{pki}/admin.crt", "--key", f"{pki}/admin.key") == "000"
    assert ask("--cert", f"{pki}/kubelet-client.crt", "--key", f"{pki}/kubelet-client.key") == "000"
