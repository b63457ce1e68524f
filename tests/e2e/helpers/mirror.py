"""A mirror of the registries, on a port of the loopback: it has what the ordinary clients of this machine have fetched, laid out
under addresses of its own as each client expects a registry to be, and says what it was asked for."""
import base64
import hashlib
import json
import os
import pwd
import re
import shutil
import subprocess
import threading
import tomllib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, unquote


def run(command, folder, environment=None):
    done = subprocess.run(list(map(str, command)), cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


class Mirror:
    def __init__(self):
        self.pages = {}  # path → bytes, or a file
        self.folders = {}  # path with a slash at its end → folder
        self.asked = []  # what was asked for
        self.served = set()  # and what was there
        mirror = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                path = unquote(self.path.split("?")[0])
                mirror.asked.append(path)
                content = mirror.content(path)
                self.send_response(404 if content is None else 200)
                if content is not None:
                    mirror.served.add(path)
                    self.send_header("Content-Type", "application/json" if content[:1] == b"{" else "text/html" if content[:1] == b"<" else "application/octet-stream")
                self.send_header("Content-Length", str(len(content or b"")))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content or b"")

            do_HEAD = do_GET

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def content(self, path):
        if path in self.pages:
            page = self.pages[path]
            return page if isinstance(page, bytes) else page.read_bytes()
        for prefix, folder in self.folders.items():
            file = folder / path.removeprefix(prefix)
            if not path.startswith(prefix) or ".." in path.split("/"):
                continue
            if file.is_file():
                return file.read_bytes()
            # Maven keeps no checksums of what it has fetched, and asks for them.
            if file.suffix == ".sha1" and file.with_suffix("").is_file():
                return hashlib.sha1(file.with_suffix("").read_bytes()).hexdigest().encode()
        return None

    # --- what each registry looks like. Each returns the paths of all that a client has to fetch -----------------------------------

    def python(self, project, scratch):
        """PEP 503: a page of links for each project."""
        run(["python3", "-m", "venv", scratch / "venv"], project)
        wheels = scratch / "wheels"
        run([scratch / "venv/bin/python", "-m", "pip", "download", "-q", "--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", "requirements-dev.txt", "-d", wheels], project)
        links = {}
        for wheel in wheels.iterdir():
            path = f"/pip/files/{wheel.name}"
            self.pages[path] = wheel
            name = re.sub(r"[-_.]+", "-", wheel.name.split("-")[0]).lower()
            links.setdefault(name, []).append(f'<a href="{self.url}{quote(path)}">{wheel.name}</a>')
        for name, anchors in links.items():
            self.pages[f"/pip/simple/{name}/"] = f"<!DOCTYPE html><html><body>{''.join(anchors)}</body></html>".encode()
        return {f"/pip/files/{wheel.name}" for wheel in wheels.iterdir()}

    def node(self, project, scratch):
        """A document for each package, which names its archives."""
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(project / name, scratch / name)
        run(["npm", "ci", "--prefer-offline", "--ignore-scripts", "--no-audit"], scratch)
        cache = Path(run(["npm", "config", "get", "cache"], scratch).strip())
        documents, expected = {}, set()
        for place, each in json.loads((project / "package-lock.json").read_text())["packages"].items():
            if not place or not (scratch / place / "package.json").exists():
                continue  # ourselves, or made for another platform
            name, version = place.rpartition("node_modules/")[2], each["version"]
            kind, digest = each["integrity"].split("-", 1)
            name_of_content = base64.b64decode(digest).hex()
            path = f"/npm/-/{name.replace('/', '-')}-{version}.tgz"
            self.pages[path] = cache / "_cacache/content-v2" / kind / name_of_content[:2] / name_of_content[2:4] / name_of_content[4:]
            document = documents.setdefault(name, {"name": name, "dist-tags": {"latest": version}, "versions": {}})
            dist = {"tarball": self.url + path, "integrity": each["integrity"]}
            document["versions"][version] = {"name": name, "version": version, "dist": dist}
            expected.add(path)
        for name, document in documents.items():
            self.pages[f"/npm/{name}"] = json.dumps(document).encode()
        return expected

    def rust(self, project, scratch):
        """A sparse index: a file for each crate, with a line for each version."""
        home = Path(os.environ.get("CARGO_HOME", Path.home() / ".cargo"))
        for each in ("Cargo.toml", "Cargo.lock"):
            shutil.copy(project / each, scratch / each)
        (scratch / "src").mkdir()
        (scratch / "src/main.rs").write_text("fn main() {}\n")
        (scratch / "src/lib.rs").write_text("")
        metadata = json.loads(run(["cargo", "metadata", "--locked", "--format-version", "1"], scratch))
        sums = {(each["name"], each["version"]): each["checksum"] for each in tomllib.loads((project / "Cargo.lock").read_text())["package"] if "checksum" in each}
        self.pages["/cargo/config.json"] = json.dumps({"dl": self.url + "/cargo/crates/{crate}-{version}.crate"}).encode()
        expected, index = set(), {}
        for each in metadata["packages"]:
            if each["source"] is None:
                continue
            file = f"{each['name']}-{each['version']}.crate"
            self.pages[f"/cargo/crates/{file}"] = next(home.glob(f"registry/cache/*/{file}"))
            expected.add(f"/cargo/crates/{file}")
            dependencies = [
                {"name": one["rename"] or one["name"], "package": one["name"] if one["rename"] else None, "req": one["req"], "features": one["features"], "optional": one["optional"],
                 "default_features": one["uses_default_features"], "target": one["target"], "kind": one["kind"] or "normal"}
                for one in each["dependencies"]
            ]
            line = {"name": each["name"], "vers": each["version"], "deps": dependencies, "cksum": sums[each["name"], each["version"]], "features": {}, "features2": each["features"], "v": 2, "yanked": False}
            index.setdefault(each["name"].lower(), []).append(json.dumps(line))
        for name, lines in index.items():
            folder = {1: "1", 2: "2", 3: f"3/{name[0]}"}.get(len(name), f"{name[:2]}/{name[2:4]}")
            self.pages[f"/cargo/{folder}/{name}"] = "\n".join(lines).encode()
        return expected

    def go(self, project, scratch):
        """The cache of downloads is laid out as a proxy is."""
        run(["go", "mod", "download"], project)
        cache = Path(run(["go", "env", "GOMODCACHE"], project).strip()) / "cache/download"
        self.folders["/go/"] = cache
        needed = run(["go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}{{end}}{{end}}", "./..."], project).split("\n")
        escaped = {re.sub("[A-Z]", lambda letter: "!" + letter.group().lower(), each) for each in needed if each}
        return {f"/go/{module}/@v/{version}.zip" for module, version in (each.split() for each in escaped)}

    def java(self, project, scratch):
        """The local repository has the layout of a remote one."""
        run(["sh", "build.sh"], project)
        shutil.rmtree(project / "target")
        # Java takes the home folder from the user's entry, whatever HOME says.
        self.folders["/maven/"] = Path(pwd.getpwuid(os.getuid()).pw_dir) / ".m2/repository"
        return set()
