"""Nodes that only look like it: kwok tells the API server what a kubelet would tell of pods that run.

How they behave is read from kwok's own files, with two changes: everything happens at once, and a pod with the annotation
`msctl.test/fail: REASON` stays waiting for that reason (ImagePullBackOff, CrashLoopBackOff, …) and is never ready. A Job's pod is complete,
but for one whose command ends with the word "fail", which ends with status 3, or "stay", which goes on for ever.
"""
import yaml

from . import tools

FAIL = "msctl.test/fail"
STAGES = ("stage/node/fast", "stage/node/heartbeat-with-lease", "stage/pod/general", "metrics/usage", "metrics/resource")
DELAY = 200  # milliseconds from one state of a pod to the next
OPTIONS = {"manageAllNodes": False, "manageNodesWithAnnotationSelector": "kwok.x-k8s.io/node=fake", "nodeLeaseDurationSeconds": 40,
           "nodeLeaseParallelism": 4, "nodePlayStageParallelism": 4, "podPlayStageParallelism": 4, "podsOnNodeSyncParallelism": 4}
TAINT = {"key": "kwok.x-k8s.io/node", "value": "fake", "effect": "NoSchedule"}

# The last word of the command; nothing for other words.
LAST_WORD = '.spec.containers.[] | (.command // [])[-1] | select(. == "{}")'

ENDED = """containerStatuses:
{{ range .spec.containers }}
- image: {{ .image | Quote }}
  name: {{ .name | Quote }}
  ready: false
  restartCount: 0
  started: false
  state:
    terminated:
      exitCode: 3
      finishedAt: {{ Now | Quote }}
      reason: Error
      startedAt: {{ Now | Quote }}
{{ end }}
phase: Failed
"""

WAITING = """containerStatuses:
{{ $reason := index .metadata.annotations "msctl.test/fail" }}
{{ range .spec.containers }}
- image: {{ .image | Quote }}
  name: {{ .name | Quote }}
  ready: false
  restartCount: 0
  started: false
  state:
    waiting:
      reason: {{ $reason | Quote }}
      message: {{ printf "simulated: %s" $reason | Quote }}
{{ end }}
"""


def _fails():
    """The stage of ours."""
    wanted = [("metadata.deletionTimestamp", "DoesNotExist", None), (f'metadata.annotations["{FAIL}"]', "Exists", None),
              ("status.phase", "In", ["Pending"]), ("status.containerStatuses.[].state.waiting.reason", "In", ["ContainerCreating"])]
    expressions = [{"key": f".{key}", "operator": operator} | ({"values": values} if values else {}) for key, operator, values in wanted]
    return {"apiVersion": "kwok.x-k8s.io/v1alpha1", "kind": "Stage", "metadata": {"name": "msctl-test-fail"},
            "spec": {"resourceRef": {"apiGroup": "v1", "kind": "Pod"}, "selector": {"matchExpressions": expressions}, "weight": 1,
                     "delay": {"durationMilliseconds": DELAY}, "next": {"statusTemplate": WAITING,
                     "event": {"type": "Warning", "reason": "Failed", "message": f"simulated, by the annotation {FAIL}"}}}}


def _ends_badly():
    """Of a Job's pod that is to fail."""
    wanted = [("metadata.deletionTimestamp", "DoesNotExist", None), ("status.phase", "In", ["Running"]),
              ("metadata.ownerReferences.[].kind", "In", ["Job"]), (LAST_WORD.format("fail")[1:], "Exists", None)]
    expressions = [{"key": f".{key}", "operator": operator} | ({"values": values} if values else {}) for key, operator, values in wanted]
    return {"apiVersion": "kwok.x-k8s.io/v1alpha1", "kind": "Stage", "metadata": {"name": "msctl-test-job-fails"},
            "spec": {"resourceRef": {"apiGroup": "v1", "kind": "Pod"}, "selector": {"matchExpressions": expressions}, "weight": 1,
                     "delay": {"durationMilliseconds": DELAY}, "next": {"statusTemplate": ENDED}}}


