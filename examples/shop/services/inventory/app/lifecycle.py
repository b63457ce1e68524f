"""Whether the process is about to end, and how long it may take."""

import time


class Lifecycle:
    def __init__(self, grace_period: float, drain_delay: float) -> None:
        self.grace_period = grace_period
        self.drain_delay = drain_delay
        self.draining = False
        self._deadline = float("inf")

    def begin_drain(self) -> None:
        self.draining = True
        # All ends a little before the grace period does, because then a SIGKILL comes.
        self._deadline = time.monotonic() + self.grace_period - min(0.3, self.grace_period / 2)

    def remaining(self) -> float:
        """Seconds that requests in flight still have."""
        return max(0.0, self._deadline - time.monotonic())
