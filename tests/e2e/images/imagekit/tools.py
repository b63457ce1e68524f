"""skopeo and podman, as judges."""
import shutil
import subprocess
import urllib.request

import pytest


def skopeo(*arguments):
    if not shutil.which("skopeo"):
        pytest.skip("there is no skopeo")
    done = subprocess.run(["skopeo", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def answers(port):
    """What a service says, or nothing."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2) as answer:
            return answer.read()
    except OSError:
        return None


def start(podman, image, *arguments, variables=None):
    """A container that may write nothing, on this machine's network; skipped where none can run."""
    words = [f"--env={name}={value}" for name, value in (variables or {}).items()]
    done = podman("run", "-d", "--cgroups=disabled", "--network=host", "--read-only", "--cap-drop=all", "--security-opt=no-new-privileges", *words, *arguments, image, code=None)
    if done.returncode != 0:
        pytest.skip(f"podman runs no container here: {done.stderr.strip()[-300:]}")
    return done.stdout.strip()
