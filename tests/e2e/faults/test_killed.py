"""msctl, its guard, or both, killed at any point: nothing survives, and the next run works."""
import os
import random
import signal
import time

from helpers import machine
from helpers.http import status_of
from helpers.waiting import until

SEED = int(os.environ.get("FAULT_SEED", "20260101"))


def kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def three_services(workspace):
    workspace.service("store", route=False, env={"FAULT_CHILDREN": "1"})
    workspace.service("orders", needs=["store"], replicas=2, env={"FAULT_ORPHAN": workspace.scratch / "orphan"})
    workspace.service("front", needs=["orders"])


def while_starting(workspace, moment):
    run = workspace.foreground()
    time.sleep(moment * 0.8)
    run.signal(signal.SIGKILL)
    run.wait()


def while_detaching(workspace, moment):
    """The one that waits is killed: the run itself may go on or not, but it can be stopped."""
    run = workspace.start("run", "--detach", "--gateway-port", "0")
    time.sleep(moment * 0.8)
    run.signal(signal.SIGKILL)
    run.wait()
    workspace.msctl("stop", code=0)


def while_doing(*verb):
    def point(workspace, moment):
        workspace.detach()
        pid = workspace.run_pid()
        doing = workspace.start(*verb)
        time.sleep(moment * 0.3)
        kill(pid)
        doing.wait()

    return point


POINTS = [while_starting, while_detaching, while_doing("scale", "orders=4"), while_doing("stop"), while_doing("restart"), while_doing("status")]


def test_msctl_killed_at_any_point(workspace):
    """Seeded moments (the only sleeps in these tests: they are the points, not a way to wait)."""
    chance = random.Random(SEED)
    three_services(workspace)
    for number in range(12):
        point = POINTS[number % len(POINTS)]
        moment = chance.random()
        point(workspace, moment)
        try:
            workspace.until_gone(patience=30)
        except AssertionError as problem:
            raise AssertionError(f"point {number}, {moment:.3f}, seed {SEED}: {problem}") from None
    workspace.detach()
    assert workspace.get("/front/call/orders").status == 200
    assert workspace.get("/orders/call/store").json()["service"] == "store"


def test_a_killed_run_is_not_running(workspace):
    workspace.service("a")
    workspace.detach()
    kill(workspace.run_pid())
    workspace.until_gone()
    assert workspace.status()["running"] is False
    workspace.msctl("stop", code=0)
    workspace.detach()
    assert workspace.get("/a/id").status == 200


def test_the_next_run_need_not_wait_for_the_guard_of_the_last(workspace):
    workspace.service("slow", env={"FAULT_IGNORE_TERM": "1"})
    workspace.detach()
    kill(workspace.run_pid())
    workspace.detach()
    assert workspace.get("/slow/id").status == 200
    kill(workspace.run_pid())


def test_the_guard_killed(workspace):
    three_services(workspace)
    workspace.detach()
    guard = workspace.guard_pid()
    before = set(workspace.processes()) - {workspace.run_pid()}
    kill(guard)
    # Whether the run ends or recovers: what the dead guard had started does not go on unwatched.
    until(lambda: not [pid for pid in before if machine.alive(pid)], "the end of what the guard had started")
    workspace.msctl("stop", code=0)
    workspace.until_gone()
    workspace.detach()
    assert workspace.get("/front/id").status == 200


def test_both_killed_and_the_next_run_cleans_up(workspace):
    three_services(workspace)
    workspace.detach()
    guard, run = workspace.guard_pid(), workspace.run_pid()
    os.kill(guard, signal.SIGSTOP)  # so that it cannot react to the death of msctl
    kill(run)
    kill(guard)
    left = workspace.processes()
    assert left, "the services survive: nobody is there to end them"
    workspace.detach()
    assert not set(left) & set(workspace.processes()), "the next run has ended them"
    assert workspace.get("/front/id").status == 200


def test_both_killed_and_stop_cleans_up(workspace):
    three_services(workspace)
    workspace.detach()
    guard, run = workspace.guard_pid(), workspace.run_pid()
    os.kill(guard, signal.SIGSTOP)
    kill(run)
    kill(guard)
    assert workspace.status()["running"] is False
    workspace.msctl("stop", code=0)
    assert not workspace.processes()


def test_all_msctl_processes_killed_by_name_as_a_person_would(workspace):
    workspace.service("a")
    workspace.detach()
    url = workspace.url("/a/id")
    for pid, command in workspace.processes().items():
        if command.startswith("msctl"):
            kill(pid)
    assert status_of(url) == 0
    workspace.detach()
    assert len([c for c in workspace.processes().values() if " a mark-" in c]) == 1, "one process of 'a', not two"
