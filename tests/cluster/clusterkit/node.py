"""One real node: containerd, runc, a network for pods, the kubelet, kube-proxy and CoreDNS, all in namespaces of the cluster's own."""
import json
import os
import subprocess
import sys
from pathlib import Path

import yaml

from . import cgroups, holder, images, layout, locks, metrics, namespaces, simulated, tools
from .processes import Processes

LOCK = Path("/run/msctl-test-cluster.lock")
SOCKET = "/run/containerd/containerd.sock"  # inside
PAUSE = "localhost/pause:1"
HELD = "node"  # a file in the state folder: there may be something on the machine to undo


def hold(it, outside):
    """Makes the namespaces, once on a machine; the lock is held as long as they are there."""
    if os.getuid() != 0:
        raise tools.ClusterError("a real node needs root; simulated ones do not: --level 1")
    lock = locks.take(LOCK, wait=False)
    if lock is None:
        raise tools.ClusterError(f"a cluster with a real node is up on this machine, and there can be one: {LOCK.read_text().strip() or 'another'}")
    try:
        LOCK.write_text(f"{it.state}\n")
        (it.state / HELD).touch()
        cgroups.remove()  # of one that was killed
        cgroups.create()
        holder.CNI_CACHE.mkdir(parents=True, exist_ok=True)
        processes = Processes(it.state, namespaces.Fresh())
        here = {"PYTHONPATH": str(Path(__file__).resolve().parents[1]), "PYTHONDONTWRITEBYTECODE": "1"}
        processes.start("holder", sys.executable, "-m", "clusterkit.holder", it.state, environment=here, keep=(lock,))
    finally:
        os.close(lock)
    outside.ready("holder", (it.state / "holder.ready").exists, "the namespaces of the node")


def release(state):
    """Undoes what the namespaces left on the machine; they are gone, as their processes are."""
    if not (state / HELD).exists():
        return
    lock = locks.take(LOCK, wait=False)
    if lock is None:
        return  # another cluster's by now, which has begun with this
    try:
        cgroups.remove()
        for remove, path in ((os.rmdir, holder.CNI_CACHE), (os.unlink, LOCK)):
            try:
                remove(path)
            except OSError:
                pass  # not empty, so another's; or not there
    finally:
        os.close(lock)


