"""Workspaces to build images of, registries to push them to, and podman to run them."""
import json
import os
import shutil
import subprocess

import pytest

from helpers.registry import Registry

MAIN = """package main

import (
	"fmt"
	"net/http"
	"os"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "MESSAGE") })
	if err := http.ListenAndServe(":"+os.Getenv("PORT"), nil); err != nil {
		os.Exit(1)
	}
}
"""


def commit(folder):
    for words in (["init", "-q"], ["add", "-A"], ["-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-qm", "x"]):
        subprocess.run(["git", *words], cwd=folder, check=True)


def go_service(folder, name, message="hello"):
    service = folder / "services" / name
    (service / "cmd/service").mkdir(parents=True)
    (service / "service.yaml").write_text(f"service: {name}\nlanguage: go\n")
    (service / "go.mod").write_text("module example.com/x\n\ngo 1.22\n")
    (service / "cmd/service/main.go").write_text(MAIN.replace("MESSAGE", message))
    (service / ".gitignore").write_text("bin/\n")
    return service


class Shop:
    """A workspace of Go services without dependencies. Calls msctl in it."""

    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        self.environment = {**os.environ, "XDG_CACHE_HOME": str(folder.parent / "cache"), "HOME": os.environ["HOME"],
                            "DOCKER_CONFIG": str(folder.parent / "docker"), "REGISTRY_AUTH_FILE": str(folder.parent / "auth.json")}

    def write(self, registry=None, more=""):
        text = "workspace: shop\nservices: [services/*]\n"
        if registry:
            text += f"environments: {{staging: {{registry: '{registry}/shop'}}}}\n"
        (self.folder / "msctl.yaml").write_text(text + more)

    def msctl(self, *arguments, code=0, **environment):
        done = subprocess.run([self.program, *arguments], cwd=self.folder, env={**self.environment, **environment}, capture_output=True, text=True, timeout=900, check=False)
        assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def build(self, *arguments, **options):
        return json.loads(self.msctl("build", "-o", "json", *arguments, **options).stdout)["images"]

    def error(self, *arguments, code, **environment):
        done = self.msctl("build", "-o", "json", *arguments, code=code, **environment)
        return json.loads(done.stdout)["errors"][0]

    @property
    def layout(self):
        return self.folder / ".msctl/images"


@pytest.fixture
def shop(msctl_program, tmp_path):
    folder = tmp_path / "repository"
    go_service(folder, "orders")
    shop = Shop(msctl_program, folder)
    shop.write()
    (folder / ".gitignore").write_text(".msctl/\n")
    commit(folder)
    return shop


@pytest.fixture
def registry(tmp_path):
    made = Registry(tmp_path / "registry")
    yield made
    made.close()


def skopeo(*arguments):
    if not shutil.which("skopeo"):
        pytest.skip("there is no skopeo")
    done = subprocess.run(["skopeo", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


CONF = """[containers]
default_ulimits = ["nofile=1024:2048", "nproc=1000:1000"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
"""


@pytest.fixture(scope="module")
def podman(tmp_path_factory):
    """podman with storage of its own. Calls it; `environment` is for other tools that share the storage."""
    if not shutil.which("podman"):
        pytest.skip("there is no podman")
    folder = tmp_path_factory.mktemp("podman")
    (folder / "containers.conf").write_text(CONF)
    (folder / "storage.conf").write_text(f'[storage]\ndriver = "vfs"\ngraphroot = "{folder}/graph"\nrunroot = "{folder}/run"\n')
    (folder / "policy.json").write_text('{"default": [{"type": "insecureAcceptAnything"}]}')
    environment = {"CONTAINERS_CONF": str(folder / "containers.conf"), "CONTAINERS_STORAGE_CONF": str(folder / "storage.conf"),
                   "BUILDAH_ISOLATION": "chroot"}

    def run(*arguments, code=0):
        done = subprocess.run(["podman", *arguments], env=os.environ | environment, capture_output=True, text=True, check=False)
        assert code is None or done.returncode == code, done.stderr + done.stdout
        return done

    run.environment = environment
    yield run
    run("rm", "-fa", code=None)
    run("rmi", "-fa", code=None)


def start(podman, image, *arguments, variables=None):
    """A container that may write nothing, on this machine's network; skipped where none can run."""
    words = [f"--env={name}={value}" for name, value in (variables or {}).items()]
    done = podman("run", "-d", "--cgroups=disabled", "--network=host", "--read-only", "--cap-drop=all", "--security-opt=no-new-privileges", *words, *arguments, image, code=None)
    if done.returncode != 0:
        pytest.skip(f"podman runs no container here: {done.stderr.strip()[-300:]}")
    return done.stdout.strip()
