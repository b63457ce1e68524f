"""The Kubernetes client (runtime/kubernetes/api) at a real API server, driven through tools/kube_client."""
import json
import os
import subprocess
from pathlib import Path
from queue import Queue
from threading import Thread

import pytest
import yaml
from clusterkit import kubeconfig
from clusterkit.faults import Answer, Cut
from clusterkit.waiting import until
from manifests import config, deployment

CONFIG = ["v1", "ConfigMap"]
DEPLOYMENT = ["apps/v1", "Deployment"]


class Driver:
    """One client; asks it line by line."""

    def __init__(self, program, file):
        self.process = subprocess.Popen([program], env={**os.environ, "KUBECONFIG": str(file)}, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def send(self, do, **what):
        self.process.stdin.write(json.dumps({"do": do, **what}) + "\n")
        self.process.stdin.flush()

    def ask(self, do, **what):
        self.send(do, **what)
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait(60)


class Watching(Driver):
    """A client that does nothing but watch."""

    def __init__(self, program, file, kinds):
        super().__init__(program, file)
        self.queue, self.state = Queue(), {}
        self.send("watch", kinds=kinds)
        Thread(target=lambda: [self.queue.put(json.loads(line)) for line in self.process.stdout], daemon=True).start()
        while self.next()["event"] != "synced":
            pass

    def next(self):
        """The next event, which must fit to what was told before."""
        event = self.queue.get(timeout=180)
        assert "event" in event, event
        name = event.get("name")
        if event["event"] == "added":
            assert name not in self.state
            self.state[name] = event["data"]
        elif event["event"] == "modified":
            assert name in self.state
            self.state[name] = event["data"]
        elif event["event"] == "deleted":
            del self.state[name]
        return event

    def until(self, name, data):
        while self.state.get(name) != data:
            self.next()


@pytest.fixture(scope="session")
def program(msctl_program):
    found = Path(os.environ.get("KUBE_CLIENT", msctl_program.parent / "tests/cluster/tools/kube_client"))
    assert found.exists(), f"{found} is not there: build the target 'kube_client' of the preset dev, or set KUBE_CLIENT"
    return found


@pytest.fixture
def drive(program, cluster, namespace, tmp_path):
    """drive(file): a client by that kubeconfig; without, the admin in the test's namespace."""
    made = []

    def make(file=None, kind=Driver, **options):
        if file is None:
            user = kubeconfig.by_certificate(cluster.it.pki, "admin")
            file = kubeconfig.write(tmp_path / "admin.yaml", kubeconfig.document("test", cluster.it.server, cluster.it.pki / "ca.crt", user, namespace))
        made.append(kind(program, file, **options))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def by(cluster, namespace, tmp_path):
    """by(user): the file of a kubeconfig for what stands under users[].user."""
    def make(user, name="by.yaml"):
        return kubeconfig.write(tmp_path / name, kubeconfig.document("test", cluster.it.server, cluster.it.pki / "ca.crt", user, namespace))
    return make


def token(cluster, namespace, *options):
    return cluster.kubectl("create", "token", "default", "-n", namespace, *options).strip()


def test_applying_reading_and_deleting(cluster, namespace, drive):
    client = drive()
    assert client.ask("whoami")["name"] == "admin"
    assert client.ask("apply", object=config("one", key="a"), dryRun=True)["ok"]
    assert client.ask("get", kind=CONFIG, name="one")["code"] == "MSC5014"
    applied = client.ask("apply", object=config("one", key="a"))["object"]
    assert cluster.kubectl("get", "configmap", "one", "-n", namespace, "-o", "jsonpath={.data.key}") == "a"
    read = client.ask("get", kind=CONFIG, name="one")["object"]
    assert read == applied and read["metadata"]["managedFields"][0]["manager"] == "msctl"
    stale = {**read, "data": {"key": "b"}}
    assert client.ask("update", object=stale)["ok"]
    assert client.ask("update", object={**stale, "data": {"key": "c"}})["code"] == "MSC5013"
    assert client.ask("create", object=config("one"))["code"] == "MSC5015"
    assert client.ask("remove", kind=CONFIG, name="one", uid="00000000-0000-0000-0000-000000000000")["code"] == "MSC5013"
    assert client.ask("remove", kind=CONFIG, name="one", uid=read["metadata"]["uid"])["ok"]
    assert client.ask("remove", kind=CONFIG, name="one")["code"] == "MSC5014"


def test_a_conflict_names_the_field_and_its_manager(cluster, namespace, drive):
    client = drive()
    assert client.ask("apply", object=deployment("web", "registry.invalid/web:1", 2))["ok"]
    cluster.kubectl("apply", "--server-side", "--force-conflicts", "--field-manager=ann", "-n", namespace, "-f", "-",
                    stdin=deployment("web", "registry.invalid/web:2", 2))
    told = client.ask("apply", object=deployment("web", "registry.invalid/web:3", 2))
    assert (told["code"], told["status"]) == ("MSC5012", 409)
    assert told["message"].startswith('Deployment/web: .spec.template.spec.containers[name="main"].image is stated by \'ann\', last changed 20')
    assert [each["manager"] for each in told["conflicts"]] == ["ann"]
    cluster.kubectl("scale", "deployment", "web", "--replicas=3", "-n", namespace)
    told = client.ask("apply", object=deployment("web", "registry.invalid/web:2", 4))
    # Since when, the server does not keep of what goes through the subresource.
    assert [(each["field"], each["manager"]) for each in told["conflicts"]] == [(".spec.replicas", "kubectl")]
    assert client.ask("apply", object=deployment("web", "registry.invalid/web:3", 4), force=True)["ok"]


def test_what_is_wrong_with_an_object_is_told_with_its_field(drive):
    client = drive()
    bad = deployment("web", "registry.invalid/web:1", -1)
    told = client.ask("apply", object=bad)
    assert told["code"] == "MSC5011" and "spec.replicas: Invalid value: -1" in told["message"]
    unknown = deployment("web", "registry.invalid/web:1")
    unknown["spec"]["replica"] = 1
    told = client.ask("apply", object=unknown)
    assert told["code"] == "MSC5011" and "replica" in told["message"]
    told = client.ask("create", object=unknown)
    assert told["code"] == "MSC5011" and 'unknown field "spec.replica"' in told["message"]


def test_a_quota_is_told_as_one(cluster, namespace, drive):
    cluster.kubectl("create", "quota", "small", "--hard=configmaps=2", "-n", namespace)
    client = drive()
    until(lambda: cluster.kubectl("get", "quota", "small", "-n", namespace, "-o", "jsonpath={.status.used}"), "the quota's count")
    told = [client.ask("apply", object=config(f"c{each}")) for each in range(4)][-1]
    assert told["code"] == "MSC5016" and "exceeded quota: small" in told["message"]


def test_a_policy_s_refusal_is_told_in_its_words(cluster, namespace, drive):
    cluster.kubectl("label", "namespace", namespace, "pod-security.kubernetes.io/enforce=restricted")
    told = drive().ask("create", object={"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"},
                                         "spec": {"containers": [{"name": "a", "image": "registry.invalid/a:1"}]}})
    assert told["code"] == "MSC5010" and "Pod Security 'restricted:latest'" in told["message"]


