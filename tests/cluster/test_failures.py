"""Each way in which a version does not run, provoked in a real cluster, and what is made of it (tools/judge)."""
import json
import os
import subprocess
from pathlib import Path

import pytest
from clusterkit.waiting import until
from manifests import HARDENED, deployment


@pytest.fixture
def judged(real_cluster, real_namespace, msctl_program):
    """The judgement of a Deployment, with the last words that it asks for."""
    program = Path(os.environ.get("KUBE_JUDGE", msctl_program.parent / "tests/cluster/tools/judge/kube_judge"))
    assert program.exists(), f"{program} is not there: build the target 'kube_judge' of the preset dev, or set KUBE_JUDGE"

    def ask(document):
        done = subprocess.run([program], input=json.dumps(document), capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    def words(wanted):
        done = real_cluster.kubectl("logs", wanted["pod"], "-c", wanted["container"], "-n", real_namespace, "--tail=10",
                                    *(["--previous"] if wanted["previous"] else []), code=None)
        return done.stdout if done.returncode == 0 else ""

    def judge(name="web"):
        items = []
        for kinds, place in (("deployments,replicasets,pods,events,jobs,hpa", ["-n", real_namespace]), ("nodes", [])):
            items += json.loads(real_cluster.kubectl("get", kinds, "-o", "json", *place))["items"]
        document = {"items": items}
        document["words"] = {f"{one['pod']}/{one['container']}": words(one) for one in ask(document)[name]["words"]}
        return ask(document)[name]

    return judge


@pytest.fixture
def fails(real_cluster, real_namespace, judged):
    """Applies objects, waits until the Deployment shows a finding of this code - for certain, if said - and gives it."""

    def expect(code, *objects, certain=True, name="web"):
        real_cluster.apply(*objects, namespace=real_namespace)
        seen = {}

        def found():
            seen.update(judged(name))
            assert seen["phase"] != "done", seen
            first = next(iter(seen["findings"]), None)
            return first if first and first["code"] == code and first["certain"] >= certain else None

        try:
            finding = until(found, f"{code}", pause=0.5)
        except Exception as error:
            raise AssertionError(f"{code} was not found; last: {json.dumps(seen, indent=1)}") from error
        assert finding["cure"] and finding["evidence"]
        if certain:
            assert judged(name)["phase"] == "failed"
        return finding

    return expect


@pytest.fixture
def image(real_cluster):
    return real_cluster.push("tests/web", "1", {"VERSION": "one"})


def changed(made, **container):
    made["spec"]["template"]["spec"]["containers"][0].update(container)
    return made


def test_a_version_that_runs_has_no_finding(real_cluster, real_namespace, image, judged):
    real_cluster.apply(deployment("web", image, 2), namespace=real_namespace)
    real_cluster.kubectl("rollout", "status", "deployment/web", "-n", real_namespace, "--timeout=180s")
    # What kubectl has seen as done is so here.
    assert judged() == {"phase": "done", "progress": "complete", "state": "ready", "findings": [], "words": []}


def test_an_image_that_is_not_there(real_cluster, fails):
    assert "is not in its registry" in fails("MSC5101", deployment("web", f"{real_cluster.registry}/tests/none:1"))["sentence"]


def test_a_registry_that_is_not_there(fails):
    fails("MSC5103", deployment("web", "127.0.0.1:1/tests/web:1"), certain=False)


def test_a_name_that_no_image_has(fails):
    fails("MSC5104", deployment("web", "Tests/Web:1:2"))


def test_a_crash_with_its_last_words(image, fails):
    finding = fails("MSC5105", deployment("web", image, variables={"START_DELAY": "soon"}))
    assert "exit code 64" in finding["sentence"]
    assert any("START_DELAY" in line for line in finding["evidence"])


def test_one_that_never_says_that_it_is_ready(image, fails):
    finding = fails("MSC5108", deployment("web", image, variables={"NEVER_READY": "1"}), certain=False)
    assert finding["sentence"].endswith("GET /ready on port 8080 answers 503")


def test_one_that_starts_too_slowly(image, fails):
    probe = {"tcpSocket": {"port": 1}, "periodSeconds": 1, "failureThreshold": 2}
    finding = fails("MSC5107", changed(deployment("web", image), startupProbe=probe))
    assert "a connection to port 1: nothing listens there" in finding["sentence"]


def test_one_that_is_not_alive(image, fails):
    probe = {"httpGet": {"path": "/nothing?", "port": 1}, "periodSeconds": 1, "failureThreshold": 2}
    made = changed(deployment("web", image), livenessProbe=probe)
    made["spec"]["minReadySeconds"] = 20  # else it counts as ready before the probe has failed twice
    fails("MSC5109", made)


def test_more_than_any_node_has(image, fails):
    made = changed(deployment("web", image), resources={"requests": {"cpu": "1000"}})
    assert "asks for 1000 cores of CPU" in fails("MSC5111", made)["sentence"]


def test_a_label_that_no_node_has(image, fails):
    made = deployment("web", image)
    made["spec"]["template"]["spec"]["nodeSelector"] = {"disk": "glass"}
    fails("MSC5111", made, certain=False)


def test_a_quota_that_is_used_up(image, fails):
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "small"}, "spec": {"hard": {"pods": "0"}}}
    finding = fails("MSC5112", quota, deployment("web", image))
    assert "pods: 1 asked for, 0 of 0 used" in finding["sentence"]


