"""What the kernel knows of one connection, asked for by its addresses (sock_diag(7)): /proc/net/tcp lists all, which takes a
tenth of a second when thousands wait in TIME_WAIT."""

import errno
import socket
import struct

NETLINK_SOCK_DIAG = 4
SOCK_DIAG_BY_FAMILY = 20
NLM_F_REQUEST = 1
NLMSG_ERROR = 2
ANY_STATE = 0xFFFFFFFF
NO_COOKIE = b"\xff" * 8


def queues(local, remote):
    """(bytes received and not read, bytes sent and not acknowledged) of the IPv4 socket with these addresses; zeros without one."""
    identity = struct.pack("!HH", local[1], remote[1])
    identity += socket.inet_aton(local[0]).ljust(16, b"\0") + socket.inet_aton(remote[0]).ljust(16, b"\0")
    identity += struct.pack("=I", 0) + NO_COOKIE
    request = struct.pack("=BBBBI", socket.AF_INET, socket.IPPROTO_TCP, 0, 0, ANY_STATE) + identity
    head = struct.pack("=IHHII", 16 + len(request), SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_SOCK_DIAG) as link:
        link.sendall(head + request)
        answer = link.recv(4096)
    if struct.unpack_from("=H", answer, 4)[0] == NLMSG_ERROR:
        error = -struct.unpack_from("=i", answer, 16)[0]
        if error != errno.ENOENT:
            raise OSError(error, "sock_diag")
        return 0, 0
    return struct.unpack_from("=II", answer, 16 + 4 + len(identity) + 4)