def test_kinds_that_are_found_and_that_are_not(cluster, drive):
    client = drive()
    told = client.ask("get", kind=["storage.k8s.io/v1", "StorageClass"], name="none")
    assert told["code"] == "MSC5014"
    told = client.ask("get", kind=["apps/v1beta1", "Deployment"], name="a")
    assert (told["code"], told["suggestion"]) == ("MSC5009", "Deployment is served as apps/v1")
    told = client.ask("get", kind=["storage.k8s.io/v1", "StorageClas"], name="a")
    assert told["suggestion"] == "did you mean 'StorageClass'?"


def test_pages_of_many_objects_also_when_one_is_forgotten(cluster, namespace, drive, proxy, tmp_path):
    many = [config(f"n{each:04}") for each in range(520)]
    cluster.apply(*many, namespace=namespace)
    names = [each["metadata"]["name"] for each in many]

    client = drive(proxy.kubeconfig(tmp_path / "config", namespace=namespace))
    told = client.ask("list", kind=CONFIG)
    assert [name for name in told["names"] if name.startswith("n")] == names
    assert [call.status for call in proxy.calls] == [200, 200]
    told = client.ask("list", kind=CONFIG, page=100)
    assert len(told["names"]) == len(set(told["names"])) == 521 and len(proxy.calls) == 8
    proxy.reset()

    # A server of today keeps its states for pages that go on; one that had to start anew between two does not.
    proxy.when(lambda call: "continue=" in call.path, Answer(410))
    told = client.ask("list", kind=CONFIG, page=300)
    assert told["ok"] and len(told["names"]) == len(set(told["names"])) == 521
    assert [call.status for call in proxy.calls] == [200, 410, 200, 200]


def test_a_watch_outlives_the_api_server(cluster, namespace, drive):
    seen = drive(kind=Watching, kinds=[CONFIG])
    cluster.apply(config("one", key="a"), namespace=namespace)
    seen.until("one", {"key": "a"})
    cluster.kill("kube-apiserver")
    cluster.start_again("kube-apiserver")
    cluster.apply(config("one", key="b"), config("two", key="c"), namespace=namespace)
    seen.until("one", {"key": "b"})
    seen.until("two", {"key": "c"})
    cluster.kubectl("delete", "configmap", "one", "-n", namespace)
    seen.until("one", None)


