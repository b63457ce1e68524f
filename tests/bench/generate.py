"""All generated files of one service and of 1,000: written for the first time, looked at again, and after a change."""
import shutil
import subprocess
import tempfile
from pathlib import Path

from measure import MSCTL, summary, wall_ms

LANGUAGES = ["cpp", "go", "java", "node", "python", "rust"]


def workspace(services):
    root = Path(tempfile.mkdtemp())
    (root / "msctl.yaml").write_text(
        "workspace: bench\nservices: [services/*]\n"
        "environments: {staging: {kubernetes: {context: staging}, registry: registry.example/bench}}\n"
    )
    for number in range(services):
        folder = root / "services" / f"s{number}"
        folder.mkdir(parents=True)
        needs = f"needs: [s{number - 1}]\n" if number % 10 else ""
        (folder / "service.yaml").write_text(
            f"service: s{number}\nlanguage: {LANGUAGES[number % 6]}\n{needs}env: {{LOG_LEVEL: info}}\n"
            f"scale: {{min: 2, max: 8, target: {{cpu: 70%}}}}\nroutes: [{{match: {{path: /s{number}/**}}}}]\n"
        )
    return root


def wipe(root):
    for path in ("deploy", "compose.yaml", "msctl.lock"):
        target = root / path
        shutil.rmtree(target) if target.is_dir() else target.unlink(missing_ok=True)
    for path in root.glob("services/*/Dockerfile"):
        path.unlink()


def measured(services, runs, limit):
    root = workspace(services)
    command = [MSCTL, "generate"]
    first, again, changed = [], [], []
    service = root / "services/s0/service.yaml"
    try:
        for number in range(runs):
            wipe(root)
            first.append(wall_ms(command, cwd=root))
            again.append(wall_ms(command, cwd=root))
            service.write_text(service.read_text().replace("LOG_LEVEL: info", f"LOG_LEVEL: info{number}"))
            changed.append(wall_ms(command, cwd=root))
            subprocess.run([*command, "--check"], cwd=root, check=True, stdout=subprocess.DEVNULL)
            service.write_text(service.read_text().replace(f"LOG_LEVEL: info{number}", "LOG_LEVEL: info"))
    finally:
        shutil.rmtree(root)
    noun = "1 service" if services == 1 else f"{services:,} services"
    return [
        {"what": f"msctl generate, {noun}, {how}", "unit": "ms", "msctl": summary(values), "peers": {}, "limit": limit}
        for how, values in (("the first time", first), ("nothing to do", again), ("one has changed", changed))
    ]


def rows():
    return [*measured(1, 25, 20), *measured(1000, 7, 1000)]
