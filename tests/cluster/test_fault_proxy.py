"""The proxy before the API server: it changes nothing by itself, and lets faults happen exactly where it is told to."""
import itertools
import json
import subprocess
import sys

import pytest
from clusterkit import tools
from clusterkit.api import Api
from clusterkit.faults import Answer, Cut, Delay, Do, Kill
from clusterkit.waiting import until
from manifests import config, deployment, service

# A client of several calls, in one process that can be killed; its own children it does not outlive by a call.
CLIENT = """
import subprocess, sys
for each in range(9):
    subprocess.run([sys.argv[1], "--kubeconfig", sys.argv[2], "create", "configmap", f"n{each}"], check=True)
"""


@pytest.fixture
def through(cluster, proxy):
    """A client that is the admin by its certificate, and goes through the proxy."""
    return Api(proxy.url, cluster.it.pki / "ca.crt", (cluster.it.pki / "admin.crt", cluster.it.pki / "admin.key"))


def path(namespace, name=""):
    return f"/api/v1/namespaces/{namespace}/configmaps" + (f"/{name}" if name else "")


def exists(cluster, namespace, name):
    return cluster.api.request("GET", path(namespace, name))[0] == 200


def test_a_client_is_who_it_is_and_its_requests_are_counted(cluster, proxy, namespace, tmp_path):
    file = proxy.kubeconfig(tmp_path / "config", namespace=namespace)
    told = json.loads(cluster.kubectl("auth", "whoami", "-o", "json", kubeconfig=file))["status"]["userInfo"]
    assert told["username"] == "admin" and "system:masters" in told["groups"]
    assert [(call.method, call.user, call.status) for call in proxy.calls][-1] == ("POST", "admin", 201)
    assert [call.number for call in proxy.calls] == list(range(1, len(proxy.calls) + 1))


def test_a_token_is_handed_on_and_nobody_gains_by_the_proxy(cluster, proxy, namespace):
    token = cluster.kubectl("create", "token", "default", "-n", namespace).strip()
    by_token = Api(proxy.url, cluster.it.pki / "ca.crt", token=token)
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    status, told = by_token.request("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", review)
    assert (status, told["status"]["userInfo"]["username"]) == (201, f"system:serviceaccount:{namespace}:default")
    assert by_token.request("GET", path(namespace))[0] == 403
    # What would make its sender an admin is not handed on.
    connection, answer = Api(proxy.url, cluster.it.pki / "ca.crt").open("GET", path(namespace), headers={"X-Remote-User": "admin", "X-Remote-Group": "system:masters"})
    assert answer.status in (401, 403)
    connection.close()


def test_kubectl_works_through_it(cluster, proxy, namespace, tmp_path):
    file = proxy.kubeconfig(tmp_path / "config", namespace=namespace)
    work = {"apiVersion": "v1", "kind": "List", "items": [deployment("web", "registry.invalid/web:1"), service("web")]}
    cluster.kubectl("apply", "--server-side", "-f", "-", stdin=work, kubeconfig=file)
    # A watch: it ends when the rollout does.
    cluster.kubectl("rollout", "status", "deployment/web", "--timeout=120s", kubeconfig=file)
    assert any("watch=true" in call.path for call in proxy.calls)


@pytest.mark.parametrize("status, reason", [(409, "Conflict"), (410, "Expired"), (429, "TooManyRequests"), (500, "InternalError")])
def test_an_answer_in_place_of_the_api_server_s(cluster, proxy, through, namespace, status, reason):
    proxy.at(2, Answer(status, retry_after=1 if status == 429 else None))
    assert through.request("POST", path(namespace), config("one"))[0] == 201
    connection, answer = through.open("POST", path(namespace), json.dumps(config("two")), {"Content-Type": "application/json"})
    told = json.loads(answer.read())
    connection.close()
    assert (answer.status, told["code"], told["reason"]) == (status, status, reason)
    assert answer.headers.get("Retry-After") == ("1" if status == 429 else None)
    assert not exists(cluster, namespace, "two")
    assert through.request("POST", path(namespace), config("two"))[0] == 201
    assert [call.status for call in proxy.calls] == [201, status, 201]


@pytest.mark.parametrize("after", [False, True])
def test_a_lost_connection_before_and_after_the_effect(cluster, proxy, through, namespace, after):
    proxy.when(lambda call: call.is_write, Cut(after=after))
    with pytest.raises(OSError):
        through.request("POST", path(namespace), config("lost"))
    assert exists(cluster, namespace, "lost") == after
    assert through.request("PATCH", path(namespace, "lost"), config("lost"), "application/apply-patch+yaml", fieldManager="test")[0] in (200, 201)


@pytest.mark.parametrize("after", [False, True])
def test_a_client_is_killed_before_its_nth_call_and_after_it(cluster, proxy, namespace, tmp_path, after):
    file = proxy.kubeconfig(tmp_path / "config", namespace=namespace)
    posts, client = itertools.count(1), None
    proxy.when(lambda call: call.method == "POST" and next(posts) == 3, Kill(lambda: client.kill(), after=after))
    client = subprocess.Popen([sys.executable, "-c", CLIENT, tools.program("kubectl"), file], env={"HOME": str(tmp_path)})
    assert client.wait(120) == -9
    assert [exists(cluster, namespace, f"n{each}") for each in range(4)] == [True, True, after, False]


def test_a_slow_answer(proxy, through, namespace):
    proxy.at(1, Delay(0.3))
    assert through.request("GET", path(namespace))[0] == 200
    assert through.request("GET", path(namespace))[0] == 200
    first, second = proxy.calls
    assert second.at - first.at >= 0.3


def test_the_api_server_dies_between_two_calls(cluster, proxy, through, namespace):
    proxy.at(2, Do(lambda: cluster.kill("kube-apiserver")))
    assert through.request("POST", path(namespace), config("one"))[0] == 201
    with pytest.raises(OSError):
        through.request("POST", path(namespace), config("two"))
    cluster.start_again("kube-apiserver")
    assert until(lambda: through.request("GET", path(namespace, "one"))[0] == 200, "the first")
    assert not exists(cluster, namespace, "two")


def test_what_does_not_count_has_no_number_and_faults_end(make_proxy, cluster, namespace):
    counted = make_proxy(counts=lambda call: call.is_write)
    client = Api(counted.url, cluster.it.pki / "ca.crt", (cluster.it.pki / "admin.crt", cluster.it.pki / "admin.key"))
    counted.when(lambda call: True, Answer(429), times=2)
    assert [client.request("GET", path(namespace))[0] for _ in range(3)] == [429, 429, 200]
    client.request("POST", path(namespace), config("one"))
    assert [(call.number, call.method) for call in counted.calls] == [(1, "POST")]
    counted.reset()
    assert counted.calls == []
