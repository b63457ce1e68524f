"""Generated files, as the API server itself sees them: every form in which they reach it, tried out with each unknown, doubled or
misspelt field an error."""
import json

import pytest
import yaml
from helpers import generated

FORMS = ["base", "overlays/production", "overlays/staging", "helm/values", "helm/values-production", "helm/values-staging"]


@pytest.fixture(scope="module")
def rich(msctl_program, tmp_path_factory):
    return generated.rich(msctl_program, tmp_path_factory.mktemp("rich") / "shop")


def rendered(workspace, form):
    """The objects; the names of all forms are those that there are."""
    deploy = workspace.root / "deploy"
    overlays = {f"overlays/{each.name}" for each in (deploy / "kubernetes/overlays").iterdir()}
    values = {f"helm/{each.stem}" for each in (deploy / "helm/shop").glob("values*.yaml")}
    assert {"base", *overlays, *values} == set(FORMS)
    if form.startswith("helm/"):
        chart = deploy / "helm/shop"
        text = generated.lint("helm", "template", "shop", chart, "--namespace", "shop", "--values", chart / f"{form[5:]}.yaml").stdout
    else:
        text = generated.lint("kustomize", "build", deploy / "kubernetes" / form).stdout
    return [each for each in yaml.safe_load_all(text) if each]


def tried(cluster, namespace, objects, tmp_path):
    """What the server says of each: {KIND/NAME: its words}, empty where it takes it."""
    said = {}
    for number, each in enumerate(objects):
        each["metadata"].pop("namespace", None)
        file = tmp_path / f"{number}.json"
        file.write_text(json.dumps(each))
        done = cluster.kubectl("apply", "--server-side", "--dry-run=server", "--validate=strict", "-n", namespace, "-f", file, code=None)
        said[f"{each['kind']}/{each['metadata']['name']}"] = done.stderr.strip() if done.returncode else ""
    return said


@pytest.mark.parametrize("form", FORMS)
def test_the_server_takes_every_object(cluster, namespace, rich, tmp_path, form):
    objects = [each for each in rendered(rich, form) if each["kind"] != "Namespace"]
    said = tried(cluster, namespace, objects, tmp_path)
    assert len(said) > 40 and {name: words for name, words in said.items() if words} == {}


def test_the_server_takes_the_role_of_who_deploys(cluster, namespace, rich, tmp_path):
    for file in sorted((rich.root / "deploy/kubernetes/deployers").iterdir()):
        objects = [each for each in yaml.safe_load_all(file.read_text()) if each["kind"] != "RoleBinding"]
        assert len(objects) in (2, 5) and set(tried(cluster, namespace, objects, tmp_path).values()) == {""}


def test_the_server_would_have_said_something(cluster, namespace, rich, tmp_path):
    """A field that is misspelt, one that is not served, a value that is out of range: the check can fail."""
    deployment = next(each for each in rendered(rich, "base") if each["kind"] == "Deployment")
    wrong = {"misspelt": ("terminationGracePeriod", 30), "range": ("terminationGracePeriodSeconds", "soon")}
    for name, (field, value) in wrong.items():
        spoilt = json.loads(json.dumps(deployment))
        spoilt["metadata"]["name"] = name
        spoilt["spec"]["template"]["spec"][field] = value
        assert field in tried(cluster, namespace, [spoilt], tmp_path)[f"Deployment/{name}"]


def test_nobody_of_them_breaks_the_restricted_standard(cluster, namespace, rich, tmp_path):
    """A namespace that enforces "restricted" warns of none of their Pods."""
    cluster.kubectl("label", "namespace", namespace, "pod-security.kubernetes.io/enforce=restricted", "pod-security.kubernetes.io/warn=restricted")
    deployments = [each for each in rendered(rich, "base") if each["kind"] == "Deployment"]
    assert len(deployments) > 8
    for each in deployments:
        each["metadata"].pop("namespace", None)
        file = tmp_path / "deployment.json"
        file.write_text(json.dumps(each))
        done = cluster.kubectl("apply", "--server-side", "--dry-run=server", "-n", namespace, "-f", file, code=None)
        assert done.returncode == 0 and "PodSecurity" not in done.stderr, done.stderr
