"""Locks that end with whoever holds them, however it ends."""
import fcntl
import os
from contextlib import contextmanager


def take(path, wait=True):
    """A descriptor that holds the lock on a file, as long as any copy of it is open. None when another holds it, unless `wait`."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            os.close(descriptor)
            return None
        # Who held it before may have removed the file, and another may hold the one that is there now.
        try:
            if os.stat(path).st_ino == os.fstat(descriptor).st_ino:
                return descriptor
        except FileNotFoundError:
            pass
        os.close(descriptor)


@contextmanager
def held(path):
    descriptor = take(path)
    try:
        yield
    finally:
        os.close(descriptor)
