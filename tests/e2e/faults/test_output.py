"""What services print: much of it, none of it text, and who reads it."""
import json
import os
import signal
import subprocess
from pathlib import Path

from helpers import machine
from helpers.http import status_of
from helpers.waiting import until

MEGABYTE = 1_000_000


def size_of(folder):
    return sum(each.stat().st_size for each in Path(folder).rglob("*") if each.is_file() and not each.is_symlink())


def objects(text):
    """The JSON objects of a following output, one a line."""
    return [json.loads(line) for line in text.splitlines()]


def test_a_hundred_megabytes_bound_neither_memory_nor_disk(workspace):
    workspace.service("calm")
    workspace.service("talker", env={"FAULT_PRINT": 100 * MEGABYTE, "FAULT_LISTEN": (gate := workspace.scratch / "gate")})
    workspace.foreground()
    workspace.until_ready("calm")
    pid = workspace.run_pid()
    seen = []

    def printed():
        seen.append(machine.memory_mib(pid))
        return workspace.msctl("logs", "talker", "--grep", f"^{100 * MEGABYTE // 1024} ").stdout

    assert workspace.get("/calm/id").status == 200, "others are served while it prints"
    until(printed, "the last line of 100 MB")
    gate.touch()
    workspace.until_ready()
    assert max(seen) < machine.memory_mib(os.getpid()) + 300, f"memory of msctl, in MiB: {seen}"
    assert size_of(workspace.root / ".msctl") < 50 * MEGABYTE
    assert workspace.get("/talker/id").status == 200


def test_binary_output_does_not_break_the_documents(workspace):
    workspace.service("noisy", env={"FAULT_BINARY": 3 * MEGABYTE, "FAULT_SAY": "the end"})
    workspace.detach()
    until(lambda: "the end" in workspace.msctl("logs", "noisy", code=0).stdout, "the last line")
    with open(workspace.scratch / "logs", "wb") as out:
        subprocess.run(
            [workspace.program, "logs", "noisy", "-o", "json"], cwd=workspace.root, env=workspace.environment, stdout=out, check=True, timeout=60
        )
    text = (workspace.scratch / "logs").read_bytes().decode()  # strict: JSON is UTF-8
    lines = objects(text)
    assert lines and all(line["service"] == "noisy" for line in lines)
    assert max(len(line) for line in text.splitlines()) < 1_000_000, "a line without an end is cut"


def test_binary_output_in_the_foreground(workspace):
    workspace.service("noisy", env={"FAULT_BINARY": MEGABYTE, "FAULT_SAY": "the end"})
    run = workspace.foreground("-o", "json")
    workspace.until_ready()
    run.signal(signal.SIGINT)
    assert run.wait() == 130
    assert any(each.get("service") == "noisy" for each in objects(run.out_path.read_bytes().decode()))


def test_logs_on_standard_output_and_messages_on_standard_error(workspace):
    workspace.service("a", env={"FAULT_SAY": "hello from a"})
    run = workspace.foreground()
    workspace.until_ready()
    until(lambda: "hello from a" in run.out, "the line")
    run.signal(signal.SIGINT)
    run.wait()
    assert "hello from a" not in run.err
    assert all(line.startswith("a") for line in run.out.splitlines() if line), f"only the services' logs: {run.out!r}"
    assert run.err, "progress goes to standard error"
    assert "\x1b" not in run.out + run.err, "no colours, where there is no terminal"


def test_the_foreground_as_json(workspace):
    workspace.service("a", env={"FAULT_SAY": "hello \"from\" a\t\x01"})
    run = workspace.foreground("-o", "json")
    workspace.until_ready()
    until(lambda: "hello" in run.out, "the line")
    run.signal(signal.SIGINT)
    assert run.wait() == 130
    lines = objects(run.out)
    assert all(isinstance(each, dict) for each in lines)
    assert any("hello \"from\" a\t\x01" in each.values() for each in lines)


def test_detached_output_is_one_document(workspace):
    workspace.service("a", env={"FAULT_SAY": "hello"})
    done = workspace.msctl("run", "--detach", "--gateway-port", "0", "-o", "json", code=0)
    assert json.loads(done.stdout)["services"]
    workspace.stop()
    done = workspace.msctl("run", "--detach", "--gateway-port", "0", code=0)
    assert "hello" not in done.stdout


def test_logs_filtered(workspace):
    workspace.service("a", env={"FAULT_SAY": "apple"})
    workspace.service("b", env={"FAULT_SAY": "banana"})
    workspace.detach()
    workspace.get("/a/print?lines=20")
    until(lambda: "printed line 19" in workspace.msctl("logs", code=0).stdout, "the last line")
    everything = workspace.msctl("logs", code=0).stdout
    assert "apple" in everything and "banana" in everything
    one = workspace.msctl("logs", "b", code=0).stdout
    assert "banana" in one and "apple" not in one
    found = workspace.msctl("logs", "--grep", "line 1[0-3]$", code=0).stdout.splitlines()
    assert len(found) == 4
    assert workspace.msctl("logs", "--since", "1h", code=0).stdout == everything
    for line in objects(workspace.msctl("logs", "-o", "json", code=0).stdout):
        assert line["service"] in ("a", "b")


def test_following(workspace):
    workspace.service("a")
    workspace.detach()
    follower = workspace.start("logs", "-f", "a")
    workspace.get("/a/print?lines=1")
    until(lambda: "printed line 0" in follower.out, "the line as it comes")
    workspace.get("/a/print?lines=3")
    until(lambda: "printed line 2" in follower.out, "the next ones")
    follower.signal(signal.SIGINT)
    assert follower.wait() == 130
    follower = workspace.start("logs", "-f", "-o", "json")
    until(lambda: follower.out, "the lines so far")
    workspace.stop()
    assert follower.wait() == 0, "it ends with the run"
    assert all(isinstance(each, dict) for each in objects(follower.out))


def test_a_terminal_that_nobody_reads_does_not_hold_up_the_run(workspace):
    workspace.service("talker", env={"FAULT_PRINT": 5 * MEGABYTE})
    run = subprocess.Popen(
        [workspace.program, "run", "--gateway-port", "0"], cwd=workspace.root, env=workspace.environment,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )
    try:
        workspace.until_ready()
        assert workspace.get("/talker/id").status == 200
        workspace.msctl("stop", code=0)
    finally:
        run.stdout.close()
        run.kill()
        run.wait()


def test_a_reader_that_goes_leaves_nothing(workspace):
    workspace.service("a")
    run = subprocess.Popen(
        [workspace.program, "run", "--gateway-port", "0"], cwd=workspace.root, env=workspace.environment,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )
    workspace.until_ready()
    url = workspace.url("/a/print?lines=1")
    run.stdout.close()
    assert status_of(url) in (200, 0, 503)
    run.send_signal(signal.SIGINT)
    assert run.wait(timeout=60) in (0, 130)
    workspace.until_gone()