def test_a_namespace_that_takes_only_strict_pods(real_cluster, real_namespace, image, fails):
    real_cluster.kubectl("label", "namespace", real_namespace, "pod-security.kubernetes.io/enforce=restricted")
    made = changed(deployment("web", image), securityContext={"privileged": True})
    assert "'restricted'" in fails("MSC5113", made)["sentence"]


def test_a_limit_range(image, fails):
    limit = {"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "small"},
             "spec": {"limits": [{"type": "Container", "max": {"memory": "8Mi"}}]}}
    fails("MSC5113", limit, deployment("web", image))


def test_a_secret_that_is_not_there_and_one_without_the_key(real_cluster, real_namespace, image, fails, judged):
    variable = {"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "web", "key": "KEY"}}}
    assert "'web'" in fails("MSC5114", changed(deployment("web", image), env=[variable]))["sentence"]
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "web"}, "stringData": {"OTHER": "1"}}
    assert "'KEY'" in fails("MSC5116", secret)["sentence"]
    # It heals by itself once the key is there.
    real_cluster.apply({**secret, "stringData": {"KEY": "1"}}, namespace=real_namespace)
    until(lambda: judged()["phase"] == "done", "the start")


def test_settings_that_are_not_there(image, fails):
    fails("MSC5115", changed(deployment("web", image), envFrom=[{"configMapRef": {"name": "web"}}]))


def test_a_volume_of_a_config_map_that_is_not_there(image, fails):
    made = changed(deployment("web", image), volumeMounts=[{"name": "settings", "mountPath": "/etc/web"}])
    made["spec"]["template"]["spec"]["volumes"] = [{"name": "settings", "configMap": {"name": "web"}}]
    fails("MSC5115", made)


def test_a_program_that_is_not_there(image, fails):
    assert "'/none'" in fails("MSC5117", changed(deployment("web", image), command=["/none"]))["sentence"]


def test_an_image_that_runs_as_root(image, fails):
    fails("MSC5118", changed(deployment("web", image), securityContext={**HARDENED, "runAsUser": 0}))


def test_a_rollout_that_is_paused(image, fails):
    made = deployment("web", image)
    made["spec"]["paused"] = True
    fails("MSC5127", made)


def test_a_rollout_whose_time_is_over(image, judged, fails):
    made = deployment("web", image, variables={"NEVER_READY": "1"})
    made["spec"]["progressDeadlineSeconds"] = 5
    fails("MSC5108", made, certain=False)
    until(lambda: judged()["phase"] == "failed", "the deadline")


def test_a_job_that_fails(real_cluster, real_namespace, image, fails):
    container = {"name": "main", "image": image, "command": ["/none"], "securityContext": {**HARDENED, "runAsUser": 10001}}
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "migrate"},
           "spec": {"backoffLimit": 0, "template": {"spec": {"restartPolicy": "Never", "containers": [container]}}}}
    fails("MSC5125", job, name="migrate")
