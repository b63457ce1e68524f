"""What a service is given: its environment, its needs, its secrets, and when."""
import json
import subprocess
from pathlib import Path

from helpers.documents import check_errors
from helpers.waiting import until


def environment(workspace, name):
    return dict(line.split("=", 1) for line in workspace.get(f"/{name}/env").text.splitlines() if "=" in line)


def test_the_environment_of_a_service(workspace):
    workspace.service("store-a", route=False)
    workspace.service("other")
    workspace.service("orders", needs=["store-a"], env={"LOG_LEVEL": "debug", "GREETING": "a=b c"})
    workspace.environment["INHERITED"] = "yes"
    workspace.environment["MSCTL_PROGRESS"] = "plain"
    workspace.environment["MSCTL_SOMETHING"] = "private"
    workspace.detach()
    found = environment(workspace, "orders")
    status = workspace.service_status("orders")
    assert found["PORT"] == str(status["replicas"][0]["port"])
    assert found["STORE_A_URL"] == status["needs"]["store-a"]
    assert found["STORE_A_URL"].startswith("http://127.0.0.1:")
    assert found["LOG_LEVEL"] == "debug" and found["GREETING"] == "a=b c" and found["INHERITED"] == "yes"
    assert not [name for name in found if name.startswith("MSCTL_")]
    # One that does not say that it needs something has no address of it.
    assert not [name for name in environment(workspace, "other") if name.endswith("_URL")]


def test_interpolated_values(workspace):
    workspace.write(".env", "FROM_FILE=file\nBOTH=file\n")
    workspace.environment["BOTH"] = "environment"
    workspace.service("a", env={"ONE": "${FROM_FILE}", "TWO": "${BOTH}", "THREE": "${ABSENT:-default}", "FOUR": "$${FROM_FILE}"})
    workspace.detach()
    found = environment(workspace, "a")
    assert (found["ONE"], found["TWO"], found["THREE"], found["FOUR"]) == ("file", "environment", "default", "${FROM_FILE}")


def test_secrets_come_from_the_environment_or_its_file(workspace):
    workspace.write(".env", "FILE_KEY=from-file\n")
    workspace.environment["PAYMENT_KEY"] = "from-environment"
    workspace.service("a", secrets=["PAYMENT_KEY", "FILE_KEY"])
    workspace.service("b")
    workspace.detach()
    found = environment(workspace, "a")
    assert found["PAYMENT_KEY"] == "from-environment" and found["FILE_KEY"] == "from-file"
    assert "FILE_KEY" not in environment(workspace, "b")
    assert "from-environment" not in workspace.msctl("status", "-o", "json", code=0).stdout


def test_missing_secrets_are_told_all_at_once_before_anything_starts(workspace):
    workspace.service("a", secrets=["PAYMENT_KEY"])
    workspace.service("b", secrets=["OTHER_KEY"])
    errors = check_errors(workspace.document("run", "--detach", "--gateway-port", "0", code=65))
    assert {error["code"] for error in errors} == {"MSC2041"}
    text = " ".join(error["message"] for error in errors)
    assert "PAYMENT_KEY" in text and "OTHER_KEY" in text
    assert all(error["file"] and error["file"].endswith("service.yaml") and error["line"] for error in errors)
    assert not workspace.processes() and not workspace.record()


def test_a_need_is_ready_before_its_caller_starts(workspace):
    gate = workspace.scratch / "gate"
    workspace.service("bottom", env={"FAULT_READY": gate})
    workspace.service("middle", needs=["bottom"], env={"FAULT_DELAY": "50"})
    workspace.service("top", needs=["middle"])
    workspace.foreground()
    until(lambda: ("listen", "bottom") in [each[:2] for each in workspace.record()], "the first service")
    found = until(lambda: workspace.is_running() and (c := workspace.condition("middle"))["message"] and c, "why it waits")
    assert "bottom" in found["message"]
    assert workspace.service_status("middle")["state"] == "pending"
    gate.touch()
    workspace.until_ready()
    assert [each[:2] for each in workspace.record()] == [
        ("start", "bottom"), ("listen", "bottom"), ("start", "middle"), ("listen", "middle"), ("start", "top"), ("listen", "top")
    ]


