"""What `./dev package` makes."""
import json
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
OUT = ROOT / "build/packages"


def make(*arguments):
    done = subprocess.run(["./dev", "package", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-5000:]
    return Packages()


class Packages:
    """Paths of all that there is, of which there is one of each kind."""

    def __init__(self):
        self.names = sorted(each.name for each in OUT.iterdir())
        self.deb = self.one(".deb")
        self.archive = self.one(".tar.gz")
        self.image = self.one("-image.tar")
        self.sums = (OUT / "SHA256SUMS").read_text()

    def one(self, ending):
        found = [OUT / name for name in self.names if name.endswith(ending)]
        assert len(found) == 1, f"{ending}: {self.names}"
        return found[0]

    @property
    def version(self):
        return self.deb.name.split("_")[1]

    def unpack(self, folder):
        """The archive below `folder`; the one folder that is in it."""
        folder.mkdir(parents=True)
        subprocess.run(["tar", "-xzf", self.archive, "-C", folder], check=True)
        (top,) = folder.iterdir()
        return top

    def layout(self, folder):
        """The image as a layout in `folder`, and its manifest and configuration."""
        folder.mkdir(parents=True)
        subprocess.run(["tar", "-xf", self.image, "-C", folder], check=True)
        (entry,) = json.loads((folder / "index.json").read_text())["manifests"]
        return Image(folder, entry)


class Image:
    def __init__(self, folder, entry):
        self.folder, self.digest, self.name = folder, entry["digest"], entry["annotations"]["org.opencontainers.image.ref.name"]
        self.manifest = self.read(self.digest)
        self.config = self.read(self.manifest["config"]["digest"])

    def blob(self, digest):
        return self.folder / "blobs/sha256" / digest.removeprefix("sha256:")

    def read(self, digest):
        return json.loads(self.blob(digest).read_text())

    def unpack(self, folder):
        """All of its files below `folder`, by tar."""
        folder.mkdir(parents=True, exist_ok=True)
        for layer in self.manifest["layers"]:
            subprocess.run(["tar", "-xzf", self.blob(layer["digest"]), "--no-same-owner", "-C", folder], check=True)
        return folder
