"""As much of an API server as a gateway asks that follows one ConfigMap: a list and a watch, in plain HTTP."""
import json
import queue
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

CONFIG_MAPS = "/api/v1/namespaces/shop/configmaps"


class Cluster:
    """`asked`: (path, query) of each request. What is asked for by another name than the ConfigMap's is forbidden, as its Role has it."""

    def __init__(self, name, data):
        self.name, self.data, self.version = name, data, 1
        self.watchers, self.asked = [], []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self, status, document):
                body = json.dumps(document).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                url = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(url.query).items()}
                outer.asked.append((url.path, query))
                if url.path != CONFIG_MAPS or query.get("fieldSelector") != f"metadata.name={outer.name}":
                    return self.answer(403, {"kind": "Status", "status": "Failure", "reason": "Forbidden", "code": 403, "message": "not yours"})
                if "watch" in query:
                    return self.watch()
                listed = {"kind": "ConfigMapList", "apiVersion": "v1", "metadata": {"resourceVersion": str(outer.version)}, "items": [outer.object()]}
                return self.answer(200, listed)

            def watch(self):
                events = queue.Queue()
                outer.watchers.append(events)
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                while (event := events.get()) is not None:
                    line = json.dumps(event).encode() + b"\n"
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
                self.wfile.write(b"0\r\n\r\n")
                self.close_connection = True

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def object(self):
        metadata = {"name": self.name, "namespace": "shop", "uid": "u", "resourceVersion": str(self.version)}
        return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": self.data}

    def change(self, data):
        self.data, self.version = data, self.version + 1
        for each in self.watchers:
            each.put({"type": "MODIFIED", "object": self.object()})

    def end_watches(self):
        watchers, self.watchers = self.watchers, []
        for each in watchers:
            each.put(None)

    def kubeconfig(self):
        url = f"http://127.0.0.1:{self.server.server_port}"
        return json.dumps({"apiVersion": "v1", "kind": "Config", "current-context": "a", "clusters": [{"name": "a", "cluster": {"server": url}}],
                           "contexts": [{"name": "a", "context": {"cluster": "a", "namespace": "shop"}}]})

    def close(self):
        self.end_watches()
        self.server.shutdown()
        self.server.server_close()
