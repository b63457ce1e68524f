"""Images of one static program, made without a builder: into an archive, or straight to a registry."""
import gzip
import hashlib
import http.client
import io
import json
import tarfile
from pathlib import Path
from urllib.parse import urlsplit

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
USER = 65532


class Image:
    """`environment`: variables that its process finds."""

    def __init__(self, program, environment=None):
        self.blobs = {}
        layer, plain = self._layer(Path(program))
        config = {"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": [plain]},
                  "config": {"User": str(USER), "Entrypoint": ["/program"], "WorkingDir": "/",
                             "Env": ["PATH=/", *(f"{name}={value}" for name, value in (environment or {}).items())]}}
        self.manifest = json.dumps({
            "schemaVersion": 2, "mediaType": MANIFEST,
            "config": self._add("application/vnd.oci.image.config.v1+json", json.dumps(config).encode()),
            "layers": [self._add("application/vnd.oci.image.layer.v1.tar+gzip", layer)]}).encode()
        self.digest = _digest(self.manifest)

    def _add(self, kind, content):
        digest = _digest(content)
        self.blobs[digest] = content
        return {"mediaType": kind, "digest": digest, "size": len(content)}

    @staticmethod
    def _layer(program):
        """(compressed, digest of what it is uncompressed)"""
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as tar:
            _put(tar, "program", program.read_bytes(), 0o755)
            _put(tar, "etc/passwd", f"nonroot:x:{USER}:{USER}::/:/program\n".encode(), 0o644)
        return gzip.compress(buffer.getvalue(), 1, mtime=0), _digest(buffer.getvalue())

    def archive(self, path, reference):
        """An OCI layout in a tar file, which containerd imports under this name."""
        described = {"mediaType": MANIFEST, "digest": self.digest, "size": len(self.manifest), "annotations": {"io.containerd.image.name": reference}}
        with tarfile.open(path, "w") as tar:
            _put(tar, "oci-layout", b'{"imageLayoutVersion":"1.0.0"}')
            _put(tar, "index.json", json.dumps({"schemaVersion": 2, "manifests": [described]}).encode())
            for digest, content in {**self.blobs, self.digest: self.manifest}.items():
                _put(tar, f"blobs/{digest.replace(':', '/')}", content)

    def push(self, registry, name, tag):
        """Its reference, by tag. `registry`: ADDRESS:PORT, without TLS."""
        connection = http.client.HTTPConnection(registry, timeout=60)

        def ask(method, path, body=None, kind="application/octet-stream"):
            connection.request(method, path, body, {"Content-Type": kind} if body is not None else {})
            answer = connection.getresponse()
            answer.read()
            return answer

        for digest, content in self.blobs.items():
            if ask("HEAD", f"/v2/{name}/blobs/{digest}").status == 200:
                continue
            begun = urlsplit(_expected(ask("POST", f"/v2/{name}/blobs/uploads/"), 202).headers["Location"])
            query = f"{begun.query}&" if begun.query else ""
            _expected(ask("PUT", f"{begun.path}?{query}digest={digest}", content), 201)
        _expected(ask("PUT", f"/v2/{name}/manifests/{tag}", self.manifest, MANIFEST), 201)
        connection.close()
        return f"{registry}/{name}:{tag}"


def _digest(content):
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _put(tar, name, content, mode=0o644):
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    tar.addfile(entry, io.BytesIO(content))


def _expected(answer, status):
    if answer.status != status:
        raise RuntimeError(f"the registry answers {answer.status}, not {status}")
    return answer
