"""A workspace to deploy: services whose images nobody has to build, since the test names them."""
import hashlib
import json
import os
import subprocess
from pathlib import Path

import yaml


def digest(text):
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


class Shop:
    """`services`: {name: lines of its service.yaml beside the first ones}. With a `registry` that is there, msctl pushes the gateway's
    image itself."""

    def __init__(self, msctl, folder, kubeconfig, namespace, registry=None):
        self.msctl, self.folder, self.namespace = msctl, folder, namespace
        self.pushes, self.registry = registry is not None, registry or "registry.invalid/shop"
        self.kubeconfig = kubeconfig
        self.versions = {}
        self.services = {}
        context = yaml.safe_load(Path(kubeconfig).read_text())["current-context"]
        (folder / "services").mkdir(parents=True)
        (folder / "msctl.yaml").write_text(
            f"schema: 1\nworkspace: shop\nservices: [services/*]\nenvironments:\n  test:\n    registry: {self.registry}\n"
            f"    kubernetes: {{context: {context}, namespace: {namespace}}}\n")

    def service(self, name, version="1", needs=(), reference=None, **keys):
        """Writes it, or writes it anew."""
        folder = self.folder / "services" / name
        folder.mkdir(exist_ok=True)
        lines = [f"service: {name}", "language: none", 'run: ["./run"]']
        if needs:
            lines.append(f"needs: [{', '.join(needs)}]")
        keys = {"routes": json.dumps([{"match": {"path": f"/{name}/**"}}])} | keys
        lines += [f"{key}: {value}" for key, value in keys.items() if value is not None]
        (folder / "service.yaml").write_text("\n".join(lines) + "\n")
        self.versions[name] = (reference or f"{self.registry}/{name}:{version}", version)
        return self

    def remove(self, name):
        (self.folder / "services" / name / "service.yaml").unlink()
        (self.folder / "services" / name).rmdir()
        del self.versions[name]

    def images(self):
        """The file of --images."""
        file = self.folder / "images.json"
        images = [{"service": name, "reference": reference, "digest": version if version.startswith("sha256:") else digest(name + version)}
                  for name, (reference, version) in self.versions.items()]
        if "gateway" not in self.versions and not self.pushes:
            images.append({"service": "gateway", "reference": f"{self.registry}/msctl:1", "digest": digest("msctl")})
        file.write_text(json.dumps({"schema": 1, "ok": True, "images": images}))
        return file

    def start(self, *arguments, kubeconfig=None, **options):
        environment = {**os.environ, "KUBECONFIG": str(kubeconfig or self.kubeconfig), "HOME": str(self.folder)}
        return subprocess.Popen([self.msctl, *map(str, arguments)], cwd=self.folder, env=environment, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)

    def run(self, *arguments, code=0, kubeconfig=None):
        process = self.start(*arguments, kubeconfig=kubeconfig)
        out, err = process.communicate(timeout=300)
        assert code is None or process.returncode == code, f"msctl {' '.join(map(str, arguments))}: {process.returncode}\n{out}\n{err}"
        self.last_error = err
        return out

    def json(self, *arguments, code=0, **options):
        document = json.loads(self.run(*arguments, "-o", "json", code=code, **options))
        assert document["schema"] == 1 and document["ok"] == (code in (0, 2))
        return document

    def deploy(self, *arguments, code=0, **options):
        return self.json("deploy", *arguments, "-e", "test", "--images", self.images(), code=code, **options)

    def codes(self, document):
        return [error["code"] for error in document["errors"]]
