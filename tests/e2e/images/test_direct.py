"""Images without a container tool: what is in them, and when they are built again."""
import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from imagekit.shop import commit, go_service
from imagekit.tools import answers, skopeo, start, take

from helpers.registry import free_port
from helpers.waiting import until


def test_an_image_that_podman_runs_as_nobody_without_writing(shop, podman):
    [image] = shop.build()
    assert image["service"] == "orders" and image["reference"].startswith("localhost/shop/orders:")
    about = json.loads(skopeo("inspect", f"oci:{shop.layout}:orders"))
    assert about["Digest"] == image["digest"] and about["Architecture"] == "amd64"
    assert about["Created"].startswith("1970-01-01T00:00:00")
    name = take(podman, shop.layout, "orders")
    port = free_port()
    container = start(podman, name, variables={"PORT": port})
    until(lambda: podman("logs", container).returncode == 0 and answers(port) == b"hello", "the service answers")
    assert podman("inspect", "--format", "{{.Config.User}}", container).stdout.strip() == "65532:65532"
    podman("rm", "-f", container)


@pytest.fixture
def elsewhere():
    """Where another user can go; pytest's own folders are for its user only."""
    folder = Path(tempfile.mkdtemp(dir="/var/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_the_same_digest_in_another_place_at_another_time_for_another_user(shop, elsewhere):
    [image] = shop.build()
    (elsewhere / "deeper").mkdir()
    other = elsewhere / "deeper/x"
    shutil.copytree(shop.folder, other, ignore=shutil.ignore_patterns(".msctl"), copy_function=shutil.copy)
    for path in other.rglob("*"):
        os.utime(path, (1e9, 1e9), follow_symlinks=False)
    # Nobody's caches are elsewhere, too.
    home = elsewhere / "home"
    home.mkdir()
    user, program = [], shop.program
    if os.geteuid() == 0 and shutil.which("setpriv"):
        program = shutil.copy(program, elsewhere)  # the other user may not look into the folder of the build
        for folder in (other, home):
            subprocess.run(["chown", "-R", "65534:65534", folder], check=True)
        user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    # A sanitizer's program cannot be lied to about the clock; that of the packages can.
    clock = [] if b"__asan_init" in Path(program).read_bytes() else ["faketime", "2031-05-05 05:05:05"]
    done = subprocess.run(
        [*clock, *user, "sh", "-c", 'umask 077; exec "$0" build -o json', program], cwd=other, capture_output=True, text=True, check=False,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "TZ": "Asia/Tokyo", "LC_ALL": "C", "GOFLAGS": "-mod=mod",
             "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"})
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["images"][0]["digest"] == image["digest"]


def test_what_has_not_changed_is_not_built_again_and_it_says_why(shop):
    [first] = shop.build()
    begin = time.monotonic()
    done = shop.msctl("build", "--explain")
    assert "kept" in done.stdout and "nothing has changed" in done.stderr
    assert time.monotonic() - begin < 10
    main = shop.folder / "services/orders/cmd/service/main.go"
    before = main.read_text()
    main.write_text(before.replace("hello", "other"))
    done = shop.msctl("build", "--explain")
    assert "services/orders/cmd/service/main.go has changed" in done.stderr
    [second] = shop.build()
    assert second["digest"] != first["digest"] and second["inputs"] != first["inputs"]
    # Who goes back has the earlier image still.
    main.write_text(before)
    done = shop.msctl("build", "--explain")
    assert "nothing has changed" in done.stderr
    assert shop.build()[0] == first
    assert "it was asked for anew" in shop.msctl("build", "--explain", "--no-cache").stderr


def test_the_file_for_deploy(shop):
    done = shop.msctl("build", "--file-output", "out/images.json", "--tag", "v1")
    written = json.loads((shop.folder / "out/images.json").read_text())
    assert written["schema"] == 1 and written["ok"] is True
    [image] = written["images"]
    assert set(image) == {"service", "reference", "digest", "inputs"}
    assert image["reference"] == "localhost/shop/orders:v1" and len(image["inputs"]) == 64
    assert "orders" in done.stdout


def test_only_what_a_change_affects_is_built(shop):
    go_service(shop.folder, "payments")
    commit(shop.folder)
    (shop.folder / "services/payments/cmd/service/main.go").open("a").write("\n// changed\n")
    assert [each["service"] for each in shop.build("--affected=HEAD")] == ["payments"]
    subprocess.run(["git", "checkout", "-q", "."], cwd=shop.folder, check=True)
    assert shop.build("--affected=HEAD", "--file-output", "x.json") == []
    assert json.loads((shop.folder / "x.json").read_text())["images"] == []


def test_several_platforms_are_one_index(shop):
    [image] = shop.build("--platform", "linux/amd64,linux/arm64")
    raw = json.loads(skopeo("inspect", "--raw", f"oci:{shop.layout}:orders"))
    assert raw["mediaType"].endswith("index.v1+json")
    assert [each["platform"]["architecture"] for each in raw["manifests"]] == ["amd64", "arm64"]
    for architecture in ("amd64", "arm64"):
        config = json.loads(skopeo("--override-arch", architecture, "inspect", "--config", f"oci:{shop.layout}:orders"))
        assert config["architecture"] == architecture
    assert shop.build("--platform", "linux/amd64,linux/arm64")[0]["digest"] == image["digest"]


def test_source_date_epoch_is_the_time_of_everything(shop):
    shop.build(SOURCE_DATE_EPOCH="86400")
    about = json.loads(skopeo("inspect", f"oci:{shop.layout}:orders"))
    assert about["Created"].startswith("1970-01-02T00:00:00")


@pytest.mark.parametrize("case", ["no lock file", "own commands", "language none", "backing", "does not build", "platform", "base", "tag", "registry name"])
def test_what_cannot_be_built_is_told(shop, case):
    service = shop.folder / "services/orders"
    arguments, code, number = [], 65, "MSC4100"
    if case == "no lock file":
        (service / "go.mod").write_text("module example.com/x\n\ngo 1.22\n\nrequire golang.org/x/sys v0.20.0\n")
        number = "MSC4101"
    elif case == "own commands":
        (service / "service.yaml").write_text("service: orders\nlanguage: go\nbuild: [make]\n")
    elif case == "language none":
        (service / "service.yaml").write_text("service: orders\nlanguage: none\nrun: [./x]\n")
    elif case == "backing":
        (shop.folder / "services/redis").mkdir()
        (shop.folder / "services/redis/service.yaml").write_text("service: redis\nimage: redis:7\n")
        arguments = ["redis"]
    elif case == "does not build":
        (service / "cmd/service/main.go").write_text("package main\n\nfunc main() { undefined() }\n")
        code, number = 1, "MSC4112"
    elif case == "platform":
        arguments, code, number = ["--platform", "linux/amd64/"], 64, "MSC4113"
    elif case == "base":
        shop.write(more="pipelines: {images: {bases: {go: 'oci:bases:none'}}}\n")
        code, number = 1, "MSC4108"
    elif case == "tag":
        arguments, code, number = ["--tag", "a b"], 64, "MSC4102"
    elif case == "registry name":
        shop.write(registry="Registry.Example/Shop")
        code, number = 64, "MSC4102"
    error = shop.error(*arguments, code=code)
    assert error["code"] == number, error
    assert number in shop.msctl("explain", number).stdout
    assert not shop.layout.joinpath("index.json").exists()
