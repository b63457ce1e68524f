"""Makes the end-to-end tests' helpers importable, and those of images with their podman."""
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "e2e"), str(TESTS / "e2e/images")]

from helpers.fixtures import msctl_program  # noqa: E402,F401
from imagekit.podman import podman  # noqa: E402,F401
