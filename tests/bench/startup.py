"""How long msctl itself takes: its start, a new service, a check of a thousand."""
import shutil
import subprocess
import tempfile
from pathlib import Path

from measure import MSCTL, summary, wall_ms


def version_and_help(runs=40):
    rows = []
    for flag in ("--version", "--help"):
        ours, git = [], []
        for _ in range(runs):
            ours.append(wall_ms([MSCTL, flag]))
            git.append(wall_ms(["git", flag]))
        rows.append({"what": f"msctl {flag}", "unit": "ms", "msctl": summary(ours), "peers": {"git": summary(git)}, "limit": 10})
    return rows


def new_service(runs=15):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([MSCTL, "new", "workspace", "w"], cwd=folder, check=True, capture_output=True)
        times = []
        for run in range(runs):
            begin_folder = Path(folder) / "w"
            times.append(wall_ms([MSCTL, "new", "service", f"s{run}", "--language", "go"], cwd=begin_folder))
            assert (begin_folder / "services" / f"s{run}" / "service.yaml").exists()
    return [{"what": "msctl new service --language go", "unit": "ms", "msctl": summary(times), "peers": {}, "limit": 20}]


def check_thousand(runs=9):
    folder = Path(tempfile.mkdtemp())
    (folder / "msctl.yaml").write_text("workspace: big\nservices: [services/*]\n")
    for number in range(1000):
        service = folder / "services" / f"s{number}"
        service.mkdir(parents=True)
        need = f"needs: [s{number - 1}]\n" if number % 10 else ""
        (service / "service.yaml").write_text(
            f"service: s{number}\nlanguage: go\n{need}resources: {{cpu: 100m, memory: 64Mi}}\n"
            f"routes:\n  - match: {{path: /s{number}/**, methods: [GET, POST]}}\n    request: {{stripPrefix: /s{number}}}\n    timeout: 2s\n"
        )
    try:
        done = subprocess.run([MSCTL, "check"], cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        times = [wall_ms([MSCTL, "check"], cwd=folder) for _ in range(runs)]
    finally:
        shutil.rmtree(folder)
    return [{"what": "msctl check, 1,000 services", "unit": "ms", "msctl": summary(times), "peers": {}, "limit": 200}]


def rows():
    return version_and_help() + new_service() + check_thousand()
