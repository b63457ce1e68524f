"""Waiting for a condition: never for a time."""
import time

PATIENCE = 60  # seconds: a sanitizer build, on a busy machine


def until(condition, what, patience=PATIENCE):
    """The first true value of `condition()`. An AssertionError, with the last value seen, when patience ends."""
    deadline = time.monotonic() + patience
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {patience} s for {what}; last seen: {value!r}")
        time.sleep(0.01)
