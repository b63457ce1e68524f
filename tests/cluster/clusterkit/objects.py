"""The objects of a namespace, in a form in which two runs of the same work are equal."""
import json

# What controllers make of the objects that a person applies, what a moment holds, and what every namespace has.
DERIVED = {"Event", "Pod", "PodMetrics", "ReplicaSet", "EndpointSlice", "Endpoints", "ControllerRevision"}
GIVEN = {("ServiceAccount", "default"), ("ConfigMap", "kube-root-ca.crt")}
VOLATILE = ("uid", "resourceVersion", "creationTimestamp", "generation", "selfLink")
ASSIGNED = ("clusterIP", "clusterIPs", "healthCheckNodePort", "nodePort")


def kinds(cluster):
    """The names under which the API server lists what lives in namespaces."""
    return sorted(cluster.kubectl("api-resources", "--namespaced", "--verbs=list", "-o", "name").split())


def dump(cluster, namespace, left_out=frozenset(DERIVED), normalise=True):
    """{"KIND/NAME": object}. With `normalise`, without what differs from run to run: see normalised()."""
    listed = json.loads(cluster.kubectl("get", ",".join(kinds(cluster)), "-n", namespace, "-o", "json"))
    found = {}
    for each in listed["items"]:
        kind, name = each["kind"], each["metadata"]["name"]
        if kind not in left_out and (kind, name) not in GIVEN:
            found[f"{kind}/{name}"] = normalised(each) if normalise else each
    return found


def normalised(given):
    """Without identities, times, addresses that the cluster assigns, the namespace's name and the status; with who owns which field."""
    made = json.loads(json.dumps(given))
    made.pop("status", None)
    metadata = made["metadata"]
    for each in (*VOLATILE, "namespace"):
        metadata.pop(each, None)
    managers = [{key: value for key, value in each.items() if key != "time"} for each in metadata.pop("managedFields", []) if each.get("subresource") != "status"]
    if managers:
        metadata["managedFields"] = sorted(managers, key=lambda each: (each["manager"], each["operation"]))
    for owner in metadata.get("ownerReferences", []):
        owner.pop("uid", None)
    if made["kind"] == "Service":
        for each in (made["spec"], *made["spec"].get("ports", [])):
            for field in ASSIGNED:
                if each.get(field) != "None":
                    each.pop(field, None)
    return made


def differences(one, other, path=""):
    """What differs, one line each; no line when they are equal."""
    if type(one) is not type(other):
        return [f"{path}: {one!r} and {other!r}"]
    if isinstance(one, dict):
        found = []
        for key in sorted(one.keys() | other.keys()):
            where = f"{path}.{key}".lstrip(".")
            if key not in one or key not in other:
                found.append(f"{where}: only in the {'first' if key in one else 'second'}")
            else:
                found += differences(one[key], other[key], where)
        return found
    if isinstance(one, list) and len(one) == len(other):
        return [line for number, pair in enumerate(zip(one, other)) for line in differences(*pair, f"{path}[{number}]")]
    return [] if one == other else [f"{path}: {one!r} and {other!r}"]
