"""Level 2: pods run."""
import subprocess
import urllib.request

import pytest
from clusterkit.waiting import until
from manifests import deployment, service


@pytest.fixture
def web(real_cluster, real_namespace):
    """Two pods of an image that was pushed from the machine, and their Service."""
    image = real_cluster.push("tests/web", "1", {"VERSION": "one"})
    real_cluster.apply(deployment("web", image, 2), service("web"), namespace=real_namespace)
    real_cluster.kubectl("rollout", "status", "deployment/web", "-n", real_namespace, "--timeout=180s")
    return image


def get(url):
    with urllib.request.urlopen(url, timeout=5) as answer:
        return answer.read().decode()


def answered(port):
    """kube-proxy needs a moment for a Service that is new."""
    try:
        return get(f"http://127.0.0.1:{port}/")
    except OSError:
        return None


def pods(cluster, namespace, path):
    return cluster.kubectl("get", "pods", "-n", namespace, "-l", "app=web", "-o", f"jsonpath={path}")


def test_a_service_answers_on_the_node_among_pods_and_on_the_machine(real_cluster, real_namespace, web):
    name = f"http://web.{real_namespace}.svc.cluster.local/"

    def inside(url):
        return subprocess.run(real_cluster.command("curl", "-sf", "-m", "5", url), capture_output=True, text=True, check=True).stdout

    local = real_cluster.forward(f"{real_namespace}/web:80")
    until(lambda: answered(local), "the Service")
    names = set(pods(real_cluster, real_namespace, "{.items[*].metadata.name}").split())
    # On the node, through the Service; then from a pod, which may be the one that answers.
    assert inside(name).split()[1] in names
    pod = pods(real_cluster, real_namespace, "{.items[0].status.podIP}")
    assert {inside(f"http://{pod}:8080/get?url={name}").split()[1] for _ in range(30)} == names
    assert get(f"http://127.0.0.1:{local}/").split()[0] == "one"


def test_a_forward_may_be_there_before_its_service(real_cluster, real_namespace):
    local = real_cluster.forward(f"{real_namespace}/web:80")
    assert real_cluster.forward(f"{real_namespace}/web:80") == local
    image = real_cluster.push("tests/web", "1", {"VERSION": "one"})
    real_cluster.apply(deployment("web", image), service("web"), namespace=real_namespace)
    assert until(lambda: answered(local), "the Service").startswith("one ")


def test_a_pod_s_logs_and_its_end_are_told(real_cluster, real_namespace, web):
    name, address = (pods(real_cluster, real_namespace, path) for path in ("{.items[0].metadata.name}", "{.items[0].status.podIP}"))
    assert "version one listens on :8080" in real_cluster.kubectl("logs", name, "-n", real_namespace)
    subprocess.run(real_cluster.command("curl", "-s", "-m", "5", f"http://{address}:8080/crash"), check=False)

    def ended():
        state = real_cluster.kubectl("get", "pod", name, "-n", real_namespace, "-o", "jsonpath={.status.containerStatuses[0].restartCount} "
                                     "{.status.containerStatuses[0].lastState.terminated.exitCode} {.status.containerStatuses[0].ready}")
        return state == "1 3 true"

    until(ended, "the restart")
    assert "listens" in real_cluster.kubectl("logs", name, "-n", real_namespace, "--previous")


def test_an_image_that_is_not_there_is_told_and_nothing_outside_is_asked(real_cluster, real_namespace):
    real_cluster.apply(deployment("web", f"{real_cluster.registry}/tests/none:1"), namespace=real_namespace)
    until(lambda: pods(real_cluster, real_namespace, "{.items[*].status.containerStatuses[*].state.waiting.reason}") in ("ErrImagePull", "ImagePullBackOff"), "the refusal")
    done = subprocess.run(real_cluster.command("curl", "-s", "-m", "3", "http://192.0.2.1/"), check=False)
    assert done.returncode != 0


def test_the_node_goes_on_when_the_api_server_dies(real_cluster, real_namespace, web):
    local = real_cluster.forward(f"{real_namespace}/web:80")
    until(lambda: answered(local), "the Service")
    real_cluster.kill("kube-apiserver")
    try:
        assert get(f"http://127.0.0.1:{local}/").startswith("one ")
    finally:
        real_cluster.start_again("kube-apiserver")
    real_cluster.kubectl("scale", "deployment/web", "--replicas=3", "-n", real_namespace)
    real_cluster.kubectl("rollout", "status", "deployment/web", "-n", real_namespace, "--timeout=180s")


def test_pods_have_metrics(real_cluster, real_namespace, web):
    def measured():
        done = real_cluster.kubectl("top", "pods", "-n", real_namespace, "--no-headers", code=None)
        return done.returncode == 0 and len(done.stdout.splitlines()) == 2

    until(measured, "metrics", pause=0.5)
