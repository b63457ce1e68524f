"""Pushing to a real registry: with TLS and users, broken off, read-only, full."""
import base64
import json
import os
import signal
import subprocess
import threading
import time

import pytest
from imagekit.tools import skopeo

from helpers.registry import Proxy, Registry, Tokens, manifest


def log_in(shop, registry, user="ann", password="secret"):
    folder = shop.folder.parent / "docker"
    folder.mkdir(exist_ok=True)
    auth = base64.b64encode(f"{user}:{password}".encode()).decode()
    (folder / "config.json").write_text(json.dumps({"auths": {registry.name: {"auth": auth}}}))


def fatten(shop, megabytes=20):
    """Bytes that do not compress, in the program."""
    service = shop.folder / "services/orders/cmd/service"
    (service / "fat.bin").write_bytes(os.urandom(megabytes << 20))
    (service / "fat.go").write_text('package main\n\nimport _ "embed"\n\n//go:embed fat.bin\nvar fat string\n\nfunc init() { if len(fat) == 1 { println(fat) } }\n')


def test_what_is_pushed_is_what_others_pull(shop, registry, tmp_path):
    shop.write(registry.name)
    [image] = shop.build("--push", "--tag", "v1")
    assert image["reference"] == f"{registry.name}/shop/orders:v1"
    assert json.loads(skopeo("inspect", "--tls-verify=false", f"docker://{image['reference']}"))["Digest"] == image["digest"]
    skopeo("copy", "--src-tls-verify=false", f"docker://{image['reference']}", f"oci:{tmp_path}/copy:x")
    assert "there already" in shop.msctl("build", "--push", "--tag", "v1").stdout
    # Another tag of the same image sends no layer.
    before = blobs(registry)
    shop.build("--push", "--tag", "v2")
    assert blobs(registry) == before and registry.tags("shop/orders") == ["v1", "v2"]


def blobs(registry):
    return sorted(str(each) for each in (registry.folder / "storage/docker/registry/v2/blobs").rglob("data"))


def test_an_index_is_pushed_with_all_its_platforms(shop, registry):
    shop.write(registry.name)
    [image] = shop.build("--push", "--platform", "amd64,arm64")
    for architecture in ("amd64", "arm64"):
        about = json.loads(skopeo("--override-arch", architecture, "inspect", "--tls-verify=false", f"docker://{image['reference']}"))
        assert about["Architecture"] == architecture


def test_layers_of_the_base_are_mounted_from_its_repository(shop, registry):
    shop.write(registry.name)
    [base] = shop.build("--push", "--tag", "base")
    shop.write(registry.name, more=f"pipelines: {{images: {{bases: {{go: '{registry.name}/shop/orders:base'}}}}}}\n")
    (shop.folder / "services/orders").rename(shop.folder / "services/payments")
    (shop.folder / "services/payments/service.yaml").write_text("service: payments\nlanguage: go\n")
    [image] = shop.build("--push")
    layers = manifest(registry, "shop/payments", image["digest"])["layers"]
    assert layers[:-1] == manifest(registry, "shop/orders", base["digest"])["layers"]


def test_tls_and_users(shop, tmp_path):
    registry = Registry(tmp_path / "tls", tls=True, users={"ann": "secret"})
    try:
        shop.write(registry.name)
        trusted = {"SSL_CERT_FILE": str(registry.certificate)}
        assert shop.error("--push", code=69)["code"] == "MSC4104"  # nobody vouches for it
        assert shop.error("--push", code=1, **trusted)["code"] == "MSC4105"  # nobody has logged in
        log_in(shop, registry, password="wrong")
        assert shop.error("--push", code=1, **trusted)["code"] == "MSC4105"
        assert registry.tags("shop/orders") == []
        log_in(shop, registry)
        shop.build("--push", "--tag", "one", **trusted)
        log_in(shop, registry, password="wrong")
        shop.build("--push", "--tag", "two", MSCTL_REGISTRY_USER="ann", MSCTL_REGISTRY_PASSWORD="secret", **trusted)
        assert registry.tags("shop/orders") == ["one", "two"]
    finally:
        registry.close()


def test_a_credential_helper(shop, tmp_path):
    registry = Registry(tmp_path / "users", users={"ann": "secret"})
    try:
        shop.write(registry.name)
        (tmp_path / "bin").mkdir()
        helper = tmp_path / "bin/docker-credential-safe"
        helper.write_text('#!/bin/sh\nread server\necho "{\\"ServerURL\\":\\"$server\\",\\"Username\\":\\"ann\\",\\"Secret\\":\\"secret\\"}"\n')
        helper.chmod(0o755)
        (tmp_path / "docker").mkdir()
        (tmp_path / "docker/config.json").write_text('{"credsStore": "safe"}')
        assert shop.error("--push", code=1)["code"] == "MSC4115"
        shop.build("--push", "--tag", "x", PATH=f"{tmp_path}/bin:{os.environ['PATH']}")
        assert registry.tags("shop/orders") == ["x"]
    finally:
        registry.close()


