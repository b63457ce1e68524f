"""Debian's docker-registry as a real registry, and a proxy before it that makes trouble."""
import base64
import json
import signal
import socket
import subprocess
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse

import yaml

from helpers.machine import free_port


def certificate(folder, name="registry"):
    """A key and a certificate for 127.0.0.1, signed by itself."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.crt", "-days", "2",
         "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1"], cwd=folder, check=True, capture_output=True)
    return folder / f"{name}.crt", folder / f"{name}.key"


class Registry:
    """`storage`: a folder. `users`: {name: password}, asked for by basic authentication."""

    def __init__(self, folder, storage=None, tls=False, users=None, token=None, read_only=False):
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.port = free_port()
        self.name = f"127.0.0.1:{self.port}"
        config = {"version": "0.1", "log": {"level": "error"},
                  "storage": {"filesystem": {"rootdirectory": str(storage or folder / "storage")}, "delete": {"enabled": True}},
                  "http": {"addr": self.name}}
        self.certificate = None
        if tls:
            self.certificate, key = certificate(folder)
            config["http"]["tls"] = {"certificate": str(self.certificate), "key": str(key)}
        if users:
            lines = [subprocess.run(["htpasswd", "-nbB", *each], check=True, capture_output=True, text=True).stdout for each in users.items()]
            (folder / "htpasswd").write_text("".join(lines))
            config["auth"] = {"htpasswd": {"realm": "a \"quoted\" realm", "path": str(folder / "htpasswd")}}
        if token:
            config["auth"] = {"token": {"realm": token.url, "service": "the registry", "issuer": "the issuer", "rootcertbundle": str(token.certificate)}}
        if read_only:
            config["storage"]["maintenance"] = {"readonly": {"enabled": True}}
        (folder / "config.yml").write_text(yaml.safe_dump(config))
        self.process = None
        self.start()

    def start(self):
        log = open(self.folder / "log", "ab")
        self.process = subprocess.Popen(["docker-registry", "serve", str(self.folder / "config.yml")], stdout=log, stderr=log)
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                assert self.process.poll() is None, (self.folder / "log").read_text()
                time.sleep(0.05)
        raise AssertionError("the registry does not answer")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def close(self):
        self.process.terminate()
        self.process.wait()

    def tags(self, repository):
        """From its storage, whoever may ask it."""
        folder = self.folder / "storage/docker/registry/v2/repositories" / repository / "_manifests/tags"
        return sorted(each.name for each in folder.iterdir()) if folder.exists() else []


class Tokens:
    """A server of tokens as distribution's specification has it; docker-registry verifies them."""

    def __init__(self, folder, users):
        folder.mkdir(exist_ok=True)
        self.certificate, self.key = certificate(folder, "tokens")
        self.asked = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                query = parse_qs(urlparse(self.path).query)
                given = self.headers.get("Authorization", "")
                user, _, password = base64.b64decode(given[6:] or "").decode().partition(":")
                outer.asked.append((user, query.get("scope", [])))
                known = users.get(user) == password
                body = json.dumps({"token": outer.token(query, known)}).encode() if known or not user else b'{"errors":[{"code":"UNAUTHORIZED","message":"wrong password"}]}'
                self.send_response(200 if known or not user else 401)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/token"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def token(self, query, known):
        def coded(data):
            return base64.urlsafe_b64encode(data).rstrip(b"=")

        der = subprocess.run(["openssl", "x509", "-in", self.certificate, "-outform", "DER"], check=True, capture_output=True).stdout
        access = []
        for scope in query.get("scope", []):
            kind, name, actions = scope.split(":")
            access.append({"type": kind, "name": name, "actions": [each for each in actions.split(",") if known or each == "pull"]})
        now = int(time.time())
        head = coded(json.dumps({"typ": "JWT", "alg": "RS256", "x5c": [base64.b64encode(der).decode()]}).encode())
        claims = coded(json.dumps({"iss": "the issuer", "sub": "", "aud": query["service"][0], "exp": now + 300, "nbf": now - 10, "iat": now, "jti": "1", "access": access}).encode())
        signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.key], input=head + b"." + claims, check=True, capture_output=True).stdout
        return b".".join([head, claims, coded(signature)]).decode()

    def close(self):
        self.server.shutdown()


class Proxy:
    """Hands on bytes to a registry. `at`: (bytes from the client, or whether these are the ones, what to do then), done once."""

    def __init__(self, registry, at=None):
        self.registry, self.at, self.seen, self.done = registry, at, 0, threading.Event()
        self.lock = threading.Lock()
        self.server = socket.create_server(("127.0.0.1", 0))
        self.name = f"127.0.0.1:{self.server.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        for _ in range(100):
            try:
                upstream = socket.create_connection(("127.0.0.1", self.registry.port), timeout=5)
                break
            except OSError:
                time.sleep(0.1)
        else:
            return client.close()
        upstream.settimeout(None)

        def up():
            try:
                while data := client.recv(65536):
                    with self.lock:
                        self.seen += len(data)
                        due = self.at and not self.done.is_set() and (self.at[0](data) if callable(self.at[0]) else self.seen >= self.at[0])
                        if due:
                            self.done.set()
                            if not self.at[1](client, upstream):
                                return
                    upstream.sendall(data)
                upstream.shutdown(socket.SHUT_WR)
            except OSError:
                client.close()

        threading.Thread(target=up, daemon=True).start()
        try:
            while data := upstream.recv(65536):
                client.sendall(data)
        except OSError:
            pass
        for each in (client, upstream):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.server.close()


def manifest(registry, repository, version):
    """Plainly asked, without authentication."""
    request = urllib.request.Request(f"http://{registry.name}/v2/{repository}/manifests/{version}")
    request.add_header("Accept", ", ".join(f"application/vnd.oci.image.{kind}.v1+json" for kind in ("manifest", "index")))
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read())