def _changed(document):
    """One of kwok's documents, made quick and made to respect the annotation."""
    if document["kind"] != "Stage" or document["spec"]["resourceRef"]["kind"] != "Pod":
        return document
    delay = document["spec"].get("delay")
    if delay:
        delay["durationMilliseconds"] = min(DELAY, delay.get("durationMilliseconds", DELAY))
        # Not the time that a process may take to end: there is none.
        for each in ("durationFrom", "jitterDurationFrom"):
            delay.pop(each, None)
        if "jitterDurationMilliseconds" in delay:
            delay["jitterDurationMilliseconds"] = 2 * DELAY
    if document["metadata"]["name"] in ("pod-ready", "pod-complete"):
        document["spec"]["selector"]["matchExpressions"].append({"key": f'.metadata.annotations["{FAIL}"]', "operator": "DoesNotExist"})
    if document["metadata"]["name"] == "pod-complete":
        document["spec"]["selector"]["matchExpressions"] += [{"key": LAST_WORD.format(word), "operator": "DoesNotExist"} for word in ("fail", "stay")]
    return document


def configuration():
    """kwok's configuration as text."""
    documents = [{"apiVersion": "config.kwok.x-k8s.io/v1alpha1", "kind": "KwokConfiguration", "options": OPTIONS}]
    for stage in STAGES:
        folder = tools.folder() / "kwok-kustomize" / stage
        for file in sorted(folder.glob("*.yaml")):
            if file.name != "kustomization.yaml":
                documents += [_changed(each) for each in yaml.safe_load_all(file.read_text()) if each]
    return yaml.safe_dump_all([*documents, _fails(), _ends_badly()], sort_keys=False)


def name_of(number):
    return f"kwok-{number}"


def _node(it, number):
    name = name_of(number)
    size = {"cpu": "64", "memory": "256Gi", "ephemeral-storage": "1Ti", "pods": "250"}
    labels = {"type": "kwok", "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64", "kubernetes.io/hostname": name,
              "topology.kubernetes.io/zone": f"zone-{number % 3}"}
    annotations = {"kwok.x-k8s.io/node": "fake", "metrics.k8s.io/resource-metrics-path": f"/metrics/nodes/{name}/metrics/resource"}
    # Beside a real node nothing is to land on a simulated one by accident.
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels, "annotations": annotations},
            "spec": {"taints": [TAINT]} if it.level == 2 else {}, "status": {"allocatable": size, "capacity": size}}


def start(it, processes, api):
    """kwok, and the nodes; they are ready when ready() returns."""
    file = it.state / "kwok.yaml"
    file.write_text(configuration())
    processes.start("kwok", "kwok", f"--kubeconfig={it.state}/kwok.kubeconfig", f"--config={file}", f"--server-address={it.address}:{it.ports['kwok']}",
                    f"--node-ip={it.address}", f"--node-port={it.ports['kwok']}", f"--tls-cert-file={it.pki}/server.crt",
                    f"--tls-private-key-file={it.pki}/server.key")
    for number in range(it.nodes):
        node = _node(it, number)
        status, answer = api.request("POST", "/api/v1/nodes", node)
        if status not in (201, 409):
            raise tools.ClusterError(f"a node is refused: {status} {answer}")


def ready(it, processes, api):
    def all_ready():
        found = {each["metadata"]["name"] for each in nodes(api) if is_ready(each)}
        return found >= {name_of(number) for number in range(it.nodes)}

    processes.ready("kwok", all_ready, "simulated nodes")


def nodes(api):
    try:
        status, answer = api.request("GET", "/api/v1/nodes")
    except OSError:
        return []
    return answer["items"] if status == 200 else []


def is_ready(node):
    return any(each["type"] == "Ready" and each["status"] == "True" for each in node["status"].get("conditions", []))
