"""The processes of a cluster: started apart from who starts them, found again later by anyone, and ended.

Each carries the state folder in its environment (MARK), as do their children, so that what belongs to a cluster is found even when
every record of it is lost. A record per name (argument vector, PID, time of start) lets a killed one be started again.
"""
import json
import os
import signal
import time
from pathlib import Path

from .tools import ClusterError, program
from .waiting import until

MARK = "MSCTL_TEST_CLUSTER"


def stat(pid):
    """(state, time of start in ticks since boot) of a process, or None."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return None
    return fields[0], int(fields[19])


def _has_threads(pid):
    """Whether one besides the first is left."""
    try:
        return len(os.listdir(f"/proc/{pid}/task")) > 1
    except OSError:
        return False


def is_alive(pid, started=None):
    """Dead and waiting to be reaped is not alive; nor is another process that got the same number. A process whose first thread is dead
    lives until the last one is: up to then its sockets are open."""
    found = stat(pid)
    return found is not None and started in (None, found[1]) and (found[0] not in "ZX" or _has_threads(pid))


def marked(state):
    """PIDs of every live process that carries this state folder, this one left out."""
    wanted = f"{MARK}={state}".encode()
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit() or int(entry) == os.getpid():
            continue
        try:
            environment = Path(f"/proc/{entry}/environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if wanted in environment and is_alive(int(entry)):
            found.append(int(entry))
    return found


class Processes:
    """`inside`: the namespaces in which they are to run, or None for the machine's."""

    def __init__(self, state, inside=None):
        self.state, self.inside = Path(state), inside
        self.records, self.logs = self.state / "processes", self.state / "log"

    def start(self, name, *arguments, environment=None, keep=()):
        """Starts program `arguments[0]`; ClusterError when it cannot be executed. `keep`: descriptors that it inherits."""
        for folder in (self.records, self.logs):
            folder.mkdir(parents=True, exist_ok=True)
        arguments = [program(arguments[0]) if "/" not in str(arguments[0]) else arguments[0], *arguments[1:]]
        variables = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(self.state), **(environment or {}), MARK: str(self.state)}
        with open(self.logs / f"{name}.log", "ab") as log:
            pid = spawn([str(each) for each in arguments], log.fileno(), variables, self.inside, keep)
        started = (stat(pid) or ("X", 0))[1]
        record = {"name": name, "pid": pid, "started": started, "arguments": [str(each) for each in arguments], "environment": environment or {}}
        making = self.records / f".{name}"
        making.write_text(json.dumps(record))
        making.rename(self.records / f"{name}.json")
        return pid

    def record(self, name):
        try:
            return json.loads((self.records / f"{name}.json").read_text())
        except OSError:
            raise ClusterError(f"{name} was never started in {self.state}") from None

    def names(self):
        return sorted(each.stem for each in self.records.glob("*.json")) if self.records.exists() else []

    def alive(self, name):
        record = self.record(name)
        return is_alive(record["pid"], record["started"])

    def pid(self, name):
        return self.record(name)["pid"]

    def tail(self, name, lines=8):
        try:
            text = (self.logs / f"{name}.log").read_text(errors="replace")
        except OSError:
            return ""
        return "\n".join(text.splitlines()[-lines:])

    def ready(self, name, condition, what):
        """Waits for a condition; not any longer when the process has ended."""
        def check():
            if value := condition():
                return value
            if not self.alive(name):
                raise ClusterError(f"{name} has ended. The end of its log:\n{self.tail(name)}")
            return None

        return until(check, what)

    def signal(self, name, number):
        """Only to the process that was started, never to one that has its number now."""
        if self.alive(name):
            try:
                os.kill(self.pid(name), number)
            except ProcessLookupError:
                pass

    def kill(self, name):
        """kill -9, and gone when this returns."""
        self.signal(name, signal.SIGKILL)
        until(lambda: not self.alive(name), f"the end of {name}")

    def stop(self, name):
        self.signal(name, signal.SIGTERM)
        until(lambda: not self.alive(name), f"the end of {name}")

    def again(self, name):
        """Starts one that has ended, as it was started before."""
        if self.alive(name):
            raise ClusterError(f"{name} still runs")
        record = self.record(name)
        return self.start(name, *record["arguments"], environment=record["environment"])


def end_all(state, patience=60):
    """Kills what carries this state folder; how many there were. Nothing of a cluster is worth a kind end: its state goes, too."""
    ended = set()
    deadline = time.monotonic() + patience
    while left := marked(state):
        if time.monotonic() > deadline:
            raise ClusterError(f"processes do not end: {' '.join(map(str, left))}")
        for pid in left:
            ended.add(pid)
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.02)
    return len(ended)


def spawn(arguments, log, environment, inside, keep=()):
    """The PID, as this process sees it, of a program that is nobody's child here: the first process of its PID namespace reaps it.

    Only a child that is forked after setns() is in another PID namespace; so the process in between enters, forks and tells."""
    told, tell = os.pipe()
    failed, fail = os.pipe()
    between = os.fork()
    if between == 0:
        try:
            os.setsid()
            if inside is not None:
                inside.enter()
            pid = os.fork()
            if pid == 0:
                null = os.open("/dev/null", os.O_RDONLY)
                for source, target in ((null, 0), (log, 1), (log, 2)):
                    os.dup2(source, target)
                for descriptor in keep:
                    os.set_inheritable(descriptor, True)
                os.chdir("/")
                os.execve(arguments[0], arguments, environment)
            os.write(tell, str(pid).encode())
            os._exit(0)
        except BaseException as problem:  # nothing of the caller's may run in this copy of it
            os.write(fail, str(problem).encode())
            os._exit(1)
    os.close(tell)
    os.close(fail)
    with os.fdopen(told, "rb") as answer, os.fdopen(failed, "rb") as problem:
        pid, reason = answer.read(), problem.read().decode()
    os.waitpid(between, 0)
    if reason or not pid:
        raise ClusterError(f"{arguments[0]} cannot be started: {reason}")
    return int(pid)
