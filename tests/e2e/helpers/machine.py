"""The machine as /proc shows it: which processes carry a mark, who listens on a port, how much memory a process has."""
import os
import signal
import socket
from pathlib import Path


def _read(path):
    try:
        return Path(path).read_bytes()
    except OSError:
        return b""


def _alive(pid):
    """Neither gone nor dead and waiting for its parent."""
    stat = _read(f"/proc/{pid}/stat")
    return bool(stat) and stat.rsplit(b")", 1)[1].split()[0] not in (b"Z", b"X")


def alive(pid):
    return _alive(int(pid))


def marked(mark):
    """{pid: command line} of every live process with `mark` in its environment or its arguments, this one left out."""
    wanted = mark.encode()
    found = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit() or int(entry) == os.getpid():
            continue
        command = _read(f"/proc/{entry}/cmdline")
        if (wanted in command or wanted in _read(f"/proc/{entry}/environ")) and _alive(entry):
            name = _read(f"/proc/{entry}/comm").decode(errors="replace").strip()
            found[int(entry)] = f"{name}: " + command.replace(b"\0", b" ").decode(errors="replace")
    return found


def kill_marked(mark):
    for pid in marked(mark):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def parent(pid):
    return int(_read(f"/proc/{pid}/stat").rsplit(b")", 1)[1].split()[1])


def memory_mib(pid):
    """Resident memory now."""
    for line in _read(f"/proc/{pid}/status").decode().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def descriptors(pid):
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return 0


def listening_inodes(port):
    """Inodes of the sockets that listen on a TCP port."""
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in _read(table).decode().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and int(fields[1].rsplit(":", 1)[1], 16) == port:
                found.add(fields[9])
    return found


def owners(inodes):
    """PIDs that hold a socket with one of these inodes."""
    found = set()
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            for each in os.scandir(f"/proc/{entry}/fd"):
                target = os.readlink(each.path)
                if target.startswith("socket:[") and target[8:-1] in inodes:
                    found.add(int(entry))
        except OSError:
            continue
    return found


def free_port():
    with socket.socket() as each:
        each.bind(("127.0.0.1", 0))
        return each.getsockname()[1]
