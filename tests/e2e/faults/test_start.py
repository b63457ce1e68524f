"""Services that do not start as they should."""
import math
import time
from concurrent.futures import ThreadPoolExecutor

from helpers.documents import check_errors, check_status, status_true
from helpers.waiting import until


def with_neighbour(workspace):
    workspace.service("good")


def test_never_ready_is_told_with_the_probes_answer(workspace):
    workspace.service("sour", env={"FAULT_READY": "503"})
    with_neighbour(workspace)
    workspace.foreground()
    workspace.until_ready("good")
    found = until(lambda: (c := workspace.condition("sour"))["code"] and c, "the reason")
    assert found["code"] == "MSC2014"
    assert "503" in found["message"] and "/health/ready" in found["message"]
    assert not status_true(found)
    service = workspace.service_status("sour")
    assert service["state"] == "starting" and service["ready"] == 0 and service["desired"] == 1
    assert workspace.get("/sour/id").status == 503
    assert workspace.get("/good/id").status == 200


def test_waiting_for_one_that_is_never_ready_times_out(workspace):
    workspace.service("sour", env={"FAULT_READY": "503"})
    workspace.foreground()
    workspace.until_running()
    errors = check_errors(workspace.document("wait", "sour", "--timeout", "300ms", code=75))
    assert errors[0]["code"] == "MSC2030"
    done = workspace.msctl("wait", "--timeout", "300ms", code=75)
    assert "sour" in done.stderr and "503" in done.stderr, "the error says what is missing"


def test_a_readiness_check_that_is_never_answered(workspace):
    workspace.service("mute", env={"FAULT_READY": "slow"})
    workspace.foreground()
    workspace.until_running()
    found = until(lambda: (c := workspace.condition("mute"))["code"] and c, "the reason")
    assert found["code"] == "MSC2014"
    workspace.msctl("wait", "mute", "--timeout", "200ms", code=75)


def test_never_listens(workspace):
    workspace.service("deaf", env={"FAULT_LISTEN": "never"}, health=None)
    workspace.foreground()
    workspace.until_running()
    found = until(lambda: (c := workspace.condition("deaf"))["code"] and c, "the reason")
    assert found["code"] == "MSC2014"
    port = workspace.replicas("deaf")[0]["port"]
    assert str(port) in found["message"]
    workspace.msctl("wait", "deaf", "--timeout", "200ms", code=75)


def test_listens_on_another_port(workspace):
    workspace.service("elsewhere", env={"FAULT_LISTEN": "wrong"})
    workspace.foreground()
    workspace.until_running()
    found = until(lambda: (c := workspace.condition("elsewhere"))["code"] and c, "the reason")
    assert found["code"] == "MSC2014"
    assert workspace.get("/elsewhere/id").status == 503


def test_takes_its_port_late(workspace):
    now = workspace.scratch / "now"
    workspace.service("late", env={"FAULT_LISTEN": now})
    workspace.foreground()
    until(lambda: workspace.is_running() and workspace.replicas("late")[0]["pid"], "the process")
    assert workspace.service_status("late")["state"] == "starting"
    # Who asks meanwhile waits for a moment, in vain here.
    refused = workspace.get("/late/id")
    assert refused.status == 503
    assert refused.headers["content-type"].startswith("application/problem+json")
    assert refused.json()["code"].startswith("MSC3")
    now.touch()
    workspace.until_ready("late")
    assert workspace.get("/late/id").json()["service"] == "late"


def test_who_asks_while_it_starts_gets_its_answer(workspace):
    now = workspace.scratch / "now"
    workspace.service("late", env={"FAULT_LISTEN": now})
    workspace.foreground()
    until(lambda: workspace.is_running() and workspace.replicas("late")[0]["pid"], "the process")
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(workspace.get, "/late/id") for _ in range(4)]
        now.touch()
        assert [each.result().status for each in asked] == [200] * 4


def test_crashes_at_once(workspace):
    workspace.service("broken", env={"FAULT_EXIT": "3"})
    with_neighbour(workspace)
    begin = time.monotonic()
    errors = check_errors(workspace.detach(code=1))
    assert any(error["code"] == "MSC2013" and "broken" in error["message"] for error in errors)
    # The run stays, and serves what can be served.
    document = workspace.status()
    check_status(document)
    assert document["running"]
    service = workspace.service_status("broken")
    assert service["state"] in ("failed", "backoff") and service["ready"] == 0
    assert service["replicas"][0]["restarts"] >= 2
    condition = workspace.condition("broken")
    assert condition["code"] == "MSC2013" and "3" in condition["message"]
    workspace.until_ready("good")
    assert workspace.get("/good/id").status == 200
    # It is not started over and over: the pauses double.
    starts = len([each for each in workspace.record() if each[:2] == ("start", "broken")])
    assert starts <= 4 + math.log2((time.monotonic() - begin) / 0.1)
    # Waiting longer changes nothing.
    waited = workspace.msctl("wait", "broken", "--timeout", "60s", code=1)
    assert "MSC2013" in waited.stderr or "MSC2031" in waited.stderr
    assert check_errors(workspace.document("wait", "--timeout", "60s", code=1))[0]["code"] in ("MSC2013", "MSC2031")


def test_last_words_are_shown(workspace):
    workspace.service("broken", env={"FAULT_EXIT": "3"})
    done = workspace.msctl("run", "--detach", "--gateway-port", "0", code=1)
    assert "farewell, cruel world" in done.stderr
    assert "MSC2013" in done.stderr
    assert "first of the last words" in workspace.msctl("logs", "broken", "--previous", code=0).stdout


