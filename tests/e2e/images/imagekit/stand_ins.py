"""Images that stand for those that the generated Dockerfiles build on, under the same names: made here of Debian packages, with
the toolchains of this machine where Debian has older ones, so that no registry of images is asked."""
import json
import re
import shutil
import subprocess
import tarfile
from pathlib import Path

from helpers.languages import ROOT

from .bases import CACHE, mirrors

# By the last part of the name. None of them has anything configured but the packages that the real one has, too.
PACKAGES = {
    "debian": [],
    "golang": [],
    "maven": ["maven", "openjdk-17-jdk-headless"],
    "eclipse-temurin": ["openjdk-17-jre-headless"],
    "node": ["libstdc++6"],
    "python": ["python3-venv", "python-is-python3"],
    "rust": ["rustc-web", "cargo-web", "gcc", "libc6-dev"],
}
PATHS = "/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def named():
    """What the Dockerfiles of all languages begin with."""
    found = set()
    for file in (ROOT / "scaffolds/languages").glob("*/Dockerfile"):
        found |= set(re.findall(r"^FROM (\S+)", file.read_text(), re.MULTILINE))
    return sorted(found - {"scratch"})


def add_go(tar):
    root = subprocess.run(["go", "env", "GOROOT"], check=True, capture_output=True, text=True).stdout.strip()
    tar.add(Path(root).resolve(), "./usr/local/go", filter=lambda each: None if re.search(r"/go/(test|doc|api)(/|$)", each.name) else each)


def add_node(tar):
    """With npm, whose own folder is where its program leads to."""
    program, npm = (Path(shutil.which(name)).resolve() for name in ("node", "npm"))
    tar.add(program, "./usr/local/bin/node")
    tar.add(npm.parents[1], "./usr/local/lib/node_modules/npm")
    link = tarfile.TarInfo("./usr/local/bin/npm")
    link.type, link.linkname = tarfile.SYMTYPE, "../lib/node_modules/npm/bin/npm-cli.js"
    tar.addfile(link)


ADDED = {"golang": add_go, "node": add_node}


def archive(kind):
    """A file system in which a package manager can go on; kept from run to run."""
    made = CACHE / f"stand-in-{kind}.tar"
    if made.exists():
        return made
    CACHE.mkdir(parents=True, exist_ok=True)
    half = CACHE / f"stand-in-{kind}.making.tar"
    include = ",".join(["ca-certificates", *PACKAGES[kind]])
    slim = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in ("doc", "info", "locale", "man")]
    # Java's packages link their pages, of which there are none, within this folder.
    pages = "--setup-hook=mkdir -p $1/usr/share/man/man1"
    done = subprocess.run(["mmdebstrap", "--quiet", "--variant=apt", *slim, pages, f"--include={include}", "bookworm", half, *mirrors()], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"no base can be made of Debian's packages: {done.stderr[-3000:]}"
    if kind in ADDED:
        with tarfile.open(half, "a") as tar:
            ADDED[kind](tar)
    half.rename(made)
    return made


def bring(environment):
    """Puts all of them into the storage that this environment names."""
    for name in named():
        kind = name.split(":")[0].split("/")[-1]
        archive(kind)
        from_scratch = subprocess.run(["buildah", "from", "scratch"], env=environment, check=True, capture_output=True, text=True).stdout.strip()
        for step in (["add", "-q", from_scratch, archive(kind), "/"], ["config", "--env", f"PATH={PATHS}", "--cmd", json.dumps(["/bin/sh"]), from_scratch],
                     ["commit", "-q", "--rm", from_scratch, f"docker.io/library/{name}"]):
            subprocess.run(["buildah", *step], env=environment, check=True, capture_output=True)
