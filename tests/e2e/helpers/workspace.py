"""A workspace of misbehaving services, and msctl on it as a person would use it."""
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import uuid
from pathlib import Path

from . import machine
from .http import request
from .waiting import PATIENCE, until

HTTP_CHECKS = {"ready": "/health/ready", "live": "/health/live"}


class Foreground:
    """A msctl that goes on: its output goes to files, so that nobody has to read along."""

    def __init__(self, workspace, arguments, environment):
        number = len(workspace.started)
        self.out_path = workspace.scratch / f"{number}.out"
        self.err_path = workspace.scratch / f"{number}.err"
        with open(self.out_path, "wb") as out, open(self.err_path, "wb") as err:
            self.process = subprocess.Popen(
                [workspace.program, *arguments], cwd=workspace.root, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=environment
            )
        workspace.started.append(self)

    @property
    def pid(self):
        return self.process.pid

    @property
    def out(self):
        return self.out_path.read_text(errors="replace")

    @property
    def err(self):
        return self.err_path.read_text(errors="replace")

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, patience=PATIENCE):
        return self.process.wait(timeout=patience)

    def running(self):
        return self.process.poll() is None


class Workspace:
    """services() and run: what a test needs. close() asserts that nothing is left of it on the machine."""

    def __init__(self, program, service_program, root=None, runtime_folder=None, name="faults"):
        self.program = str(program)
        self.service_program = str(service_program)
        self.mark = "mark-" + uuid.uuid4().hex[:12]
        self.scratch = Path(tempfile.mkdtemp(prefix="e2e-"))
        self.root = Path(root) if root else self.scratch / "workspace"
        self.root.mkdir(parents=True, exist_ok=True)
        self.runtime_folder = Path(runtime_folder) if runtime_folder else self.scratch / "run"
        self.runtime_folder.mkdir(mode=0o700, exist_ok=True)
        self.name = name
        self.started = []
        self.ports = set()
        self._url = None
        self.record_file = self.scratch / "record"
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.scratch),
            "LANG": "C.UTF-8",
            "XDG_RUNTIME_DIR": str(self.runtime_folder),
            "E2E_MARK": self.mark,
            # What the sanitizers find, in whatever process of msctl, goes to files that close() looks at.
            "ASAN_OPTIONS": f"log_path={self.scratch}/sanitizer:abort_on_error=0:detect_leaks=1:quarantine_size_mb=8",
            "UBSAN_OPTIONS": f"log_path={self.scratch}/sanitizer:print_stacktrace=1",
        }
        self.root_file()

    # --- files -------------------------------------------------------------------------------------------------------------

    def root_file(self, gateway=None, **more):
        document = {"schema": 1, "workspace": self.name, "services": ["services/*"], **more}
        if gateway:
            document["gateway"] = gateway
        self.write("msctl.yaml", json.dumps(document, indent=2))

    def write(self, path, text):
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        return target

    def service(self, name, env=None, health=HTTP_CHECKS, route=True, **more):
        """One service; `env` says how it misbehaves (helpers/service.cc), `more` are keys of service.yaml. Without `health` a
        TCP connect is what tells."""
        settings = {"FAULT_RECORD": str(self.record_file), **{key: str(value) for key, value in (env or {}).items()}}
        document = {"service": name, "language": "none", "run": [self.service_program, name, self.mark], "env": settings}
        if health:
            document["health"] = health
        if route:
            document["routes"] = [{"match": {"path": f"/{name}/**"}, "request": {"stripPrefix": f"/{name}"}}]
        document.update(more)
        self.write(f"services/{name}/service.yaml", json.dumps(document, indent=2))

    def record(self):
        """[(what, service, pid)] in the order in which it happened."""
        if not self.record_file.exists():
            return []
        return [tuple(line.split()) for line in self.record_file.read_text().splitlines()]

    # --- msctl -------------------------------------------------------------------------------------------------------------

    def msctl(self, *arguments, code=None, env=None, patience=PATIENCE, cwd=None):
        self._forget_url(arguments)
        # Its output goes to files: a process that it leaves behind must not keep a pipe open.
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            done = subprocess.run(
                [self.program, *map(str, arguments)],
                cwd=cwd or self.root,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env={**self.environment, **(env or {})},
                timeout=patience,
            )
            out.seek(0)
            err.seek(0)
            done.stdout = out.read().decode(errors="replace")
            done.stderr = err.read().decode(errors="replace")
        if code is not None:
            assert done.returncode == code, (
                f"msctl {' '.join(map(str, arguments))}: exit {done.returncode}, expected {code}\n--- stdout\n{done.stdout}\n--- stderr\n{done.stderr}"
            )
        return done

    def document(self, *arguments, code=0, **options):
        """The one JSON document that the command prints."""
        done = self.msctl(*arguments, "-o", "json", code=code, **options)
        try:
            document = json.loads(done.stdout)
        except ValueError:
            raise AssertionError(f"not one JSON document: {done.stdout!r}\n--- stderr\n{done.stderr}") from None
        assert document["schema"] == 1
        assert document["ok"] is (code == 0), document
        self.remember(document)
        return document

    def remember(self, document):
        url = (document.get("gateway") or {}).get("url")
        if url:
            self.ports.add(int(url.rstrip("/").rsplit(":", 1)[1]))
        for service in document.get("services", []):
            if isinstance(service, dict):
                self.ports.update(replica["port"] for replica in service.get("replicas", []) if replica.get("port"))
                self.ports.update(int(need.rstrip("/").rsplit(":", 1)[1]) for need in service.get("needs", {}).values())

    def detach(self, *arguments, code=0, **options):
        """`run --detach` on a free port; the status document."""
        return self.document("run", "--detach", "--gateway-port", "0", *arguments, code=code, **options)

    def foreground(self, *arguments, env=None):
        """`run` on a free port, going on; use until_ready() to wait."""
        return self.start("run", "--gateway-port", "0", *arguments, env=env)

    def start(self, *arguments, env=None):
        self._forget_url(arguments)
        return Foreground(self, list(map(str, arguments)), {**self.environment, **(env or {})})

    def status(self):
        return self.document("status")

    def service_status(self, name):
        return next(each for each in self.status()["services"] if each["name"] == name)

    def replicas(self, name):
        return self.service_status(name)["replicas"]

    def condition(self, name, type_="Ready"):
        return next(each for each in self.service_status(name)["conditions"] if each["type"] == type_)

    def is_running(self):
        return self.status()["running"]

    def until_running(self):
        return until(self.is_running, "a run that answers")

    def until_ready(self, *names):
        self.until_running()
        self.msctl("wait", *names, "--timeout", "60s", code=0)
        return self.status()

    def url(self, path=""):
        """At the gateway. Asked for once a run."""
        if self._url is None:
            self._url = self.status()["gateway"]["url"].rstrip("/")
        return self._url + path

    def _forget_url(self, arguments):
        if "run" in arguments:
            self._url = None

    def get(self, path, **options):
        return request(self.url(path), **options)

    def run_pid(self):
        return self.status()["gateway"]["pid"]

    def guard_pid(self):
        """The parent of the services, which is not msctl itself."""
        own = self.run_pid()
        for service in self.status()["services"]:
            for replica in service["replicas"]:
                if replica["pid"]:
                    guard = machine.parent(replica["pid"])
                    assert guard != own, "services are children of msctl itself, not of a guard"
                    return guard
        raise AssertionError("no replica runs")

    def stop(self, code=0):
        return self.msctl("stop", code=code)

    # --- the end -----------------------------------------------------------------------------------------------------------

    def processes(self):
        return machine.marked(self.mark)

    def until_gone(self, patience=PATIENCE):
        until(lambda: not self.processes(), f"the end of every process: {self.processes()}", patience)

    def sanitizer_reports(self):
        """What sanitizers have found. That a thread ended while leaks were looked for is told, too, and is nothing found."""
        text = "\n".join(each.read_text(errors="replace") for each in sorted(self.scratch.glob("sanitizer*")))
        return re.sub(r"^==\d+==Unable to get registers from thread \d+\.\n?", "", text, flags=re.MULTILINE).strip()

    def close(self):
        """Stops what runs and asserts that nothing is left."""
        try:
            if self.processes():
                self.msctl("stop")
            for each in self.started:
                if each.running() and "run" not in each.process.args:
                    each.process.kill()
                    each.wait()
            self.assert_nothing_left()
            assert not self.sanitizer_reports(), self.sanitizer_reports()
        finally:
            machine.kill_marked(self.mark)
            for each in self.started:
                if each.running():
                    each.process.kill()
                each.process.wait(timeout=10)
            shutil.rmtree(self.scratch, ignore_errors=True)

    def assert_nothing_left(self):
        # `stop` returns when every process is gone; one that a test killed needs its guard's moment.
        self.until_gone(patience=30)
        for port in self.ports:
            for pid in machine.owners(machine.listening_inodes(port)):
                # Others on this machine may have been given the port since.
                command = Path(f"/proc/{pid}/cmdline").read_bytes() if machine.alive(pid) else b""
                assert self.service_program.encode() not in command and self.program.encode() not in command, (
                    f"port {port} is still held by {pid}: {command!r}"
                )
        sockets = [each for each in self.runtime_folder.rglob("*") if each.is_socket()]
        assert not sockets, f"control sockets are left: {sockets}"


def interrupt(process):
    process.signal(signal.SIGINT)
