"""Waiting for conditions. Time-outs are only there so that a broken gateway fails instead of hanging."""

import time

PATIENCE = 20.0  # seconds; a sanitizer build on a loaded machine is slow


def until(condition, what, patience=PATIENCE):
    """The first true value of condition(); an error naming `what` when there is none in time."""
    deadline = time.monotonic() + patience
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"in {patience} s this did not come true: {what}")
        time.sleep(0.002)
