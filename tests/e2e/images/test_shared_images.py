"""Images shared over HTTP, as results are: another machine builds nothing, and takes nothing that was changed."""
import json
import shutil

import pytest
from imagekit.bases import layout_of
from imagekit.shop import commit, go_service
from imagekit.tools import skopeo

from helpers.cache_server import TOKEN, Server


@pytest.fixture
def server():
    made = Server()
    yield made
    made.close()


@pytest.fixture
def shared(shop, server):
    shop.write(more=f"pipelines: {{cache: {{url: '{server.url()}'}}}}\n")
    shop.environment["MSCTL_CACHE_TOKEN"] = TOKEN
    commit(shop.folder)
    return shop


def forget(shop):
    """As on another machine."""
    shutil.rmtree(shop.layout)


def explained(shop, *arguments, **environment):
    return shop.msctl("build", "--explain", *arguments, **environment).stderr


def test_another_machine_has_the_image_without_building_it(shared, server):
    [first] = shared.build()
    assert len(server.entries) == 4  # what names it, the manifest, the configuration, the layer
    forget(shared)
    assert "orders: kept: nothing has changed since it was built" in explained(shared)
    assert not (shared.layout / "work").exists()
    assert shared.build() == [first]
    skopeo("inspect", f"oci:{shared.layout}:orders")
    # A change is built, and sent.
    main = shared.folder / "services/orders/cmd/service/main.go"
    main.write_text(main.read_text().replace("hello", "other"))
    before = server.counted("PUT")
    assert shared.build() != [first]
    assert server.counted("PUT") == before + 4


def test_a_layer_that_two_images_have_is_sent_once(shared, server):
    go_service(shared.folder, "payments")
    commit(shared.folder)
    shared.build()
    manifests = [json.loads(body) for body in server.entries.values() if body.startswith(b"{") and b'"layers":' in body]
    assert len(manifests) == 2
    layers = {each["layers"][0]["digest"] for each in manifests}
    assert len(layers) == 1  # the same program
    assert server.counted("PUT") == 2 + 2 + 1 + len({each["config"]["digest"] for each in manifests})


@pytest.mark.parametrize("what", ["entry", "layer", "cut layer", "no layer"])
def test_what_was_changed_there_is_built_anew(shared, server, what):
    [first] = shared.build()
    forget(shared)
    manifest = next(json.loads(body) for body in server.entries.values() if body.startswith(b"{") and b'"layers":' in body)
    layer = "/team/" + manifest["layers"][0]["digest"][7:]
    if what == "entry":
        for path, body in server.entries.items():
            if body.startswith(b"msctl-result"):
                server.entries[path] = body.replace(b"sha256:", b"sha256:0", 1)
    elif what == "layer":
        server.entries[layer] = server.entries[layer][:-1] + b"x"
    elif what == "cut layer":
        server.entries[layer] = server.entries[layer][:-1]
    else:
        del server.entries[layer]
    said = explained(shared)
    assert "orders: built: its image is not taken: " in said
    assert shared.build() == [first]
    # It is whole there again.
    forget(shared)
    assert "orders: kept" in explained(shared)


def test_with_a_signing_key_only_signed_images_are_taken(shared):
    shared.build()
    forget(shared)
    assert "it is not signed with the key of this cache" in explained(shared, MSCTL_CACHE_KEY="ours")
    forget(shared)
    assert "orders: kept" in explained(shared, MSCTL_CACHE_KEY="ours")


def test_layers_of_the_base_come_from_the_base(shared, server, tmp_path):
    layout = layout_of(tmp_path / "bases", "node")
    settings = (shared.folder / "msctl.yaml").read_text().replace("pipelines: {", f"pipelines: {{images: {{bases: {{go: 'oci:{layout}:base'}}}}, ")
    (shared.folder / "msctl.yaml").write_text(settings)
    [image] = shared.build()
    manifest = json.loads((shared.layout / "blobs/sha256" / image["digest"][7:]).read_text())
    assert len(manifest["layers"]) == 2
    held = [f"/team/{each['digest'][7:]}" in server.entries for each in manifest["layers"]]
    assert held == [False, True]
    forget(shared)
    assert "orders: kept" in explained(shared)
    skopeo("copy", f"oci:{shared.layout}:orders", f"oci:{tmp_path}/copy:x")


def test_a_list_of_parts_needs_the_build(shared):
    """What is in a program of C++ or Rust is read from the program; of Go from its sources."""
    [first] = shared.build()
    forget(shared)
    assert shared.build("--sbom", "spdx") == [first]
    assert json.loads((shared.layout / "attached/orders.spdx.json").read_text())["spdxVersion"] == "SPDX-2.3"


def test_a_server_that_cannot_be_used_costs_nothing_else(shared, server):
    server.fault = "error"
    done = shared.msctl("build")
    assert done.stderr.count("results are not shared") == 1 and "built" in done.stdout
