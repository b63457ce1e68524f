"""Secrets of a deploy: from variables, from a file that the real sops opens, and from the cluster; values are in Secrets alone."""
import base64
import gzip
import json
import os
import subprocess
import urllib.request

import pytest
import yaml
from clusterkit import tools
from clusterkit.faults import Kill
from clusterkit.images import Image
from clusterkit.waiting import until
from shop import Shop

VALUE = "a value that nobody may see"
OTHER = "another value that nobody may see"


def recorded_shop(*arguments, **options):
    made = Shop(*arguments, **options)
    made.seen = []  # all that was printed
    start = made.start

    def recorded(*arguments, **options):
        process = start(*arguments, **options)
        communicate = process.communicate

        def kept(**more):
            out, err = communicate(**more)
            made.seen += [out, err]
            return out, err

        process.communicate = kept
        return process

    made.start = recorded

    def source(given):
        file = made.folder / "msctl.yaml"
        document = yaml.safe_load(file.read_text())
        document["environments"]["test"]["secrets"] = given
        file.write_text(yaml.safe_dump(document))
        return made

    made.source = source
    return made


@pytest.fixture
def shop(cluster, namespace, msctl_program, tmp_path, monkeypatch):
    monkeypatch.setenv("KEY", VALUE)
    return recorded_shop(msctl_program, tmp_path / "shop", cluster.kubeconfig, namespace).source({"variables": True})


@pytest.fixture
def there(cluster, namespace):
    def get(kind, name):
        done = cluster.kubectl("get", kind, name, "-n", namespace, "-o", "json", code=None)
        return json.loads(done.stdout) if done.returncode == 0 else None

    return get


def secret_of(deployment):
    """The Secret that its variable KEY comes from."""
    env = deployment["spec"]["template"]["spec"]["containers"][0]["env"]
    return next(each["valueFrom"]["secretKeyRef"]["name"] for each in env if each["name"] == "KEY")


def value_of(secret):
    return base64.b64decode(secret["data"]["KEY"]).decode()


def records(cluster, namespace):
    """All that is recorded, unpacked."""
    found = json.loads(cluster.kubectl("get", "configmaps", "-n", namespace, "-l", "msctl.dev/record", "-o", "json"))["items"]
    pieces = [gzip.decompress(base64.b64decode(each["binaryData"]["content"])).decode() for each in found if "binaryData" in each]
    assert pieces
    return json.dumps(found) + "".join(pieces)


def test_a_changed_value_rolls_an_unchanged_one_does_not_and_going_back_finds_the_old_one(shop, there, cluster, namespace, monkeypatch):
    shop.service("orders", secrets="[KEY]").service("users")
    shop.deploy()
    first = there("deployment", "orders")
    made = there("secret", secret_of(first))
    assert value_of(made) == VALUE and made["immutable"] is True
    assert shop.deploy("--plan", "--exit-code")["plan"]["steps"] == []
    assert shop.deploy()["release"] is None

    monkeypatch.setenv("KEY", OTHER)
    steps = {step["object"]: step for step in shop.deploy("--plan")["plan"]["steps"]}
    assert list(steps) == ["Deployment/orders"] and "new values of KEY" in steps["Deployment/orders"]["means"]
    assert there("secret", secret_of(first)) == made
    shop.deploy()
    second = there("deployment", "orders")
    assert value_of(there("secret", secret_of(second))) == OTHER and secret_of(second) != secret_of(first)

    # Going back needs nothing of who deploys.
    monkeypatch.delenv("KEY")
    shop.json("rollback", "-e", "test")
    assert secret_of(there("deployment", "orders")) == secret_of(first)
    assert value_of(there("secret", secret_of(first))) == VALUE
    everything = records(cluster, namespace) + "".join(shop.seen)
    for text in (VALUE, OTHER, base64.b64encode(VALUE.encode()).decode(), base64.b64encode(OTHER.encode()).decode()):
        assert text not in everything


