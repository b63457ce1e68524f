"""A deploy that is killed at some call to the API server, before it is sent or after it took effect: the next command leaves what an
undisturbed one would have left, object by object.

MSCTL_KILLS=all tries every call; otherwise a sample, which MSCTL_SEED chooses (today's date by default: told by each test's name).
"""
import datetime
import os
import random
import secrets

import pytest
from clusterkit import objects
from clusterkit.faults import Answer, Cut, Delay, Do, Kill
from shop import Shop

SEED = os.environ.get("MSCTL_SEED", datetime.date.today().isoformat())
SAMPLE = 6
MOST = 90  # calls of the deploy below, and some more
EVERY = [(number, after) for number in range(1, MOST) for after in (False, True)]
CHOSEN = EVERY if os.environ.get("MSCTL_KILLS") == "all" else sorted(random.Random(SEED).sample(EVERY, SAMPLE))


def first(shop):
    return shop.service("orders", needs=["users"]).service("users", replicas=2).service("old")


def second(shop):
    shop.service("orders", version="2", needs=["users"], env="{LOG_LEVEL: debug}")
    shop.service("users", version="2", replicas=3).service("new")
    shop.remove("old")
    return shop


def state(cluster, shop):
    """All that is there, but for the lock, the records, the marks of take-overs, which no undisturbed run needs, the Deployment
    controller's own count of how often there was something new, and how many gateways their autoscaler wants by now."""
    found = objects.dump(cluster, shop.namespace)
    out = {}
    for name, each in found.items():
        if name.startswith("Lease/") or name.startswith("ConfigMap/msctl-shop-release-"):
            continue
        for passing in ("msctl.dev/epoch", "deployment.kubernetes.io/revision"):
            each["metadata"].get("annotations", {}).pop(passing, None)
        for entry in each["metadata"].get("managedFields", []):
            entry.get("fieldsV1", {}).get("f:metadata", {}).get("f:annotations", {}).pop("f:msctl.dev/epoch", None)
        each["metadata"]["managedFields"] = [entry for entry in each["metadata"].get("managedFields", []) if entry["manager"].startswith("msctl")
                                             and entry["manager"] != "msctl-fence"]
        if name == "Deployment/gateway":
            each["spec"].pop("replicas")
        out[name] = each
    return out


@pytest.fixture(scope="module")
def undisturbed(cluster, msctl_program, tmp_path_factory):
    namespace = f"test-{secrets.token_hex(4)}"
    cluster.kubectl("create", "namespace", namespace)
    shop = first(Shop(msctl_program, tmp_path_factory.mktemp("undisturbed") / "shop", cluster.kubeconfig, namespace))
    shop.deploy()
    second(shop).deploy()
    yield state(cluster, shop)
    cluster.kubectl("delete", "namespace", namespace, "--wait=false")


def same(cluster, shop, undisturbed):
    return objects.differences(undisturbed, without_namespace(state(cluster, shop), shop.namespace))


def without_namespace(found, namespace):
    """Names of namespaces within objects (a RoleBinding's subject) are those of the test."""
    for each in found.values():
        for subject in each.get("subjects", []):
            subject["namespace"] = "test"
    return found


def killed(shop, proxy, tmp_path, number, after):
    """A deploy that dies at its call `number`; True if it came so far."""
    process = shop.start("deploy", "-e", "test", "--images", shop.images(), kubeconfig=proxy.kubeconfig(tmp_path / "proxied", namespace=shop.namespace))
    proxy.at(number, Kill(lambda: process.kill(), after=after))
    process.communicate(timeout=300)
    return process.returncode == -9


@pytest.mark.parametrize("number, after", CHOSEN, ids=[f"{number}-{'after' if after else 'before'}" for number, after in CHOSEN])
def test_killed_at_a_call(cluster, make_shop, make_proxy, undisturbed, tmp_path, number, after):
    undisturbed = without_namespace(undisturbed, None)
    shop = first(make_shop())
    shop.deploy()
    second(shop)
    if not killed(shop, make_proxy(), tmp_path, number, after):
        assert same(cluster, shop, undisturbed) == []  # it was over before
        return
    done = shop.deploy()
    assert same(cluster, shop, undisturbed) == []
    # Whatever the killed one had come to, the record tells no lie.
    history = shop.json("history", "-e", "test")
    results = [each["result"] for each in history["releases"]]
    assert "pending" not in results and results[0] == "deployed"
    assert done["release"] is None or history["current"] == done["release"]["id"]


