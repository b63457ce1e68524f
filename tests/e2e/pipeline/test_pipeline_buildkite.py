"""The library that Buildkite's own agent takes a file in with finds in it the jobs of the pipeline, and its variables in place."""
import json
import os
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "buildkite"


@pytest.fixture(scope="session")
def upload(tmp_path_factory):
    """As `buildkite-agent pipeline upload --dry-run`: what would be sent."""
    program = tmp_path_factory.mktemp("buildkite") / "upload"
    subprocess.run(["go", "build", "-o", program, "."], cwd=FOLDER, check=True, env={**os.environ, "GOFLAGS": "-buildvcs=false", "CGO_ENABLED": "0"})

    def run(file):
        # Of the agent's variables only those that an upload always has.
        ran = subprocess.run([program, file], capture_output=True, text=True, env={"BUILDKITE_BRANCH": "main"}, timeout=60)
        assert ran.returncode == 0, ran.stderr
        return json.loads(ran.stdout)

    return run


@pytest.fixture
def steps(repository, upload):
    registry = """environments:
  staging: {kubernetes: {context: staging}, registry: registry.example/shop}
  production: {kubernetes: {context: production}, registry: registry.example/shop, approval: true}
"""
    repository.write("msctl.yaml", "workspace: shop\nservices: [services/*]\npipelines: {systems: [buildkite]}\n" + registry)
    repository.msctl("generate", "pipeline")
    out = {}
    for step in upload(repository.root / ".buildkite/pipeline.yml")["steps"]:
        # A group stands for the job in it: a block, and what waits for it.
        for inner in step.get("steps", [step]):
            if "block" in inner:
                out[inner["key"]] = inner
            else:
                out[inner["key"]] = {**inner, "group": {k: v for k, v in step.items() if k != "steps"}}
    return out


def test_the_jobs_are_those_of_the_pipeline(repository, steps):
    listed = {job["id"]: job for job in repository.json("pipeline", "list")["jobs"]}
    assert len(listed) == 12
    reports = steps.pop("reports")
    blocks = {key: steps.pop(key) for key in [key for key, step in steps.items() if "block" in step]}
    assert set(blocks) == {f"{job['service']}-approve-production" for job in listed.values()}
    assert reports["depends_on"] == [{"step": id, "allow_failure": True} for id, job in listed.items() if job["reports"]]
    assert set(steps) == set(listed)
    for id, job in listed.items():
        step = steps[id]
        assert step["group"].get("depends_on", []) == job["needs"], id
        assert step["group"]["if_changed"] == job["paths"], id
        assert ("if" in step["group"]) == job["trunkOnly"], id
        if job.get("approval"):
            assert step["depends_on"] == [f"{job['service']}-approve-production"]
        secrets = ["MSCTL_REGISTRY_USER", "MSCTL_REGISTRY_PASSWORD"] + ["MSCTL_KUBECONFIG"] * (job["kind"] == "deploy")
        if job["trunkOnly"]:
            assert [each["environment_variable"] for each in step["secrets"]] == secrets, id
        assert step.get("artifact_paths", []) == job["reports"], id
        assert ("secrets" in step) == job["trunkOnly"], id
        # The last lines are the commands as they stand in the list.
        lines = [" ".join('"$BUILDKITE_COMMIT"' if word == "{commit}" else word for word in each["command"]) for each in job["steps"]]
        assert step["command"].splitlines()[-len(lines):] == lines, id


def test_the_agent_leaves_the_variables_of_the_shell_to_the_shell(steps):
    for id, step in steps.items():
        if id == "reports" or "block" in step:
            continue
        for variable in ("$PACKAGES", '"$MSCTL_ARCHIVE"', "$MSCTL_SHA256 "):
            assert variable in step["command"], id
        assert "$$" not in step["command"], id
        ran = subprocess.run(["sh", "-n"], input=step["command"], capture_output=True, text=True)
        assert ran.returncode == 0, ran.stderr


def test_plugins_are_of_a_version(steps):
    names = {name for step in steps.values() for plugin in step.get("plugins", []) for name in plugin}
    assert names and all("#v" in name for name in names)
