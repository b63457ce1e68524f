"""A cluster: up, down, what is up, and what tests do with it."""
import json
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

from . import certificates, controlplane, forwards, kubeconfig, layout, locks, metrics, node, ports, registry, simulated, tools
from .api import Api
from .images import Image
from .namespaces import Inside
from .processes import Processes, end_all

COMPLETE = "up"  # a file in the state folder: everything was ready once
LOCK = "msctl-test-cluster.lock"  # in the state folder, and the sign that it is one


class Cluster:
    """One that is up, or was. `it` tells where it is."""

    def __init__(self, it):
        self.it = it
        outside = Processes(it.state)
        self.inside = Inside(outside.pid("holder")) if it.level == 2 and "holder" in outside.names() else None
        self.processes = Processes(it.state, self.inside)

    @property
    def kubeconfig(self):
        return self.it.kubeconfig

    @property
    def registry(self):
        return self.it.registry

    @property
    def api(self):
        return Api(self.it.server, self.it.pki / "ca.crt", (self.it.pki / "admin.crt", self.it.pki / "admin.key"))

    def kubectl(self, *arguments, code=0, stdin=None, kubeconfig=None):
        """What it prints. `stdin`: text, or a document; `code`: the exit status to expect, None for any, which gives the whole result."""
        text = stdin if stdin is None or isinstance(stdin, str) else json.dumps(stdin)
        environment = {**os.environ, "KUBECONFIG": str(kubeconfig or self.kubeconfig), "KUBECACHEDIR": str(self.it.state / "kubectl-cache")}
        done = subprocess.run([tools.program("kubectl"), *map(str, arguments)], env=environment, input=text, capture_output=True, text=True, check=False)
        assert code is None or done.returncode == code, f"kubectl {' '.join(map(str, arguments))}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done if code is None else done.stdout

    def apply(self, *documents, namespace="default"):
        return self.kubectl("apply", "--server-side", "-n", namespace, "-f", "-", stdin={"apiVersion": "v1", "kind": "List", "items": list(documents)})

    def push(self, name, tag, environment=None, program="web"):
        """Brings an image of one of our programs into the registry; its reference."""
        return Image(tools.program(program), environment).push(self.registry, name, tag)

    def command(self, *arguments):
        """The argument vector that runs another where the node is: addresses of pods and Services, and names of Services, lead there."""
        return self.inside.command(*arguments) if self.inside else list(arguments)

    def forward(self, service):
        """NAMESPACE/SERVICE:PORT[=LOCAL] at a loopback port of the machine, which is returned. The Service may come later."""
        if self.inside is None:
            raise tools.ClusterError("simulated pods answer nothing: forwards need --level 2")
        host, port, local = forwards.parse(service)
        name = f"forward-{host}-{port}"
        if name in self.processes.names() and self.processes.alive(name) and local in (0, known := self.forwards()[f"{host}:{port}"]):
            return known
        local = local or ports.any_free()
        forwards.forward(self.processes, name, local, f"{host}:{port}")
        file = self.it.state / "forwards.json"
        file.write_text(json.dumps(self.forwards() | {f"{host}:{port}": local}))
        return local

    def forwards(self):
        """{HOST:PORT inside: port of the machine}."""
        file = self.it.state / "forwards.json"
        return json.loads(file.read_text()) if file.exists() else {}

    def kill(self, name):
        """One of its processes (kube-apiserver, etcd, kubelet, …), at once."""
        self.processes.kill(name)

    def start_again(self, name):
        """One that was killed; for etcd and the API server, until requests are answered again."""
        self.processes.again(name)
        if name in ("etcd", "kube-apiserver") and self.processes.alive("kube-apiserver"):
            self.processes.ready(name, lambda: self.api.answers("/readyz"), "the API server")


def up(it):
    """Brings it up, unless it is. What was left half up, or has lost a process, goes first."""
    it.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (it.state / LOCK).exists() and any(it.state.iterdir()):
        raise tools.ClusterError(f"{it.state} holds something else: the state of a cluster needs a folder of its own")
    with locks.held(it.state / LOCK):
        if found := running(it.state):
            if (found.it.level, found.it.nodes) != (it.level, it.nodes):
                raise tools.ClusterError(f"{found.it.name} is up with level {found.it.level} and {found.it.nodes} simulated nodes: ./dev cluster down")
            return found
        _clear(it.state)
        return _up(replace(it, ports={}).create())


def _up(it):
    certificates.make(it.pki, controlplane.names_of_server())
    controlplane.write_kubeconfigs(it)
    outside = Processes(it.state)
    if it.level == 2:
        node.hold(it, outside)
    made = Cluster(it)
    processes, api = made.processes, made.api
    if it.level == 2:
        # Clients wait for the API server; at the loopback port of the machine it is found from here on.
        for name in ("api", "registry"):
            forwards.forward(processes, f"forward-{name}", it.ports[name], f"127.0.0.1:{it.ports[name]}")
        node.start_runtime(it, processes)
    registry.start(it, processes)
    controlplane.start(it, processes, api)
    if it.nodes:
        simulated.start(it, processes, api)
    if it.level == 2:
        node.start(it, processes, api, made.inside)
    metrics.start(it, processes, api)
    controlplane.ready(processes, api)
    if it.nodes:
        simulated.ready(it, processes, api)
    if it.level == 2:
        node.ready(processes, api, made.inside)
    registry.ready(it, processes)
    (it.state / COMPLETE).touch()
    return made


def running(state):
    """The cluster in this folder, when all of it was ready and all of its processes live; otherwise None."""
    if not (state / COMPLETE).exists():
        return None
    found = Cluster(layout.read(state))
    return found if not dead(found) else None


def dead(cluster):
    return [name for name in cluster.processes.names() if not cluster.processes.alive(name)]


def down(state):
    """Removes a cluster and everything that belongs to it, in whatever state it is. Whether there was anything."""
    if not (state / LOCK).exists():
        # Its folder may have been removed by hand; one that is there is not a cluster's.
        return end_all(state) > 0
    if (state / node.HELD).exists() and os.getuid() != 0:
        raise tools.ClusterError("this cluster has a real node: ending it needs root")
    with locks.held(state / LOCK):
        _clear(state)
        (state / LOCK).unlink()
        state.rmdir()
    return True


def _clear(state):
    """All but the lock, which who calls this holds."""
    try:
        it = layout.read(state)
    except tools.ClusterError:
        it = None
    end_all(state)
    node.release(state)
    if it and it.merged:
        kubeconfig.withdraw(it.name, Path(it.merged))
    for each in state.iterdir():
        if each.name != LOCK:
            shutil.rmtree(each) if each.is_dir() and not each.is_symlink() else each.unlink()
