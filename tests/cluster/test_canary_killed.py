"""A deploy by canary that is killed at some write, before it is sent or after it took effect: the next command leaves what an undisturbed one
would have left, and nothing of the canary. Level 1: the gateways are simulated, so a proxy answers what they would be asked.

MSCTL_KILLS=all tries every write; otherwise a sample, which MSCTL_SEED chooses (today's date by default).
"""
import datetime
import json
import os
import random
import re
import secrets
import signal
import time

import pytest
from clusterkit import objects
from clusterkit.faults import Kill
from clusterkit.waiting import until
from shop import Shop
from test_deploy_killed import state, without_namespace

SEED = os.environ.get("MSCTL_SEED", datetime.date.today().isoformat())
SAMPLE = 3
MOST = 48  # writes of the deploy below
EVERY = [(number, after) for number in range(1, MOST) for after in (False, True)]
CHOSEN = EVERY if os.environ.get("MSCTL_KILLS") == "all" else sorted(random.Random(SEED).sample(EVERY, SAMPLE))
CANARY = ("--canary", "40,100", "--interval", "10s")


class Gateways:
    """Answers in the place of the simulated gateways: they have in force what stands in the ConfigMap, and serve 8000 requests a second, all of
    them at once."""

    def __init__(self, cluster, namespace, bad=()):
        """`bad`: services whose canary fails every fifth request."""
        self.cluster, self.namespace, self.bad, self.began = cluster, namespace, bad, time.monotonic()

    def before(self, call):
        return Page(self.page(call.path).encode())

    def after(self, call):
        pass

    def page(self, path):
        if path.endswith("/health/ready"):
            return "ready\n"
        if path.endswith("/config"):
            status, document = self.cluster.api.request("GET", f"/api/v1/namespaces/{self.namespace}/configmaps/gateway")
            assert status == 200
            return document["data"]["gateway.yaml"]
        count = int((time.monotonic() - self.began) * 2000)
        lines = []
        for service in ("orders", "users"):
            for upstream in (service, f"{service}-canary"):
                labels = f'route="{service}",upstream="{upstream}"'
                errors = count // 5 if service in self.bad and upstream != service else 0
                lines.append(f'msctl_gateway_requests_total{{{labels},method="GET",status="200"}} {count - errors}')
                lines.append(f'msctl_gateway_requests_total{{{labels},method="GET",status="500"}} {errors}')
                for bound, share in (("0.001", 0.5), ("0.0025", 0.995), ("0.005", 1), ("+Inf", 1)):
                    lines.append(f'msctl_gateway_request_duration_seconds_bucket{{{labels},le="{bound}"}} {int(count * share)}')
        return "\n".join(lines) + "\n"


class Page:
    status, headers = 200, {}
    retry_after = None

    def __init__(self, text):
        self.text = text

    def body(self):
        return self.text


def first(shop):
    return shop.service("orders", needs=["users"], replicas=3).service("users", replicas=2).service("old")


def second(shop):
    """Two new versions, a service that a canary needs and is new, and one that goes."""
    shop.service("orders", version="2", needs=["users", "prices"], replicas=3, env="{LOG_LEVEL: debug}")
    shop.service("users", version="2", replicas=2).service("prices")
    shop.remove("old")
    return shop


def counts(call):
    """A write that takes effect."""
    return call.is_write and "dryRun" not in call.path and "/leases" not in call.path


def through(make_proxy, cluster, shop, tmp_path, **gateways):
    """A proxy that answers for the gateways, and the kubeconfig that leads through it."""
    proxy = make_proxy(counts=counts)
    proxy.when(lambda call: "/proxy/" in call.path, Gateways(cluster, shop.namespace, **gateways), times=None)
    return proxy, proxy.kubeconfig(tmp_path / f"proxied-{secrets.token_hex(4)}", namespace=shop.namespace)


def canaries(found):
    return sorted(name for name in found if "canary" in name)


@pytest.fixture(scope="module")
def undisturbed(cluster, msctl_program, tmp_path_factory):
    """The second release without a canary."""
    namespace = f"test-{secrets.token_hex(4)}"
    cluster.kubectl("create", "namespace", namespace)
    shop = first(Shop(msctl_program, tmp_path_factory.mktemp("undisturbed") / "shop", cluster.kubeconfig, namespace))
    shop.deploy()
    second(shop).deploy()
    yield without_namespace(state(cluster, shop), None)
    cluster.kubectl("delete", "namespace", namespace, "--wait=false")


def test_what_has_passed_is_what_would_be_there_without_a_canary(cluster, make_shop, make_proxy, undisturbed, tmp_path):
    shop = first(make_shop())
    shop.deploy()
    proxy, file = through(make_proxy, cluster, shop, tmp_path)
    plan = second(shop).deploy("--plan", *CANARY, kubeconfig=file)["canary"]
    assert [each["service"] for each in plan["services"]] == ["orders", "users"] and plan["left"] == [{"because": "it is new", "service": "prices"}]
    assert plan["steps"][0] == {"percent": 40, "replicas": {"orders": 2, "users": 1}}
    done = shop.deploy(*CANARY, kubeconfig=file)
    found = without_namespace(state(cluster, shop), shop.namespace)
    assert canaries(found) == [] and objects.differences(undisturbed, found) == []
    assert [step["result"] for step in done["release"]["canary"]["steps"]] == ["passed", "promoting"]
    assert done["release"]["canary"]["steps"][0]["replicas"] == {"orders": 2, "users": 1}
    assert len(proxy.calls) < MOST, f"{len(proxy.calls)} writes: look at MOST"
    print(f"{len(proxy.calls)} writes")


