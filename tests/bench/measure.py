"""Measuring commands: medians of several runs, paired with a peer in the same loop so that a drifting machine moves both."""
import os
import re
import resource
import statistics
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / "build" / "bench"
MSCTL = ROOT / "build" / "release" / "msctl"


def build_tools():
    """trivial and prober, compiled by the compiler that is there."""
    TOOLS.mkdir(parents=True, exist_ok=True)
    for name in ("trivial", "prober"):
        source = ROOT / "tests" / "bench" / "tools" / f"{name}.cc"
        target = TOOLS / name
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            subprocess.run(["g++", "-O2", "-static", "-o", target, source], check=True)


def monotonic_ms():
    return time.clock_gettime(time.CLOCK_MONOTONIC) * 1e3


def wall_ms(argv, cwd=None):
    """The milliseconds that a command takes, start to end, output thrown away."""
    begin = time.perf_counter()
    subprocess.run(argv, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return (time.perf_counter() - begin) * 1e3


def probe(targets, seconds=60):
    """The monotonic millisecond at which the last of the (port, path) pairs answered 200."""
    argv = [TOOLS / "prober", "-t", str(seconds)]
    for port, path in targets:
        argv += [str(port), path]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    return float(done.stdout)


def free_ports(count):
    import socket

    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def cpu_ms(pid):
    """Processor milliseconds of a process so far, user and system, its reaped children left out."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def cpu_ns(pid):
    """The same, finer: nanoseconds on a processor, summed over the threads."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        total += int((task / "schedstat").read_text().split()[0])
    return total


def rss_mib(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text()).group(1)) / 1024


def paired_ratio(ours, theirs):
    """Of runs side by side: what slows the machine for a while slows both of a pair."""
    return statistics.median(mine / other for mine, other in zip(ours, theirs, strict=True))


def summary(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values), "runs": len(values)}


def raise_limits():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
