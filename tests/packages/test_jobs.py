"""An image of one's own for pipelines, as docs/pipelines.md has it: Debian with the program of msctl's image. Emitted jobs find
all that they ask for."""
import os
import shutil
import subprocess

import pytest
import yaml

WORKSPACE = """workspace: shop
services: [services/*]
pipelines: {systems: [gitlab, woodpecker], image: "registry.example/ci:1"}
"""
SERVICE = 'service: orders\nlanguage: none\nrun: [./orders]\nlint: [test, -f, service.yaml]\ntest: [git, --version]\n'


@pytest.fixture
def project(system, packages, tmp_path):
    """A repository of one service in the system, which has msctl from the image."""
    image = packages.layout(tmp_path / "layout")
    shutil.copy(image.unpack(tmp_path / "files") / "usr/bin/msctl", system.root / "usr/local/bin/msctl")
    folder = system.root / "builds/shop"
    (folder / "services/orders").mkdir(parents=True)
    (folder / "msctl.yaml").write_text(WORKSPACE)
    (folder / "services/orders/service.yaml").write_text(SERVICE)
    system.bash("git init -q; msctl generate pipeline; git add -A; git -c user.name=a -c user.email=a@example.com commit -qm x", **at(folder, system))
    yield folder
    shutil.rmtree(folder)
    (system.root / "usr/local/bin/msctl").unlink()


def at(folder, system):
    """bash enters the folder that it is told."""
    (system.root / "tmp/enter").write_text(f"cd /{os.path.relpath(folder, system.root)}\n")
    return {"BASH_ENV": "/tmp/enter"}


def jobs(folder):
    """The lines of each job, and what they see, as the system's own runner would have them."""
    gitlab = yaml.safe_load((folder / ".gitlab-ci.yml").read_text())
    common = gitlab[".msctl"]
    for name in ("check", "orders-test"):
        assert gitlab["default"]["image"] == "registry.example/ci:1"
        yield name, [*common["before_script"], *gitlab[name]["script"]], common["variables"]
    for file in (folder / ".woodpecker").glob("*.yaml"):
        for step in yaml.safe_load(file.read_text())["steps"]:
            assert step["image"] == "registry.example/ci:1"
            yield f"{file.name} {step['name']}", [line.replace("$$", "$") for line in step["commands"]], step["environment"]


def test_jobs_need_nothing_from_elsewhere(system, project):
    ran = []
    for name, lines, variables in jobs(project):
        # Without a network nothing can be fetched.
        done = subprocess.run(system.command("sh", "-ec", "\n".join([f"cd /{os.path.relpath(project, system.root)}", *lines]), network=False, **variables),
                              capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{name}: {done.stdout}{done.stderr}"
        ran.append(name)
    assert ran == ["check", "orders-test", "orders.yaml test"]
