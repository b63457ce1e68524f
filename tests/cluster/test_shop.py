"""The example on a real node, from its sources to an order that walks through six services behind the gateway in the cluster; a new
version, one that crashes, and back again."""
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e/images"))

from clusterkit.waiting import until  # noqa: E402
from imagekit.bases import layout_of  # noqa: E402
from imagekit.serving import SERVICES, copy_of_shop  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]


class Example:
    def __init__(self, msctl, folder, cluster, namespace, scratch):
        self.msctl, self.folder, self.cluster, self.namespace = msctl, folder, cluster, namespace
        context = yaml.safe_load(cluster.kubeconfig.read_text())["current-context"]
        file = folder / "msctl.yaml"
        settings = yaml.safe_load(file.read_text())
        settings["environments"] = {"cluster": {"registry": f"{cluster.registry}/shop", "kubernetes": {"context": context, "namespace": namespace}}}
        file.write_text(yaml.safe_dump(settings))
        # Debian's Python, which the base has, too.
        own = scratch / "debian"
        own.mkdir()
        (own / "python3").symlink_to("/usr/bin/python3")
        self.environment = {**os.environ, "PATH": f"{own}:{os.environ['PATH']}", "KUBECONFIG": str(cluster.kubeconfig)}

    def msctl_says(self, *arguments, code=0):
        done = subprocess.run([self.msctl, *arguments, "-e", "cluster"], cwd=self.folder, env=self.environment, capture_output=True, text=True,
                              timeout=1800, check=False)
        assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr[-5000:]}"
        return done

    def run(self, *arguments):
        return json.loads(self.msctl_says(*arguments, "-o", "json").stdout)

    def walk(self):
        local = self.cluster.forward(f"{self.namespace}/gateway:80")
        return subprocess.run([ROOT / "examples/shop/walk", f"http://127.0.0.1:{local}"], capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def bases(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bases")
    store = layout_of(folder, "redis", ["redis-server", "--protected-mode", "no", "--save", "", "--appendonly", "no"])
    return {language: layout_of(folder, language) for language in ("python", "node", "java")} | {"redis": store}


@pytest.fixture
def example(msctl_program, tmp_path, real_cluster, real_namespace, bases):
    folder = copy_of_shop(tmp_path / "shop", {"bases": {name: f"oci:{layout}:base" for name, layout in bases.items() if name != "redis"}})
    store = f"{real_cluster.registry}/redis:7"
    subprocess.run(["skopeo", "copy", "-q", "--dest-tls-verify=false", f"oci:{bases['redis']}:base", f"docker://{store}"], check=True)
    redis = folder / "services/redis/service.yaml"
    redis.write_text(redis.read_text().replace("image: redis:7", f"image: {store}"))
    return Example(msctl_program, folder, real_cluster, real_namespace, tmp_path)


def test_the_example_from_its_sources_to_an_order_and_back_from_a_crash(example):
    assert shutil.which("skopeo")
    first = example.run("deploy", "--timeout", "5m")
    assert first["release"]["result"] == "deployed" and set(first["release"]["services"]) >= set(SERVICES)
    until(lambda: example.walk().returncode == 0, f"an order walks through: {example.walk().stdout}")
    status = {each["name"]: each for each in example.run("status")["services"]}
    assert {status[name]["state"] for name in SERVICES} == {"ready"}

    # A version that ends at once: told with its last words, and the one before runs again.
    main = example.folder / "services/inventory/app/__main__.py"
    before = main.read_text()
    main.write_text('raise SystemExit("the wrong shelf")\n')
    failed = example.msctl_says("deploy", "inventory", "--timeout", "3m", code=1).stderr
    assert "error[MSC5105]: inventory: " in failed and "the wrong shelf" in failed and "error[MSC5203]" in failed, failed
    assert example.walk().returncode == 0
    assert [each["result"] for each in example.run("history")["releases"]] == ["rolled-back", "deployed"]

    # A new one, and by hand back to the first.
    main.write_text(before + "\n# another version\n")
    assert example.run("deploy", "inventory")["release"]["id"] == "3"
    assert example.walk().returncode == 0
    assert example.run("rollback", "--to", "1")["release"]["result"] == "deployed"
    assert example.walk().returncode == 0
