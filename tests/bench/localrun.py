"""The local run beside a bare shell, honcho and supervisord: start, chain, replacement, idling, stopping."""
import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from measure import MSCTL, TOOLS, cpu_ns, free_ports, monotonic_ms, probe, rss_mib, summary

TRIVIAL = TOOLS / "trivial"


def workspace(count, chain=False):
    folder = Path(tempfile.mkdtemp())
    port = free_ports(1)[0]
    (folder / "msctl.yaml").write_text(
        f"workspace: bench\nservices: [services/*]\ngateway: {{listeners: [{{address: \"127.0.0.1:{port}\"}}], accessLog: false}}\n"
    )
    for number in range(count):
        service = folder / "services" / f"s{number}"
        service.mkdir(parents=True)
        needs = f"needs: [s{number - 1}]\n" if chain and number else ""
        (service / "service.yaml").write_text(
            f'service: s{number}\nlanguage: none\nrun: ["{TRIVIAL}"]\n{needs}'
            f"health: {{ready: /, live: /}}\nroutes: [{{match: {{path: /s{number}/**}}}}]\n"
        )
    return folder, port


class Run:
    """msctl run in the foreground, its output thrown away."""

    def __init__(self, folder):
        self.folder = folder
        self.begin = monotonic_ms()
        self.process = subprocess.Popen(
            [MSCTL, "run", "--no-build"], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL
        )

    def until_answering(self, port, count):
        return probe([(port, f"/s{number}/") for number in range(count)]) - self.begin

    def status(self):
        done = subprocess.run([MSCTL, "status", "-o", "json"], cwd=self.folder, capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    def stop(self):
        begin = monotonic_ms()
        self.process.send_signal(signal.SIGINT)
        self.process.wait()  # with a time-out it would look again after growing pauses
        return monotonic_ms() - begin


def shell_script(ports):
    lines = [f"PORT={port} {TRIVIAL} &" for port in ports]
    return "\n".join(lines) + "\ntrap 'kill $(jobs -p); wait; exit 0' TERM\nwait\n"


def by_shell(count):
    ports = free_ports(count)
    begin = monotonic_ms()
    shell = subprocess.Popen(["bash", "-c", shell_script(ports)])
    ready = probe([(port, "/") for port in ports]) - begin
    begin = monotonic_ms()
    shell.terminate()
    shell.wait()
    return ready, monotonic_ms() - begin


def by_honcho(count):
    ports = free_ports(count)
    folder = Path(tempfile.mkdtemp())
    (folder / "Procfile").write_text("".join(f"s{i}: env PORT={port} {TRIVIAL}\n" for i, port in enumerate(ports)))
    return by_manager(["honcho", "start"], folder, ports)


def by_supervisord(count):
    ports = free_ports(count)
    folder = Path(tempfile.mkdtemp())
    text = "[supervisord]\nnodaemon=true\nuser=root\n" if os.getuid() == 0 else "[supervisord]\nnodaemon=true\n"
    for i, port in enumerate(ports):
        text += f"[program:s{i}]\ncommand={TRIVIAL}\nenvironment=PORT=\"{port}\"\n"
    (folder / "supervisord.conf").write_text(text)
    return by_manager(["supervisord", "-c", "supervisord.conf"], folder, ports)


def by_manager(argv, folder, ports):
    tool = Path(os.environ["PYTHON"]).parent / argv[0]
    begin = monotonic_ms()
    process = subprocess.Popen([tool, *argv[1:]], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    ready = probe([(port, "/") for port in ports]) - begin
    begin = monotonic_ms()
    process.terminate()
    # One that does not stop is killed after ten seconds, and told with them.
    killer = threading.Timer(10, lambda: (process.kill(), subprocess.run(["pkill", "-9", "-x", "trivial"], check=False)))
    killer.start()
    process.wait()
    stopped = monotonic_ms() - begin
    killer.cancel()
    shutil.rmtree(folder)
    return ready, stopped


def start_and_stop(count, runs):
    times = {"msctl": [], "shell": [], "honcho": [], "supervisord": []}
    stops = {"msctl": [], "shell": [], "honcho": [], "supervisord": []}
    folders = []
    for run in range(runs):
        folder, port = workspace(count)
        folders.append(folder)
        ours = Run(folder)
        times["msctl"].append(ours.until_answering(port, count))
        stops["msctl"].append(ours.stop())
        peers = [("shell", by_shell)] + ([("honcho", by_honcho), ("supervisord", by_supervisord)] if run == 0 else [])
        for name, peer in peers:
            ready, stopped = peer(count)
            times[name].append(ready)
            stops[name].append(stopped)
    # At the end: a file system that avoids what was deleted lately makes the next run's files slower to create.
    for folder in folders:
        shutil.rmtree(folder)
    rows = []
    for what, figures in (("start", times), ("stop", stops)):
        rows.append(
            {
                "what": f"{what} {count} services",
                "unit": "ms",
                "msctl": summary(figures["msctl"]),
                "peers": {name: summary(values) for name, values in figures.items() if name != "msctl"},
                "ratio_limit": 1.5,
                "against": "shell",
            }
        )
    return rows


def own_start(runs=20):
    """From exec of the trivial service to its first answer."""
    times = []
    for _ in range(runs):
        port = free_ports(1)[0]
        begin = monotonic_ms()
        process = subprocess.Popen([TRIVIAL], env={"PORT": str(port)})
        times.append(probe([(port, "/")]) - begin)
        process.kill()
        process.wait()
    return summary(times)["median"]


def chain(runs=7):
    alone = own_start()
    times = []
    for _ in range(runs):
        folder, port = workspace(10, chain=True)
        ours = Run(folder)
        times.append(ours.until_answering(port, 10) - 10 * alone)
        ours.stop()
        shutil.rmtree(folder)
    return [{"what": "chain of ten needs, beyond the services' own start", "unit": "ms", "msctl": summary(times), "peers": {}, "limit": 100}]


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def replacement(runs=15):
    alone = own_start()
    folder, port = workspace(1)
    ours = Run(folder)
    ours.until_answering(port, 1)
    times = []
    for _ in range(runs):
        # A replica that stayed up for a while: the back-off of one that crashes again and again is another matter.
        time.sleep(1)
        pid = ours.status()["services"][0]["replicas"][0]["pid"]
        begin = monotonic_ms()
        os.kill(pid, signal.SIGKILL)
        while is_alive(pid):
            pass
        times.append(probe([(port, "/s0/")]) - begin - alone)
    ours.stop()
    shutil.rmtree(folder)
    return [{"what": "killed replica replaced, beyond its own start", "unit": "ms", "msctl": summary(times), "peers": {}, "limit": 20}]


def idle(count=50, seconds=20):
    folder, port = workspace(count)
    ours = Run(folder)
    ours.until_answering(port, count)
    time.sleep(3)
    pids = own_processes(ours.process.pid)
    before = sum(cpu_ns(pid) for pid in pids)
    time.sleep(seconds)
    spent = (sum(cpu_ns(pid) for pid in pids) - before) / 1e6 / seconds
    memory = sum(rss_mib(pid) for pid in pids)
    ours.stop()
    shutil.rmtree(folder)
    one = lambda value: {"median": value, "min": value, "max": value, "runs": 1}
    return [
        {"what": f"{count} idle services, processor time a second", "unit": "ms", "msctl": one(spent), "peers": {}, "limit": 2},
        {"what": f"{count} idle services, memory of msctl and its guard", "unit": "MiB", "msctl": one(memory), "peers": {}, "limit": 15},
    ]


def own_processes(pid):
    """msctl and its guard: processes of the same program."""
    program = os.readlink(f"/proc/{pid}/exe")
    found = []
    for each in Path("/proc").iterdir():
        if each.name.isdigit():
            try:
                if os.readlink(each / "exe") == program:
                    found.append(int(each.name))
            except OSError:
                pass
    return found


def rows():
    return start_and_stop(10, 31) + start_and_stop(50, 21) + chain() + replacement() + idle()
