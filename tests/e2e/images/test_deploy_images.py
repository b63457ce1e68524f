"""What `deploy` takes from a registry and puts there, before it asks the cluster: here none answers."""
import json

import pytest

from helpers.machine import free_port


@pytest.fixture
def staging(shop, registry, tmp_path):
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": f"http://127.0.0.1:{free_port()}"}}],
        "contexts": [{"name": "staging", "context": {"cluster": "c"}}],
    }
    (tmp_path / "kubeconfig").write_text(json.dumps(config))
    shop.environment["KUBECONFIG"] = str(tmp_path / "kubeconfig")
    shop.write(more=f"environments: {{staging: {{kubernetes: {{context: staging}}, registry: '{registry.name}/shop'}}}}\n")
    return shop


def codes(done):
    return [each["code"] for each in json.loads(done.stdout)["errors"]]


def test_a_plan_pushes_nothing_and_a_deploy_takes_what_has_the_tag(staging, registry):
    assert codes(staging.msctl("deploy", "-e", "staging", "--plan", "-o", "json", code=69)) == ["MSC5005"]
    assert registry.tags("shop/orders") == [] and registry.tags("shop/msctl") == []
    staging.build("--push", "--tag", "v1")
    # It is found, and msctl's own image pushed; the cluster is what is missing then.
    assert codes(staging.msctl("deploy", "-e", "staging", "--tag", "v1", "-o", "json", code=69)) == ["MSC5005"]
    assert registry.tags("shop/orders") == ["v1"] and len(registry.tags("shop/msctl")) == 1


def test_a_tag_that_the_registry_has_not(staging, registry):
    missing = staging.msctl("deploy", "-e", "staging", "--tag", "v1", "-o", "json", code=1)
    [error] = json.loads(missing.stdout)["errors"]
    assert error["code"] == "MSC4108" and f"{registry.name}/shop/orders:v1" in error["message"]
    assert error["suggestion"] == "msctl build orders --push --tag v1 -e staging"


def test_both_ways_to_name_them_are_refused(staging, tmp_path):
    (tmp_path / "images.json").write_text('{"images": []}')
    staging.msctl("deploy", "-e", "staging", "--tag", "v1", "--images", str(tmp_path / "images.json"), code=64)
    # A file that lacks one.
    lacking = staging.msctl("deploy", "-e", "staging", "--images", str(tmp_path / "images.json"), "-o", "json", code=64)
    assert codes(lacking) == ["MSC5210"]
