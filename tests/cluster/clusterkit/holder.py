"""The first process of the namespaces of a real node: `python -m clusterkit.holder STATE`, already inside of them.

It makes them what a node needs, writes STATE/holder.ready and waits; it also reaps what loses its parent. When it is killed, the
kernel kills every process inside, and network, mounts and rules are gone with them.
"""
import os
import signal
import subprocess
import sys
from pathlib import Path

from . import layout

# The kubelet writes these, and they are the whole machine's: it finds what it wants to write in files that lie over them.
SYSCTLS = {"vm/overcommit_memory": 1, "vm/panic_on_oom": 0, "kernel/panic": 10, "kernel/panic_on_oops": 1,
           "kernel/keys/root_maxkeys": 1000000, "kernel/keys/root_maxbytes": 25000000}
BRIDGE = "node0"
CNI_CACHE = Path("/var/lib/cni")  # the one folder that containerd's CNI library cannot be told


def run(*words):
    subprocess.run(words, check=True)


def cover(path, content):
    """Lets `path` have this content, inside."""
    source = Path("/run/covers") / str(path).strip("/").replace("/", "_")
    source.parent.mkdir(exist_ok=True)
    source.write_text(content)
    run("mount", "--bind", str(source), str(path))


def mounts(state):
    # Nothing goes out to the machine's mounts; among containers what is mounted later is seen, as the kubelet expects.
    run("mount", "--make-rprivate", "/")
    run("mount", "--make-rshared", "/")
    run("mount", "-t", "proc", "proc", "/proc")
    resolver = Path("/etc/resolv.conf").resolve()
    run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
    for each in ("/run/lock", "/run/netns"):
        Path(each).mkdir(exist_ok=True)
    for source, target in ((state / "var-log", Path("/var/log")), (state / "cni-cache", CNI_CACHE)):
        source.mkdir(exist_ok=True)
        run("mount", "--bind", str(source), str(target))
    for name, value in SYSCTLS.items():
        if (path := Path("/proc/sys") / name).exists():
            cover(path, f"{value}\n")
    # Also who is on the node, and no pod, finds Services by their names.
    if not resolver.exists():
        resolver.parent.mkdir(parents=True, exist_ok=True)
        resolver.touch()
    cover(resolver, f"nameserver {layout.DNS_SERVICE}\n")


def network():
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "add", BRIDGE, "type", "bridge")
    run("ip", "address", "add", f"{layout.NODE_ADDRESS}/{layout.NODE_NETWORK}", "dev", BRIDGE)
    run("ip", "link", "set", BRIDGE, "up")
    # It leads nowhere; but an address of a Service is translated after it was routed.
    run("ip", "route", "add", "default", "dev", BRIDGE)
    for name in ("ipv4/ip_forward", "bridge/bridge-nf-call-iptables"):
        if (path := Path("/proc/sys/net") / name).exists():
            path.write_text("1\n")


def main():
    state = Path(sys.argv[1])
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    mounts(state)
    network()
    # Ignored, children are reaped by the kernel; only from here on, since what was run above had to be waited for.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    (state / "holder.ready").touch()
    while True:
        signal.pause()


if __name__ == "__main__":
    assert os.getpid() == 1, "only as the first process of a PID namespace"
    main()
