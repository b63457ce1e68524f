"""What changed, in 100 and 1,000 services of 10,000 files in all, beside git's own look at the same tree."""
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

from measure import MSCTL, summary, wall_ms

FILES = 10_000


def repository(services, more=""):
    """`more`: lines of each service.yaml."""
    root = Path(tempfile.mkdtemp())
    (root / "msctl.yaml").write_text("workspace: bench\nservices: [services/*]\n")
    (root / ".gitignore").write_text(".msctl/\nbin/\n*.o\n")
    for number in range(services):
        service = root / "services" / f"s{number}"
        needs = f"needs: [s{number - 1}]\n" if number % 10 else ""
        for file in range(FILES // services - 1):
            folder = service / "src" / f"d{file // 10}"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"f{file}.go").write_text(f"package x // {number} {file}\n" * 10)
        (service / "service.yaml").write_text(
            f"service: s{number}\nlanguage: none\nrun: [x]\n{needs}routes: [{{match: {{path: /s{number}/**}}}}]\n{more}"
        )
    for arguments in (["init", "-q"], ["add", "-A"], ["-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-qm", "x"]):
        subprocess.run(["git", *arguments], cwd=root, check=True)
    (root / "services/s7/src/d0/f3.go").write_text("changed\n")
    (root / "services/s9/new.go").write_text("new\n")
    return root


def compared(services, runs):
    root = repository(services)
    ours, git = [], []
    command = [MSCTL, "affected", "--base", "HEAD"]
    try:
        told = json.loads(subprocess.run([*command, "-o", "json"], cwd=root, check=True, capture_output=True).stdout)
        assert [each["service"] for each in told["affected"]] == ["s7", "s8", "s9"]
        for _ in range(runs):
            git.append(wall_ms(["git", "status", "--porcelain"], cwd=root))
            ours.append(wall_ms(command, cwd=root))
    finally:
        shutil.rmtree(root)
    return {
        "what": f"msctl affected, {services:,} services of {FILES:,} files",
        "unit": "ms",
        "msctl": summary(ours),
        "peers": {"git status": summary(git)},
        "ratio_limit": 1.5,
        "against": "git status",
    }


def rows():
    return [compared(100, 25), compared(1000, 15)]
