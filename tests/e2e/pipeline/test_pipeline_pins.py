"""generate pipeline --update: newer pins, from git's own server and Debian's registry."""
import base64
import hashlib
import json
import re
import shutil
import urllib.request

import pytest

from helpers.git_server import GitServer
from helpers.registry import Registry

ACTIONS = ["actions/checkout", "actions/cache", "actions/upload-artifact"]
SHIPPED = {"actions/checkout": "v6.0.2", "actions/cache": "v5.0.4", "actions/upload-artifact": "v7.0.0"}


@pytest.fixture
def server(tmp_path):
    made = GitServer(tmp_path / "github")
    made.folder.mkdir()
    for name in ACTIONS:
        made.repository(name)
    yield made
    made.close()


@pytest.fixture
def shop(repository, server, tmp_path):
    """The workspace, for GitHub alone, and a user whose git is led to the mirror."""
    repository.write("msctl.yaml", "workspace: shop\nservices: [services/*]\npipelines: {systems: [github]}\n")
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(f'[url "{server.url}"]\n\tinsteadOf = https://github.com/\n')
    repository.home = {"HOME": str(home)}
    repository.msctl("generate", "pipeline")
    repository.commit()
    return repository


def pins(shop):
    lines = [line.split() for line in shop.read("msctl.pins").splitlines() if not line.startswith("#")]
    return {name: (version, digest) for name, version, digest in lines}


def release_all(server, suffix=".9"):
    """A newer release of each action, within its major version."""
    return {name: (f"{version.rsplit('.', 1)[0]}{suffix}", server.release(name, f"{version.rsplit('.', 1)[0]}{suffix}")) for name, version in SHIPPED.items()}


def put_image(registry, repository, tag, content, user):
    """An image of nothing but a configuration, by the protocol's own requests; its digest."""
    credentials = base64.b64encode(":".join(user).encode()).decode()

    def ask(method, target, body=None, **headers):
        url = target if target.startswith("http") else f"http://{registry.name}{target}"
        request = urllib.request.Request(url, data=body, method=method, headers={"Authorization": f"Basic {credentials}", **headers})
        with urllib.request.urlopen(request) as answer:
            return answer.headers

    def digest(data):
        return f"sha256:{hashlib.sha256(data).hexdigest()}"

    config = json.dumps({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []}, "author": content}).encode()
    place = ask("POST", f"/v2/{repository}/blobs/uploads/", b"")["Location"]
    ask("PUT", f"{place}&digest={digest(config)}", config, **{"Content-Type": "application/octet-stream"})
    kind = "application/vnd.oci.image.manifest.v1+json"
    described = {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest(config), "size": len(config)}
    body = json.dumps({"schemaVersion": 2, "mediaType": kind, "config": described, "layers": []}).encode()
    ask("PUT", f"/v2/{repository}/manifests/{tag}", body, **{"Content-Type": kind})
    return digest(body)


def test_newer_releases_are_pinned_by_their_commits(shop, server):
    server.release("actions/checkout", "v7.0.0")
    server.release("actions/checkout", "v6")
    wanted = release_all(server)
    wanted["actions/checkout"] = ("v6.1.0", server.release("actions/checkout", "v6.1.0", annotated=True))
    done = shop.msctl("generate", "pipeline", "--update", **shop.home)
    assert pins(shop) == wanted
    workflow = shop.read(".github/workflows/shop.yaml")
    for name, (version, commit) in wanted.items():
        assert re.findall(rf"uses: {name}@(\S+)  # (\S+)", workflow) == [(commit, version)] * workflow.count(f"{name}@")
        assert f"+{name} {version} {commit}" in done.stdout
    assert "-        uses: actions/checkout@" in done.stdout and "updated   .github/workflows/shop.yaml" in done.stdout
    # Nothing else has changed, and who generates without --update gets the same.
    assert {path.split()[-1] for path in shop.git("status", "--porcelain").splitlines()} == {"msctl.lock", "msctl.pins", ".github/workflows/shop.yaml"}
    shop.msctl("generate", "pipeline", "--check")
    assert pins(shop) == wanted
    # Once more: nothing to do.
    again = json.loads(shop.msctl("generate", "pipeline", "--update", "-o", "json", **shop.home).stdout)
    assert {file["action"] for file in again["files"]} == {"unchanged"}


def test_another_major_version_only_where_it_is_asked_for(shop, server):
    release_all(server)
    newest = server.release("actions/checkout", "v7.0.0")
    shop.msctl("generate", "pipeline", "--update=latest", **shop.home)
    assert pins(shop)["actions/checkout"] == ("v7.0.0", newest)


