"""Loopback ports of the machine that lead into the namespaces of a node."""
import socket

from .tools import ClusterError


def forward(processes, name, port, target):
    """127.0.0.1:`port` of the machine, to `target` (HOST:PORT) inside; the name is looked up anew for each connection.

    The socket is opened here and handed to a process in there: a socket stays in the network in which it was opened."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError as problem:
            raise ClusterError(f"127.0.0.1:{port} cannot be taken: {problem.strerror}") from problem
        listener.listen(512)
        processes.start(name, "forward", listener.fileno(), target, keep=(listener.fileno(),))


def parse(text):
    """(host, port inside, port of the machine or 0) of NAMESPACE/SERVICE:PORT[=LOCAL]."""
    service, _, local = text.partition("=")
    path, _, port = service.rpartition(":")
    namespace, _, name = path.partition("/")
    if not (namespace and name and port.isdigit() and (local or "0").isdigit()):
        raise ClusterError(f"'{text}' is not NAMESPACE/SERVICE:PORT or NAMESPACE/SERVICE:PORT=LOCAL")
    return f"{name}.{namespace}.svc.cluster.local", int(port), int(local or 0)
