"""What a cluster is: its name, its folder, its addresses. All of it can be read back from the folder."""
import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from . import ports
from .tools import ClusterError

DEFAULT_NAME = "msctl-test"
NODE = "real-0"
NODE_ADDRESS, NODE_NETWORK = "10.98.0.1", 24
SERVICES, API_SERVICE, DNS_SERVICE = "10.96.0.0/16", "10.96.0.1", "10.96.0.10"
PODS = "10.244.0.0/16"
PORTS = ("etcd", "etcd-peer", "api", "controller-manager", "scheduler", "kwok", "metrics-server", "registry", "kubelet", "proxy",
         "proxy-metrics")


def default_state(name):
    base = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state")
    return base / "msctl-dev/cluster" / name


@dataclass
class Layout:
    name: str
    state: Path
    level: int = 1
    nodes: int = 3
    ports: dict = field(default_factory=dict)
    merged: str = ""  # the person's file into which the context was merged
    snapshotter: str = "overlayfs"

    @property
    def pki(self):
        return self.state / "pki"

    @property
    def kubeconfig(self):
        return self.state / "kubeconfig"

    @property
    def server(self):
        return f"https://127.0.0.1:{self.ports['api']}"

    @property
    def registry(self):
        """The same from the machine and from the node, so that one reference means one image."""
        return f"127.0.0.1:{self.ports['registry']}"

    @property
    def address(self):
        """Where processes beside the API server are reached by it."""
        return NODE_ADDRESS if self.level == 2 else "127.0.0.1"

    def save(self):
        making = self.state / ".cluster.json"
        making.write_text(json.dumps(asdict(self) | {"state": str(self.state)}, indent=1))
        making.rename(self.state / "cluster.json")

    def create(self):
        self.state.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.ports = ports.choose(self.state / "ports.json", PORTS)
        self.save()
        return self


def read(state):
    try:
        content = json.loads((state / "cluster.json").read_text())
    except OSError:
        raise ClusterError(f"there is no cluster in {state}") from None
    return Layout(**content | {"state": state})
