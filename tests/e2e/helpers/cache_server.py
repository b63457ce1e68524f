"""A server for shared results."""
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOKEN = "hunter2"


class Server:
    """A store of bytes, as simple as they come."""

    def __init__(self):
        self.entries, self.asked, self.fault, self.may_write = {}, [], None, True  # fault: "error", "cut", "changed"
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self, status, body=b"", length=None):
                self.send_response(status)
                self.send_header("Content-Length", str(len(body) if length is None else length))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                outer.asked.append(("GET", self.path))
                if self.headers["Authorization"] != f"Bearer {TOKEN}":
                    return self.answer(401)
                if outer.fault == "error":
                    return self.answer(500)
                body = outer.entries.get(self.path)
                if body is None:
                    return self.answer(404)
                if outer.fault == "cut":
                    self.close_connection = True
                    return self.answer(200, body[: len(body) // 2], len(body))
                if outer.fault == "changed":
                    body = body.replace(b"testing", b"tasting")
                return self.answer(200, body)

            def do_HEAD(self):
                outer.asked.append(("HEAD", self.path))
                self.answer(200 if self.path in outer.entries else 404, length=len(outer.entries.get(self.path, b"")))

            def do_PUT(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.asked.append(("PUT", self.path))
                if self.headers["Authorization"] != f"Bearer {TOKEN}" or not outer.may_write:
                    return self.answer(403)
                outer.entries[self.path] = body
                return self.answer(201)

            def log_message(self, *_):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.thread = threading.Thread(target=self.http.serve_forever, daemon=True)
        self.thread.start()

    def url(self, scheme="http"):
        return f"{scheme}://127.0.0.1:{self.http.server_address[1]}/team"

    def counted(self, method):
        return sum(each[0] == method for each in self.asked)

    def close(self):
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()
