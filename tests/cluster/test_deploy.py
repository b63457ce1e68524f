"""Deploying, seen from outside: the objects that the API server has afterwards, by kubectl."""
import json
import threading

import pytest
from clusterkit.waiting import until
from shop import Shop, digest


@pytest.fixture
def shop(cluster, namespace, msctl_program, tmp_path):
    return Shop(msctl_program, tmp_path / "shop", cluster.kubeconfig, namespace)


@pytest.fixture
def there(cluster, namespace):
    """What kubectl says of an object of the namespace; None: it is not there."""

    def get(kind, name):
        done = cluster.kubectl("get", kind, name, "-n", namespace, "-o", "json", "--show-managed-fields", code=None)
        return json.loads(done.stdout) if done.returncode == 0 else None

    return get


def image(deployment):
    return deployment["spec"]["template"]["spec"]["containers"][0]["image"]


def replicas(cluster, namespace, name):
    return int(cluster.kubectl("get", "deployment", name, "-n", namespace, "-o", "jsonpath={.spec.replicas}"))


def test_from_nothing_to_ready_and_then_nothing_to_do(shop, there, cluster, namespace):
    shop.service("orders", needs=["users"]).service("users", replicas=2)
    planned = shop.deploy("--plan", "--exit-code", code=2)["plan"]
    assert planned["create"] == len(planned["steps"]) > 10 and there("deployment", "orders") is None
    done = shop.deploy()
    assert done["release"]["id"] == "1" and done["release"]["result"] == "deployed"
    assert done["release"]["services"] == ["orders", "users"]
    users = there("deployment", "users")
    assert users["status"]["readyReplicas"] == 2
    assert image(users) == f"registry.invalid/shop/users@{digest('users1')}"
    owners = {(each["manager"], each["operation"]) for each in users["metadata"]["managedFields"]}
    assert ("msctl", "Apply") in owners
    assert {each["kind"] for each in map(lambda kind: there(kind, "orders"), ["service", "serviceaccount", "networkpolicy"])}
    # Its autoscaler's lower bound, which that brings about.
    until(lambda: there("deployment", "gateway")["status"].get("readyReplicas") == 2, "two gateways")
    # Needs first: what orders needs was ready before orders was made.
    assert there("deployment", "orders")["metadata"]["creationTimestamp"] >= users["metadata"]["creationTimestamp"]
    assert shop.deploy("--plan", "--exit-code")["plan"]["steps"] == []
    before = there("deployment", "orders")["metadata"]["resourceVersion"]
    again = shop.deploy()
    assert again["release"] is None and again["plan"]["unchanged"] == planned["create"]
    assert there("deployment", "orders")["metadata"]["resourceVersion"] == before
    assert [each["id"] for each in shop.json("history", "-e", "test")["releases"]] == ["1"]


def test_a_new_version_restarts_that_service_alone_and_can_be_rolled_back_without_sources(shop, there, tmp_path):
    shop.service("orders").service("users")
    shop.deploy()
    users = there("deployment", "users")["metadata"]["generation"]
    shop.service("orders", version="2")
    steps = shop.deploy("--plan")["plan"]["steps"]
    assert [(step["object"], step["action"]) for step in steps] == [("Deployment/orders", "update")]
    assert steps[0]["changes"][0]["path"] == "spec.template.spec.containers[orders].image"
    assert shop.deploy()["release"]["id"] == "2"
    assert digest("orders2") in image(there("deployment", "orders"))
    assert there("deployment", "users")["metadata"]["generation"] == users
    # From a workspace that has nothing of it but its name and the environment.
    bare = Shop(shop.msctl, tmp_path / "bare", shop.kubeconfig, shop.namespace)
    rolled = bare.json("rollback", "-e", "test")
    assert rolled["release"]["id"] == "3" and rolled["release"]["command"] == "rollback --to 1"
    assert digest("orders1") in image(there("deployment", "orders"))
    releases = bare.json("history", "-e", "test")
    assert [each["result"] for each in releases["releases"]] == ["deployed"] * 3 and releases["current"] == "3"
    difference = bare.json("diff", "1", "2", "-e", "test")["difference"]
    assert [step["object"] for step in difference["steps"]] == ["Deployment/orders"]
    assert bare.json("rollback", "-e", "test", "--to", "9", code=64)["errors"][0]["code"] == "MSC5205"


