"""Debian as it is without anything, in a folder: what is there is made of its packages by mmdebstrap."""
import hashlib
import os
import subprocess
from pathlib import Path

CACHE = Path(os.environ.get("MSCTL_DEV_CACHE", Path.home() / ".cache/msctl-dev")) / "package-systems"
# Essential packages; what shows manual pages and completes words; what emitted jobs ask for. None of them brings what msctl needs.
INCLUDE = "man-db,bash-completion,ca-certificates,curl,git"


def mirror():
    """Where this machine has Debian from."""
    told = subprocess.run(["apt-get", "indextargets", "--format", "$(CODENAME) $(REPO_URI)", "Created-By: Packages"], check=True, capture_output=True, text=True).stdout
    return next(line.split()[1] for line in told.splitlines() if line.startswith("bookworm "))


def archive(suite):
    """The system as a tar file, kept from run to run."""
    source = f"deb {mirror()} {suite} main"
    made = CACHE / f"{suite}-{hashlib.sha256((source + INCLUDE).encode()).hexdigest()[:16]}.tar"
    if not made.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        half = made.with_suffix(f".{os.getpid()}.tar")
        subprocess.run(["mmdebstrap", "--quiet", "--variant=essential", f"--include={INCLUDE}", suite, half, source], check=True)
        half.rename(made)
    return made


class System:
    def __init__(self, suite, folder):
        self.suite, self.root = suite, folder
        folder.mkdir()
        subprocess.run(["tar", "-xf", archive(suite), "-C", folder], check=True)

    def command(self, *words, network=True, **variables):
        """To run these words in it: processes and mounts of its own, none of this machine's variables."""
        own = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LC_ALL": "C.UTF-8", **variables}
        return ["unshare", "--mount", "--pid", "--fork", "--kill-child", *([] if network else ["--net"]), f"--mount-proc={self.root}/proc", "chroot", str(self.root),
                "/usr/bin/env", "-i", *(f"{name}={value}" for name, value in own.items()), *words]

    def run(self, *words, code=0, **options):
        done = subprocess.run(self.command(*words, **options), capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == code, f"{self.suite}: {words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def bash(self, script, **options):
        return self.run("bash", "-euo", "pipefail", "-c", script, **options)

    def files(self):
        """All that is in it but what its own programs write when any package comes or goes."""
        own = ("proc", "dev", "sys", "var/log", "var/cache/man", "var/cache/ldconfig")
        own_files = {f"var/lib/dpkg/{name}{end}" for name in ("status", "available", "diversions", "statoverride", "lock", "lock-frontend", "triggers/Lock") for end in ("", "-old")}
        found = set()
        for at, folders, files in os.walk(self.root):
            inside = os.path.relpath(at, self.root)
            folders[:] = [each for each in folders if os.path.normpath(f"{inside}/{each}") not in own]
            found |= {os.path.normpath(f"{inside}/{each}") for each in [*folders, *files]}
        return found - own_files
