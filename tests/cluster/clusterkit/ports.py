"""Ports of one cluster, below those that the system hands out by itself; kept, so that what is started again finds its own."""
import json
import random
import socket

from .waiting import until

FIRST, LAST = 17000, 29999


def _free(port):
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def any_free(taken=()):
    def candidate():
        port = random.randint(FIRST, LAST)
        return port if port not in taken and _free(port) else None

    return until(candidate, "a free port", pause=0)


def choose(file, names):
    """{name: port}, the same for the same file."""
    if file.exists():
        return json.loads(file.read_text())
    chosen = {}
    for name in names:
        chosen[name] = any_free(chosen.values())
    file.write_text(json.dumps(chosen))
    return chosen
