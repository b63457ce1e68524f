"""Workspaces to build images of, registries to push them to, and podman to run them."""
import pytest
from imagekit.podman import podman  # noqa: F401
from imagekit.shop import Shop, commit, go_service

from helpers.registry import Registry

@pytest.fixture
def shop(msctl_program, tmp_path):
    folder = tmp_path / "repository"
    go_service(folder, "orders")
    shop = Shop(msctl_program, folder)
    shop.write()
    (folder / ".gitignore").write_text(".msctl/\n")
    commit(folder)
    return shop


@pytest.fixture
def registry(tmp_path):
    made = Registry(tmp_path / "registry")
    yield made
    made.close()
