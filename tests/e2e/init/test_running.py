"""The oracle: programs that were written without msctl in mind, adopted, run, and asked through the gateway."""
import json
import shutil

import pytest

from helpers.http import request
from helpers.workspace import Workspace

NODE = """const http = require('http');
const back = process.env.CATALOGUE;
http.createServer((request, response) => {
  http.get(back + '/', answer => {
    let text = '';
    answer.on('data', part => text += part).on('end', () => response.end('node of ' + request.url + ', ' + text));
  }).on('error', error => { response.statusCode = 500; response.end(String(error)); });
}).listen(process.env.PORT || 3000);
"""
GO = """package main

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
)

func main() {
	http.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "fine") })
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		redis, err := net.Dial("tcp", os.Getenv("REDIS_HOST")+":"+os.Getenv("REDIS_PORT"))
		if err != nil {
			http.Error(w, err.Error(), 500)
			return
		}
		defer redis.Close()
		fmt.Fprint(redis, "PING\\r\\n")
		line, _ := bufio.NewReader(redis).ReadString('\\n')
		fmt.Fprintf(w, "go of %s, redis says %s, %s", r.URL.Path, strings.TrimSpace(line), os.Getenv("GREETING"))
	})
	http.ListenAndServe(":"+os.Getenv("HTTP_PORT"), nil)
}
"""
COMPOSE = """services:
  site:
    build: ./site
    ports: ["8000:8000"]
  catalogue:
    build: ./catalogue
    environment:
      HTTP_PORT: 9000
      REDIS_HOST: cache
      REDIS_PORT: 6379
      GREETING: "${GREETING:-good $$day}"
    depends_on: [cache]
  front:
    build: {context: .}
    environment:
      PORT: 3000
      CATALOGUE: http://catalogue:9000
    depends_on: [catalogue]
  cache:
    image: redis:7
"""
FILES = {
    "compose.yaml": COMPOSE,
    "site/Dockerfile": 'FROM python:3.12-slim\nWORKDIR /srv\nCOPY . .\nEXPOSE 8000\nCMD ["python", "-m", "http.server", "8000"]\n',
    "site/index.html": "plain files of Python\n",
    "catalogue/go.mod": "module example.com/catalogue\n\ngo 1.21\n",
    "catalogue/main.go": GO,
    "catalogue/Dockerfile": "FROM golang AS build\nCOPY . .\nRUN go build -o /c .\nFROM scratch\nCOPY --from=build /c /c\nEXPOSE 9000\nHEALTHCHECK CMD wget -q http://127.0.0.1:9000/healthz\nCMD [\"/c\"]\n",
    "package.json": '{"name": "front", "private": true, "scripts": {"start": "node server.js"}}\n',
    "server.js": NODE,
    "Dockerfile": "FROM node:20\nCOPY . .\nEXPOSE 3000\nCMD npm start\n",
}


@pytest.fixture
def repository(msctl_program, service_program):
    made = Workspace(msctl_program, service_program)
    (made.root / "msctl.yaml").unlink()
    for path, content in FILES.items():
        made.write(path, content)
    # Compilers want their caches.
    made.environment["HOME"] = str(made.scratch)
    yield made
    made.close()


def test_foreign_services_run_behind_the_gateway(repository):
    for program in ("go", "node", "redis-server", "python3"):
        assert shutil.which(program), program
    found = json.loads(repository.msctl("init", "--yes", "-o", "json", code=0).stdout)
    assert [(each["name"], each["written"]) for each in found["services"]] == [("catalogue", True), ("site", True), (repository.root.name, True), ("cache", True)]
    repository.msctl("check", code=0)
    front = repository.root.name
    repository.detach(patience=300)
    repository.msctl("wait", "--timeout", "60s", code=0)

    def ask(path):
        answer = request(repository.url(path))
        assert answer.status == 200, (path, answer.status, answer.body)
        return answer.text

    assert ask("/site/index.html") == "plain files of Python\n"
    assert ask("/catalogue/a/b") == "go of /a/b, redis says +PONG, good $day"
    assert ask(f"/{front}/x") == "node of /x, go of /, redis says +PONG, good $day"
    repository.msctl("stop", code=0)
