"""Images of what is built already, 6 and 200 MB, beside crane and buildah; the memory that a layer of 1 GB takes."""
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from measure import ROOT, summary, wall_ms

PROGRAM = ROOT / "build/release/tests/bench/bench_image"
CRANE = Path(os.environ["MSCTL_DEV_CACHE"]) / "image-tools/bin/crane" if "MSCTL_DEV_CACHE" in os.environ else "crane"


def content(folder, megabytes):
    """Bytes as programs and libraries have them: this machine's own, so many of them."""
    folder.mkdir()
    left = megabytes * 1_000_000
    sources = sorted(Path("/usr/lib/gcc").rglob("cc1plus")) + sorted(Path("/usr/lib/x86_64-linux-gnu").glob("*.so.*"))
    for i, source in enumerate(each for _ in range(20) for each in sources if each.is_file() and not each.is_symlink()):
        if left <= 0:
            break
        data = source.read_bytes()[:left]
        (folder / f"{i}-{source.name}").write_bytes(data)
        left -= len(data)


def compressed_by_us(layout):
    return sum(each.stat().st_size for each in (layout / "blobs/sha256").iterdir())


def compared(megabytes, runs):
    root = Path(tempfile.mkdtemp(dir="/var/tmp"))
    content(root / "content", megabytes)
    subprocess.run(["tar", "-C", root / "content", "-cf", root / "layer.tar", "."], check=True)
    (root / "Dockerfile").write_text("FROM scratch\nCOPY content /app\n")
    ours, crane, buildah = [], [], []
    try:
        for _ in range(runs):
            shutil.rmtree(root / "layout", ignore_errors=True)
            ours.append(wall_ms([PROGRAM, root / "content", root / "layout"]))
            (root / "image.tar").unlink(missing_ok=True)
            crane.append(wall_ms([CRANE, "append", "--oci-empty-base", "-f", root / "layer.tar", "-t", "bench", "-o", root / "image.tar"]))
        size = compressed_by_us(root / "layout")
        theirs = subprocess.run(["tar", "-xOf", root / "image.tar", "manifest.json"], check=True, capture_output=True, text=True).stdout
        listed = subprocess.run(["tar", "-tvf", root / "image.tar"], check=True, capture_output=True, text=True).stdout
        layer = json.loads(theirs)[0]["Layers"][0]
        crane_size = next(int(line.split()[2]) for line in listed.splitlines() if line.endswith(layer))
        storage = ["--root", root / "graph", "--runroot", root / "run", "--storage-driver", "vfs"]
        for _ in range(min(runs, 3)):
            shutil.rmtree(root / "oci", ignore_errors=True)
            build = ["buildah", *storage, "build", "--isolation", "chroot", "--no-cache", "-q", "-t", "bench", "-f", root / "Dockerfile", root]
            buildah.append(wall_ms(build) + wall_ms(["buildah", *storage, "push", "-q", "bench", f"oci:{root}/oci:x"]))
    finally:
        shutil.rmtree(root, ignore_errors=True)
    return {
        "what": f"an image of {megabytes} MB, {size / 1e6:.1f} MB compressed (crane {crane_size / 1e6:.1f})",
        "unit": "ms",
        "msctl": summary(ours),
        "peers": {"crane append": summary(crane), "buildah": summary(buildah)},
        "ratio_limit": 0.5,
        "against": "crane append",
    }


def memory():
    """The most that was resident while a layer of 1 GB was made."""
    root = Path(tempfile.mkdtemp(dir="/var/tmp"))
    try:
        content(root / "content", 1000)
        child = subprocess.Popen([PROGRAM, root / "content", root / "layout"], stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = status
        assert status == 0
        return {"what": "memory for a layer of 1 GB", "unit": "MiB", "msctl": summary([usage.ru_maxrss / 1024]), "peers": {}, "limit": 32}
    finally:
        shutil.rmtree(root, ignore_errors=True)


def rows():
    return [compared(6, 15), compared(200, 5), memory()]
