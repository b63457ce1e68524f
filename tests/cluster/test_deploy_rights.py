"""The generated Role of whoever deploys: with it everything can be done, and without any one of its rules something fails.

MSCTL_RIGHTS=all takes every single verb away, one after another; otherwise whole rules.
"""
import copy
import json
import os
import secrets

import pytest
import yaml
from shop import Shop

RULES = 16
JOBS = '[{name: migrate, run: ["./run", migrate], when: before}]'
EVERY_VERB = os.environ.get("MSCTL_RIGHTS") == "all"


@pytest.fixture
def shop(cluster, msctl_program, tmp_path, monkeypatch):
    namespace = f"test-{secrets.token_hex(4)}"
    cluster.kubectl("create", "namespace", namespace)
    made = Shop(msctl_program, tmp_path / "shop", cluster.kubeconfig, namespace)
    file = made.folder / "msctl.yaml"
    file.write_text(file.read_text() + '    secrets: {variables: "{NAME}"}\n')
    monkeypatch.setenv("KEY", "value")
    yield made
    cluster.kubectl("delete", "namespace", namespace, "--wait=false", code=None)


def granted(shop):
    """The generated objects: account, role, binding."""
    shop.run("generate", "kubernetes")
    return list(yaml.safe_load_all((shop.folder / "deploy/kubernetes/deployers/test.yaml").read_text()))


def as_deployer(cluster, shop, objects, tmp_path):
    """A kubeconfig of the account of these objects, which are applied: by its own token."""
    cluster.apply(*objects, namespace=shop.namespace)
    token = cluster.kubectl("create", "token", "msctl-deployer", "-n", shop.namespace).strip()
    document = yaml.safe_load(cluster.kubeconfig.read_text())
    document["users"][0]["user"] = {"token": token}
    file = tmp_path / "deployer.yaml"
    file.write_text(yaml.safe_dump(document))
    return file


def everything(shop, cluster, file):
    """All that an operator does; each step as the deployer."""
    scaled = "{min: 1, max: 4, target: {cpu: 70%}}"
    shop.service("orders", needs=["users"], env="{A: b}").service("users", replicas=2, jobs=JOBS, secrets="[KEY]").service("old", scale=scaled, jobs=JOBS)
    shop.deploy("--plan", kubeconfig=file)
    shop.deploy(kubeconfig=file)
    # Somebody else's hands, so that objects are looked at by their names.
    cluster.kubectl("set", "env", "deployment/orders", "A=b", "-n", shop.namespace)
    for kind, name in (("service", "orders"), ("serviceaccount", "orders"), ("networkpolicy", "orders"), ("hpa", "old"), ("configmap", "gateway"),
                       ("pdb", "users"), ("role", "gateway")):
        cluster.kubectl("label", kind, name, "-n", shop.namespace, "app.kubernetes.io/name=other", "--overwrite")
    done = cluster.kubectl("get", "jobs", "-n", shop.namespace, "-o", "name").split()
    cluster.kubectl("label", *done, "-n", shop.namespace, "app.kubernetes.io/name=other", "--overwrite")
    shop.service("orders", version="2", needs=["users"], env="{A: c}").remove("old")
    shop.deploy(kubeconfig=file)
    # Simulated gateways answer nothing; whether they may be asked is decided before.
    shop.service("orders", version="3", needs=["users"], env="{A: c}")
    shop.run("deploy", "--canary", "50", "--interval", "10s", "-e", "test", "--images", shop.images(), kubeconfig=file, code=None)
    assert "MSC5008" not in shop.last_error
    shop.service("orders", version="2", needs=["users"], env="{A: c}")
    shop.json("scale", "users=3", "-e", "test", kubeconfig=file)
    shop.json("restart", "orders", "-e", "test", kubeconfig=file)
    shop.json("wait", "-e", "test", "--timeout", "60s", kubeconfig=file)
    status = shop.json("status", "-e", "test", kubeconfig=file)
    assert {each["name"]: each["ready"] for each in status["services"]}["users"] == 3
    # A simulated node has no logs; whether they may be read is decided before.
    shop.run("logs", "users", "-e", "test", kubeconfig=file, code=None)
    assert "MSC5008" not in shop.last_error
    shop.json("rollback", "-e", "test", kubeconfig=file)
    assert len(shop.json("history", "-e", "test", kubeconfig=file)["releases"]) == 3


def test_with_the_role_everything_can_be_done(cluster, shop, tmp_path):
    shop.service("orders", jobs=JOBS, secrets="[KEY]")
    objects = granted(shop)
    assert len(objects[1]["rules"]) == RULES
    everything(shop, cluster, as_deployer(cluster, shop, objects, tmp_path))


def test_secrets_that_somebody_has_made_are_looked_at_by_their_names_and_only_if_that_is_allowed(cluster, shop, tmp_path):
    file = shop.folder / "msctl.yaml"
    file.write_text(file.read_text().replace('secrets: {variables: "{NAME}"}', "secrets: cluster"))
    for name in ("orders", "users"):
        cluster.kubectl("create", "secret", "generic", name, "-n", shop.namespace, "--from-literal=KEY=value")
    shop.service("orders", secrets="[KEY]")
    objects = granted(shop)
    rules = [rule for rule in objects[1]["rules"] if "secrets" in rule["resources"]]
    assert rules == [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"], "resourceNames": ["orders"]}]

    def deployed(objects):
        shop.deploy(kubeconfig=as_deployer(cluster, shop, objects, tmp_path))
        found = json.loads(cluster.kubectl("get", "deployment", "orders", "-n", shop.namespace, "-o", "json"))
        return found["spec"]["template"]["metadata"].get("annotations", {})

    assert "msctl.dev/secrets" in deployed(objects)
    objects[1]["rules"].remove(rules[0])
    assert "msctl.dev/secrets" not in deployed(objects)


def without(rules):
    """The number of a rule, what goes of it, and the rules that are left."""
    for number, rule in enumerate(rules):
        for verb in rule["verbs"] if EVERY_VERB else [None]:
            left = copy.deepcopy(rules)
            if verb is None or left[number]["verbs"] == [verb]:
                del left[number]
            else:
                left[number]["verbs"].remove(verb)
            yield number, f"{verb or 'all'} of {', '.join(rule['resources'])}", left


@pytest.mark.parametrize("number", range(RULES))
def test_without_any_of_its_rules_something_fails(cluster, shop, tmp_path, number):
    shop.service("orders", jobs=JOBS, secrets="[KEY]")
    objects = granted(shop)
    superfluous = []
    for rule, name, rules in without(objects[1]["rules"]):
        if rule != number:
            continue
        less = copy.deepcopy(objects)
        less[1]["rules"] = rules
        file = as_deployer(cluster, shop, less, tmp_path)
        try:
            everything(shop, cluster, file)
        except AssertionError as error:
            assert "MSC5" in str(error) or "orbidden" in str(error), error
        else:
            superfluous.append(name)
        finally:
            for service in list(shop.versions):
                if service != "orders":
                    shop.remove(service)
    assert superfluous == []
