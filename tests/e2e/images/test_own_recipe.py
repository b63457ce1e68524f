"""Images of services that say themselves what is in them."""
import json
import shutil
import subprocess
import tarfile

import pytest

SERVICE = """service: proxy
language: none
build: [cc, -O1, -o, proxy, proxy.c]
run: [./proxy, --here]
image:
  base: scratch
  application:
    - {from: proxy, to: /usr/bin/proxy}
    - {from: conf}
  programs: [proxy]
  packages: packages.txt
  variables: {LEVEL: info}
"""


@pytest.fixture
def proxy(shop):
    shutil.rmtree(shop.folder / "services/orders")
    folder = shop.folder / "services/proxy"
    (folder / "conf").mkdir(parents=True)
    (folder / "service.yaml").write_text(SERVICE)
    (folder / "proxy.c").write_text("int main(void) { return 0; }\n")
    (folder / "conf/proxy.conf").write_text("x\n")
    (folder / "packages.txt").write_text("pkg:deb/debian/libev-dev@1:4.33-1?arch=amd64\n")
    (folder / ".gitignore").write_text("proxy\n")
    return folder


def described(shop, digest):
    def read(which):
        return json.loads((shop.layout / "blobs/sha256" / which[7:]).read_text())

    manifest = read(digest)
    names = set()
    for layer in manifest["layers"]:
        with tarfile.open(shop.layout / "blobs/sha256" / layer["digest"][7:]) as tar:
            names |= {each.name.rstrip("/") for each in tar if not each.isdir()}
    return read(manifest["config"]["digest"])["config"], names


def test_it_is_built_without_a_dockerfile(shop, proxy):
    [image] = shop.build("--sbom", "spdx,cyclonedx")
    config, names = described(shop, image["digest"])
    assert config["Entrypoint"] == ["./proxy", "--here"]
    assert config["User"] == "65532:65532"
    assert "LEVEL=info" in config["Env"]
    assert {"usr/bin/proxy", "app/conf/proxy.conf", "app/lib/libc.so.6"} <= names
    for document in (shop.layout / "attached").iterdir():
        assert "pkg:deb/debian/libev-dev@1:4.33-1?arch=amd64" in document.read_text()
        assert "pkg:deb/debian/libc6@" in document.read_text()


def test_it_is_built_again_only_after_a_change(shop, proxy):
    [first] = shop.build()
    told = shop.msctl("build", "--explain").stderr
    assert "proxy: kept" in told
    (proxy / "proxy.c").write_text("int main(void) { return 1; }\n")
    told = shop.msctl("build", "--explain").stderr
    assert "proxy: built: services/proxy/proxy.c" in told
    # Of what is in the image alone.
    (proxy / "service.yaml").write_text(SERVICE.replace("LEVEL: info", "LEVEL: debug"))
    [last] = shop.build()
    assert last["digest"] != first["digest"]
    assert "LEVEL=debug" in described(shop, last["digest"])[0]["Env"]


def test_a_base_of_the_workspace_is_for_it_too(shop, proxy):
    [base] = shop.build()
    subprocess.run(["cp", "-r", shop.layout, shop.folder.parent / "base"], check=True)
    shop.write(more="pipelines: {images: {bases: {proxy: \"oci:../base:proxy\"}}}\n")
    [image] = shop.build()
    layers = [json.loads((shop.layout / "blobs/sha256" / each["digest"][7:]).read_text())["layers"] for each in (base, image)]
    assert layers[1][: len(layers[0])] == layers[0]
    assert len(layers[1]) > len(layers[0])


def test_what_build_does_not_make_is_told(shop, proxy):
    (proxy / "service.yaml").write_text(SERVICE.replace("from: conf", "from: configuration"))
    error = shop.error(code=1)
    assert error["code"] == "MSC4116"
    (proxy / "service.yaml").write_text(SERVICE.replace("from: conf", "from: ../../msctl.yaml"))
    error = shop.error(code=65)
    assert (error["code"], error["file"], error["line"]) == ("MSC1016", "services/proxy/service.yaml", 9)


def test_a_broken_list_of_packages_is_told(shop, proxy):
    (proxy / "packages.txt").write_text("libev-dev 4.33\n")
    error = shop.error("--sbom", "spdx", code=1)
    assert error["code"] == "MSC4117"
    assert "packages.txt:1" in error["message"]
