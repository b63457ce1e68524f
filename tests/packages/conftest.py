"""The packages, made once, the image pushed to a registry; systems without anything to try them on."""
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "e2e"), str(TESTS / "e2e/images"), str(TESTS / "packages")]

from helpers.registry import Registry  # noqa: E402
from imagekit.podman import podman  # noqa: E402,F401
from packagekit.made import make  # noqa: E402
from packagekit.systems import System  # noqa: E402


@pytest.fixture(scope="session")
def registry(tmp_path_factory):
    made = Registry(tmp_path_factory.mktemp("registry"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def packages(registry):
    return make("--push", f"{registry.name}/tools")


# Debian 12, which the packages are made for, and the one after it.
@pytest.fixture(scope="module", params=["bookworm", "trixie"])
def system(request, tmp_path_factory):
    return System(request.param, tmp_path_factory.mktemp("systems") / request.param)