def test_one_service_leaves_the_others_as_they_were_released(shop, there):
    shop.service("orders").service("users")
    shop.deploy()
    shop.service("orders", version="2").service("users", version="2")
    done = shop.deploy("orders")
    assert done["release"]["services"] == ["orders"]
    assert digest("orders2") in image(there("deployment", "orders"))
    assert digest("users1") in image(there("deployment", "users"))
    # The next whole deploy knows what is left.
    assert [step["object"] for step in shop.deploy("--plan")["plan"]["steps"]] == ["Deployment/users"]


def test_what_the_workspace_has_no_more_is_removed_and_nothing_of_others(shop, there, cluster, namespace):
    shop.service("orders").service("users")
    shop.deploy()
    cluster.kubectl("create", "configmap", "mine", "-n", namespace, "--from-literal=a=b")
    shop.remove("users")
    steps = {step["object"]: step for step in shop.deploy("--plan")["plan"]["steps"]}
    assert steps["Deployment/users"]["action"] == "remove"
    assert "route removed: users" in steps["ConfigMap/gateway"]["means"]
    shop.deploy()
    assert there("deployment", "users") is None and there("service", "users") is None
    assert there("configmap", "mine") is not None and there("deployment", "orders") is not None


def test_an_object_of_somebody_else_is_not_taken_over(shop, there, cluster, namespace):
    cluster.kubectl("create", "service", "clusterip", "orders", "-n", namespace, "--tcp=80:80")
    shop.service("orders")
    assert shop.codes(shop.deploy(code=1)) == ["MSC5207"]
    assert there("deployment", "orders") is None and shop.json("history", "-e", "test")["releases"] == []


def test_nothing_is_applied_when_any_part_is_refused(shop, there, cluster, namespace):
    shop.service("orders").service("users")
    policy = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "few"}, "spec": {"hard": {"count/services": "0"}}}
    cluster.apply(policy, namespace=namespace)
    until_used(cluster, namespace)
    document = shop.deploy(code=1)
    assert all(code.startswith("MSC50") for code in shop.codes(document))
    assert there("deployment", "orders") is None and there("serviceaccount", "users") is None


def until_used(cluster, namespace):
    """The quota counts."""
    cluster.kubectl("wait", "resourcequota/few", "-n", namespace, "--for=jsonpath={.status.hard}", "--timeout=60s")


def test_a_change_by_hand_is_told_with_who_made_it_and_set_back(shop, there, cluster, namespace):
    shop.service("orders", replicas=2)
    shop.deploy()
    cluster.kubectl("scale", "deployment/orders", "--replicas=5", "-n", namespace)
    cluster.kubectl("set", "env", "deployment/orders", "A=b", "-n", namespace)
    plan = shop.deploy("--plan")["plan"]
    drift = {each["path"]: each for each in plan["drift"]}
    assert drift["spec.replicas"]["stated"] == 2 and drift["spec.replicas"]["found"] == 5
    assert drift["spec.replicas"]["by"] == "kubectl"
    shop.deploy()
    assert replicas(cluster, namespace, "orders") == 2


def test_an_autoscaler_s_number_is_never_touched(shop, there, cluster, namespace):
    shop.service("orders", scale="{min: 1, max: 8, target: {cpu: 70%}}")
    shop.deploy()
    assert there("hpa", "orders")["spec"]["maxReplicas"] == 8
    cluster.kubectl("scale", "deployment/orders", "--replicas=4", "-n", namespace)
    shop.service("orders", version="2", scale="{min: 1, max: 8, target: {cpu: 70%}}")
    shop.deploy()
    deployment = there("deployment", "orders")
    assert digest("orders2") in image(deployment)
    stated = [each for each in deployment["metadata"]["managedFields"] if each["manager"] == "msctl"]
    assert all("f:replicas" not in each["fieldsV1"].get("f:spec", {}) for each in stated)
    assert shop.json("scale", "orders=3", "-e", "test", code=64)["errors"][0]["code"] == "MSC5209"
    shop.json("scale", "orders=12", "-e", "test")
    assert there("hpa", "orders")["spec"]["maxReplicas"] == 12


