"""The six services of the example: a copy of their workspace, and their images behind the gateway."""
import shutil
import subprocess

import yaml

from helpers.languages import ROOT
from helpers.registry import free_port
from helpers.waiting import until

from .shop import commit
from .tools import start, take

SERVICES = ("catalogue", "inventory", "notifications", "orders", "payments", "shipping")
MADE = ("build", ".venv", "bin", "target", "node_modules", "dist", ".msctl", "__pycache__", ".schemathesis")


def copy_of_shop(folder, images=None):
    """`images`: what msctl.yaml says of them."""
    shutil.copytree(ROOT / "examples/shop", folder, ignore=shutil.ignore_patterns(*MADE), copy_function=shutil.copy)
    if images:
        settings = yaml.safe_load((folder / "msctl.yaml").read_text())
        settings["pipelines"] = {"images": images}
        (folder / "msctl.yaml").write_text(yaml.safe_dump(settings))
    commit(folder)
    return folder


def needs_of(name, ports):
    settings = yaml.safe_load((ROOT / "examples/shop/services" / name / "service.yaml").read_text())
    return {f"{need.upper()}_URL": f"{'redis' if need == 'redis' else 'http'}://127.0.0.1:{ports[need]}" for need in settings.get("needs", [])}


def is_answered(url):
    return subprocess.run(["curl", "-fsS", "-o", "/dev/null", url], capture_output=True, check=False).returncode == 0


def wait_ready(podman, name, port):
    try:
        until(lambda: is_answered(f"http://127.0.0.1:{port}/health/ready"), f"{name} is ready", 90)
    except AssertionError as error:
        said = podman("logs", name, code=None)
        raise AssertionError(f"{error}\n{said.stdout[-1500:]}{said.stderr[-1500:]}") from None


def serve_and_walk(podman, program, folder, user, scratch):
    """Runs the images of a workspace as this user without writing, the gateway before them, and walks an order through all."""
    ports = {name: free_port() for name in (*SERVICES, "redis", "gateway")}
    started = [subprocess.Popen(["redis-server", "--port", str(ports["redis"]), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"], stdout=subprocess.DEVNULL)]
    try:
        pulled = {name: take(podman, folder / ".msctl/images", name) for name in SERVICES}
        config = subprocess.run([program, "gateway", "config"], cwd=folder, check=True, capture_output=True, text=True).stdout
        settings = yaml.safe_load(config)
        settings["listeners"] = [{"address": f"127.0.0.1:{ports['gateway']}"}]
        settings["upstreams"] = {name: {"endpoints": [f"127.0.0.1:{ports[name]}"]} for name in SERVICES}
        (scratch / "gateway.yaml").write_text(yaml.safe_dump(settings))
        shutil.copytree(folder / "keys", scratch / "keys")
        for name in SERVICES:
            start(podman, pulled[name], "--name", name, variables={"PORT": ports[name], **needs_of(name, ports)})
        started.append(subprocess.Popen([program, "gateway", "run", "--config", scratch / "gateway.yaml"], stdout=subprocess.DEVNULL))
        url = f"http://127.0.0.1:{ports['gateway']}"
        for name in SERVICES:
            wait_ready(podman, name, ports[name])
        until(lambda: is_answered(f"{url}/catalogue/items"), "the gateway serves", 30)
        walked = subprocess.run([ROOT / "examples/shop/walk", url], capture_output=True, text=True, timeout=120, check=False)
        assert walked.returncode == 0, walked.stdout + walked.stderr
        for name in SERVICES:
            assert podman("inspect", "--format", "{{.Config.User}} {{.HostConfig.ReadonlyRootfs}}", name).stdout.strip() == f"{user} true"
        # The service is the first process: the signal reaches it, and it ends by itself.
        podman("stop", "--time", "20", *SERVICES)
        codes = {name: podman("inspect", "--format", "{{.State.ExitCode}}", name).stdout.strip() for name in SERVICES}
        assert "137" not in codes.values(), codes
    finally:
        podman("rm", "-fa", code=None)
        for each in started:
            each.terminate()
            each.wait()