def test_looking_writes_nothing(shop, server):
    release_all(server)
    shop.msctl("generate", "pipeline", "--update", "--check", code=2, **shop.home)
    assert "+actions/cache v5.0.9" in shop.msctl("generate", "pipeline", "--update", "--diff", **shop.home).stdout
    assert shop.git("status", "--porcelain") == ""


def test_a_source_that_fails_keeps_its_pin_and_is_told(shop, server):
    wanted = release_all(server)
    server.git("actions/cache", "tag", "-d", "v5.0.9")
    server.release("actions/cache", "v5.0.4")  # not the commit that is pinned
    shutil.rmtree(server.folder / "actions/upload-artifact")
    done = shop.msctl("generate", "pipeline", "--update", "-o", "json", code=1, **shop.home)
    document = json.loads(done.stdout)
    assert [error["code"] for error in document["errors"]] == ["MSC4202", "MSC4202"]
    assert "the tag v5.0.4 of actions/cache was moved" in document["errors"][0]["message"]
    assert "actions/upload-artifact v7.0.0" in document["errors"][1]["message"]
    assert pins(shop) == {"actions/checkout": wanted["actions/checkout"]}
    workflow = shop.read(".github/workflows/shop.yaml")
    assert "actions/cache@668228422ae6a00e4ad889ee87cd7109ec5666a7  # v5.0.4" in workflow
    assert wanted["actions/checkout"][1] in workflow


@pytest.mark.parametrize("fault", ["reset", 503])
def test_a_server_that_hangs_up_is_asked_again(shop, server, fault):
    wanted = release_all(server)
    server.faults = [fault, fault]
    shop.msctl("generate", "pipeline", "--update", **shop.home)
    assert pins(shop) == wanted
    server.faults = [fault] * 3
    server.release("actions/cache", "v5.1.0")
    told = json.loads(shop.msctl("generate", "pipeline", "--update", "-o", "json", code=1, **shop.home).stdout)
    assert [error["code"] for error in told["errors"]] == ["MSC4202"]
    assert ("reset" if fault == "reset" else "503") in told["errors"][0]["message"]


def test_a_server_without_the_repository_is_asked_once(shop, server):
    shutil.rmtree(server.folder / "actions/cache")
    shop.msctl("generate", "pipeline", "--update", code=1, **shop.home)
    assert server.asked.count("/actions/cache/info/refs") == 1


def test_an_image_of_ones_own_is_pinned_by_its_digest(repository, tmp_path):
    registry = Registry(tmp_path / "registry", users={"ann": "secret"})
    try:
        image = f"{registry.name}/ci"
        repository.write("msctl.yaml", f"workspace: shop\nservices: [services/*]\npipelines: {{systems: [gitlab], image: \"{image}:1\"}}\n")
        repository.msctl("generate", "pipeline")
        assert f"image: {image}:1\n" in repository.read(".gitlab-ci.yml")
        refused = repository.msctl("generate", "pipeline", "--update", "-o", "json", code=1)
        assert json.loads(refused.stdout)["errors"][0]["code"] == "MSC4202"
        docker = tmp_path / "docker"
        docker.mkdir()
        (docker / "config.json").write_text(json.dumps({"auths": {registry.name: {"auth": "YW5uOnNlY3JldA=="}}}))
        for content in ("first", "second"):
            digest = put_image(registry, "ci", "1", content, ("ann", "secret"))
            repository.msctl("generate", "pipeline", "--update", DOCKER_CONFIG=str(docker))
            assert f"image: {image}:1@{digest}\n" in repository.read(".gitlab-ci.yml")
            assert pins(repository)[image] == ("1", digest)
        # Another tag is not the one that was pinned.
        repository.write("msctl.yaml", repository.read("msctl.yaml").replace(":1", ":2"))
        repository.msctl("generate", "pipeline")
        assert f"image: {image}:2\n" in repository.read(".gitlab-ci.yml")
    finally:
        registry.close()


def test_wrong_pins_and_wrong_use_are_told(repository):
    repository.write("msctl.pins", "# pins\nactions/checkout v6.0.2\n")
    told = repository.json("generate", "pipeline", code=65)["errors"][0]
    assert (told["code"], told["file"], told["line"]) == ("MSC4203", "msctl.pins", 2)
    assert repository.json("generate", "compose", "--update", code=64)["errors"][0]["code"] == "MSC1001"
