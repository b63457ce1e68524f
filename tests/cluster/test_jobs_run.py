"""Jobs around a deploy on a real node: a migration that runs, one that fails with its last words, and one that takes too long."""
import json

import pytest
from clusterkit import tools
from clusterkit.images import Image
from shop import Shop

pytestmark = pytest.mark.quiet

HEALTH = "{ready: /ready, live: /live}"
JOBS = [{"name": "migrate", "run": ["/program", "migrate"], "when": "before", "timeout": "60s"},
        {"name": "smoke", "run": ["/program", "smoke", "WEB_URL", "STORE_URL"], "when": "after"}]


@pytest.fixture
def shop(real_cluster, real_namespace, msctl_program, tmp_path):
    made = Shop(msctl_program, tmp_path / "shop", real_cluster.kubeconfig, real_namespace, f"{real_cluster.registry}/shop")

    def version(name, text, variables=None, **keys):
        image = Image(tools.program("web"), {"VERSION": text, **(variables or {})})
        reference = image.push(real_cluster.registry, f"shop/{name}", text)
        made.service(name, version=image.digest, reference=reference, health=HEALTH, resources="{cpu: 50m, memory: 64Mi}", **keys)

    made.version = version
    return made


@pytest.fixture
def web(shop):
    """Another version of the service with jobs: what its processes find in their environment."""

    def version(text, jobs=None, **variables):
        shop.version("web", text, variables, routes=None, needs=["store"], jobs=json.dumps(jobs or JOBS))

    shop.version("store", "1", routes=None)
    version("one")
    return version


def fails(shop):
    """What a deploy that fails says."""
    shop.run("deploy", "-e", "test", "--images", shop.images(), code=1)
    return shop.last_error


def image_of(cluster, namespace):
    return cluster.kubectl("get", "deployment", "web", "-n", namespace, "-o", "jsonpath={.spec.template.spec.containers[0].image}")


def job(cluster, namespace, name):
    """The newest: the running release's stays where another one's has failed."""
    items = json.loads(cluster.kubectl("get", "jobs", "-n", namespace, "-o", "json"))["items"]
    of_name = [each for each in items if each["metadata"]["annotations"]["msctl.dev/job"] == name]
    return max(of_name, key=lambda each: each["metadata"]["creationTimestamp"])


def test_a_migration_that_fails_is_told_with_its_last_words_and_the_version_before_runs_on(shop, web, real_cluster, real_namespace):
    shop.deploy()
    smoke = job(real_cluster, real_namespace, "smoke")["metadata"]["name"]
    said = real_cluster.kubectl("logs", f"job/{smoke}", "-n", real_namespace)
    assert "http://web:8080 answers 200 OK: one " in said and "http://store:8080 answers 200 OK: 1 " in said
    # Who asks for the service's logs gets those of its replicas.
    assert "migrates" not in shop.run("logs", "web", "-e", "test")
    first = image_of(real_cluster, real_namespace)

    web("two", MIGRATION_FAILS="the table orders is not there")
    said = fails(shop)
    failed = job(real_cluster, real_namespace, "migrate")["metadata"]["name"]
    # The cure that it names works.
    assert f"""
error[MSC5125]: web: the job migrate failed: it ended badly once, as often as it may
  note: {failed}-""" in said and f"""
  note:   migrates to version two
  note:   the table orders is not there
  help: kubectl -n {real_namespace} logs job/{failed} --all-pods
""" in said and "ended with exit code 3\n" in said and "error[MSC5203]" in said, said
    assert "the table orders is not there" in real_cluster.kubectl("logs", f"job/{failed}", "--all-pods", "-n", real_namespace)
    assert image_of(real_cluster, real_namespace) == first
    assert shop.json("history", "-e", "test")["releases"][0]["code"] == "MSC5125"

    web("three")
    assert shop.deploy()["release"]["result"] == "deployed"
    assert image_of(real_cluster, real_namespace) != first


def test_one_that_takes_too_long_is_ended_with_what_it_said(shop, web, real_cluster, real_namespace):
    shop.deploy()
    web("two", [JOBS[0] | {"timeout": "5s"}], MIGRATION_TAKES="1h")
    said = fails(shop)
    assert "error[MSC5128]: web: the job migrate failed: it took longer than its timeout of 5s, and was ended\n" in said
    assert "  note:   migrates to version two\n" in said, said


def test_an_image_without_the_program_of_the_job(shop, web):
    shop.deploy()
    web("two", [JOBS[0] | {"run": ["/nothing"]}])
    assert {"MSC5117"} & set(shop.codes(shop.deploy(code=1)))
