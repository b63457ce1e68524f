"""The proxies that are measured, each with one thread, plain forwarding over kept connections, no access log."""
import json
import os
import subprocess
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
MSCTL = os.environ.get("MSCTL", str(ROOT / "build/release/msctl"))


class Proxy:
    """A running proxy; `pid` is the process that does the work."""

    def __init__(self, name, argv, port, worker=False):
        self.name, self.port = name, port
        self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until_answers(port)
        self.pid = worker_of(self.process.pid) if worker else self.process.pid

    def stop(self):
        self.process.terminate()
        self.process.wait()


def wait_until_answers(port):
    for _ in range(200):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2) as answer:
                answer.read()
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"nothing answers on port {port}")


def worker_of(pid):
    """The one child of a master process."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(children[0])


def nginx_config(folder, body):
    file = folder / "nginx.conf"
    file.write_text(f"""daemon off; worker_processes 1; error_log stderr crit; pid {folder}/nginx.pid;
events {{ worker_connections 8192; }}
http {{ access_log off; keepalive_requests 100000000; keepalive_timeout 75s; client_body_temp_path {folder}/a; proxy_temp_path {folder}/b;
fastcgi_temp_path {folder}/c; uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
{body} }}
""")
    return ["nginx", "-p", str(folder), "-c", str(file)]


def origin(folder, port):
    """What answers behind the proxies: nginx itself, the same for all."""
    folder.mkdir()
    return Proxy("origin", nginx_config(folder, f"""server {{ listen 127.0.0.1:{port} backlog=4096; location / {{ default_type text/plain;
        return 200 "hello, world\\n"; }} }}"""), port, worker=True)


def msctl(folder, port, upstream, access_log=False):
    folder.mkdir()
    file = folder / "gateway.yaml"
    file.write_text(json.dumps({
        "listeners": [{"address": f"127.0.0.1:{port}"}],
        "upstreams": {"app": {"endpoints": [f"127.0.0.1:{upstream}"]}},
        "routes": [{"name": "app", "match": {"path": "/**"}, "upstream": "app"}],
        "accessLog": access_log,
    }))
    name = "msctl, with access log" if access_log else "msctl"
    return Proxy(name, [MSCTL, "gateway", "run", "--config", str(file), "--threads", "1"], port)


def nginx(folder, port, upstream):
    folder.mkdir()
    return Proxy("nginx", nginx_config(folder, f"""upstream app {{ server 127.0.0.1:{upstream}; keepalive 1024; keepalive_requests 100000000; }}
server {{ listen 127.0.0.1:{port} backlog=4096; location / {{ proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection "";
  proxy_set_header Host $host; proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto http;
  proxy_set_header X-Request-Id $request_id; }} }}"""), port, worker=True)


def haproxy(folder, port, upstream):
    folder.mkdir()
    file = folder / "haproxy.cfg"
    file.write_text(f"""global
  nbthread 1
  maxconn 8192
  tune.pool-high-fd-ratio 80
defaults
  mode http
  timeout connect 1s
  timeout client 75s
  timeout server 5s
  timeout http-keep-alive 75s
  option http-keep-alive
  http-reuse always
frontend f
  bind 127.0.0.1:{port}
  http-request set-header X-Forwarded-For %[src]
  http-request set-header X-Forwarded-Proto http
  unique-id-format %[uuid()]
  unique-id-header X-Request-Id
  default_backend b
backend b
  server s 127.0.0.1:{upstream} pool-max-conn 1024
""")
    return Proxy("haproxy", ["haproxy", "-q", "-f", str(file)], port)
