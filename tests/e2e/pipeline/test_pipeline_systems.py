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


# What msctl is asked to push and to deploy is noted, with the credentials that it would have; everything else it does.
NOTING = """#!/bin/sh
case "$1 $*" in
build*--push*|deploy*) echo "$* $MSCTL_REGISTRY_PASSWORD $MSCTL_KUBECONFIG" >>"{log}";;
build*) ;;
*) exec "{program}" "$@";;
esac
"""
ENVIRONMENTS = """environments:
  staging: {kubernetes: {context: staging}, registry: registry.example/shop}
  production: {kubernetes: {context: production}, registry: registry.example/shop, approval: true}
"""


@pytest.fixture
def pushed(repository):
    return pushed_to_a_server(repository)


def pushed_to_a_server(repository):
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


def by_act(repository, linter, *more):
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
        "act", "push", "-W", ".github/workflows/shop.yaml", "-e", event, "-P", "ubuntu-24.04=-self-hosted", "--json", *stubs, *more,
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


def by_gitlab(repository, linter, *more):
    # Without a container there is no image to take.
    text = re.sub(r"(?m)^  image: debian:.*\n", "", repository.read(".gitlab-ci.yml"), count=1)
    repository.write(".gitlab-ci.yml", text)
    ran = linter(
        "gitlab-ci-local", *(more or ("--variable", "CI_PIPELINE_SOURCE=merge_request_event")),
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


def test_what_a_commit_of_the_trunk_pushes_and_deploys(repository, linter):
    """GitHub asks for the yes outside of its file, so that its runner goes on; GitLab's waits for it."""
    repository.write("msctl.yaml", repository.read("msctl.yaml") + ENVIRONMENTS)
    pushed_to_a_server(repository)
    tools = repository.scratch / "bin"
    (tools / "msctl").unlink()
    (tools / "msctl").write_text(NOTING.format(log=repository.log, program=repository.program))
    (tools / "msctl").chmod(0o755)
    change(repository, "one service changed")
    commit = repository.git("rev-parse", "HEAD")

    def noted():
        return [line for line in repository.ran() if line.startswith(("build", "deploy"))]

    push = f"build prices --push -e staging --tag {commit} word"
    deploy = [f"deploy prices -e {environment} --tag {commit} word" for environment in ("staging", "production")]
    secrets = [word for name in ("USER", "PASSWORD") for word in ("--secret", f"MSCTL_REGISTRY_{name}=word")]
    jobs = by_act(repository, linter, *secrets, "--secret", "MSCTL_KUBECONFIG=config")
    assert set(jobs) == {"prices-test", "prices-push", "prices-deploy-staging", "prices-deploy-production"} and all(jobs.values())
    assert noted() == [push + " ", deploy[0] + " config", deploy[1] + " config"]

    variables = ["--variable", "CI_PIPELINE_SOURCE=push", "--variable", "MSCTL_REGISTRY_PASSWORD=word"]
    jobs = by_gitlab(repository, linter, *variables)
    assert jobs == {"prices-test": True, "prices-push": True, "prices-deploy-staging": True}
    assert noted() == [push + " ", deploy[0] + " "]


def test_a_job_that_asks_for_a_yes_is_run_where_it_is_named(repository):
    repository.write("msctl.yaml", repository.read("msctl.yaml") + ENVIRONMENTS)
    listed = {job["id"]: job for job in repository.json("pipeline", "list")["jobs"]}
    assert [id for id, job in listed.items() if job.get("approval")] == [f"{name}-deploy-production" for name in ("cart", "mail", "prices")]
    told = repository.json("pipeline", "run", "--trunk", code=1)["errors"][0]
    assert told["code"] == "MSC4110" and "msctl.yaml is not as" in told["message"]
    repository.commit()
    done = repository.msctl("pipeline", "run", "--trunk", "-o", "json", code=1)
    results = {job["id"]: job["result"] for job in json.loads(done.stdout)["jobs"]}
    # None of them says what its image is made of: nothing is built, pushed or deployed.
    assert {id: result for id, result in results.items() if id.startswith("mail")} == {
        "mail-test": "failed", "mail-push": "skipped", "mail-deploy-staging": "skipped"}
    done = repository.msctl("pipeline", "run", "mail", "--job", "mail-deploy-production", "-o", "json", code=1)
    assert {job["id"] for job in json.loads(done.stdout)["jobs"]} == {"mail-test", "mail-push", "mail-deploy-staging", "mail-deploy-production"}
