"""Workspaces that hold every kind of thing which generated files are made of."""
import pytest
from helpers import generated


@pytest.fixture
def small(msctl_program, tmp_path):
    """One service and a store."""
    workspace = generated.Generated(msctl_program, tmp_path / "small")
    generated.write_all(workspace, {
        "msctl.yaml": "workspace: small\nservices: [services/*]\n",
        "services/orders/service.yaml": "service: orders\nlanguage: go\nneeds: [redis]\nroutes: [{match: {path: /orders/**}}]\n",
        "services/redis/service.yaml": "service: redis\nscheme: redis\nimage: redis:7.4.2\n",
    })
    return workspace


@pytest.fixture(scope="session")
def rich(msctl_program, tmp_path_factory):
    """To be read only."""
    return generated.rich(msctl_program, tmp_path_factory.mktemp("rich") / "shop")


@pytest.fixture(scope="session")
def shop(msctl_program, tmp_path_factory):
    """To be read only."""
    return generated.example(msctl_program, tmp_path_factory.mktemp("shop") / "shop")


@pytest.fixture(scope="session")
def linter():
    return generated.lint
