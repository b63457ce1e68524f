"""Deploying beside `helm upgrade --install --wait` and `kubectl apply` with `kubectl rollout status`: the same objects, which are those of
msctl's own release, in namespaces of their own, one tool after another in each round.

The API server is a real one, the pods are simulated. What the cluster takes by itself is measured with the same objects sent by curl over
16 connections, without anything that waits: what a tool takes beyond that is its own. Requests are counted by a proxy before the API
server, in a round of its own."""
import base64
import gzip
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import yaml
from measure import MSCTL, ROOT, summary

sys.path.insert(0, str(ROOT / "tests" / "cluster"))

PODS = 250  # that a simulated node takes
ROUNDS = {1: 5, 50: 3, 500: 2}


class Measured:
    """One run of a tool: wall and, from the children's accounts, memory."""

    def __init__(self, argvs, environment, cwd):
        begin = time.perf_counter()
        self.mib = 0
        for argv in argvs:
            process = subprocess.Popen(argv, cwd=cwd, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            error = process.stderr.read()
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            assert process.returncode == 0, f"{argv}: {process.returncode}\n{error[-2000:]}"
            self.mib = max(self.mib, used.ru_maxrss / 1024)
        self.seconds = time.perf_counter() - begin


class Bench:
    """A workspace of N services that is deployed by one of three, each time into a namespace that is new."""

    def __init__(self, cluster, count):
        from shop import Shop

        self.cluster, self.count = cluster, count
        self.folder = Path(tempfile.mkdtemp(prefix="bench-cluster-"))
        self.shop = Shop(MSCTL, self.folder / "shop", cluster.kubeconfig, "bench")
        for number in range(count):
            self.shop.service(f"s{number}", routes=None if number % 2 else json.dumps([{"match": {"path": f"/s{number}/**"}}]))
        self.images = self.shop.images()
        self.environment = {**os.environ, "HOME": str(self.folder), "KUBECONFIG": str(cluster.kubeconfig)}

    def close(self):
        shutil.rmtree(self.folder)

    def version(self, one):
        """Another version of one service."""
        self.shop.versions["s0"] = (self.shop.versions["s0"][0], one)
        self.images = self.shop.images()

    def space(self):
        name = f"bench-{secrets.token_hex(3)}"
        self.cluster.kubectl("create", "namespace", name)
        return name

    def clear(self, name):
        self.cluster.kubectl("delete", "namespace", name, "--wait=true", "--timeout=600s")

    def msctl(self, space, environment):
        file = self.folder / "shop" / "msctl.yaml"
        document = yaml.safe_load(file.read_text())
        document["environments"]["test"]["kubernetes"]["namespace"] = space
        file.write_text(yaml.safe_dump(document))
        return Measured([[MSCTL, "deploy", "-e", "test", "--images", str(self.images), "--timeout", "20m"]], environment, self.folder / "shop")

    def released(self, space):
        """The objects of the last release, as msctl has recorded them."""
        records = json.loads(self.cluster.kubectl("get", "configmaps", "-n", space, "-l", "msctl.dev/record", "-o", "json"))["items"]
        last = max(int(each["metadata"]["labels"]["msctl.dev/release"]) for each in records)
        pieces = {each["metadata"]["name"]: each["binaryData"]["content"] for each in records
                  if each["metadata"]["labels"]["msctl.dev/release"] == str(last) and "binaryData" in each}
        ordered = [pieces[name] for name in sorted(pieces, key=lambda name: int(name.rsplit("-", 1)[1]))]
        text = gzip.decompress(b"".join(base64.b64decode(each) for each in ordered))
        return [item for part in json.loads(text) for item in part["objects"]]

    def manifests(self, objects, space, before):
        """A file for kubectl, a chart for helm, and requests for curl."""
        made = Path(tempfile.mkdtemp(dir=self.folder))
        text = json.dumps(objects).replace(f'"{before}"', f'"{space}"')
        items = json.loads(text)
        (made / "all.yaml").write_text(yaml.dump_all(items, Dumper=yaml.CSafeDumper))
        chart = made / "chart"
        (chart / "templates").mkdir(parents=True)
        (chart / "Chart.yaml").write_text("apiVersion: v2\nname: shop\nversion: 0.1.0\n")
        for number, item in enumerate(items):
            body = yaml.dump(item, Dumper=yaml.CSafeDumper).replace("{{", '{{ "{{" }}')
            (chart / "templates" / f"{number}.yaml").write_text(body)
        return made, items

    def kubectl(self, made, space, environment):
        from clusterkit import tools

        program = str(tools.program("kubectl"))
        return Measured([[program, "apply", "-n", space, "-f", str(made / "all.yaml")],
                         [program, "rollout", "status", "deployment", "-n", space, "-l", "app.kubernetes.io/part-of=shop", "--timeout=20m"]],
                        environment, made)

    def helm(self, made, space, environment):
        program = shutil.which("helm", path=os.environ["LINTERS"])
        return Measured([[program, "upgrade", "--install", "shop", str(made / "chart"), "-n", space, "--wait", "--timeout", "20m"]], environment, made)

    def alone(self, items, space):
        """The seconds in which the cluster makes all of it ready when it simply gets it."""
        pki = self.cluster.it.pki
        watching = Ready(self.cluster, space, sum(item["kind"] == "Deployment" for item in items))
        made = Path(tempfile.mkdtemp(dir=self.folder))
        lines = [f'cacert = "{pki}/ca.crt"\ncert = "{pki}/admin.crt"\nkey = "{pki}/admin.key"\n']
        for number, item in enumerate(items):
            (made / str(number)).write_text(json.dumps(item))
            lines.append(f'next\nurl = "{self.cluster.it.server}{target(item, space)}"\nheader = "Content-Type: application/json"\nfail\n'
                         f'cacert = "{pki}/ca.crt"\ncert = "{pki}/admin.crt"\nkey = "{pki}/admin.key"\n'
                         f'data-binary = "@{made}/{number}"\noutput = "/dev/null"\n')
        (made / "requests").write_text("".join(lines[1:]).removeprefix("next\n"))
        begin = time.perf_counter()
        subprocess.run(["curl", "-s", "-S", "--no-progress-meter", "-Z", "--parallel-max", "16", "-K", made / "requests"], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        return watching.wait() - begin


PLACES = {"ServiceAccount": "/api/v1/{}/serviceaccounts", "ConfigMap": "/api/v1/{}/configmaps", "Service": "/api/v1/{}/services",
          "Deployment": "/apis/apps/v1/{}/deployments", "PodDisruptionBudget": "/apis/policy/v1/{}/poddisruptionbudgets",
          "NetworkPolicy": "/apis/networking.k8s.io/v1/{}/networkpolicies", "Role": "/apis/rbac.authorization.k8s.io/v1/{}/roles",
          "RoleBinding": "/apis/rbac.authorization.k8s.io/v1/{}/rolebindings",
          "HorizontalPodAutoscaler": "/apis/autoscaling/v2/{}/horizontalpodautoscalers"}


def target(item, space):
    return PLACES[item["kind"]].format(f"namespaces/{space}")


class Ready(threading.Thread):
    """Notes when so many Deployments have become ready, by a watch of its own."""

    def __init__(self, cluster, space, count):
        super().__init__(daemon=True)
        from clusterkit import tools

        self.count, self.at = count, None
        self.process = subprocess.Popen([tools.program("kubectl"), "get", "deployments", "-n", space, "-w", "-o",
                                         'jsonpath={.metadata.name} {.status.observedGeneration} {.status.availableReplicas} {.spec.replicas}{"\\n"}'],
                                        env={**os.environ, "KUBECONFIG": str(cluster.kubeconfig)}, stdout=subprocess.PIPE, text=True)
        time.sleep(1)  # until it watches: kubectl says nothing of that
        self.start()

    def run(self):
        ready = set()
        for line in self.process.stdout:
            words = line.split()
            if len(words) == 4 and words[2] == words[3]:
                ready.add(words[0])
            if len(ready) == self.count:
                self.at = time.perf_counter()
                break
        self.process.kill()
        self.process.wait()

    def wait(self):
        self.join(1200)
        assert self.at, "the cluster did not become ready"
        return self.at


TOOLS = ("msctl", "kubectl", "helm")


class Figures:
    """{what: {tool: [seconds]}}, the same of memory, and of requests."""

    def __init__(self):
        self.seconds, self.mib, self.requests, self.own = {}, {}, {}, []

    def add(self, what, tool, measured):
        self.seconds.setdefault(what, {}).setdefault(tool, []).append(measured.seconds)
        self.mib.setdefault(what, {}).setdefault(tool, []).append(measured.mib)


FIRST, AGAIN, CHANGED = "the first time", "nothing changed", "one service changed"


def deploy(bench, tool, space, made, environment):
    if tool == "msctl":
        return bench.msctl(space, environment)
    return getattr(bench, tool)(made, space, environment)


def round_of(bench, figures, count_requests=None):
    """Each tool in a namespace of its own: the first time, nothing changed, one changed. `count_requests`: a proxy to go through."""
    bench.version("1")
    environment = dict(bench.environment)
    if count_requests:
        environment["KUBECONFIG"] = str(count_requests.kubeconfig(bench.folder / "through"))
    versions = {}
    source = None
    for tool in TOOLS:
        space = bench.space()
        for what, version in ((FIRST, "1"), (AGAIN, "1"), (CHANGED, "2")):
            bench.version(version)
            made = None
            if tool != "msctl":
                made, _ = bench.manifests(versions[version], space, source)
            if count_requests:
                count_requests.reset()
            measured = deploy(bench, tool, space, made, environment)
            if count_requests:
                figures.requests.setdefault(what, {}).setdefault(tool, []).append(len(count_requests.calls))
            else:
                figures.add(what, tool, measured)
            if tool == "msctl":
                source = space
                versions[version] = bench.released(space)
        if tool == "msctl" and not count_requests:
            figures.status = getattr(figures, "status", [])
            begin = time.perf_counter()
            subprocess.run([MSCTL, "status", "-e", "test", "-o", "json"], cwd=bench.folder / "shop", env=environment, check=True, stdout=subprocess.DEVNULL)
            figures.status.append((time.perf_counter() - begin) * 1000)
        bench.clear(space)
    if not count_requests:
        space = bench.space()
        _, items = bench.manifests(versions["1"], space, source)
        figures.own.append(bench.alone(items, space))
        bench.clear(space)


def row(what, unit, values, limits=None, better=min):
    peers = {tool: summary(values[tool]) for tool in TOOLS if tool != "msctl"}
    found = {"what": what, "unit": unit, "msctl": summary(values["msctl"]), "peers": peers}
    if limits == "half":
        found["against"] = better(peers, key=lambda tool: peers[tool]["median"])
        found["ratio_limit"] = 0.5
    elif limits is not None:
        found["limit"] = limits
    return found


def rows_for(cluster, count):
    from clusterkit.proxy import Proxy

    bench, figures = Bench(cluster, count), Figures()
    try:
        for _ in range(ROUNDS[count]):
            round_of(bench, figures)
        with Proxy(cluster) as proxy:
            round_of(bench, figures, proxy)
    finally:
        bench.close()
    name = f"{count} service{'s' if count > 1 else ''}"
    own = sorted(figures.own)[len(figures.own) // 2]
    beyond = {tool: [max(seconds - own, 0.001) for seconds in figures.seconds[FIRST][tool]] for tool in TOOLS}
    out = []
    for what in (FIRST, AGAIN, CHANGED):
        limit = {FIRST: None, AGAIN: 1 if count == 500 else None, CHANGED: None}[what]
        out.append(row(f"deploy of {name}, {what}", "s", figures.seconds[what], limit))
        if what == FIRST:
            out.append(row(f"deploy of {name}, {what}, beyond the {own:.2f} s of the cluster itself", "s", beyond, "half"))
        out.append(row(f"deploy of {name}, {what}: requests", "requests", figures.requests[what], "half"))
        out.append(row(f"deploy of {name}, {what}: memory", "MiB", figures.mib[what], "half"))
    out.append({"what": f"status of {name}", "unit": "ms", "msctl": summary(figures.status), "peers": {}, "limit": 300})
    return out


def rows():
    from clusterkit import cluster as clusters
    from clusterkit import layout

    state = Path(tempfile.mkdtemp(prefix="bench-cluster-state-"))
    counts = [int(each) for each in os.environ.get("MSCTL_BENCH_SERVICES", "1,50,500").split(",")]
    try:
        found = clusters.up(layout.Layout(f"bench-{os.getpid()}", state, 1, 2 * max(counts) // PODS + 3))
        return [each for count in counts for each in rows_for(found, count)]
    finally:
        clusters.down(state)
        shutil.rmtree(state, ignore_errors=True)