def test_services_without_needs_start_at_once(workspace):
    gate = workspace.scratch / "gate"
    for name in ("one", "two", "three"):
        workspace.service(name, env={"FAULT_LISTEN": gate})
    workspace.foreground()
    until(lambda: len([each for each in workspace.record() if each[0] == "start"]) == 3, "three starts, before any is ready")
    gate.touch()
    workspace.until_ready()


def test_a_need_is_balanced_over_its_ready_replicas(workspace):
    workspace.service("store", route=False, replicas=3)
    workspace.service("orders", needs=["store"])
    workspace.detach()
    everybody = {replica["pid"] for replica in workspace.replicas("store")}
    assert {workspace.get("/orders/call/store").json()["pid"] for _ in range(80)} == everybody
    workspace.msctl("scale", "store=1", code=0)
    until(lambda: len(workspace.replicas("store")) == 1, "one replica")
    left = {replica["pid"] for replica in workspace.replicas("store")}
    assert {workspace.get("/orders/call/store").json()["pid"] for _ in range(10)} == left


def test_a_need_keeps_its_address_when_its_replicas_change(workspace):
    workspace.service("store", route=False)
    workspace.service("orders", needs=["store"])
    before = workspace.detach()
    workspace.msctl("restart", "store", code=0)
    first = next(each for each in before["services"] if each["name"] == "store")["replicas"][0]["pid"]
    until(lambda: (r := workspace.replicas("store")[0])["pid"] not in (0, first) and r["state"] == "ready", "its next life")
    assert workspace.service_status("orders")["needs"] == next(each for each in before["services"] if each["name"] == "orders")["needs"]
    assert workspace.get("/orders/call/store").json()["service"] == "store"
    assert workspace.replicas("orders")[0]["restarts"] == 0, "a caller is not restarted with its need"


def test_a_backing_service_by_its_command(workspace):
    command = ["sh", "-c", f'PORT="$1" exec {workspace.service_program} cache {workspace.mark}', "sh", "$PORT"]
    workspace.write("services/cache/service.yaml", json.dumps({"service": "cache", "command": command, "scheme": "redis"}))
    workspace.service("orders", needs=["cache"])
    workspace.detach()
    assert environment(workspace, "orders")["CACHE_URL"].startswith("redis://127.0.0.1:")
    assert workspace.get("/orders/call/cache").json()["service"] == "cache"


def test_a_backing_service_whose_program_is_missing(workspace):
    workspace.write("services/cache/service.yaml", '{"service": "cache", "command": ["no-such-server", "$PORT"]}')
    workspace.service("orders", needs=["cache"])
    done = workspace.msctl("run", "--detach", "--gateway-port", "0")
    assert done.returncode in (1, 69), done
    assert "no-such-server" in done.stderr and ("MSC2010" in done.stderr or "MSC2012" in done.stderr)
    assert not workspace.record(), "its caller must not have been started"


def test_a_backing_service_that_runs_elsewhere(workspace):
    workspace.write("services/cache/service.yaml", '{"service": "cache", "scheme": "redis", "url": "redis://cache.example:6379"}')
    workspace.service("orders", needs=["cache"])
    workspace.detach()
    assert environment(workspace, "orders")["CACHE_URL"] == "redis://cache.example:6379"


def test_services_keep_the_users_limit_of_open_files(workspace):
    """The gateway takes what it may have; programs that look at each descriptor, or use select, count on the usual limit."""
    workspace.service("a")
    few = ["bash", "-c", 'ulimit -Sn 1000; exec "$0" "$@"', workspace.program]
    subprocess.run([*few, "run", "--detach", "--gateway-port", "0"], cwd=workspace.root, env=workspace.environment, check=True,
                   timeout=60, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    limits = Path(f"/proc/{workspace.replicas('a')[0]['pid']}/limits").read_text().splitlines()
    assert next(line for line in limits if line.startswith("Max open files")).split()[3] == "1000"