def test_a_server_of_tokens(shop, tmp_path):
    tokens = Tokens(tmp_path / "tokens", {"ann": "secret"})
    registry = Registry(tmp_path / "registry-of-tokens", token=tokens)
    try:
        shop.write(registry.name)
        assert shop.error("--push", code=1)["code"] == "MSC4105"
        log_in(shop, registry)
        shop.build("--push", "--tag", "x")
        assert registry.tags("shop/orders") == ["x"]
        assert ("ann", ["repository:shop/orders:pull,push"]) in tokens.asked
    finally:
        registry.close()
        tokens.close()


def test_a_registry_that_is_killed_in_mid_upload(shop, registry):
    fatten(shop)

    def kill(_client, _upstream):
        registry.kill()
        threading.Timer(1.0, registry.start).start()
        return True

    proxy = Proxy(registry, (8 << 20, kill))
    shop.write(proxy.name)
    [image] = shop.build("--push", "--tag", "x")
    assert proxy.done.is_set()
    about = json.loads(skopeo("inspect", "--tls-verify=false", f"docker://{registry.name}/shop/orders:x"))
    assert about["Digest"] == image["digest"]
    proxy.close()


def test_a_connection_that_is_cut_is_gone_on_with(shop, registry):
    fatten(shop, 60)  # more than a chunk

    def cut(client, upstream):
        upstream.close()
        client.close()
        return False

    # Between two chunks: what docker-registry 2.8 has of a chunk that was cut it throws away, and the upload with it.
    proxy = Proxy(registry, (lambda data: data.startswith(b"PUT ") and b"Content-Range: 33554432-" in data, cut))
    shop.write(proxy.name)
    [image] = shop.build("--push", "--tag", "x")
    assert proxy.done.is_set()
    # What had come was not sent again.
    assert proxy.seen < 85 << 20, proxy.seen
    skopeo("copy", "--src-tls-verify=false", f"docker://{registry.name}/shop/orders:x", f"oci:{shop.folder.parent}/copy:x")
    assert image["digest"]
    proxy.close()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_push_that_is_cut_off_leaves_nothing_under_a_tag(shop, registry, how):
    fatten(shop)
    blocked = threading.Event()

    def stall(_client, _upstream):
        blocked.set()
        time.sleep(30)
        return False

    proxy = Proxy(registry, (8 << 20, stall))
    shop.write(proxy.name)
    shop.build()
    pushing = subprocess.Popen([shop.program, "build", "--push", "--tag", "x"], cwd=shop.folder, env=shop.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert blocked.wait(60)
    pushing.send_signal(how)
    status = pushing.wait(timeout=20)
    pushing.stdout.close()
    assert status == (130 if how == signal.SIGINT else -9)
    assert registry.tags("shop/orders") == []
    proxy.close()
    # The same command ends it.
    shop.write(registry.name)
    shop.build("--push", "--tag", "x")
    assert registry.tags("shop/orders") == ["x"]


def test_a_registry_that_only_serves(shop, tmp_path):
    registry = Registry(tmp_path / "mirror", read_only=True)
    try:
        shop.write(registry.name)
        error = shop.error("--push", code=1)
        assert error["code"] == "MSC4106" and "405" in error["message"]
    finally:
        registry.close()


def test_a_registry_whose_disk_is_full(shop, tmp_path):
    storage = tmp_path / "small"
    storage.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "none", storage], capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        pytest.skip("no file system can be mounted here")
    registry = Registry(tmp_path / "full", storage=storage)
    try:
        fatten(shop, 8)
        shop.write(registry.name)
        error = shop.error("--push", "--tag", "x", code=1)
        assert error["code"] == "MSC4106", error
        assert "space" in error["message"] or "500" in error["message"], error
        assert not list(storage.rglob("tags"))
    finally:
        registry.close()
        subprocess.run(["umount", storage], check=True)


def test_no_registry_and_none_that_answers(shop):
    assert shop.error("--push", code=65)["code"] == "MSC4103"
    shop.write("127.0.0.1:1")
    error = shop.error("--push", code=69)
    assert error["code"] == "MSC4104" and "127.0.0.1:1" in error["message"]
    shop.write(more="environments: {a: {registry: a.example/x}, b: {registry: b.example/x}}\n")
    assert shop.error("--push", code=65)["code"] == "MSC4103"
    assert shop.build("-e", "a")[0]["reference"].startswith("a.example/x/orders:")
