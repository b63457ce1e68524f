"""Images of what is built already, 6 and 200 MB, beside crane and buildah; the memory that a layer of 1 GB takes."""
import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from measure import MSCTL, ROOT, paired_ratio, summary, wall_ms

PROGRAM = ROOT / "build/release/tests/bench/bench_image"
CRANE = Path(os.environ["MSCTL_DEV_CACHE"]) / "image-tools/bin/crane" if "MSCTL_DEV_CACHE" in os.environ else "crane"


def content(folder, megabytes):
    """Bytes as programs and libraries have them: this machine's own, so many of them."""
    folder.mkdir()
    left = megabytes * 1_000_000
    sources = sorted(Path("/usr/lib/gcc").rglob("cc1plus")) + sorted(Path("/usr/lib/x86_64-linux-gnu").glob("*.so.*"))
    for i, source in enumerate(each for _ in range(20) for each in sources if each.is_file() and not each.is_symlink()):
        if left <= 0:
            return
        data = source.read_bytes()[:left]
        (folder / f"{i}-{source.name}").write_bytes(data)
        left -= len(data)
    raise AssertionError(f"this machine has not {megabytes} MB of libraries")


def size_of_ours(layout):
    return max(each.stat().st_size for each in (layout / "blobs/sha256").iterdir())


def size_of_cranes(image):
    listed = subprocess.run(["tar", "-xOf", image, "manifest.json"], check=True, capture_output=True, text=True).stdout
    layer = json.loads(listed)[0]["Layers"][0]
    return len(subprocess.run(["tar", "-xOf", image, layer], check=True, capture_output=True).stdout)


def compared(megabytes, runs):
    root = Path(tempfile.mkdtemp(dir="/var/tmp"))
    ours, crane, buildah = [], [], []
    try:
        content(root / "content", megabytes)
        # crane takes an archive, which msctl makes itself.
        subprocess.run(["tar", "-C", root / "content", "-cf", root / "layer.tar", "."], check=True)
        (root / "Dockerfile").write_text("FROM scratch\nCOPY content /app\n")
        for _ in range(runs):
            shutil.rmtree(root / "layout", ignore_errors=True)
            (root / "image.tar").unlink(missing_ok=True)
            ours.append(wall_ms([PROGRAM, root / "content", root / "layout"]))
            crane.append(wall_ms([CRANE, "append", "--oci-empty-base", "-f", root / "layer.tar", "-t", "bench", "-o", root / "image.tar"]))
        mine, theirs = size_of_ours(root / "layout"), size_of_cranes(root / "image.tar")
        storage = ["--root", root / "graph", "--runroot", root / "run", "--storage-driver", "vfs"]
        for _ in range(min(runs, 3)):
            shutil.rmtree(root / "oci", ignore_errors=True)
            build = ["buildah", *storage, "build", "--isolation", "chroot", "--no-cache", "-q", "-t", "bench", "-f", root / "Dockerfile", root]
            buildah.append(wall_ms(build) + wall_ms(["buildah", *storage, "push", "-q", "bench", f"oci:{root}/oci:x"]))
            assert (root / "oci/index.json").exists(), "buildah has made nothing"
    finally:
        shutil.rmtree(root, ignore_errors=True)
    return [
        {"what": f"an image of {megabytes} MB", "unit": "ms", "msctl": summary(ours), "peers": {"crane": summary(crane), "buildah": summary(buildah)},
         "ratio": paired_ratio(ours, crane), "ratio_limit": 0.5, "against": "crane"},
        {"what": f"{megabytes} MB, compressed", "unit": "MB", "msctl": summary([mine / 1e6]), "peers": {"crane": summary([theirs / 1e6])},
         "ratio_limit": 1.02, "against": "crane"},
    ]


def most_resident(argv, cwd):
    """The most memory, in MiB, that a process of this command has itself, not its children."""
    child = subprocess.Popen(argv, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    most = 0
    while child.poll() is None:
        try:
            lines = Path(f"/proc/{child.pid}/status").read_text().splitlines()
        except OSError:
            continue
        most = max([most, *(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))])
        time.sleep(0.01)
    assert child.returncode == 0, f"{argv}: {child.returncode}"
    return most


def service_of(folder, megabytes):
    """A workspace with a service of Python that has nothing but so much data."""
    service = folder / "services/large"
    service.mkdir(parents=True)
    (folder / "msctl.yaml").write_text("workspace: large\nservices: [services/*]\npipelines: {images: {bases: {python: scratch}}}\n")
    (service / "service.yaml").write_text("service: large\nlanguage: python\n")
    (service / "requirements.txt").write_text("")
    (service / "openapi.yaml").write_text("openapi: 3.1.0\n")
    (folder / ".gitignore").write_text(".msctl/\nservices/large/app/*-*\n")
    content(service / "app", megabytes)
    (service / "app/__main__.py").write_text("")
    for words in (["init", "-q"], ["add", "-A"], ["-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-qm", "x"]):
        subprocess.run(["git", *words], cwd=folder, check=True)


def memory():
    root = Path(tempfile.mkdtemp(dir="/var/tmp"))
    try:
        service_of(root / "workspace", 1000)
        whole = most_resident([MSCTL, "build"], root / "workspace")
        layer = max(each.stat().st_size for each in (root / "workspace/.msctl/images/blobs/sha256").iterdir())
        assert layer > 100_000_000, "the layer is not in the image"
        return {"what": "memory of msctl build, a layer of 1 GB", "unit": "MiB", "msctl": summary([whole]), "peers": {}, "limit": 32}
    finally:
        shutil.rmtree(root, ignore_errors=True)


def rows():
    return [*compared(6, 15), *compared(200, 7), memory()]
