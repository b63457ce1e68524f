"""Services that do not end as they should, and ends of the run itself."""
import os
import signal
import time

import pytest

from helpers import machine
from helpers.waiting import until


def terms(workspace):
    return [name for what, name, _ in workspace.record() if what == "term"]


def test_one_that_ignores_sigterm_is_killed_after_the_grace_period(workspace):
    workspace.service("stubborn", env={"FAULT_IGNORE_TERM": "1", "FAULT_CHILDREN": "3"})
    workspace.detach()
    pid = workspace.replicas("stubborn")[0]["pid"]
    workspace.stop()
    assert not machine.alive(pid)
    assert terms(workspace) == ["stubborn"], "it was asked first"
    assert not workspace.processes(), "stop returns when every process is gone"


def test_an_orphan_in_a_session_of_its_own_ends_with_the_run(workspace):
    file = workspace.scratch / "orphan"
    workspace.service("parent", env={"FAULT_ORPHAN": file})
    workspace.detach()
    orphan = int(until(lambda: file.exists() and file.read_text(), "the orphan"))
    assert machine.alive(orphan)
    workspace.stop()
    assert not machine.alive(orphan)


def test_an_orphan_without_environment_ends_with_the_run(workspace):
    file = workspace.scratch / "orphan"
    workspace.service("parent", env={"FAULT_ORPHAN": file, "FAULT_ORPHAN_BARE": "1"})
    workspace.detach()
    orphan = int(until(lambda: file.exists() and file.read_text(), "the orphan"))
    workspace.stop()
    assert not machine.alive(orphan)


@pytest.mark.parametrize("bare", ["", "1"])
def test_an_orphan_ends_when_msctl_is_killed(workspace, bare):
    file = workspace.scratch / "orphan"
    workspace.service("parent", env={"FAULT_ORPHAN": file, **({"FAULT_ORPHAN_BARE": bare} if bare else {})})
    workspace.detach()
    orphan = int(until(lambda: file.exists() and file.read_text(), "the orphan"))
    os.kill(workspace.run_pid(), signal.SIGKILL)
    until(lambda: not machine.alive(orphan), "the orphan's end")
    workspace.until_gone()


def test_what_a_crashed_replica_left_ends_before_long(workspace):
    file = workspace.scratch / "orphan"
    workspace.service("parent", env={"FAULT_ORPHAN": file, "FAULT_CHILDREN": "2"})
    workspace.detach()
    orphan = int(until(lambda: file.exists() and file.read_text(), "the orphan"))
    first = workspace.replicas("parent")[0]["pid"]
    os.kill(first, signal.SIGKILL)
    until(lambda: not machine.alive(orphan), "the orphan's end")
    until(lambda: workspace.replicas("parent")[0]["state"] == "ready", "its next life")
    # The leader, its two children and its orphan: of the second life only.
    until(lambda: len([c for c in workspace.processes().values() if "msctl" not in c.split(":")[0]]) == 4, "the end of the rest")


def test_ctrl_c_stops_in_reverse_order(workspace):
    workspace.service("bottom")
    workspace.service("middle", needs=["bottom"], env={"FAULT_TERM_DELAY": "100"})
    workspace.service("top", needs=["middle"], env={"FAULT_TERM_DELAY": "100"})
    run = workspace.foreground()
    workspace.until_ready()
    run.signal(signal.SIGINT)
    assert run.wait() == 130
    ends = [(what, name) for what, name, _ in workspace.record() if what in ("term", "exit")]
    assert ends == [
        ("term", "top"), ("exit", "top"), ("term", "middle"), ("exit", "middle"), ("term", "bottom"), ("exit", "bottom")
    ]


def test_services_that_do_not_need_each_other_stop_at_once(workspace):
    for name in ("one", "two", "three"):
        workspace.service(name, env={"FAULT_TERM_DELAY": "300"})
    run = workspace.foreground()
    workspace.until_ready()
    run.signal(signal.SIGINT)
    assert run.wait() == 130
    ends = [what for what, _, _ in workspace.record() if what in ("term", "exit")]
    assert ends == ["term"] * 3 + ["exit"] * 3


def test_a_second_ctrl_c_kills(workspace):
    workspace.service("stubborn", env={"FAULT_IGNORE_TERM": "1"})
    run = workspace.foreground()
    workspace.until_ready()
    run.signal(signal.SIGINT)
    until(lambda: terms(workspace), "the graceful stop")
    begin = time.monotonic()
    run.signal(signal.SIGINT)
    assert run.wait() == 130
    assert time.monotonic() - begin < 8, "it waited for the grace period of 10 s"
    workspace.until_gone()


def test_sigterm_is_as_ctrl_c(workspace):
    workspace.service("a")
    run = workspace.foreground()
    workspace.until_ready()
    run.signal(signal.SIGTERM)
    assert run.wait() == 130
    assert [what for what, _, _ in workspace.record()][-2:] == ["term", "exit"]


def test_a_closed_terminal_leaves_nothing(workspace):
    workspace.service("a")
    run = workspace.foreground()
    workspace.until_ready()
    run.signal(signal.SIGHUP)
    run.wait()
    workspace.until_gone()


def test_ctrl_c_while_it_starts(workspace):
    workspace.service("late", env={"FAULT_LISTEN": "never"})
    run = workspace.foreground()
    until(lambda: workspace.record(), "the process")
    run.signal(signal.SIGINT)
    assert run.wait() == 130
    workspace.until_gone()


def test_ctrl_c_while_it_builds(workspace):
    workspace.write("services/slow/started", "").unlink()
    workspace.service("slow", build=["sh", "-c", "touch started; sleep 600"])
    run = workspace.foreground()
    until((workspace.root / "services/slow/started").exists, "the build")
    run.signal(signal.SIGINT)
    assert run.wait() == 130
    workspace.until_gone()


def test_ctrl_c_of_a_detaching_run_stops_it_or_leaves_one_that_can_be_stopped(workspace):
    workspace.service("late", env={"FAULT_LISTEN": "never"})
    run = workspace.start("run", "--detach", "--gateway-port", "0")
    until(lambda: workspace.record(), "the process")
    run.signal(signal.SIGINT)
    assert run.wait() == 130
    workspace.stop()
    assert not workspace.processes()


def test_stop_of_a_service_leaves_the_others(workspace):
    workspace.service("a")
    workspace.service("b")
    workspace.detach()
    workspace.msctl("stop", "a", code=0)
    workspace.msctl("wait", "a", "--for", "stopped", "--timeout", "30s", code=0)
    assert workspace.service_status("a")["state"] == "stopped" and not workspace.service_status("a")["replicas"]
    assert workspace.get("/b/id").status == 200 and workspace.get("/a/id").status == 503
    workspace.msctl("restart", "a", code=0)
    workspace.until_ready("a")
    assert workspace.get("/a/id").status == 200


def test_stop_without_a_run_says_so(workspace):
    workspace.service("a")
    assert "not running" in (done := workspace.msctl("stop", code=0)).stdout + done.stderr
    assert workspace.document("stop")["ok"]


def test_stopping_twice_at_once(workspace):
    workspace.service("slow", env={"FAULT_TERM_DELAY": "300"})
    workspace.detach()
    both = [workspace.start("stop"), workspace.start("stop")]
    assert [each.wait() for each in both] == [0, 0], [each.err for each in both]
    assert not workspace.processes()
