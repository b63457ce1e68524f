"""The service's settings, read from its environment once, at the start."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

DEFAULT_NAME = "inventory"
LOG_LEVELS = ("debug", "info", "warn", "error")


class ConfigError(Exception):
    """Settings that are missing or wrong, one a line."""


@dataclass(frozen=True)
class Config:
    service_name: str
    host: str
    port: int
    redis_url: str
    log_level: str
    grace_period: float  # seconds from SIGTERM to the end of the process, at most
    drain_delay: float  # seconds of it in which new connections are still taken


def load(environ: Mapping[str, str]) -> Config:
    """Reads the settings. Its error names every one that is wrong, not only the first."""
    reader = _Reader(environ)
    config = Config(
        service_name=reader.optional("SERVICE_NAME", DEFAULT_NAME),
        host=reader.optional("HOST", "127.0.0.1"),
        port=reader.port("PORT"),
        redis_url=reader.redis_url("REDIS_URL"),
        log_level=reader.level("LOG_LEVEL"),
        grace_period=reader.seconds("GRACE_PERIOD", 10.0),
        drain_delay=reader.seconds("DRAIN_DELAY", 0.0),
    )
    if config.drain_delay > 0 and config.drain_delay >= config.grace_period:
        reader.fail("DRAIN_DELAY", "must be shorter than GRACE_PERIOD")
    if reader.errors:
        raise ConfigError("\n".join(reader.errors))
    return config


class _Reader:
    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.errors: list[str] = []

    def fail(self, name: str, what: str) -> None:
        self.errors.append(f"{name}: {what}")

    def optional(self, name: str, fallback: str) -> str:
        return self._environ.get(name) or fallback

    def required(self, name: str) -> str:
        value = self._environ.get(name, "")
        if not value:
            self.fail(name, "is not set")
        return value

    def port(self, name: str) -> int:
        value = self.required(name)
        if not value:
            return 0
        # 0 asks the kernel for a free port; the log line at the start tells which.
        if not (value.isascii() and value.isdigit()) or int(value) > 65535:
            self.fail(name, f"{value!r} is not a port (0 to 65535)")
            return 0
        return int(value)

    def redis_url(self, name: str) -> str:
        value = self.required(name)
        if not value:
            return value
        try:
            url = urlsplit(value)
            database = url.path.strip("/")
            valid = url.scheme in ("redis", "rediss") and bool(url.hostname) and url.port != 0
            valid = valid and (not database or database.isdigit())
        except ValueError:
            valid = False
        if not valid:
            self.fail(name, "is not redis://host:port[/db]")
        return value

    def seconds(self, name: str, fallback: float) -> float:
        value = self.optional(name, str(fallback))
        try:
            seconds = float(value)
        except ValueError:
            seconds = -1
        if not 0 <= seconds <= 3600:
            self.fail(name, f"{value!r} is not a number of seconds (0 to 3600)")
            return fallback
        return seconds

    def level(self, name: str) -> str:
        value = self.optional(name, "info")
        if value not in LOG_LEVELS:
            self.fail(name, f"{value!r} is not one of {', '.join(LOG_LEVELS)}")
        return value
