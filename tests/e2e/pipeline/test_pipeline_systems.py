"""The same jobs, in the same order, with the same verdicts: here, and by the runners of others.

GitHub's file is run by act, GitLab's by gitlab-ci-local, both without containers. Of the actions that GitHub brings, act has its own
checkout; the others are replaced by ones that do nothing, since they keep and show things and decide nothing.
"""
import json
import os
import re
import subprocess

import pytest

STUB = "name: stub\ndescription: does nothing\nruns:\n  using: composite\n  steps:\n    - run: 'true'\n      shell: bash\n"


@pytest.fixture
def pushed(repository):
    """The repository with its files for both systems, cloned from a server that has the first commit."""
    repository.msctl("generate", "pipeline")
    repository.write(".gitignore", ".msctl/\n.cache/\nreports/\n.gitlab-ci-local/\n")
    repository.commit("pipelines")
    server = repository.scratch / "server.git"
    repository.git("clone", "-q", "--bare", ".", str(server))
    repository.git("remote", "add", "origin", str(server))
    repository.git("fetch", "-q", "origin")
    repository.git("remote", "set-head", "origin", "main")
    repository.base = repository.git("rev-parse", "HEAD")
    tools = repository.scratch / "bin"
    tools.mkdir()
    (tools / "msctl").symlink_to(repository.program)
    # Every package is there already, as in an image that brings all.
    (tools / "dpkg").write_text("#!/bin/sh\nexit 0\n")
    (tools / "dpkg").chmod(0o755)
    repository.path = f"{tools}:{os.environ['PATH']}"
    return repository


def change(repository, situation):
    if situation == "one service changed":
        repository.write("services/prices/data", "1")
    elif situation == "a failing test":
        repository.write("services/mail/status", "1\n")
        repository.write("services/prices/data", "1")
    else:
        repository.write("README.md", "nothing of a service\n")
    repository.commit(situation)


def here(repository):
    done = subprocess.run(
        [repository.program, "pipeline", "run", f"--affected={repository.base}", "-o", "json"],
        cwd=repository.root, env=repository.environment(), capture_output=True, text=True, timeout=120,
    )
    document = json.loads(done.stdout)
    return {job["id"]: job["result"] == "passed" for job in document.get("jobs", [])}


def by_act(repository, linter):
    stubs = []
    workflow = repository.read(".github/workflows/shop.yaml")
    for action, version in set(re.findall(r"uses: (actions/(?!checkout)[a-z-]+)@([0-9a-f]{40})", workflow)):
        folder = repository.scratch / "stubs" / action
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "action.yml").write_text(STUB)
        for words in (["init", "-q"], ["add", "-A"], ["-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-qm", "x"]):
            subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)
        stubs += ["--local-repository", f"{action}@{version}={folder}"]
    event = repository.scratch / "event.json"
    event.write_text(json.dumps({"ref": "refs/heads/main", "before": repository.base, "repository": {"default_branch": "main"}}))
    ran = linter(
        "act", "push", "-W", ".github/workflows/shop.yaml", "-e", event, "-P", "ubuntu-24.04=-self-hosted", "--json", *stubs,
        cwd=repository.root, ok=None, PATH=repository.path, XDG_CACHE_HOME=str(repository.scratch / "act"),
    )
    results = {}
    for line in (ran.stdout + ran.stderr).splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if "jobResult" in entry:
            results[entry["jobID"]] = entry["jobResult"] == "success"
    assert results.pop("affected"), ran.stdout[-3000:] + ran.stderr[-3000:]
    assert results.pop("pipeline") == all(results.values())
    return results


def by_gitlab(repository, linter):
    # Without a container there is no image to take.
    text = re.sub(r"(?m)^  image: debian:.*\n", "", repository.read(".gitlab-ci.yml"), count=1)
    repository.write(".gitlab-ci.yml", text)
    ran = linter(
        "gitlab-ci-local", "--variable", "CI_PIPELINE_SOURCE=merge_request_event",
        cwd=repository.root, ok=None, PATH=repository.path, NO_COLOR="1", HOME=str(repository.scratch),
    )
    told = re.findall(r"(?m)^\s*(PASS|FAIL)\s+(\S+)", ran.stdout + ran.stderr)
    results = {name: verdict == "PASS" for verdict, name in told}
    assert results.pop("check"), ran.stdout[-3000:] + ran.stderr[-3000:]
    return results


@pytest.mark.parametrize("situation", ["one service changed", "a failing test", "nothing changed"])
@pytest.mark.parametrize("system", [by_act, by_gitlab], ids=["act", "gitlab-ci-local"])
def test_the_same_jobs_and_verdicts(pushed, linter, system, situation):
    change(pushed, situation)
    expected = here(pushed)
    steps = pushed.ran()
    assert expected == {
        "one service changed": {"prices-test": True},
        "a failing test": {"mail-test": False, "prices-test": True},
        "nothing changed": {},
    }[situation]
    assert system(pushed, linter) == expected
    # Each job's steps in the same order.
    theirs = pushed.ran()
    for name in ("cart", "prices", "mail"):
        assert [line for line in theirs if line.startswith(name)] == [line for line in steps if line.startswith(name)]