def test_a_watch_tells_the_difference_after_what_it_missed(cluster, namespace, drive, proxy, tmp_path):
    cluster.apply(config("gone", key="a"), config("kept", key="a"), namespace=namespace)
    seen = drive(proxy.kubeconfig(tmp_path / "config", namespace=namespace), kind=Watching, kinds=[CONFIG])
    assert {"gone", "kept"} <= set(seen.state)
    # The next watch is told that its version is gone; the one that is under way ends with the API server.
    proxy.when(lambda call: "watch=1" in call.path, Answer(410))
    cluster.kill("kube-apiserver")
    cluster.start_again("kube-apiserver")
    cluster.kubectl("delete", "configmap", "gone", "-n", namespace)
    cluster.apply(config("kept", key="b"), config("new", key="c"), namespace=namespace)
    seen.until("gone", None)
    seen.until("kept", {"key": "b"})
    seen.until("new", {"key": "c"})


def test_what_is_sent_again_and_what_is_not(cluster, namespace, drive, proxy, tmp_path):
    client = drive(proxy.kubeconfig(tmp_path / "config", namespace=namespace))
    proxy.when(lambda call: call.is_write, Answer(429, retry_after=1), times=2)
    assert client.ask("apply", object=config("one"))["ok"]
    assert [call.status for call in proxy.calls] == [429, 429, 200] or [call.status for call in proxy.calls] == [429, 429, 201]
    proxy.reset()
    proxy.when(lambda call: call.is_write, Cut(after=True))
    assert client.ask("apply", object=config("two", key="a"))["ok"]
    assert len(proxy.calls) == 2
    proxy.reset()
    proxy.when(lambda call: call.is_write, Cut(after=True))
    told = client.ask("create", object=config("three"))
    assert (told["code"], told["uncertain"]) == ("MSC5015", True)
    proxy.reset()
    proxy.when(lambda call: call.is_write, Cut(after=True))
    nameless = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"generateName": "x-"}}
    told = client.ask("create", object=nameless)
    assert (told["code"], told["uncertain"], len(proxy.calls)) == ("MSC5005", True, 1)
    assert sum(name.startswith("x-") for name in client.ask("list", kind=CONFIG)["names"]) == 1


