"""The gateway as a process of its own: `msctl gateway run`."""

import json
import os
import re
import resource
import signal
import subprocess
import threading
from pathlib import Path

from .client import Client
from .wait import PATIENCE, until

ROOT = Path(__file__).resolve().parents[4]
MSCTL = os.environ.get("MSCTL", str(ROOT / "build/dev/msctl"))


def raise_file_limit():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Gateway:
    """Configuration is written as JSON, which is YAML. Port 0 everywhere; the real ones are read from what the gateway says."""

    def __init__(self, folder, config, threads=1, file_limit=None, count=None, written=False, arguments=(), environment=None):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.file = self.folder / "gateway.yaml"
        config = dict(config)
        config.setdefault("listeners", [{"address": "127.0.0.1:0"}])
        self.config = config
        if not written:  # otherwise the test has put the file there itself
            self.write(config)
        environment = dict(os.environ, NO_COLOR="1", **(environment or {}))
        self.output = {"stdout": [], "stderr": []}

        def limit():
            if file_limit:
                resource.setrlimit(resource.RLIMIT_NOFILE, (file_limit, file_limit))

        self.process = subprocess.Popen(
            [MSCTL, "gateway", "run", "--config", str(self.file), "--threads", str(threads), *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, preexec_fn=limit)
        self._readers = [threading.Thread(target=self._read, args=(name,), daemon=True) for name in self.output]
        for reader in self._readers:
            reader.start()
        self.addresses = self._learn_addresses(count or len(config["listeners"]))
        self.address = self.addresses[0]

    def _read(self, name):
        for line in getattr(self.process, name):
            self.output[name].append(line.decode("utf-8", "replace").rstrip("\n"))

    def _learn_addresses(self, count):
        def found():
            if self.process.poll() is not None:
                self._join()
                raise AssertionError(f"the gateway ended with {self.process.returncode}: {self.said()}")
            seen = re.findall(r"listening on http://(\d+\.\d+\.\d+\.\d+):(\d+)", "\n".join(self.output["stderr"]))
            return seen if len(seen) >= count else None

        return [(host, int(port)) for host, port in until(found, "the gateway says where it listens")]

    def wait_said(self, text, count=1):
        """Until stderr has this text so many times."""
        until(lambda: self.process.poll() is not None or sum(text in line for line in self.output["stderr"]) >= count,
              f"the gateway says {text!r}")
        assert self.process.poll() is None, self.said()

    def _join(self):
        for reader in self._readers:
            reader.join(PATIENCE)

    def lines(self):
        return self.output["stderr"] + self.output["stdout"]

    def said(self):
        """What it has to say on stderr; the access log goes to stdout."""
        return "\n".join(self.output["stderr"][-100:])

    def client_connections(self):
        """Open connections of clients, as the kernel sees them."""
        ports = {port for _, port in self.addresses}
        with open("/proc/net/tcp", encoding="ascii") as table:
            rows = [line.split() for line in table.readlines()[1:]]
        return sum(1 for row in rows if row[3] in ("01", "08") and int(row[1].split(":")[1], 16) in ports)

    def access_log(self):
        entries = []
        for line in list(self.output["stdout"]):
            entries.append(json.loads(line))
        return entries

    def write(self, config):
        """Replaces the file in one step, as editors and deploys do."""
        self.config = config
        new = self.folder / ".gateway.yaml.new"
        new.write_text(json.dumps(config, indent=1))
        os.replace(new, self.file)

    def write_text(self, text):
        new = self.folder / ".gateway.yaml.new"
        new.write_text(text)
        os.replace(new, self.file)

    def signal(self, number):
        self.process.send_signal(number)

    def connect(self, **options):
        return Client(self.address, **options)

    def ask(self, request, **options):
        with Client(self.address, **options) as client:
            return client.ask(request)

    def memory(self, key="VmRSS"):
        """Bytes; VmRSS is now, VmHWM the most there ever was."""
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"{key}:\s+(\d+) kB", text).group(1)) * 1024

    def open_files(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def wait_exit(self, patience=PATIENCE):
        try:
            code = self.process.wait(patience)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the gateway does not end: {self.said()}") from None
        self._join()
        return code

    def stop(self):
        """SIGTERM, then 0; and no sanitizer has complained."""
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        try:
            code = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the gateway did not end after SIGTERM: {self.said()}") from None
        finally:
            self._join()
        self.assert_sane()
        assert code == 0, f"exit code {code}: {self.said()}"

    def assert_sane(self):
        for line in self.lines():
            assert "Sanitizer" not in line and "runtime error:" not in line, self.said()


def start_refused(folder, config, threads=1):
    """For configurations that must not start: the finished process."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "gateway.yaml"
    file.write_text(config if isinstance(config, str) else json.dumps(config))
    return subprocess.run([MSCTL, "gateway", "run", "--config", str(file), "--threads", str(threads)],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False)
