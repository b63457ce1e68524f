"""The programs of a cluster: what scripts/cluster-tools.sh has built, and what Debian packages bring."""
import os
import shutil
from pathlib import Path


class ClusterError(Exception):
    """What a person can do something about: shown without a traceback."""


def folder():
    told = os.environ.get("CLUSTER_TOOLS")
    cache = Path(os.environ.get("MSCTL_DEV_CACHE", Path.home() / ".cache/msctl-dev"))
    found = Path(told) if told else cache / "cluster-tools"
    if not (found / "kube-apiserver").exists():
        raise ClusterError(f"the programs of a cluster are not in {found}: ./dev cluster builds them")
    return found.resolve()


def program(name):
    """Its path. Debian's are taken from where packages put them, whatever else PATH has first."""
    if (built := folder() / name).exists():
        return str(built)
    found = shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin")
    if found is None:
        raise ClusterError(f"there is no {name}: ./dev cluster installs it")
    return found


def versions():
    """{module: version} of what was built."""
    return {each.stem: each.read_text().strip() for each in sorted(folder().glob("*.version")) if each.stem != "programs"}
