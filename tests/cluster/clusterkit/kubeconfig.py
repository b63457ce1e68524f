"""Files that tell clients where the cluster is and who they are; each is complete in itself."""
import base64
import json
import os
import subprocess
from pathlib import Path

import yaml

from .tools import program


def document(name, server, authority, user, namespace=None):
    """`user`: what stands under users[].user. JSON is YAML."""
    context = {"cluster": name, "user": name} | ({"namespace": namespace} if namespace else {})
    return {"apiVersion": "v1", "kind": "Config", "current-context": name,
            "clusters": [{"name": name, "cluster": {"server": server, "certificate-authority-data": coded(authority)}}],
            "users": [{"name": name, "user": user}], "contexts": [{"name": name, "context": context}]}


def coded(path):
    return base64.b64encode(Path(path).read_bytes()).decode()


def by_certificate(pki, who):
    return {"client-certificate-data": coded(pki / f"{who}.crt"), "client-key-data": coded(pki / f"{who}.key")}


def write(path, content):
    """Readable by its owner alone from its first byte on; never seen half."""
    making = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(making, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(content if isinstance(content, str) else yaml.safe_dump(json.loads(json.dumps(content)), sort_keys=False))
    making.rename(path)
    return path


def own():
    """The person's own file: the first of $KUBECONFIG, or ~/.kube/config."""
    listed = [each for each in os.environ.get("KUBECONFIG", "").split(":") if each]
    return Path(listed[0]) if listed else Path.home() / ".kube/config"


def _kubectl(file, *arguments):
    return subprocess.run([program("kubectl"), "config", *arguments], env={**os.environ, "KUBECONFIG": str(file)},
                          capture_output=True, text=True, check=True).stdout


def merge(source, target):
    """Adds the context of `source` to a person's file, which keeps its current context."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    before = (yaml.safe_load(target.read_text()) or {}).get("current-context") if target.exists() else None
    merged = _kubectl(f"{source}:{target}", "view", "--flatten", "--raw", "-o", "json")
    content = json.loads(merged)
    content["current-context"] = before or content["current-context"]
    write(target, content)


def withdraw(name, target):
    """Takes out again what merge() has added; nothing when it is not there."""
    if not target.exists():
        return
    content = yaml.safe_load(target.read_text()) or {}
    for kind in ("clusters", "users", "contexts"):
        content[kind] = [each for each in content.get(kind) or [] if each["name"] != name]
    if content.get("current-context") == name:
        content["current-context"] = ""
    write(target, content)
