"""A client of the API server that is small and quick: for waiting, and for what kubectl has no words for."""
import http.client
import json
import ssl
from urllib.parse import urlencode, urlsplit


class Api:
    """`server`: https://ADDRESS:PORT. `client`: the files of a certificate and its key, or a token."""

    def __init__(self, server, authority, client=None, token=None):
        self.server, self.token = server, token
        self.context = ssl.create_default_context(cafile=str(authority))
        if client:
            self.context.load_cert_chain(*map(str, client))

    def open(self, method, path, body=None, headers=None, timeout=30):
        """(connection, answer) with the answer's body still to be read."""
        address = urlsplit(self.server)
        connection = http.client.HTTPSConnection(address.hostname, address.port, timeout=timeout, context=self.context)
        headers = dict(headers or {})
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        connection.request(method, path, body, headers)
        return connection, connection.getresponse()

    def request(self, method, path, body=None, kind="application/json", **query):
        """(status, document); text that is no JSON as it is. OSError when there is no answer."""
        target = path + (f"?{urlencode(query)}" if query else "")
        content = None if body is None else json.dumps(body).encode()
        try:
            connection, answer = self.open(method, target, content, {"Content-Type": kind, "Accept": "application/json"})
            text = answer.read().decode()
            connection.close()
        except http.client.HTTPException as problem:
            raise OSError(str(problem)) from problem
        try:
            return answer.status, json.loads(text)
        except ValueError:
            return answer.status, text

    def answers(self, path):
        """Whether a GET of it succeeds; False as well while there is no answer."""
        try:
            return self.request("GET", path)[0] == 200
        except OSError:
            return False

    def apply(self, path, document):
        """Server-side apply; what came of it. RuntimeError when it is refused."""
        status, answer = self.request("PATCH", path, document, "application/apply-patch+yaml", fieldManager="msctl-test-cluster", force="true")
        if status not in (200, 201):
            raise RuntimeError(f"apply {path}: {status} {answer}")
        return answer
