"""What goes with an image: lists of its parts, where it comes from, signatures; judged by others' programs."""
import json
import os
import shutil
import subprocess
import urllib.request
from pathlib import Path

import pytest
from imagekit.shop import commit

from helpers.registry import manifest

TOOLS = Path(os.environ.get("MSCTL_DEV_CACHE", Path.home() / ".cache/msctl-dev")) / "image-tools"


def tool(name):
    found = shutil.which(name) or (str(TOOLS / "bin" / name) if (TOOLS / "bin" / name).exists() else None)
    assert found, f"there is no {name}: ./dev test images installs it"
    return found


@pytest.fixture
def key(tmp_path):
    """A key pair from openssl, as the error's help says."""
    subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "cosign.key"], cwd=tmp_path, check=True, capture_output=True)
    subprocess.run(["openssl", "pkey", "-in", "cosign.key", "-pubout", "-out", "cosign.pub"], cwd=tmp_path, check=True, capture_output=True)
    return tmp_path / "cosign.key", tmp_path / "cosign.pub"


def referrers(registry, repository, digest):
    return manifest(registry, repository, digest.replace(":", "-"))["manifests"]


def blob(registry, repository, digest):
    with urllib.request.urlopen(f"http://{registry.name}/v2/{repository}/blobs/{digest}") as answer:
        return answer.read()


def test_lists_of_parts_stand_beside_the_image(shop, registry):
    shop.write(registry.name)
    [image] = shop.build("--push", "--sbom", "spdx,cyclonedx")
    found = {each["artifactType"]: each for each in referrers(registry, "shop/orders", image["digest"])}
    assert set(found) == {"application/spdx+json", "application/vnd.cyclonedx+json"}
    for kind, name in (("application/spdx+json", "orders.spdx.json"), ("application/vnd.cyclonedx+json", "orders.cdx.json")):
        said = manifest(registry, "shop/orders", found[kind]["digest"])
        assert said["subject"]["digest"] == image["digest"]
        assert blob(registry, "shop/orders", said["layers"][0]["digest"]) == (shop.layout / "attached" / name).read_bytes()
    # Said again it is the same, and no second one.
    shop.build("--push", "--sbom", "spdx,cyclonedx")
    assert len(referrers(registry, "shop/orders", image["digest"])) == 2


def validate(python, document):
    if document.name.endswith(".spdx.json"):
        done = subprocess.run([python.parent / "pyspdxtools", "-i", document, "--version", "SPDX-2.3"], capture_output=True, text=True, check=False)
    else:
        done = subprocess.run([python, "-c", CYCLONEDX, document], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{document.name}: {done.stdout[-2000:]}{done.stderr[-2000:]}"


CYCLONEDX = """
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
error = JsonStrictValidator(SchemaVersion.V1_5).validate_str(open(sys.argv[1]).read())
sys.exit(str(error) if error else 0)
"""


def test_validators_take_the_lists(shop):
    python = TOOLS / "python/bin/python"
    if not python.exists():
        raise AssertionError("the validators are not there: ./dev test images installs them")
    shop.build("--sbom", "spdx,cyclonedx")
    for each in sorted((shop.layout / "attached").glob("*.json")):
        validate(python, each)


def test_cosign_verifies_the_signature_and_the_provenance(shop, registry, key):
    cosign = tool("cosign")
    shop.write(registry.name)
    commit(shop.folder)
    [image] = shop.build("--push", "--sign", str(key[0]), "--provenance")
    reference = f"{registry.name}/shop/orders@{image['digest']}"
    common = ["--key", key[1], "--insecure-ignore-tlog=true", "--allow-http-registry", reference]
    done = subprocess.run([cosign, "verify", *common], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)[0]["critical"]["image"]["docker-manifest-digest"] == image["digest"]
    done = subprocess.run([cosign, "verify-attestation", "--type", "slsaprovenance1", *common], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    # With another key it does not.
    subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "other"], cwd=key[0].parent, check=True, capture_output=True)
    subprocess.run(["openssl", "pkey", "-in", "other", "-pubout", "-out", "other.pub"], cwd=key[0].parent, check=True, capture_output=True)
    common[1] = key[0].parent / "other.pub"
    assert subprocess.run([cosign, "verify", *common], capture_output=True, check=False).returncode != 0


def test_openssl_verifies_the_signature(shop, registry, key, tmp_path):
    shop.write(registry.name)
    [image] = shop.build("--push", "--sign", str(key[0]))
    [layer] = manifest(registry, "shop/orders", image["digest"].replace(":", "-") + ".sig")["layers"]
    (tmp_path / "payload").write_bytes(blob(registry, "shop/orders", layer["digest"]))
    subprocess.run(["openssl", "base64", "-d", "-A", "-out", "signature"], cwd=tmp_path, check=True, input=layer["annotations"]["dev.cosignproject.cosign/signature"].encode())
    subprocess.run(["openssl", "dgst", "-sha256", "-verify", key[1], "-signature", "signature", "payload"], cwd=tmp_path, check=True, capture_output=True)
    assert json.loads((tmp_path / "payload").read_text())["critical"]["image"]["docker-manifest-digest"] == image["digest"]


def test_a_provenance_names_the_commit_and_needs_a_clean_tree(shop, registry):
    shop.write(registry.name)
    error = shop.error("--push", "--provenance", code=1)
    assert error["code"] == "MSC4110" and "msctl.yaml" in error["message"]
    commit(shop.folder)
    [image] = shop.build("--push", "--provenance")
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=shop.folder, check=True, capture_output=True, text=True).stdout.strip()
    [said] = referrers(registry, "shop/orders", image["digest"])
    layers = manifest(registry, "shop/orders", said["digest"])["layers"]
    statement = json.loads(blob(registry, "shop/orders", layers[0]["digest"]))
    assert statement["subject"][0]["digest"]["sha256"] == image["digest"][7:]
    assert statement["predicate"]["buildDefinition"]["resolvedDependencies"][0]["digest"]["gitCommit"] == head
    assert statement["predicate"]["buildDefinition"]["internalParameters"]["inputs"] == image["inputs"]


def test_keys_that_cannot_sign_are_told(shop, registry, key, tmp_path):
    shop.write(registry.name)
    (tmp_path / "text").write_text("hello")
    for wrong in (str(key[1]), str(tmp_path / "text"), str(tmp_path / "none")):
        assert shop.error("--push", "--sign", wrong, code=64)["code"] == "MSC4114"
    assert shop.error("--sign", str(key[0]), code=64)["code"] == "MSC1001"
    assert registry.tags("shop/orders") == []
