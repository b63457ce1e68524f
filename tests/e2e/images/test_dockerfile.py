"""Images from a Dockerfile, by buildah and by podman."""
import json
import os
import shutil

import pytest
from imagekit.tools import answers, skopeo, start, take

from helpers.registry import free_port
from helpers.waiting import until

DOCKERFILE = """FROM scratch
COPY bin/service /service
ENV GREETING=hi
USER 65532:65532
ENTRYPOINT ["/service"]
"""


@pytest.fixture
def built(shop):
    """The service's own Dockerfile takes what a build has made."""
    service = shop.folder / "services/orders"
    (service / "Dockerfile").write_text(DOCKERFILE)
    os.system(f"cd {service} && CGO_ENABLED=0 go build -o bin/service ./cmd/service")
    assert (service / "bin/service").exists()
    return shop


def only(tool, folder):
    """A PATH on which of the container tools only this one is."""
    if not shutil.which(tool):
        pytest.skip(f"there is no {tool}")
    folder.mkdir()
    for directory in os.environ["PATH"].split(":"):
        for program in (os.listdir(directory) if os.path.isdir(directory) else []):
            if program not in ("buildah", "podman", "docker") and not (folder / program).is_symlink():
                (folder / program).symlink_to(f"{directory}/{program}")
    if tool != "none":
        (folder / tool).symlink_to(shutil.which(tool))
    return str(folder)


@pytest.mark.parametrize("tool", ["buildah", "podman"])
def test_a_dockerfile_is_built_kept_pushed_and_runs(built, registry, podman, tool, tmp_path):
    built.write(registry.name)
    environment = {**podman.environment, "PATH": only(tool, tmp_path / "path")}
    [image] = built.build("--road", "dockerfile", "--push", "--tag", "x", **environment)
    about = json.loads(skopeo("inspect", "--tls-verify=false", f"docker://{image['reference']}"))
    assert about["Digest"] == image["digest"] and "GREETING=hi" in about["Env"]
    assert "nothing has changed" in built.msctl("build", "--road", "dockerfile", "--explain", **environment).stderr
    name = take(podman, built.layout, "orders")
    port = free_port()
    container = start(podman, name, variables={"PORT": port})
    until(lambda: answers(port) == b"hello", "the service answers")
    podman("rm", "-f", container)


def test_a_service_with_commands_of_its_own_takes_its_dockerfile_by_itself(built, podman):
    (built.folder / "services/orders/service.yaml").write_text("service: orders\nlanguage: none\nrun: [bin/service]\n")
    built.build(**podman.environment)
    assert "GREETING=hi" in json.loads(skopeo("inspect", f"oci:{built.layout}:orders"))["Env"]


def test_a_dockerfile_that_fails_and_no_tool_are_told(built, podman, tmp_path):
    (built.folder / "services/orders/Dockerfile").write_text("FROM scratch\nCOPY nothing /\n")
    error = built.error("--road", "dockerfile", code=1, **podman.environment)
    assert error["code"] == "MSC4112"
    none = tmp_path / "none"
    none.mkdir()
    (none / "git").symlink_to(shutil.which("git"))
    assert built.error("--road", "dockerfile", code=69, PATH=str(none))["code"] == "MSC4111"
    (built.folder / "services/orders/Dockerfile").unlink()
    assert built.error("--road", "dockerfile", code=65)["code"] == "MSC4100"
