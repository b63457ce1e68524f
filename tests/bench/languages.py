"""Each language's new service: until its first answer through the gateway, from a process to ready, and idle."""
import json
import shutil
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

from measure import MSCTL, ROOT, cpu_ms, monotonic_ms, rss_mib, summary

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


def start_to_ready(folder):
    """A second replica, until it is ready; then it is gone again. (A killed one would wait longer each time.)"""
    begin = monotonic_ms()
    msctl(folder, "scale", "thing=2")
    while service(folder, "thing")[1]["ready"] < 2:
        time.sleep(0.005)
    took = monotonic_ms() - begin
    msctl(folder, "scale", "thing=1")
    while len(service(folder, "thing")[1]["replicas"]) > 1:
        time.sleep(0.01)
    return took


def figures(language, starts=5):
    folder, first = first_answer(language)
    try:
        times = [start_to_ready(folder) for _ in range(starts)]
        pid = service(folder, "thing")[1]["replicas"][0]["pid"]
        time.sleep(2)  # what a start leaves to do
        before = cpu_ms(pid)
        time.sleep(IDLE_SECONDS)
        idle = (cpu_ms(pid) - before) / IDLE_SECONDS
        return {"first": [first / 1000], "ready": times, "memory": [rss_mib(pid)], "idle": [idle]}
    finally:
        msctl(folder, "stop")
        shutil.rmtree(folder.parent)


def rows():
    measured = {language: figures(language) for language in LANGUAGES}
    parts = (("first", "new service to first answer, with its build", "s"), ("ready", "another replica, until it is ready", "ms"),
             ("memory", "memory of an idle replica", "MiB"), ("idle", "processor time of an idle replica, a second", "ms"))
    return [
        {"what": f"{language}: {what}", "unit": unit, "msctl": summary(measured[language][key]), "peers": {}}
        for key, what, unit in parts
        for language in LANGUAGES
    ]
