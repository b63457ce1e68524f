"""The verbs that act on a run: what they take, what they refuse, what they say."""
import json
import os
import signal
import subprocess

import pytest

from helpers.documents import check_errors, check_status
from helpers.waiting import until


def pids(workspace, path, tries=60):
    return {workspace.get(path).json()["pid"] for _ in range(tries)}


def test_the_status_document(workspace):
    workspace.service("store", route=False)
    workspace.service("orders", needs=["store"], replicas=2)
    document = workspace.detach()
    check_status(document)
    assert document["ok"] is True and document["workspace"] == "faults"
    assert document["gateway"]["pid"] in workspace.processes()
    orders, store = document["services"]
    assert (orders["name"], orders["state"], orders["desired"], orders["ready"]) == ("orders", "ready", 2, 2)
    assert [replica["id"] for replica in orders["replicas"]] == ["orders-1", "orders-2"]
    assert {replica["pid"] for replica in orders["replicas"]} <= workspace.processes().keys()
    assert list(orders["needs"]) == ["store"] and not store["needs"]
    check_status(workspace.status())


def test_status_of_one_service(workspace):
    workspace.service("a")
    workspace.service("b")
    workspace.detach()
    assert [each["name"] for each in workspace.document("status", "b")["services"]] == ["b"]
    table = workspace.msctl("status", code=0).stdout
    assert "a" in table and "b" in table and "ready" in table
    yaml = workspace.msctl("status", "-o", "yaml", code=0).stdout
    assert "workspace: faults" in yaml


def test_status_watched(workspace):
    workspace.service("a")
    workspace.service("b")
    workspace.detach()
    lines = workspace.start("status", "a", "--watch", "-o", "json")
    frames = workspace.start("status", "--watch")

    def told(ready, desired):
        documents = [json.loads(line) for line in lines.out.splitlines()]
        return [(d["services"][0]["ready"], d["services"][0]["desired"]) for d in documents][-1:] == [(ready, desired)]

    until(lambda: told(1, 1), "the first status")
    workspace.msctl("scale", "a=3", code=0)
    until(lambda: told(3, 3), "the status with three replicas")
    for line in lines.out.splitlines():
        document = json.loads(line)
        check_status(document)
        assert [each["name"] for each in document["services"]] == ["a"]
    until(lambda: "3/3" in frames.out, "the table with three replicas")
    blocks = frames.out.split("\n\nfaults at ")
    assert len(blocks) >= 2 and all("b-1" in block and "\x1b" not in block for block in blocks)
    workspace.msctl("stop", code=0)
    until(lambda: '"running":false' in lines.out.splitlines()[-1], "the end of the run")
    for each in (lines, frames):
        assert each.running()
        each.signal(signal.SIGINT)
        assert each.wait() == 130 and each.err == ""


def test_status_tells_why(workspace):
    workspace.service("a", env={"FAULT_READY": "503"})
    workspace.start("run")
    until(lambda: any(c["code"] for s in workspace.status()["services"] for c in s["conditions"]), "a reason")
    assert "[MSC2" in workspace.msctl("status", "--why", code=0).stdout


def test_status_without_a_run(workspace):
    workspace.service("a")
    document = workspace.document("status")
    assert document["ok"] and document["workspace"] == "faults" and document["running"] is False
    done = workspace.msctl("status", code=0)
    assert "not running" in done.stdout + done.stderr


@pytest.mark.parametrize(
    "arguments",
    [("status", "ordres"), ("wait", "ordres"), ("logs", "ordres"), ("scale", "ordres=2"), ("restart", "ordres"), ("stop", "ordres")],
)
@pytest.mark.parametrize("running", [True, False])
def test_an_unknown_name(make_workspace, arguments, running, shared_run):
    workspace = shared_run if running else make_workspace()
    if not running:
        workspace.service("orders")
    errors = check_errors(workspace.document(*arguments, code=64))
    assert errors[0]["code"] == "MSC1002"
    assert "orders" in errors[0]["suggestion"]
    assert "did you mean" in workspace.msctl(*arguments, code=64).stderr


