"""Makes tests/e2e/helpers importable, and its fixtures known, in every suite below."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from helpers.fixtures import make_workspace, msctl_program, service_program, workspace  # noqa: E402,F401