def test_who_may_not_is_told_as_whom_and_what_is_missing(cluster, namespace, drive, by):
    client = drive(by({"token": token(cluster, namespace)}))
    told = client.ask("apply", object=deployment("web", "registry.invalid/web:1"))
    assert told["code"] == "MSC5008"
    assert told["message"] == f"system:serviceaccount:{namespace}:default may not patch deployments.apps in the namespace '{namespace}'"
    assert told["suggestion"].endswith('the rule {apiGroups: ["apps"], resources: ["deployments"], verbs: ["patch"]}')
    # The rule as it stands there is the one that helps.
    rule = yaml.safe_load(told["suggestion"][told["suggestion"].index("{"):])
    rule["verbs"].append("create")
    cluster.kubectl("apply", "-n", namespace, "-f", "-", stdin={"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "r"}, "rules": [rule]})
    cluster.kubectl("create", "rolebinding", "r", "--role=r", f"--serviceaccount={namespace}:default", "-n", namespace)
    until(lambda: client.ask("apply", object=deployment("web", "registry.invalid/web:1"))["ok"], "the Role to be in force")


def test_a_token_that_is_not_taken_is_told_without_it(cluster, namespace, drive, by):
    good = token(cluster, namespace)
    head, body, _ = good.split(".")
    told = drive(by({"token": f"{head}.{body}.AAAA"})).ask("get", kind=CONFIG, name="a")
    assert told["code"] == "MSC5007"
    assert told["message"].startswith(f"the cluster does not know 'test' (token of system:serviceaccount:{namespace}:default, good until 20")
    assert body not in json.dumps(told)


def test_a_certificate_that_is_past_is_told_as_such(cluster, drive, by, tmp_path):
    pki, made = cluster.it.pki, tmp_path / "ann"
    for command in (["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{made}.key", "-subj", "/CN=ann", "-out", f"{made}.csr"],
                    ["x509", "-req", "-in", f"{made}.csr", "-CA", pki / "ca.crt", "-CAkey", pki / "ca.key", "-set_serial", "7", "-days", "-1", "-out", f"{made}.crt"]):
        subprocess.run(["openssl", *command], check=True, capture_output=True)
    told = drive(by({"client-certificate": f"{made}.crt", "client-key": f"{made}.key"})).ask("get", kind=CONFIG, name="a")
    assert told["code"] == "MSC5007"
    assert told["message"].startswith("the cluster does not know 'test' (client certificate of ann, expired 20")


def test_a_token_file_and_a_plugin_are_asked_again(cluster, namespace, drive, by, tmp_path):
    file, good = tmp_path / "token", token(cluster, namespace)
    file.write_text("stale")
    client = drive(by({"tokenFile": str(file)}))
    assert client.ask("get", kind=CONFIG, name="a")["code"] == "MSC5007"
    file.write_text(good)
    assert client.ask("whoami")["name"] == f"system:serviceaccount:{namespace}:default"
    plugin = tmp_path / "plugin"
    plugin.write_text(f"#!/bin/sh\necho asked >> {tmp_path}/asked\nprintf '{{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\","
                      f"\"status\":{{\"token\":\"%s\"}}}}' \"$(cat {file})\"\n")
    plugin.chmod(0o755)
    file.write_text("stale")
    exec_user = {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": str(plugin), "interactiveMode": "Never"}}
    client = drive(by(exec_user, "exec.yaml"))
    assert client.ask("get", kind=CONFIG, name="a")["code"] == "MSC5007"
    file.write_text(good)
    assert client.ask("whoami")["name"] == f"system:serviceaccount:{namespace}:default"
    assert client.ask("whoami")["ok"] and client.ask("get", kind=CONFIG, name="a")["code"] == "MSC5008"
    assert (tmp_path / "asked").read_text().count("asked") == 3


def test_acting_as_somebody_else(cluster, namespace, drive, by):
    user = kubeconfig.by_certificate(cluster.it.pki, "admin") | {"as": "bob", "as-groups": ["dev"]}
    client = drive(by(user))
    assert client.ask("whoami")["name"] == "bob"
    assert client.ask("list", kind=CONFIG)["message"] == f"bob may not list configmaps in the namespace '{namespace}'"


def test_a_server_that_is_not_the_one(cluster, namespace, drive, tmp_path):
    user = kubeconfig.by_certificate(cluster.it.pki, "admin")
    told = kubeconfig.document("test", cluster.it.server, cluster.it.pki / "ca.crt", user, namespace)
    about = told["clusters"][0]["cluster"]
    about["tls-server-name"] = "somebody.else"
    client = drive(kubeconfig.write(tmp_path / "name.yaml", told))
    assert client.ask("raw", target="/version")["code"] == "MSC5006"
    del about["tls-server-name"], about["certificate-authority-data"]
    client = drive(kubeconfig.write(tmp_path / "authority.yaml", told))
    assert client.ask("raw", target="/version")["code"] == "MSC5006"
    about["insecure-skip-tls-verify"] = True
    client = drive(kubeconfig.write(tmp_path / "insecure.yaml", told))
    assert json.loads(client.ask("raw", target="/version")["text"])["gitVersion"].startswith("v1.")


def test_subresources_and_counts(cluster, namespace, drive):
    client = drive()
    client.ask("apply", object=deployment("web", "registry.invalid/web:1", 1))
    name = {"kind": DEPLOYMENT, "name": "web"}
    assert client.ask("patch", **name, subresource="scale", patch={"spec": {"replicas": 2}})["object"]["kind"] == "Scale"
    assert client.ask("get", **name, subresource="scale")["object"]["spec"]["replicas"] == 2
    assert client.ask("counts") == {"ok": True, "requests": 3, "repeated": 0, "watches": 0}


def test_logs_of_a_real_pod(real_cluster, real_namespace, program, tmp_path):
    image = real_cluster.push("kube-client/web", "1")
    real_cluster.apply(deployment("web", image), namespace=real_namespace)
    real_cluster.kubectl("rollout", "status", "deployment/web", "-n", real_namespace, "--timeout=180s")
    pod = real_cluster.kubectl("get", "pods", "-n", real_namespace, "-o", "jsonpath={.items[0].metadata.name}")
    plain = real_cluster.kubectl("logs", pod, "-n", real_namespace).splitlines()
    client = Driver(program, real_cluster.kubeconfig)
    told = client.ask("logs", pod=pod, space=real_namespace)
    assert told["lines"][:len(plain)] == plain
    stamped = client.ask("logs", pod=pod, space=real_namespace, timestamps=True, tail=1)["lines"]
    assert len(stamped) == 1 and stamped[0].startswith("20")
    assert "previous terminated container" in client.ask("logs", pod=pod, space=real_namespace, previous=True)["message"]
    client.close()