def named(cluster, namespace):
    """The Secrets that records name."""
    found = json.loads(cluster.kubectl("get", "configmaps", "-n", namespace, "-l", "msctl.dev/record=head", "-o", "json"))["items"]
    return {name for each in found for name in json.loads(each["data"]["release"]).get("secrets", [])}


def made_by_msctl(cluster, namespace):
    found = json.loads(cluster.kubectl("get", "secrets", "-n", namespace, "-l", "app.kubernetes.io/managed-by=msctl", "-o", "json"))["items"]
    return {each["metadata"]["name"] for each in found}


def test_one_that_a_killed_deploy_has_made_is_used_by_the_next(shop, there, cluster, namespace, make_proxy, tmp_path, monkeypatch):
    shop.service("orders", secrets="[KEY]")
    shop.deploy()
    first = secret_of(there("deployment", "orders"))
    monkeypatch.setenv("KEY", OTHER)
    proxy = make_proxy()
    process = shop.start("deploy", "-e", "test", "--images", shop.images(), kubeconfig=proxy.kubeconfig(tmp_path / "proxied", namespace=namespace))
    proxy.when(lambda call: call.method == "PATCH" and "/secrets/" in call.path and "dryRun" not in call.path, Kill(process.kill, after=True))
    process.communicate(timeout=300)
    assert process.returncode == -9
    left = made_by_msctl(cluster, namespace) - {first}
    assert len(left) == 1 and left < named(cluster, namespace)
    assert secret_of(there("deployment", "orders")) == first

    shop.deploy()
    assert {secret_of(there("deployment", "orders"))} == left
    assert made_by_msctl(cluster, namespace) == named(cluster, namespace) == {first} | left


def test_going_back_to_a_release_whose_secret_was_removed_changes_nothing(shop, there, cluster, namespace, monkeypatch):
    shop.service("orders", secrets="[KEY]")
    shop.deploy()
    first = secret_of(there("deployment", "orders"))
    monkeypatch.setenv("KEY", OTHER)
    shop.deploy()
    before = there("deployment", "orders")["metadata"]["generation"]
    cluster.kubectl("delete", "secret", first, "-n", namespace)
    document = shop.json("rollback", "-e", "test", code=1)
    assert shop.codes(document) == ["MSC5114"] and document["errors"][0]["message"] == f"release 1 needs the Secret {first}, which is gone"
    assert there("deployment", "orders")["metadata"]["generation"] == before


def test_a_value_that_is_missing_is_told_before_anything_is_applied(shop, there, monkeypatch):
    monkeypatch.delenv("KEY")
    shop.service("orders", secrets="[KEY, TOKEN]")
    document = shop.deploy(code=65)
    assert shop.codes(document) == ["MSC5216", "MSC5216"]
    assert [error["message"] for error in document["errors"]] == ["orders has no KEY in the variable KEY", "orders has no TOKEN in the variable TOKEN"]
    assert there("deployment", "orders") is None


def test_secrets_of_releases_that_history_has_no_more_go(shop, there, cluster, namespace, monkeypatch):
    shop.service("orders", secrets="[KEY]")
    names = []
    for number in range(23):
        monkeypatch.setenv("KEY", f"value {number}")
        shop.deploy()
        names.append(secret_of(there("deployment", "orders")))
    kept = {int(each["id"]) for each in shop.json("history", "-e", "test")["releases"]}
    assert len(kept) < 23
    assert {number for number, name in enumerate(names, 1) if there("secret", name)} == kept


