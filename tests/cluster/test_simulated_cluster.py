"""Level 1: a real control plane decides, simulated pods obey."""
import json

from clusterkit import objects, simulated
from clusterkit.waiting import until
from manifests import autoscaler, config, deployment, service

IMAGE = "registry.invalid/web:1"


def available(cluster, namespace, name):
    cluster.kubectl("rollout", "status", f"deployment/{name}", "-n", namespace, "--timeout=120s")


def test_a_deployment_becomes_available_behind_its_service(cluster, namespace):
    cluster.apply(deployment("web", IMAGE, 3), service("web"), namespace=namespace)
    available(cluster, namespace, "web")
    told = json.loads(cluster.kubectl("get", "endpointslices", "-n", namespace, "-l", "kubernetes.io/service-name=web", "-o", "json"))
    assert sum(each["conditions"]["ready"] for item in told["items"] for each in item["endpoints"]) == 3
    nodes = cluster.kubectl("get", "pods", "-n", namespace, "-o", "jsonpath={.items[*].spec.nodeName}").split()
    assert set(nodes) <= {simulated.name_of(number) for number in range(cluster.it.nodes)}


def test_a_pod_that_is_to_fail_says_why_and_its_rollout_stops(cluster, namespace):
    cluster.apply(deployment("web", IMAGE, 2), namespace=namespace)
    available(cluster, namespace, "web")
    bad = deployment("web", IMAGE, 2, annotations={simulated.FAIL: "ImagePullBackOff"})
    bad["spec"]["progressDeadlineSeconds"] = 3
    cluster.apply(bad, namespace=namespace)
    told = cluster.kubectl("rollout", "status", "deployment/web", "-n", namespace, "--timeout=120s", code=None)
    assert told.returncode == 1 and "exceeded its progress deadline" in told.stderr
    reasons = cluster.kubectl("get", "pods", "-n", namespace, "-o", "jsonpath={.items[*].status.containerStatuses[*].state.waiting.reason}")
    assert reasons == "ImagePullBackOff"
    cluster.kubectl("rollout", "undo", "deployment/web", "-n", namespace)
    available(cluster, namespace, "web")


def test_a_job_completes(cluster, namespace):
    cluster.kubectl("create", "job", "once", "--image", IMAGE, "-n", namespace)
    cluster.kubectl("wait", "job/once", "--for=condition=complete", "--timeout=120s", "-n", namespace)


def test_the_autoscaler_follows_simulated_load(cluster, namespace):
    cluster.apply(deployment("web", IMAGE, 2, annotations={"kwok.x-k8s.io/usage-cpu": "200m"}), autoscaler("web", 2, 4), namespace=namespace)

    def replicas():
        return cluster.kubectl("get", "deployment", "web", "-n", namespace, "-o", "jsonpath={.status.readyReplicas}") == "4"

    until(replicas, "four replicas", pause=0.5)


def test_two_namespaces_with_the_same_work_are_equal_and_a_change_is_told(cluster, namespace):
    other = f"{namespace}-b"
    cluster.kubectl("create", "namespace", other)
    work = [deployment("web", IMAGE), service("web"), config("web", key="value")]
    for each in (namespace, other):
        cluster.apply(*work, namespace=each)
        available(cluster, each, "web")
    first, second = objects.dump(cluster, namespace), objects.dump(cluster, other)
    assert set(first) == {"Deployment/web", "Service/web", "ConfigMap/web"}
    assert objects.differences(first, second) == []
    cluster.apply(config("web", key="changed"), namespace=other)
    assert objects.differences(first, objects.dump(cluster, other)) == ["ConfigMap/web.data.key: 'value' and 'changed'"]
    cluster.kubectl("delete", "namespace", other, "--wait=false")


def test_what_was_applied_survives_the_death_of_the_api_server_and_of_etcd(cluster, namespace):
    cluster.apply(config("kept", key="value"), namespace=namespace)
    for victims in (["kube-apiserver"], ["etcd"], ["kube-apiserver", "etcd"]):
        for each in victims:
            cluster.kill(each)
        try:
            # Of an etcd that is gone the API server hears a moment later.
            until(lambda: not cluster.api.answers("/readyz"), "an API server that is not ready")
        finally:
            for each in reversed(victims):
                cluster.start_again(each)
        assert cluster.kubectl("get", "configmap", "kept", "-n", namespace, "-o", "jsonpath={.data.key}") == "value"
    # Those that were not killed work on: the controller manager, the scheduler and kwok find the API server again.
    cluster.apply(deployment("after", IMAGE), namespace=namespace)
    available(cluster, namespace, "after")
