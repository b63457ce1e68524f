"""Namespaces of one's own: network, mounts and processes, held by one process.

What a node does to its machine (bridges, routes, nft tables, sysctls of the network, mounts, shims that outlive their parent) then
happens inside, and the kernel undoes it when the holding process ends, however it ends.
"""
import ctypes
import os

KINDS = {"mnt": 0x00020000, "net": 0x40000000, "pid": 0x20000000}
_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result, what):
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def unshare():
    """For this process, in the case of "pid" for its children."""
    _checked(_libc.unshare(sum(KINDS.values())), "unshare")


class Fresh:
    """Namespaces that do not exist yet: who enters them makes them."""

    @staticmethod
    def enter():
        unshare()


class Inside:
    """The namespaces of the process with this PID."""

    def __init__(self, pid):
        self.pid = pid

    def enter(self):
        """For this process, in the case of "pid" for its children; there is no way back."""
        opened = [(kind, os.open(f"/proc/{self.pid}/ns/{kind}", os.O_RDONLY | os.O_CLOEXEC)) for kind in KINDS]
        for kind, descriptor in opened:
            _checked(_libc.setns(descriptor, KINDS[kind]), f"setns {kind}")
            os.close(descriptor)

    def command(self, *arguments):
        """The argument vector that runs another in there, as a child that can be waited for."""
        return ["nsenter", f"--target={self.pid}", "--net", "--mount", "--pid", f"--wd={os.getcwd()}", "--", *arguments]
