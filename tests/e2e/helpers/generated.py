"""Workspaces that hold every kind of thing which generated files are made of, and the linters that judge those."""
import json
import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
LANGUAGES = ["cpp", "go", "java", "node", "python", "rust"]

# Everything that service.yaml and msctl.yaml can say and that ends in a generated file.
RICH = {
    "msctl.yaml": """
schema: 1
workspace: shop
services: [services/*]
gateway:
  listeners: [{address: "0.0.0.0:8080"}]
  authentication:
    partners: {apiKey: {header: X-API-Key, keys: keys/partners.yaml}}
environments:
  staging: {kubernetes: {context: staging, namespace: shop-staging}, registry: registry.example/shop}
  production: {kubernetes: {context: production}, registry: registry.example/shop}
""",
    "msctl.production.yaml": "gateway: {defaults: {timeout: 9s}}\n",
    "keys/partners.yaml": f"- {{name: somebody, sha256: {'a' * 64}, groups: [buyers]}}\n",
    "libs/money/README.md": "",
    "services/redis/service.yaml": "service: redis\nscheme: redis\nimage: redis:7.4.2\n",
    "services/database/service.yaml": """
service: database
scheme: postgres
image: postgres:17.2
env: {POSTGRES_USER: shop}
secrets: [POSTGRES_PASSWORD]
""",
    "services/mail/service.yaml": """
service: mail
scheme: smtp
url: {local: "smtp://127.0.0.1:2525", staging: "smtp://mail.staging.example:587", production: "smtp://mail.example:587"}
""",
    "services/anything/service.yaml": """
service: anything
language: none
run: [./anything]
needs: [hello-go]
""",
    "services/own-commands/service.yaml": """
service: own-commands
language: go
build: [go, build, -o, server, .]
run: [./server, --listen, "127.0.0.1:$PORT"]
uses: [libs/money]
replicas: 3
""",
}


def hello(language, number):
    return f"""
service: hello-{language}
language: {language}
needs: [redis, database, mail{', hello-go' if language != 'go' else ''}]
env: {{LOG_LEVEL: info, PRICE: "$5", NUMBER: "0755", WORD: "yes", TEMPLATE: "{{{{ x }}}}", LINES: "a\\nb"}}
secrets: [PAYMENT_KEY]
resources: {{cpu: 250m, memory: 128Mi}}
scale: {{min: {number % 3}, max: 8, target: {{cpu: 70%, requestsPerSecond: 50, latencyP95: 250ms}}}}
routes:
  - match: {{path: "/hello-{language}/**"}}
    request: {{stripPrefix: /hello-{language}}}
  - name: partner-{language}
    match: {{path: "/partners/{language}/**", methods: [GET]}}
    authentication: [partners]
    rateLimit: {{quota: 60, window: 1m, by: consumer}}
"""


class Generated:
    """A workspace, and msctl in it."""

    def __init__(self, program, root):
        self.program = program
        self.root = root

    def write(self, path, text):
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def read(self, path):
        return (self.root / path).read_text()

    def edit(self, path, old, new):
        text = self.read(path)
        assert text.count(old) >= 1, f"{path} has no {old!r}:\n{text}"
        self.write(path, text.replace(old, new, 1))

    def msctl(self, *arguments, status=0):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("MSCTL")}
        ran = subprocess.run([self.program, *arguments], cwd=self.root, env=environment, capture_output=True, text=True, timeout=120)
        assert ran.returncode == status, f"{arguments}: {ran.returncode}\n{ran.stdout}\n{ran.stderr}"
        return ran

    def json(self, *arguments, status=0):
        return json.loads(self.msctl(*arguments, "-o", "json", status=status).stdout)

    def files(self):
        return {str(p.relative_to(self.root)): p.read_bytes() for p in sorted(self.root.rglob("*")) if p.is_file() and ".git/" not in str(p)}


def write_all(workspace, files):
    for path, text in files.items():
        workspace.write(path, text)


def rich(program, root):
    """All that there can be, generated."""
    workspace = Generated(program, root)
    write_all(workspace, RICH)
    for number, language in enumerate(LANGUAGES):
        workspace.write(f"services/hello-{language}/service.yaml", hello(language, number))
    workspace.msctl("generate")
    return workspace


def example(program, root):
    """examples/shop, without its sources, generated."""
    workspace = Generated(program, root)
    for source in (ROOT / "examples/shop").rglob("*.yaml"):
        relative = source.relative_to(ROOT / "examples/shop")
        if source.name == "service.yaml" or relative.parts[0] in ("msctl.yaml", "keys"):
            (workspace.root / relative).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, workspace.root / relative)
    workspace.msctl("generate")
    return workspace


def lint(name, *arguments, text=None, cwd=None, ok=(0,)):
    """Runs one of the linters that need_linters of scripts/common.sh installs."""
    program = shutil.which(name, path=os.environ.get("LINTERS", ""))
    assert program, f"{name} is not there: `./dev test generate` installs it"
    environment = dict(os.environ, HOME=str(Path.home()), CHECKOV_RUN_SCA_PACKAGE_SCAN="false", BC_SKIP_MAPPING="TRUE")
    ran = subprocess.run([program, *map(str, arguments)], input=text, cwd=cwd, env=environment, capture_output=True, text=True, timeout=600)
    if ok is not None:
        assert ran.returncode in ok, f"{name} {arguments}: {ran.returncode}\n{ran.stdout[-6000:]}\n{ran.stderr[-3000:]}"
    return ran
