"""All generated files of one service and of 1,000: written for the first time, looked at again, and after a change."""
import os
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


def measured(services, runs, limit):
    command = [MSCTL, "generate"]
    first, again, changed, made = [], [], [], []
    try:
        for number in range(runs):
            # A new one each time, and none removed in between: on ext4 a new file is looked for a place beyond all that were
            # removed within the last minutes, and nobody who generates for the first time has removed thousands.
            root = workspace(services)
            made.append(root)
            service = root / "services/s0/service.yaml"
            os.sync()
            first.append(wall_ms(command, cwd=root))
            again.append(wall_ms(command, cwd=root))
            service.write_text(service.read_text().replace("LOG_LEVEL: info", f"LOG_LEVEL: info{number}"))
            changed.append(wall_ms(command, cwd=root))
            subprocess.run([*command, "--check"], cwd=root, check=True, stdout=subprocess.DEVNULL)
            service.write_text(service.read_text().replace(f"LOG_LEVEL: info{number}", "LOG_LEVEL: info"))
    finally:
        for root in made:
            shutil.rmtree(root)
    noun = "1 service" if services == 1 else f"{services:,} services"
    return [
        {"what": f"msctl generate, {noun}, {how}", "unit": "ms", "msctl": summary(values), "peers": {}, "limit": limit}
        for how, values in (("the first time", first), ("nothing to do", again), ("one has changed", changed))
    ]


def rows():
    return [*measured(1, 25, 20), *measured(1000, 7, 1000)]