@pytest.fixture(scope="module")
def shared_run(msctl_program, service_program):
    """One run for tests that change nothing."""
    from helpers.workspace import Workspace

    workspace = Workspace(msctl_program, service_program)
    workspace.service("orders")
    workspace.detach()
    yield workspace
    workspace.close()


@pytest.mark.parametrize(
    "arguments",
    [
        ("scale", "orders"),
        ("scale", "orders=x"),
        ("scale", "orders=-1"),
        ("scale", "orders="),
        ("scale",),
        ("wait", "--timeout", "5"),
        ("wait", "--for", "happy"),
        ("logs", "--since", "yesterday"),
        ("logs", "--grep", "("),
        ("run", "--gateway-port", "70000"),
        ("status", "--no-such-flag"),
    ],
)
def test_wrong_usage(shared_run, arguments):
    errors = check_errors(shared_run.document(*arguments, code=64))
    assert errors[0]["code"] in ("MSC1001", "MSC1002")
    assert shared_run.service_status("orders")["desired"] == 1


def test_run_of_an_unknown_service(workspace):
    workspace.service("orders")
    assert check_errors(workspace.document("run", "--detach", "ordres", code=64))[0]["code"] == "MSC1002"
    assert not workspace.processes()


def test_verbs_without_a_run(workspace):
    workspace.service("orders")
    for arguments in (("scale", "orders=2"), ("restart",), ("wait", "orders")):
        assert check_errors(workspace.document(*arguments, code=69))[0]["code"] == "MSC2002"
    workspace.msctl("wait", "orders", "--for", "stopped", code=0)


def test_outside_of_a_workspace(workspace, tmp_path):
    for arguments in (("status",), ("run",), ("stop",), ("logs",), ("wait",)):
        done = workspace.msctl(*arguments, "-o", "json", code=65, cwd=tmp_path)
        assert check_errors(json.loads(done.stdout))[0]["code"] == "MSC1003"


def test_verbs_work_from_a_folder_below(workspace):
    workspace.service("orders")
    workspace.detach()
    done = workspace.msctl("status", "-o", "json", code=0, cwd=workspace.root / "services/orders")
    assert json.loads(done.stdout)["running"] is True


def test_running_only_some_services_takes_what_they_need(workspace):
    workspace.service("store")
    workspace.service("orders", needs=["store"])
    workspace.service("other")
    document = workspace.detach("orders")
    states = {each["name"]: each["state"] for each in document["services"]}
    assert states["orders"] == states["store"] == "ready"
    assert states.get("other", "stopped") == "stopped"
    assert not [each for each in workspace.record() if each[1] == "other"]


def test_a_second_run_is_told_who_runs(workspace):
    workspace.service("a")
    document = workspace.detach()
    errors = check_errors(workspace.document("run", "--detach", code=75))
    assert errors[0]["code"] == "MSC2001" and str(document["gateway"]["pid"]) in errors[0]["message"]
    assert "MSC2001" in workspace.msctl("run", "--gateway-port", "0", code=75).stderr
    assert workspace.get("/a/id").status == 200, "the first is not touched"


def test_scale_has_set_desired_when_it_returns(workspace):
    workspace.service("a", env={"FAULT_DELAY": "100"})
    workspace.detach()
    assert workspace.document("scale", "a=3")["ok"]
    assert workspace.service_status("a")["desired"] == 3
    workspace.until_ready("a")
    service = workspace.service_status("a")
    assert service["ready"] == 3 and len({replica["port"] for replica in service["replicas"]}) == 3
    assert pids(workspace, "/a/id") == {replica["pid"] for replica in service["replicas"]}, "all replicas receive requests"


def test_scale_down_and_to_zero_and_back(workspace):
    workspace.service("a", replicas=3)
    workspace.detach()
    workspace.msctl("scale", "a=1", code=0)
    until(lambda: len(workspace.replicas("a")) == 1, "one replica")
    assert len(pids(workspace, "/a/id", 10)) == 1
    workspace.msctl("scale", "a=0", code=0)
    assert workspace.service_status("a")["desired"] == 0
    until(lambda: not workspace.replicas("a"), "no replica")
    assert workspace.service_status("a")["state"] == "idle"
    assert workspace.get("/a/id").status == 503
    workspace.msctl("scale", "a=2", code=0)
    workspace.until_ready("a")
    assert len(pids(workspace, "/a/id")) == 2


