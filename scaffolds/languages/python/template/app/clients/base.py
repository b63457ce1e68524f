"""What all clients share: time-outs, retries, and the trace of the request that makes the call."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from app import trace

IDEMPOTENT = {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"}
PASSING_STATUSES = {502, 503, 504}
# No connection, or one that broke before the answer.
PASSING_ERRORS = (httpx.NetworkError, httpx.RemoteProtocolError)


@dataclass(frozen=True)
class Limits:
    """What one call may take, in seconds."""

    try_timeout: float = 2.0  # one attempt, from connecting to the end of the body
    total_timeout: float = 5.0  # all attempts and the waits between them
    retries: int = 2  # attempts after the first
    backoff_base: float = 0.05  # the first wait is random, up to this; each further one up to double
    backoff_max: float = 1.0  # no wait is longer
    max_retry_after: float = 2.0  # a need that asks for more is not asked again
    max_body_bytes: int = 1 << 20  # of an answer


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


class CallError(Exception):
    """A call that brought no answer that can be used."""


class StatusError(CallError):
    """An answer that is not a success."""

    def __init__(self, need: str, status: int, body: bytes) -> None:
        super().__init__(f"{need} answered {status}")
        self.status = status
        self.body = body


class Client:
    """Calls one need. Make one at the start and keep it: it keeps connections."""

    def __init__(
        self,
        need: str,
        base_url: str,
        limits: Limits = DEFAULT_LIMITS,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        dice: Callable[[], float] = random.random,
    ) -> None:
        self._need = need
        self._limits = limits
        self._sleep = sleep
        self._dice = dice
        # The limits here are of whole attempts; httpx's own are of single reads.
        self._http = httpx.AsyncClient(base_url=base_url, timeout=None)  # noqa: S113

    @classmethod
    def from_environment(cls, need: str, variable: str, environ: Mapping[str, str]) -> "Client":
        """Takes the base URL from a variable; a ValueError names it if it is missing or wrong."""
        base_url = environ.get(variable, "")
        if not base_url:
            raise ValueError(f"{variable} is not set")
        try:
            url = httpx.URL(base_url)
        except httpx.InvalidURL:
            url = httpx.URL("")
        if url.scheme not in ("http", "https") or not url.host:
            raise ValueError(f"{variable}: {base_url!r} is not an http URL")
        return cls(need, base_url)

    async def close(self) -> None:
        await self._http.aclose()

    async def request(self, method: str, path: str, json: Any = None) -> bytes:
        """Returns the body of a 2xx answer. The path is escaped already.

        Raises StatusError for other answers, and CallError if there is none in time.
        """
        try:
            async with asyncio.timeout(self._limits.total_timeout):
                answer = await self._attempts(method, path, json)
        except TimeoutError:
            raise CallError(f"{self._need}: {method} {path}: no answer in time") from None
        except httpx.HTTPError as error:
            raise CallError(f"{self._need}: {method} {path}: {error!r}") from error
        if not 200 <= answer.status <= 299:
            raise StatusError(self._need, answer.status, answer.body)
        return answer.body

    async def _attempts(self, method: str, path: str, json: Any) -> Answer:
        """Makes attempts until one gives an answer worth having, or the limits are reached.

        Only idempotent methods are tried again, and only after failures that pass. A time-out is not one
        of them: a need that is slow gets slower when it is asked twice.
        """
        deadline = time.monotonic() + self._limits.total_timeout
        retries = self._limits.retries if method in IDEMPOTENT else 0
        for attempt in range(retries):
            asked = 0.0
            try:
                answer = await self._try(method, path, json)
                if answer.status not in PASSING_STATUSES:
                    return answer
                asked = retry_after(answer.headers.get("retry-after", ""), datetime.now(UTC))
                if asked > self._limits.max_retry_after:
                    return answer
            except PASSING_ERRORS:
                if deadline - time.monotonic() <= self._longest(attempt):
                    raise
            else:
                if deadline - time.monotonic() <= max(asked, self._longest(attempt)):
                    return answer
            # "Full jitter", so that callers who failed together do not come back together.
            await self._sleep(max(asked, self._dice() * self._longest(attempt)))
        return await self._try(method, path, json)

    def _longest(self, attempt: int) -> float:
        longest: float = self._limits.backoff_base * 2**attempt
        return min(longest, self._limits.backoff_max)

    async def _try(self, method: str, path: str, json: Any) -> Answer:
        current = trace.current.get() or trace.new()
        headers = {"accept": "application/json", **current.headers()}
        async with (
            asyncio.timeout(self._limits.try_timeout),
            self._http.stream(method, path, json=json, headers=headers) as response,
        ):
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > self._limits.max_body_bytes:
                    raise CallError(
                        f"{self._need}: the answer is larger than {self._limits.max_body_bytes} bytes"
                    )
            return Answer(response.status_code, response.headers, bytes(body))


def retry_after(value: str, now: datetime) -> float:
    """Reads both forms of RFC 9110, section 10.2.3: seconds, and a date."""
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return 0.0
    return max(0.0, (date.replace(tzinfo=date.tzinfo or UTC) - now).total_seconds())