def test_ended_by_a_signal_is_told_by_its_name(workspace):
    workspace.service("broken", env={"FAULT_SIGNAL": "6"})
    workspace.detach(code=1)
    assert "SIGABRT" in workspace.condition("broken")["message"]


def test_a_program_that_is_not_there(workspace):
    workspace.service("absent", run=["./no-such-program"])
    with_neighbour(workspace)
    errors = check_errors(workspace.detach(code=1))
    assert errors[0]["code"] == "MSC2012" and "no-such-program" in errors[0]["message"]
    assert workspace.service_status("absent")["state"] == "failed"
    workspace.until_ready("good")
    assert workspace.get("/good/id").status == 200


def test_a_program_that_may_not_be_executed(workspace):
    workspace.write("services/data/data.txt", "no program").chmod(0o644)
    workspace.service("data", run=["./data.txt"])
    assert check_errors(workspace.detach(code=1))[0]["code"] == "MSC2012"


def test_a_build_that_fails_and_nothing_else(workspace):
    """What settles the run is the failure itself: its output must be out before the streams are closed."""
    workspace.service("unbuilt", build=["sh", "-c", "echo the compiler complains >&2; exit 4"])
    done = workspace.msctl("run", "--detach", "--gateway-port", "0", code=1)
    assert "the compiler complains" in done.stderr and "MSC2011" in done.stderr


def test_a_build_that_fails(workspace):
    workspace.service("unbuilt", build=["sh", "-c", "echo the compiler complains >&2; exit 4"])
    workspace.service("caller", needs=["unbuilt"])
    with_neighbour(workspace)
    done = workspace.msctl("run", "--detach", "--gateway-port", "0", code=1)
    assert "the compiler complains" in done.stderr and "MSC2011" in done.stderr
    assert workspace.service_status("unbuilt")["state"] == "failed"
    workspace.until_ready("good")
    assert workspace.get("/good/id").status == 200
    # What needs it can never be ready, and says because of whom.
    assert "unbuilt" in workspace.condition("caller")["message"]
    workspace.msctl("wait", "caller", "--timeout", "60s", code=1)
    assert not [each for each in workspace.record() if each[:2] == ("start", "caller")]


def test_crashes_after_some_requests(workspace):
    workspace.service("tired", env={"FAULT_CRASH_AFTER": "3"})
    workspace.detach()
    first = workspace.get("/tired/id").json()["pid"]
    for _ in range(2):
        assert workspace.get("/tired/id").status in (200, 502)
    until(lambda: (r := workspace.replicas("tired")[0])["restarts"] == 1 and r["state"] == "ready", "its next life")
    assert workspace.get("/tired/id").json()["pid"] != first
    assert "one request too many" in workspace.msctl("logs", "tired", "--previous", code=0).stdout


def test_a_deadlocked_replica_is_restarted(workspace):
    workspace.service("stuck", health={"ready": "/id", "live": "/health/live"})
    workspace.detach()
    first = workspace.replicas("stuck")[0]["pid"]
    workspace.get("/stuck/hang")
    until(lambda: (r := workspace.replicas("stuck")[0])["pid"] not in (0, first) and r["state"] == "ready", "its next life")
    assert workspace.replicas("stuck")[0]["restarts"] == 1


def test_an_unready_replica_leaves_the_balance_and_comes_back(workspace):
    workspace.service("moody", replicas=2)
    workspace.detach()
    workspace.get("/moody/unready")
    found = until(lambda: next((r for r in workspace.replicas("moody") if r["state"] == "unready"), None), "an unready replica")
    assert {workspace.get("/moody/id").json()["pid"] for _ in range(20)} == {
        each["pid"] for each in workspace.replicas("moody") if each["pid"] != found["pid"]
    }
    condition = workspace.condition("moody")
    assert condition["code"] == "MSC2014"
    assert found["restarts"] == 0, "an unready replica is not restarted"


def test_a_broken_workspace_starts_nothing(workspace):
    workspace.service("a")
    workspace.write("services/b/service.yaml", "service: b\nlanguage: none\nrun: [./b]\nnedes: [a]\n")
    workspace.write("services/c/service.yaml", "service: c\nlanguage: golang\n")
    errors = check_errors(workspace.document("run", "--detach", "--gateway-port", "0", code=65))
    assert [(each["code"], each["file"], each["line"]) for each in errors] == [
        ("MSC1012", "services/b/service.yaml", 4), ("MSC1016", "services/c/service.yaml", 2)
    ]
    assert not workspace.record() and not workspace.processes()


def test_needs_in_a_circle_start_nothing(workspace):
    workspace.service("a", needs=["b"])
    workspace.service("b", needs=["a"])
    errors = check_errors(workspace.document("run", "--detach", code=65))
    assert errors[0]["code"] == "MSC1021" and "a" in errors[0]["message"] and "b" in errors[0]["message"]
    assert not workspace.processes()


def test_an_environment_too_large_to_be_handed_over_is_told(workspace):
    workspace.service("heavy", env={f"BLOB_{i}": "x" * 100_000 for i in range(3)})
    with_neighbour(workspace)
    workspace.foreground()
    workspace.until_ready("good")
    found = until(lambda: (c := workspace.condition("heavy"))["code"] and c, "the reason")
    assert "Argument list too long" in found["message"]
