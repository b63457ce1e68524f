"""skopeo and podman, as judges."""
import os
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


def take(podman, layout, name):
    """Brings an image of a layout into podman's storage; its name there. (podman itself does not take a path with ".msctl".)"""
    there = f"localhost/{name}:test"
    done = subprocess.run(["skopeo", "--insecure-policy", "copy", "-q", f"oci:{layout}:{name}", f"containers-storage:{there}"],
                          env=os.environ | podman.environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"podman's storage takes no image here: {done.stderr.strip()[-300:]}")
    return there


def start(podman, image, *arguments, variables=None):
    """A container that may write nothing, on this machine's network; skipped where none can run."""
    words = [f"--env={name}={value}" for name, value in (variables or {}).items()]
    done = podman("run", "-d", "--network=host", "--read-only", "--cap-drop=all", "--security-opt=no-new-privileges", *words, *arguments, image, code=None)
    if done.returncode != 0:
        pytest.skip(f"podman runs no container here: {done.stderr.strip()[-300:]}")
    return done.stdout.strip()
