#!/usr/bin/env python3
"""Processor time of a proxy for each request: msctl beside nginx and HAProxy, small GETs over kept connections on loopback.

All run at once; each round loads one after the other, so that a drifting machine moves them all. What is told is the median of
the rounds, in microseconds (user and system) a request.

  cost.py [--rounds 5] [--seconds 2] [--connections 64 512] [--json FILE]
"""
import argparse
import json
import re
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import proxies

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from measure import cpu_ms, free_ports  # noqa: E402


def load(port, connections, seconds):
    """Requests that were answered."""
    done = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}", f"http://127.0.0.1:{port}/"], capture_output=True, text=True,
                          check=True).stdout
    if "Non-2xx" in done or re.search(r"Socket errors: .*(connect|read|write) [1-9]", done):
        raise RuntimeError(done)
    return int(re.search(r"(\d+) requests in", done).group(1))


def measure(proxy, connections, seconds):
    before = cpu_ms(proxy.pid)
    requests = load(proxy.port, connections, seconds)
    return (cpu_ms(proxy.pid) - before) * 1000 / requests, requests / seconds


def start_all(folder):
    ports = free_ports(5)
    yield proxies.origin(folder / "origin", ports[0])
    yield proxies.msctl(folder / "msctl", ports[1], ports[0])
    yield proxies.nginx(folder / "nginx", ports[2], ports[0])
    yield proxies.haproxy(folder / "haproxy", ports[3], ports[0])
    yield proxies.msctl(folder / "logged", ports[4], ports[0], access_log=True)


def run(options, folder):
    running = []
    results = {}
    try:
        for each in start_all(folder):
            running.append(each)
        measured = running[1:]
        for proxy in measured:
            load(proxy.port, max(options.connections), 1)
        for connections in options.connections:
            samples = {proxy.name: [] for proxy in measured}
            for number in range(options.rounds):
                for proxy in measured[number % len(measured):] + measured[:number % len(measured)]:
                    samples[proxy.name].append(measure(proxy, connections, options.seconds))
            results[connections] = {name: {"microseconds": round(statistics.median(c for c, _ in pairs), 2),
                                           "requestsPerSecond": round(statistics.median(r for _, r in pairs))} for name, pairs in samples.items()}
    finally:
        for each in running:
            each.stop()
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--connections", type=int, nargs="+", default=[64, 512])
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory() as folder:
        results = run(options, Path(folder))
    for connections, rows in results.items():
        ours = rows["msctl"]["microseconds"]
        for name, row in rows.items():
            print(f"{connections:5} connections  {name:24} {row['microseconds']:6.2f} µs a request  ({row['microseconds'] / ours:.2f} of msctl)  "
                  f"{row['requestsPerSecond']:7} requests/s")
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
