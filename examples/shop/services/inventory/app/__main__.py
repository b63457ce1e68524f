"""Runs the service: python -m app. Ends with 0, 1 (failed) or 64 (a setting is missing or wrong)."""

import gc
import os
import signal
import sys

from app import config


def main() -> int:
    try:
        settings = config.load(os.environ)
    except config.ConfigError as error:
        print(error, file=sys.stderr)
        return 64

    # Until the server is there to drain, a signal has nothing to wait for.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))

    # Imported late: the framework takes a while, and a wrong setting should show at once. It makes many
    # objects that stay, which the collector would look at again and again: a third of the time.
    gc.disable()
    from app.service import run

    gc.freeze()
    gc.enable()
    return run(settings)


if __name__ == "__main__":
    sys.exit(main())
