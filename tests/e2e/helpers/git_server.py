"""Repositories served over HTTP by git's own http-backend, and led to by `insteadOf`, as a mirror is."""
import os
import socket
import struct
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


def backend():
    path = subprocess.run(["git", "--exec-path"], check=True, capture_output=True, text=True).stdout.strip()
    return f"{path}/git-http-backend"


class GitServer:
    """`folder`: repositories below it, as OWNER/NAME. `asked`: the paths that were asked for.

    `faults`: what befalls the next requests, in order: "reset", or a status.
    """

    def __init__(self, folder):
        self.folder = folder
        self.asked = []
        self.faults = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"  # the client hangs up first, so that no answer is lost with its connection

            def fail(self, fault):
                if fault == "reset":
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    self.connection.close()
                    self.close_connection = True
                else:
                    self.send_response(fault)
                    self.send_header("Content-Length", "0")
                    self.end_headers()

            def answer(self):
                url = urlsplit(self.path)
                outer.asked.append(url.path)
                if outer.faults:
                    return self.fail(outer.faults.pop(0))
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                environment = {
                    "GIT_PROJECT_ROOT": str(outer.folder), "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": url.path, "QUERY_STRING": url.query,
                    "REQUEST_METHOD": self.command, "CONTENT_TYPE": self.headers.get("Content-Type", ""), "CONTENT_LENGTH": str(len(body)),
                    "PATH": os.environ["PATH"], "REMOTE_ADDR": "127.0.0.1", "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*",
                }
                done = subprocess.run([backend()], input=body, env=environment, capture_output=True, check=True)
                head, _, content = done.stdout.partition(b"\r\n\r\n")
                fields = dict(line.split(": ", 1) for line in head.decode().splitlines())
                self.send_response(int(fields.pop("Status", "200").split()[0]))
                for name, value in fields.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = answer

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def git(self, name, *words):
        return subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@example.com", *words], cwd=self.folder / name, check=True, capture_output=True, text=True).stdout.strip()

    def repository(self, name):
        (self.folder / name).mkdir(parents=True)
        self.git(name, "init", "-q", "-b", "main")

    def release(self, name, tag, annotated=False):
        """A new commit under a new tag; the commit."""
        self.git(name, "commit", "-q", "--allow-empty", "-m", tag)
        self.git(name, "tag", *(["-a", "-m", tag] if annotated else []), tag)
        return self.git(name, "rev-parse", "HEAD")

    def close(self):
        self.server.shutdown()
        self.server.server_close()
