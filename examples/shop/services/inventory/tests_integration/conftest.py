"""The running service, behind the gateway at GATEWAY_URL."""

import os
from collections.abc import Iterator

import httpx
import pytest


@pytest.fixture(scope="session")
def gateway() -> Iterator[httpx.Client]:
    url = os.environ.get("GATEWAY_URL")
    if not url:
        pytest.exit("GATEWAY_URL is not set: msctl test --integration sets it", returncode=1)
    # The gateway is asked itself, whatever proxy the environment names for others.
    with httpx.Client(base_url=url, timeout=10, trust_env=False) as client:
        yield client
