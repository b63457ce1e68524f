"""A new version with a growing share of the requests at a gateway that runs in the cluster, under a steady stream of them.

Level 2. Whoever sends the requests sees which version answered, and that no request fails but those that the bad version fails itself.
"""
import collections
import http.client
import json
import threading
import time

import pytest
from clusterkit import tools
from clusterkit.images import Image
from clusterkit.waiting import until
from shop import Shop

pytestmark = pytest.mark.quiet

WORKERS = 24
PAUSE = 0.04  # of each between two requests: about 400 a second in all


class Traffic:
    """A stream of requests from several clients; `seen` counts (status, version) and what went wrong otherwise."""

    def __init__(self, port, path):
        self.port, self.path = port, path
        self.seen, self.lock, self.ended = collections.Counter(), threading.Lock(), threading.Event()
        self.threads = [threading.Thread(target=self._send, daemon=True) for _ in range(WORKERS)]

    def _send(self):
        connection = None
        while not self.ended.is_set():
            try:
                connection = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
                connection.request("GET", self.path)
                answer = connection.getresponse()
                body = answer.read().decode(errors="replace")
                what = (answer.status, body.split()[0] if answer.status in (200, 500) and body.split() else body[:200])
                if answer.headers.get("Connection") == "close":
                    connection = None
            except OSError as error:
                what, connection = ("lost", repr(error)), None
            except http.client.HTTPException as error:
                what, connection = ("lost", repr(error)), None
            with self.lock:
                self.seen[what] += 1
            self.ended.wait(PAUSE)

    def __enter__(self):
        for each in self.threads:
            each.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        for each in self.threads:
            each.join()

    def failed(self):
        """All that was not answered with 200."""
        return {what: count for what, count in self.seen.items() if what[0] != 200}

    def of(self, version):
        return sum(count for what, count in self.seen.items() if what[1] == version)


class WithGateway(Shop):
    """Whose gateway is msctl itself, in an image that msctl pushes."""

    def images(self):
        file = super().images()
        document = json.loads(file.read_text())
        document["images"] = [each for each in document["images"] if each["service"] != "gateway"]
        file.write_text(json.dumps(document))
        return file


FAST = {"LATENCY": "10ms", "TAIL": "60ms", "TAIL_SHARE": "0.05"}


@pytest.fixture
def shop(real_cluster, real_namespace, msctl_program, tmp_path):
    """With the gateway in the cluster, and a service of four replicas that nobody has to build."""
    made = WithGateway(msctl_program, tmp_path / "shop", real_cluster.kubeconfig, real_namespace, registry=f"{real_cluster.registry}/shop")
    made.cluster = real_cluster
    release(made, "one", FAST)
    made.deploy()
    made.port = real_cluster.forward(f"{real_namespace}/gateway:80")
    until(lambda: answered(made.port), "the gateway")
    return made


def answered(port):
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/web")
        return connection.getresponse().status == 200
    except OSError:
        return False


def release(shop, version, environment):
    """Another image of the service: it behaves as its environment says."""
    image = Image(tools.program("web"), {"VERSION": version, **environment})
    reference = image.push(shop.cluster.registry, "shop/web", version)
    shop.service("web", version=image.digest, reference=reference, replicas=4, health="{ready: /ready, live: /live}", resources="{cpu: 20m, memory: 32Mi}",
                 routes='[{"match": {"path": "/web/**"}, "request": {"stripPrefix": "/web"}}]')


def there(shop):
    """What is in the namespace beside what belongs to releases."""
    names = shop.cluster.kubectl("get", "deployments,services,networkpolicies", "-n", shop.namespace, "-o", "name").split()
    return [name for name in names if "canary" in name]


def split(shop):
    return "split" in shop.cluster.kubectl("get", "configmap", "gateway", "-n", shop.namespace, "-o", "jsonpath={.data}")


def last(shop):
    return shop.json("history", "-e", "test")["releases"][0]


def test_a_good_version_is_rolled_out_without_a_lost_request(shop):
    release(shop, "two", FAST)
    with Traffic(shop.port, "/web") as traffic:
        time.sleep(2)
        done = shop.deploy("--canary", "25,50,100", "--interval", "15s")
        time.sleep(1)
        after = traffic.of("one")
        time.sleep(3)
    print("good:", dict(traffic.seen), [(step["percent"], step["result"], step.get("judgements", {}).get("web", {}).get("text"))
                                        for step in done["release"]["canary"]["steps"]])
    assert traffic.failed() == {}
    assert traffic.of("one") == after  # nothing of the old one answers when the deploy has ended
    assert [step["result"] for step in done["release"]["canary"]["steps"]] == ["passed", "passed", "promoting"]
    assert there(shop) == [] and not split(shop)
    assert last(shop)["result"] == "deployed" and last(shop)["command"] == "deploy --canary 25,50,100"


@pytest.mark.parametrize("how, environment", [("errors", {**FAST, "ERROR_SHARE": "0.2"}), ("p99", {**FAST, "TAIL": "150ms"})])
def test_a_bad_version_is_given_up_and_only_its_own_requests_fail(shop, how, environment):
    release(shop, "bad", environment)
    with Traffic(shop.port, "/web") as traffic:
        time.sleep(2)
        failed = shop.deploy("--canary", "25,50", "--interval", "20s", code=1)
        bad = traffic.of("bad")
        time.sleep(3)
    print(how + ":", dict(traffic.seen), failed["errors"][0]["message"])
    assert shop.codes(failed)[0] == "MSC5300"
    assert failed["errors"][0]["message"].startswith("web: ")
    assert set(traffic.failed()) <= {(500, "bad")}
    assert traffic.of("bad") == bad  # not one more
    assert there(shop) == [] and not split(shop)
    release_ = last(shop)
    assert release_["result"] == "rolled-back" and release_["code"] == "MSC5300"
    assert release_["canary"]["steps"][0]["judgements"]["web"]["verdict"] == "worse"
    assert "result" not in release_["canary"]["steps"][1]


def test_what_a_person_sees_while_it_runs(shop):
    release(shop, "two", FAST)
    process = shop.start("deploy", "-e", "test", "--images", shop.images(), "--canary", "25,50", "--interval", "30s")
    until(lambda: split(shop), "the weights", patience=120)
    service = shop.json("status", "-e", "test")["services"]
    assert [each["name"] for each in service] == ["web"]
    condition = {each["type"]: each for each in service[0]["conditions"]}["Canary"]
    assert "is tried as web-canary" in condition["message"] and service[0]["desired"] == 4
    logs = [json.loads(line) for line in shop.run("logs", "web", "-e", "test", "-o", "json").splitlines()]
    assert any(each["replica"].startswith("web-canary-") for each in logs) and {each["service"] for each in logs} == {"web"}
    # Killed, it leaves the canary; going back takes it away.
    process.kill()
    process.communicate()
    assert there(shop) != []
    shop.json("rollback", "-e", "test")
    assert there(shop) == [] and not split(shop)
