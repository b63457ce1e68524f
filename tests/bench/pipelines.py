"""A pipeline run here beyond what its steps take, beside act and gitlab-ci-local with the same jobs in files of their own.

Every job has a copy of its own, of some twenty folders here; what mkdir costs differs a lot between file systems, and on one with
how much was removed on it in the seconds before. So it is measured with the copies on the disk and with copies in memory."""
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from measure import MSCTL, summary, wall_ms

SERVICE = "service: {name}\nlanguage: none\nrun: [./x]\ntest: [\"true\"]\n"


def repository(services):
    root = Path(tempfile.mkdtemp(prefix="bench-pipelines-"))
    (root / "msctl.yaml").write_text("workspace: bench\nservices: [services/*]\n")
    (root / ".gitignore").write_text(".msctl/\n.gitlab-ci-local/\n")
    jobs, stages = [], []
    for number in range(services):
        name = f"s{number}"
        (root / "services" / name).mkdir(parents=True)
        (root / "services" / name / "service.yaml").write_text(SERVICE.format(name=name))
        needs = f"    needs: s{number - 1}\n" if number else ""
        jobs.append(f"  {name}:\n    runs-on: ubuntu-24.04\n{needs}    steps:\n      - run: 'true'\n")
        stages.append(f"{name}:\n" + (f"  needs: [s{number - 1}]\n" if number else "") + "  script: ['true']\n")
    (root / ".github/workflows").mkdir(parents=True)
    (root / ".github/workflows/bench.yaml").write_text("name: bench\non: push\njobs:\n" + "".join(jobs))
    (root / ".gitlab-ci.yml").write_text("".join(stages))
    for words in (["init", "-q"], ["add", "-A"], ["-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-qm", "x"]):
        subprocess.run(["git", *words], cwd=root, check=True)
    return root


def compared(services, limit, runs, memory=False):
    root = repository(services)
    tools = os.environ["LINTERS"]
    act, gitlab = shutil.which("act", path=tools), shutil.which("gitlab-ci-local", path=tools)
    assert act and gitlab
    cache = tempfile.mkdtemp(dir="/dev/shm" if memory else None)
    os.environ["XDG_CACHE_HOME"] = cache
    ours, steps, by_act, by_gitlab = [], [], [], []
    # One job after another, each of which tests one service; what passed is not taken from the cache.
    command = [MSCTL, "pipeline", "run", "--parallel", "1"]
    step = [MSCTL, "test", "s0", "--no-cache"]
    os.environ["MSCTL_NO_CACHE"] = "true"
    try:
        subprocess.run(command, cwd=root, check=True, capture_output=True)
        for _ in range(runs):
            alone = wall_ms(step, cwd=root)
            steps.append(alone)
            ours.append(wall_ms(command, cwd=root) - services * alone)
            by_act.append(wall_ms([act, "push", "-P", "ubuntu-24.04=-self-hosted"], cwd=root))
            by_gitlab.append(wall_ms([gitlab, "--shell-executor-no-image"], cwd=root))
    finally:
        shutil.rmtree(root)
        shutil.rmtree(cache)
        del os.environ["XDG_CACHE_HOME"], os.environ["MSCTL_NO_CACHE"]
    return {
        "what": f"msctl pipeline run, {services} job(s) one after another, beyond the steps" + (", copies in memory" if memory else ""),
        "unit": "ms",
        "msctl": summary(ours),
        "peers": {"act": summary(by_act), "gitlab-ci-local": summary(by_gitlab), "a step alone (msctl test)": summary(steps)},
        "limit": limit,
    }


def rows():
    return [compared(1, 10, 15), compared(10, 60, 10), compared(10, 60, 10, memory=True)]