def test_one_bad_version_takes_all_back(cluster, make_shop, make_proxy, tmp_path):
    shop = first(make_shop())
    shop.deploy()
    before = state(cluster, shop)
    _, file = through(make_proxy, cluster, shop, tmp_path, bad=("users",))
    failed = second(shop).deploy(*CANARY, kubeconfig=file, code=1)
    assert shop.codes(failed) == ["MSC5300", "MSC5203"] and failed["errors"][0]["message"].startswith("users: 20 % of the new version's requests fail")
    assert objects.differences(before, state(cluster, shop)) == []
    history = shop.json("history", "-e", "test")
    release = history["releases"][0]
    assert history["current"] == "1" and release["result"] == "rolled-back" and release["rolledBackTo"] == "1"
    step = release["canary"]["steps"][0]
    assert step["result"] == "worse" and step["judgements"]["users"]["findings"][0]["metric"] == "errors"
    assert shop.run("history", "-e", "test").count("canary of orders, users: 40 % worse") == 1


def test_ctrl_c_takes_the_canary_back(cluster, make_shop, make_proxy, tmp_path):
    shop = first(make_shop())
    shop.deploy()
    before = state(cluster, shop)
    _, file = through(make_proxy, cluster, shop, tmp_path)
    process = second(shop).start("deploy", "-e", "test", "--images", shop.images(), *CANARY, kubeconfig=file)
    until(lambda: "split" in cluster.kubectl("get", "configmap", "gateway", "-n", shop.namespace, "-o", "jsonpath={.data}"), "the weights")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130 and "the canary is taken back" in err, out + err
    assert objects.differences(before, state(cluster, shop)) == []
    history = shop.json("history", "-e", "test")
    assert history["current"] == "1" and [each["result"] for each in history["releases"]] == ["interrupted", "deployed"]


def killed(shop, proxy, file, number, after):
    process = shop.start("deploy", "-e", "test", "--images", shop.images(), *CANARY, kubeconfig=file)
    proxy.at(number, Kill(lambda: process.kill(), after=after))
    out, err = process.communicate(timeout=300)
    assert process.returncode in (0, -9), out + err
    return process.returncode == -9


@pytest.mark.parametrize("number, after", CHOSEN, ids=[f"{number}-{'after' if after else 'before'}" for number, after in CHOSEN])
def test_killed_at_a_write(cluster, make_shop, make_proxy, undisturbed, tmp_path, number, after):
    shop = first(make_shop())
    shop.deploy()
    proxy, file = through(make_proxy, cluster, second(shop), tmp_path)
    if not killed(shop, proxy, file, number, after):
        return
    shop.deploy()
    found = without_namespace(state(cluster, shop), shop.namespace)
    assert canaries(found) == [] and objects.differences(undisturbed, found) == []
    history = shop.json("history", "-e", "test")
    assert "pending" not in [each["result"] for each in history["releases"]]


@pytest.mark.parametrize("number, after", CHOSEN[::2])
def test_killed_and_then_rolled_back(cluster, make_shop, make_proxy, tmp_path, number, after):
    shop = first(make_shop())
    shop.deploy()
    before = state(cluster, shop)
    proxy, file = through(make_proxy, cluster, second(shop), tmp_path)
    if not killed(shop, proxy, file, number, after):
        return
    if shop.json("history", "-e", "test")["current"] == "1":  # else it was killed when all was done
        shop.json("rollback", "-e", "test", "--to", "1")
        assert objects.differences(before, state(cluster, shop)) == []


def test_killed_and_then_again_by_canary(cluster, make_shop, make_proxy, undisturbed, tmp_path):
    """With half of the rollout done: what ran before is put in place first, to be compared with."""
    shop = first(make_shop())
    shop.deploy()
    proxy, file = through(make_proxy, cluster, second(shop), tmp_path)
    assert killed(shop, proxy, file, 28, True)
    _, file = through(make_proxy, cluster, shop, tmp_path)
    done = shop.deploy(*CANARY, kubeconfig=file)
    assert [step["result"] for step in done["release"]["canary"]["steps"]] == ["passed", "promoting"]
    found = without_namespace(state(cluster, shop), shop.namespace)
    assert canaries(found) == [] and objects.differences(undisturbed, found) == []


def test_usage(cluster, make_shop):
    shop = first(make_shop())
    for arguments, message in ((("--canary", "5,5"), "5 comes behind 5"), (("--canary", "0"), "0 is not from 1 to 100"),
                               (("--canary", "a"), "'a' is no percentage"), (("--canary", "100"), "nothing to compare"),
                               (("--canary", "5", "--interval", "9s"), "too short"), (("--interval", "1m",), "goes with --canary")):
        told = shop.deploy(*arguments, code=64)
        assert message in told["errors"][0]["message"] and shop.codes(told) == ["MSC1001"], told
    told = shop.deploy("--canary", "5", code=64)
    assert shop.codes(told) == ["MSC5220"] and re.search("nothing runs there", told["errors"][0]["message"]), json.dumps(told)
    assert shop.json("history", "-e", "test")["releases"] == []
