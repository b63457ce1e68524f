"""A workspace of Go services without dependencies."""
import json
import os
import subprocess

MAIN = """package main

import (
	"fmt"
	"net/http"
	"os"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "MESSAGE") })
	if err := http.ListenAndServe(":"+os.Getenv("PORT"), nil); err != nil {
		os.Exit(1)
	}
}
"""


def commit(folder):
    for words in (["init", "-q"], ["add", "-A"], ["-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-qm", "x"]):
        subprocess.run(["git", *words], cwd=folder, check=True)


def go_service(folder, name, message="hello"):
    service = folder / "services" / name
    (service / "cmd/service").mkdir(parents=True)
    (service / "service.yaml").write_text(f"service: {name}\nlanguage: go\n")
    (service / "go.mod").write_text("module example.com/x\n\ngo 1.22\n")
    (service / "cmd/service/main.go").write_text(MAIN.replace("MESSAGE", message))
    (service / ".gitignore").write_text("bin/\n")
    return service


class Shop:
    """A workspace of Go services without dependencies. Calls msctl in it."""

    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        # Go's cache is kept: it is not what is tested.
        cache = subprocess.run(["go", "env", "GOCACHE"], check=True, capture_output=True, text=True).stdout.strip()
        self.environment = {**os.environ, "GOCACHE": cache, "XDG_CACHE_HOME": str(folder.parent / "cache"), "HOME": os.environ["HOME"],
                            "DOCKER_CONFIG": str(folder.parent / "docker"), "REGISTRY_AUTH_FILE": str(folder.parent / "auth.json")}

    def write(self, registry=None, more=""):
        text = "workspace: shop\nservices: [services/*]\n"
        if registry:
            text += f"environments: {{staging: {{registry: '{registry}/shop'}}}}\n"
        (self.folder / "msctl.yaml").write_text(text + more)

    def msctl(self, *arguments, code=0, **environment):
        done = subprocess.run([self.program, *arguments], cwd=self.folder, env={**self.environment, **environment}, capture_output=True, text=True, timeout=900, check=False)
        assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def build(self, *arguments, **options):
        return json.loads(self.msctl("build", "-o", "json", *arguments, **options).stdout)["images"]

    def error(self, *arguments, code, **environment):
        done = self.msctl("build", "-o", "json", *arguments, code=code, **environment)
        return json.loads(done.stdout)["errors"][0]

    @property
    def layout(self):
        return self.folder / ".msctl/images"