def test_scaling_several_services_at_once_is_all_or_nothing(workspace):
    workspace.service("a")
    workspace.service("b")
    workspace.detach()
    workspace.msctl("scale", "a=2", "nosuch=2", code=64)
    assert workspace.service_status("a")["desired"] == 1
    workspace.msctl("scale", "a=2", "b=2", code=0)
    assert [each["desired"] for each in workspace.status()["services"]] == [2, 2]
    workspace.until_ready()


def test_restart_gives_every_replica_a_new_process(workspace):
    workspace.service("a", replicas=2)
    workspace.service("b")
    workspace.detach()
    before = {each["name"]: {r["pid"] for r in each["replicas"]} for each in workspace.status()["services"]}

    def renewed():
        now = workspace.service_status("a")
        return now["ready"] == 2 and not before["a"] & {r["pid"] for r in now["replicas"]}

    workspace.msctl("restart", "a", code=0)
    until(renewed, "two new processes")
    assert {r["pid"] for r in workspace.replicas("b")} == before["b"]


def test_restart_of_a_failed_service_tries_again(workspace):
    workspace.service("a", env={"FAULT_EXIT": "1"})
    workspace.detach(code=1)
    before = len(workspace.record())
    workspace.msctl("restart", "a", code=0)
    until(lambda: len(workspace.record()) > before, "another start")


def test_wait_for_ready_and_for_stopped(workspace):
    gate = workspace.scratch / "gate"
    workspace.service("a", env={"FAULT_READY": gate})
    run = workspace.foreground()
    workspace.until_running()
    waiting = workspace.start("wait", "a", "--timeout", "60s")
    assert waiting.running()
    gate.touch()
    assert waiting.wait() == 0
    stopped = workspace.start("wait", "--for", "stopped", "--timeout", "60s")
    workspace.msctl("wait", "a", "--for", "stopped", "--timeout", "100ms", code=75)
    run.signal(signal.SIGINT)
    assert run.wait() == 130
    assert stopped.wait() == 0, stopped.err


def test_wait_ends_when_the_run_goes(workspace):
    workspace.service("a", env={"FAULT_READY": "503"})
    workspace.foreground()
    workspace.until_running()
    waiting = workspace.start("wait", "a", "--timeout", "60s")
    until(lambda: waiting.pid in workspace.processes(), "the waiting process")
    workspace.stop()
    assert waiting.wait(30) in (1, 69, 75), waiting.err


def test_ready_means_as_many_as_desired(workspace):
    gate = workspace.scratch / "gate"
    gate.touch()
    workspace.service("a", env={"FAULT_LISTEN": gate})
    workspace.detach()
    gate.unlink()
    workspace.msctl("scale", "a=2", code=0)
    workspace.msctl("wait", "a", "--timeout", "300ms", code=75)
    assert workspace.service_status("a")["ready"] == 1
    gate.touch()
    workspace.until_ready("a")
    assert workspace.service_status("a")["ready"] == 2


def test_every_verb_prints_one_document(workspace):
    workspace.service("a")
    workspace.detach()
    for arguments in (("wait",), ("scale", "a=2"), ("restart", "a"), ("stop", "a"), ("stop",)):
        workspace.document(*arguments)


def test_a_reader_that_goes_is_no_failure(workspace):
    workspace.service("a")
    workspace.detach()
    shell = f"{workspace.program} status | true; exit ${{PIPESTATUS[0]}}"
    assert subprocess.run(["bash", "-c", shell], cwd=workspace.root, env=workspace.environment, timeout=60).returncode == 0


def test_without_a_runtime_folder_of_the_user(workspace):
    workspace.service("a")
    del workspace.environment["XDG_RUNTIME_DIR"]
    document = workspace.detach()
    assert document["gateway"]["pid"]
    socket = document["gateway"]["adminSocket"]
    if socket:
        folder = os.path.dirname(socket)
        assert os.stat(folder).st_mode & 0o077 == 0 or os.stat(os.path.dirname(folder)).st_mode & 0o077 == 0
    workspace.stop()
