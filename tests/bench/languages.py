"""Each language's new service: until its first answer through the gateway, from a process to ready, and idle."""
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

from measure import MSCTL, ROOT, cpu_ns, monotonic_ms, rss_mib, summary

LANGUAGES = sorted(path.parent.name for path in (ROOT / "scaffolds/languages").glob("*/language.yaml"))
IDLE_SECONDS = 10


def msctl(folder, *arguments):
    return subprocess.run([MSCTL, *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


def service(folder, name):
    document = json.loads(msctl(folder, "status", "-o", "json"))
    return document, next(each for each in document["services"] if each["name"] == name)


def first_answer(language):
    """A new workspace with one service, and the time from `new service` to the answer of its list. Packages that the
    toolchain has downloaded before are there; nothing is built."""
    folder = Path(tempfile.mkdtemp()) / "w"
    msctl(folder.parent, "new", "workspace", "w")
    begin = monotonic_ms()
    msctl(folder, "new", "service", "thing", "--language", language)
    msctl(folder, "run", "--detach", "--gateway-port", "0")
    document, _ = service(folder, "thing")
    with urllib.request.urlopen(f"{document['gateway']['url']}/thing/items", timeout=30) as answer:
        assert answer.status == 200
    return folder, monotonic_ms() - begin


def start_to_ready(folder, pid):
    """One replica killed: until its next life is ready."""
    begin = monotonic_ms()
    os.kill(pid, signal.SIGKILL)
    while True:
        _, thing = service(folder, "thing")
        replica = thing["replicas"][0]
        if replica["pid"] not in (pid, None) and replica["state"] == "ready":
            return monotonic_ms() - begin, replica["pid"]
        time.sleep(0.01)


def figures(language, starts=3):
    folder, first = first_answer(language)
    try:
        pid = service(folder, "thing")[1]["replicas"][0]["pid"]
        times = []
        for _ in range(starts):
            took, pid = start_to_ready(folder, pid)
            times.append(took)
        time.sleep(2)  # what a start leaves to do
        before = cpu_ns(pid)
        time.sleep(IDLE_SECONDS)
        idle = (cpu_ns(pid) - before) / 1e6 / IDLE_SECONDS
        return {"first": [first / 1000], "ready": times, "memory": [rss_mib(pid)], "idle": [idle]}
    finally:
        msctl(folder, "stop")
        shutil.rmtree(folder.parent)


def rows():
    measured = {language: figures(language) for language in LANGUAGES}
    parts = (("first", "new service to first answer, with its build", "s"), ("ready", "start to ready, after a kill", "ms"),
             ("memory", "memory of an idle replica", "MiB"), ("idle", "processor time of an idle replica, a second", "ms"))
    return [
        {"what": f"{language}: {what}", "unit": unit, "msctl": summary(measured[language][key]), "peers": {}}
        for key, what, unit in parts
        for language in LANGUAGES
    ]
