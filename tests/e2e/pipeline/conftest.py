"""A workspace of three small services in a repository, and msctl in it."""
import json
import os
import subprocess
from pathlib import Path

import pytest

# Each test notes that it ran, outside of the working copy, and ends as the file `status` says.
SERVICE = """service: {name}
language: none
needs: [{needs}]
run: [./x]
lint: [sh, -c, 'echo {name} lint >> "{log}"']
test: [sh, -c, 'echo {name} test >> "{log}"; echo testing {name}; exit $(cat status)']
"""


class Repository:
    def __init__(self, program, scratch):
        self.program = program
        self.scratch = scratch
        self.root = scratch / "shop"
        self.log = scratch / "log"

    def write(self, path, text):
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def read(self, path):
        return (self.root / path).read_text()

    def git(self, *words):
        return subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", *words], cwd=self.root, check=True, capture_output=True, text=True
        ).stdout.strip()

    def commit(self, message="x"):
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)

    def environment(self, **more):
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("MSCTL", "GITHUB_", "CI"))}
        return {**kept, "XDG_CACHE_HOME": str(self.scratch / "cache"), **more}

    def msctl(self, *arguments, code=0, **environment):
        done = subprocess.run([self.program, *arguments], cwd=self.root, capture_output=True, text=True, env=self.environment(**environment), timeout=120)
        assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def json(self, *arguments, code=0):
        return json.loads(self.msctl(*arguments, "-o", "json", code=code).stdout)

    def ran(self):
        """What ran since this was asked last, in order."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return lines

    def copies(self):
        folder = self.scratch / "cache/msctl/copies"
        return sorted(folder.iterdir()) if folder.exists() else []


@pytest.fixture
def repository(msctl_program, tmp_path):
    out = Repository(msctl_program, tmp_path)
    out.write("msctl.yaml", "workspace: shop\nservices: [services/*]\npipelines: {systems: [github, gitlab]}\n")
    out.write(".gitignore", "*.log\n.msctl/\n")
    for name, needs in (("cart", "prices"), ("prices", ""), ("mail", "")):
        out.write(f"services/{name}/service.yaml", SERVICE.format(name=name, needs=needs, log=out.log))
        out.write(f"services/{name}/status", "0\n")
    out.git("init", "-q", "-b", "main")
    out.commit()
    return out


@pytest.fixture
def linter():
    """Runs one of the linters that need_linters of scripts/common.sh installs."""
    import shutil

    where = os.environ.get("LINTERS", "")

    def run(name, *arguments, cwd=None, ok=(0,), **environment):
        program = shutil.which(name, path=where)
        assert program, f"{name} is not there: `./dev test pipeline` installs it"
        ran = subprocess.run(
            [program, *map(str, arguments)], cwd=cwd, env={**os.environ, "HOME": str(Path.home()), **environment}, capture_output=True, text=True, timeout=600
        )
        if ok is not None:
            assert ran.returncode in ok, f"{name} {arguments}: {ran.returncode}\n{ran.stdout[-6000:]}\n{ran.stderr[-3000:]}"
        return ran

    return run