@pytest.mark.parametrize("number, after", CHOSEN[::2])
def test_killed_and_then_rolled_back(cluster, make_shop, make_proxy, tmp_path, number, after):
    shop = first(make_shop())
    shop.deploy()
    before = state(cluster, shop)
    second(shop)
    if not killed(shop, make_proxy(), tmp_path, number, after):
        return
    current = shop.json("history", "-e", "test")["current"]
    if current == "1":  # else it was killed when all was done
        shop.json("rollback", "-e", "test", "--to", "1")
        assert objects.differences(before, state(cluster, shop)) == []


FAULTS = [Cut(), Cut(after=True), Answer(429, retry_after=1), Answer(500), Delay(2)]


@pytest.mark.parametrize("fault", FAULTS, ids=[f"{type(each).__name__}-{getattr(each, 'status', '')}{'after' if getattr(each, 'after', None) is True else ''}" for each in FAULTS])
def test_a_fault_of_the_network_or_the_server(cluster, make_shop, make_proxy, undisturbed, tmp_path, fault):
    """Every seventh call: the deploy itself goes on."""
    undisturbed = without_namespace(undisturbed, None)
    shop = first(make_shop())
    shop.deploy()
    second(shop)
    proxy = make_proxy()
    proxy.when(lambda call: call.number % 7 == 3, fault)
    file = proxy.kubeconfig(tmp_path / "proxied", namespace=shop.namespace)
    assert shop.deploy(kubeconfig=file)["release"]["result"] == "deployed"
    assert same(cluster, shop, undisturbed) == []


@pytest.mark.parametrize("victim", ["kube-apiserver", "etcd"])
def test_the_server_dies_and_comes_back(cluster, make_shop, make_proxy, undisturbed, tmp_path, victim):
    undisturbed = without_namespace(undisturbed, None)
    shop = first(make_shop())
    shop.deploy()
    second(shop)
    proxy = make_proxy()

    def again():
        cluster.kill(victim)
        cluster.start_again(victim)

    proxy.at(25, Do(again))
    file = proxy.kubeconfig(tmp_path / "proxied", namespace=shop.namespace)
    shop.run("deploy", "-e", "test", "--images", shop.images(), kubeconfig=file, code=None)
    shop.deploy()
    assert same(cluster, shop, undisturbed) == []


def test_a_paused_holder_that_wakes_up_changes_nothing(cluster, make_shop, make_proxy, undisturbed, tmp_path):
    """Stopped in the middle, its lock taken over, then let go on."""
    import signal
    undisturbed = without_namespace(undisturbed, None)
    shop = first(make_shop())
    shop.deploy()
    old = Shop(shop.msctl, tmp_path / "old", shop.kubeconfig, shop.namespace)
    first(old).service("users", version="late", replicas=7).service("made-late")
    proxy = make_proxy()
    process = old.start("deploy", "-e", "test", "--images", old.images(), kubeconfig=proxy.kubeconfig(tmp_path / "proxied", namespace=shop.namespace))
    applies = []

    def stop(call):
        if call.method == "PATCH" and "dryRun" not in call.path:
            applies.append(call)
        return len(applies) == 4

    proxy.when(stop, Do(lambda: process.send_signal(signal.SIGSTOP)), times=1)
    while len(applies) < 4 and process.poll() is None:
        pass
    assert process.poll() is None
    second(shop).deploy()
    process.send_signal(signal.SIGCONT)
    out, err = process.communicate(timeout=120)
    assert process.returncode in (1, 75), out + err
    # What it may still have made is found by the next command.
    shop.deploy()
    assert same(cluster, shop, undisturbed) == []