def test_a_file_of_sops_is_opened_by_the_real_program(shop, there, tmp_path, monkeypatch):
    key = tmp_path / "key"
    subprocess.run([tools.program("age-keygen"), "-o", key], check=True, capture_output=True)
    recipient = subprocess.run([tools.program("age-keygen"), "-y", key], check=True, capture_output=True, text=True).stdout.strip()
    monkeypatch.setenv("SOPS_AGE_KEY_FILE", str(key))
    file = shop.folder / "secrets" / "test.yaml"
    file.parent.mkdir()
    plain = tmp_path / "plain.yaml"
    plain.write_text(yaml.safe_dump({"orders": {"KEY": VALUE}}))
    file.write_text(subprocess.run([tools.program("sops"), "encrypt", "--age", recipient, plain], check=True, capture_output=True, text=True).stdout)
    assert VALUE not in file.read_text()
    shop.source({"sops": "secrets/test.yaml"}).service("orders", secrets="[KEY]")
    monkeypatch.delenv("KEY")

    # Without the program, then with it.
    plain_path = os.environ["PATH"]
    refused = shop.deploy(code=69)
    assert "sops" in refused["errors"][0]["message"] and "getsops.io" in refused["errors"][0]["suggestion"]
    monkeypatch.setenv("PATH", f"{tools.folder()}:{plain_path}")
    shop.deploy()
    assert value_of(there("secret", secret_of(there("deployment", "orders")))) == VALUE

    # Nobody's key: what sops says reaches whoever deploys.
    other = tmp_path / "other"
    subprocess.run([tools.program("age-keygen"), "-o", other], check=True, capture_output=True)
    monkeypatch.setenv("SOPS_AGE_KEY_FILE", str(other))
    assert shop.codes(shop.deploy(code=1)) == ["MSC5217"]
    assert "key" in shop.last_error.lower() and VALUE not in "".join(shop.seen)


def test_one_that_somebody_has_made_rolls_its_service_when_it_is_changed(shop, there, cluster, namespace):
    shop.source("cluster").service("orders", secrets="[KEY]")
    cluster.kubectl("create", "secret", "generic", "orders", "-n", namespace, f"--from-literal=KEY={VALUE}")
    shop.deploy()
    assert secret_of(there("deployment", "orders")) == "orders"
    assert shop.deploy("--plan", "--exit-code")["plan"]["steps"] == []
    cluster.kubectl("patch", "secret", "orders", "-n", namespace, "-p", json.dumps({"stringData": {"KEY": OTHER}}))
    assert [step["object"] for step in shop.deploy("--plan", "--exit-code", code=2)["plan"]["steps"]] == ["Deployment/orders"]
    before = there("deployment", "orders")["metadata"]["generation"]
    shop.deploy()
    assert there("deployment", "orders")["metadata"]["generation"] > before


def test_pods_see_the_value_and_after_going_back_the_one_before(real_cluster, real_namespace, msctl_program, tmp_path, monkeypatch):
    """The program answers with its variable VERSION, which is a secret here."""
    shop = recorded_shop(msctl_program, tmp_path / "shop", real_cluster.kubeconfig, real_namespace, registry=f"{real_cluster.registry}/shop")
    image = Image(tools.program("web"))
    reference = image.push(real_cluster.registry, "shop/web", "secret")
    shop.source({"variables": "{SERVICE}_{NAME}"})
    shop.service("web", version=image.digest, reference=reference, health="{ready: /ready, live: /live}",
                 resources="{cpu: 20m, memory: 32Mi}", secrets="[VERSION]")
    monkeypatch.setenv("WEB_VERSION", "first-value")
    shop.deploy()
    port = real_cluster.forward(f"{real_namespace}/gateway:80")

    def answer():
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{port}/web/", timeout=5).read().decode().split()[0]
        except OSError:
            return None

    until(lambda: answer() == "first-value", "the first value")
    monkeypatch.setenv("WEB_VERSION", "second-value")
    shop.deploy()
    until(lambda: answer() == "second-value", "the second value")
    monkeypatch.delenv("WEB_VERSION")
    shop.json("rollback", "-e", "test")
    until(lambda: answer() == "first-value", "the first value again")
    assert "first-value" not in "".join(shop.seen) and "second-value" not in "".join(shop.seen)