def test_handing_replicas_to_an_autoscaler_keeps_them(shop, there, cluster, namespace):
    shop.service("orders", replicas=4)
    shop.deploy()
    shop.service("orders", scale="{min: 2, max: 8, target: {cpu: 70%}}")
    shop.deploy()
    assert replicas(cluster, namespace, "orders") >= 2


def test_scale_restart_wait_and_status(shop, there, cluster, namespace):
    shop.service("orders", replicas=1).service("users")
    shop.deploy()
    shop.json("scale", "orders=3", "-e", "test")
    assert replicas(cluster, namespace, "orders") == 3
    shop.json("wait", "orders", "-e", "test", "--timeout", "60s")
    status = {each["name"]: each for each in shop.json("status", "-e", "test")["services"]}
    assert (status["orders"]["desired"], status["orders"]["ready"], status["orders"]["state"]) == (3, 3, "ready")
    pods = {each["pod"] for each in status["orders"]["replicas"]}
    assert len(pods) == 3
    shop.json("restart", "orders", "-e", "test")
    shop.json("wait", "orders", "-e", "test", "--timeout", "60s")
    assert there("deployment", "orders")["metadata"]["generation"] >= 3
    assert shop.json("scale", "order=1", "-e", "test", code=64)["errors"][0]["suggestion"] == "did you mean 'orders'?"


def test_a_release_that_cannot_be_is_rolled_back_with_the_reason(shop, there):
    shop.service("orders").service("users")
    shop.deploy()
    shop.service("orders", version="2", resources="{cpu: 1000}").service("users", version="2")
    document = shop.deploy("--timeout", "60s", code=1)
    assert any(code.startswith("MSC51") for code in shop.codes(document)) and "MSC5203" in shop.codes(document)
    for name in ("orders", "users"):
        assert digest(name + "1") in image(there("deployment", name))
    history = shop.json("history", "-e", "test")
    assert [each["result"] for each in history["releases"]] == ["rolled-back", "deployed"] and history["current"] == "1"
    assert history["releases"][0]["rolledBackTo"] == "1" and history["releases"][0]["code"].startswith("MSC51")
    assert shop.deploy("--plan", code=0)["plan"]["update"] == 2


def test_ten_at_once_are_one_at_a_time(shop, there, cluster, namespace, tmp_path):
    shop.service("orders")
    shop.deploy()
    copies = []
    for number in range(10):
        copy = Shop(shop.msctl, tmp_path / f"copy-{number}", shop.kubeconfig, namespace)
        copy.service("orders", version=f"v{number}")
        copies.append(copy)
    results = {}

    def go(number):
        results[number] = copies[number].deploy("--lock-timeout", "5m")["release"]["id"]

    threads = [threading.Thread(target=go, args=[number]) for number in range(10)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(map(int, results.values())) == list(range(2, 12))
    last = max(results, key=lambda number: int(results[number]))
    assert digest(f"ordersv{last}") in image(there("deployment", "orders"))
    releases = shop.json("history", "-e", "test")["releases"]
    assert [each["result"] for each in releases] == ["deployed"] * 11


@pytest.mark.parametrize("environment, code, status", [("nowhere", "MSC5200", 64), ("local", "MSC5200", 64)])
def test_an_environment_that_is_none(shop, environment, code, status):
    shop.service("orders")
    document = shop.json("deploy", "-e", environment, "--images", shop.images(), code=status)
    assert document["errors"][0]["code"] == code


def test_a_namespace_that_is_not_there_is_made(cluster, msctl_program, tmp_path, namespace):
    shop = Shop(msctl_program, tmp_path / "shop", cluster.kubeconfig, namespace + "-new")
    shop.service("orders")
    shop.deploy("--plan")
    try:
        assert shop.deploy()["release"]["result"] == "deployed"
    finally:
        cluster.kubectl("delete", "namespace", namespace + "-new", "--wait=false")
