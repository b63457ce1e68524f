"""Waiting for a condition: never for a time."""
import time

from .tools import ClusterError

PATIENCE = 180  # seconds; on a machine at rest nothing takes 20


def until(condition, what, patience=PATIENCE, pause=0.05):
    """The first true value of `condition()`. ClusterError, with the last value seen, when patience ends."""
    deadline = time.monotonic() + patience
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise ClusterError(f"waited {patience} s for {what}; last seen: {value!r}")
        time.sleep(pause)