def ctr(inside, *arguments):
    done = subprocess.run(inside.command(tools.program("ctr"), "-a", SOCKET, "-n", "k8s.io", *arguments), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise tools.ClusterError(f"ctr {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout


def _containerd(it):
    mirror = it.state / "containerd-hosts" / it.registry
    mirror.mkdir(parents=True, exist_ok=True)
    (mirror / "hosts.toml").write_text(f'server = "http://{it.registry}"\n')
    (it.state / "containerd.toml").write_text(f"""version = 2
root = "{it.state}/containerd"
state = "/run/containerd"
[grpc]
  address = "{SOCKET}"
[plugins."io.containerd.internal.v1.opt"]
  path = "{it.state}/containerd-opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{PAUSE}"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "{it.state}/containerd-hosts"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "{it.snapshotter}"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "{it.state}/cni"
""")
    return ["containerd", "-c", it.state / "containerd.toml"]


def _kubelet(it):
    version1 = any(options for _, options in cgroups.hierarchies())
    configuration = {
        "apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration",
        "address": layout.NODE_ADDRESS, "port": it.ports["kubelet"], "healthzPort": 0,
        "tlsCertFile": f"{it.pki}/server.crt", "tlsPrivateKeyFile": f"{it.pki}/server.key",
        "authentication": {"anonymous": {"enabled": False}, "webhook": {"enabled": True}, "x509": {"clientCAFile": f"{it.pki}/ca.crt"}},
        "authorization": {"mode": "Webhook"}, "containerRuntimeEndpoint": f"unix://{SOCKET}",
        "cgroupDriver": "cgroupfs", "cgroupRoot": f"/{cgroups.NAME}", "failCgroupV1": not version1, "failSwapOn": False, "oomScoreAdj": 0,
        "clusterDNS": [layout.DNS_SERVICE], "clusterDomain": "cluster.local", "resolvConf": "/etc/resolv.conf",
        "podLogsDir": f"{it.state}/pod-logs", "volumePluginDir": f"{it.state}/kubelet/plugins", "makeIPTablesUtilChains": False,
        # The disk is the whole machine's: how full it is says nothing about the test.
        "imageGCHighThresholdPercent": 100, "evictionHard": {"memory.available": "50Mi", "nodefs.available": "1%", "imagefs.available": "1%"},
        "nodeStatusUpdateFrequency": "5s", "nodeStatusReportFrequency": "30s", "syncFrequency": "10s", "maxPods": 110}
    (it.state / "kubelet.yaml").write_text(yaml.safe_dump(configuration))
    return ["kubelet", f"--config={it.state}/kubelet.yaml", f"--kubeconfig={it.state}/kubelet.kubeconfig", f"--root-dir={it.state}/kubelet",
            f"--hostname-override={layout.NODE}", f"--node-ip={layout.NODE_ADDRESS}", "--node-labels=type=real"]


def _network(it, pods):
    """A bridge; hairpin, for a pod that reaches itself through a Service; no masquerade, so that a pod is seen as itself."""
    (it.state / "cni").mkdir(exist_ok=True)
    bridge = {"type": "bridge", "bridge": "pods0", "isDefaultGateway": True, "hairpinMode": True, "ipMasq": False,
              "ipam": {"type": "host-local", "dataDir": f"{it.state}/cni-addresses", "ranges": [[{"subnet": pods}]]}}
    # Written in its place: containerd's watch sees what is written, and not what is only moved there.
    (it.state / "cni/10-pods.conflist").write_text(
        json.dumps({"cniVersion": "0.4.0", "name": "pods", "plugins": [bridge, {"type": "portmap", "capabilities": {"portMappings": True}}]}))


def _proxy(it):
    configuration = {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1", "kind": "KubeProxyConfiguration", "mode": "nftables",
        "clientConnection": {"kubeconfig": f"{it.state}/kube-proxy.kubeconfig"}, "hostnameOverride": layout.NODE, "clusterCIDR": layout.PODS,
        "healthzBindAddress": f"127.0.0.1:{it.ports['proxy']}", "metricsBindAddress": f"127.0.0.1:{it.ports['proxy-metrics']}",
        "nodePortAddresses": [f"{layout.NODE_ADDRESS}/32"],
        # Zeros: it is to set no size and no time of the connection table, which is the whole machine's.
        "conntrack": {"maxPerCore": 0, "min": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"},
        "nftables": {"minSyncPeriod": "100ms", "syncPeriod": "30s"}}
    (it.state / "kube-proxy.yaml").write_text(yaml.safe_dump(configuration))
    return ["kube-proxy", f"--config={it.state}/kube-proxy.yaml"]


def _dns(it):
    (it.state / "Corefile").write_text(f""".:53 {{
  bind {layout.NODE_ADDRESS}
  errors
  kubernetes cluster.local in-addr.arpa {{
    kubeconfig {it.state}/coredns.kubeconfig
    ttl 1
  }}
  cache 1
}}
""")
    return ["coredns", "-conf", f"{it.state}/Corefile"]


def start_runtime(it, processes):
    """What does not need the API server, so that it is ready when that is."""
    processes.start("containerd", *_containerd(it))
    images.Image(tools.program("pause")).archive(it.state / "pause.tar", PAUSE)


def start(it, processes, api, inside):
    processes.ready("containerd", lambda: (Path(f"/proc/{inside.pid}/root") / SOCKET.lstrip("/")).exists(), "containerd")
    ctr(inside, "images", "import", str(it.state / "pause.tar"))
    processes.start("kubelet", *_kubelet(it))
    processes.start("coredns", *_dns(it))
    metrics.publish(api, "kube-dns", "kube-system", {"dns": (53, 53, "UDP"), "dns-tcp": (53, 53, "TCP")}, layout.DNS_SERVICE)
    pods = processes.ready("kubelet", lambda: (_node(api) or {}).get("spec", {}).get("podCIDR"), "the node's registration")
    _network(it, pods)
    processes.start("kube-proxy", *_proxy(it))


def _node(api):
    return next((each for each in simulated.nodes(api) if each["metadata"]["name"] == layout.NODE), None)


def ready(processes, api, inside):
    processes.ready("kubelet", lambda: (found := _node(api)) and simulated.is_ready(found), "the node")
    # The name of a Service that every cluster has, asked through the Service of the DNS: kube-proxy works, and CoreDNS does.
    ask = inside.command("getent", "hosts", "kubernetes.default.svc.cluster.local")
    processes.ready("coredns", lambda: processes.alive("kube-proxy") and subprocess.run(ask, capture_output=True, check=False).returncode == 0,
                    "names of Services (see the logs of coredns and kube-proxy)")
