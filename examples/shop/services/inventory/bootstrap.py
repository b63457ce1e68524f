"""Makes .venv hold exactly what the requirement files pin; does nothing if it does already.

python3 bootstrap.py          what the service runs with
python3 bootstrap.py --dev    and what its tests and linters need
"""

import fcntl
import hashlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
RUNTIME = ROOT / "requirements.txt"
DEVELOPMENT = ROOT / "requirements-dev.txt"
PIP = (
    "-m pip --disable-pip-version-check --no-input --quiet install"
    # All that is needed is pinned, with hashes; wheels need no compiler.
    " --require-hashes --no-deps --only-binary :all:"
)


def main() -> int:
    if sys.version_info < (3, 11):  # noqa: UP036 - nothing else holds old interpreters off
        print(f"Python 3.11 or later is needed, this is {sys.version.split()[0]}", file=sys.stderr)
        return 69
    wanted = DEVELOPMENT if "--dev" in sys.argv[1:] else RUNTIME
    # A build and a test may begin at the same time.
    with Path(__file__).open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            bring_up_to_date(wanted)
        except subprocess.CalledProcessError as error:
            print(f"{' '.join(map(str, error.cmd))} ended with {error.returncode}", file=sys.stderr)
            return 1
    return 0


def bring_up_to_date(wanted: Path) -> None:
    # What development needs includes what the service runs with.
    if is_installed(DEVELOPMENT) or is_installed(wanted):
        return
    if not is_installed(RUNTIME):
        # From scratch: a package that is no longer pinned must not stay.
        run(sys.executable, "-m", "venv", "--clear", VENV)
    run(VENV / "bin" / "python", *PIP.split(), "-r", wanted)
    stamp(RUNTIME).write_text(fingerprint(RUNTIME))
    if wanted == DEVELOPMENT:
        stamp(DEVELOPMENT).write_text(fingerprint(DEVELOPMENT))


def run(*command: str | Path) -> None:
    subprocess.run(command, check=True, cwd=ROOT)


def is_installed(requirements: Path) -> bool:
    # Written last: an installation that was interrupted has no stamp.
    try:
        return stamp(requirements).read_text() == fingerprint(requirements)
    except OSError:
        return False


def stamp(requirements: Path) -> Path:
    return VENV / f".installed-{requirements.stem}"


def fingerprint(requirements: Path) -> str:
    """Also tells the interpreter, and the place: a virtual environment cannot be moved."""
    digest = hashlib.sha256(requirements.read_bytes())
    digest.update(f"{sys.version}\n{sys.base_prefix}\n{ROOT}".encode())
    return digest.hexdigest()


if __name__ == "__main__":
    sys.exit(main())
