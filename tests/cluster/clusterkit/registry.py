"""Debian's docker-registry beside the cluster, at one address for the machine and for the node."""
import http.client

import yaml


def start(it, processes):
    file = it.state / "registry.yml"
    file.write_text(yaml.safe_dump({"version": "0.1", "log": {"level": "warn"}, "http": {"addr": it.registry},
                                    "storage": {"filesystem": {"rootdirectory": str(it.state / "registry")}, "delete": {"enabled": True}}}))
    processes.start("registry", "docker-registry", "serve", str(file))


def ready(it, processes):
    processes.ready("registry", lambda: answers(it.registry), "the registry")


def answers(address):
    try:
        connection = http.client.HTTPConnection(address, timeout=5)
        connection.request("GET", "/v2/")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
