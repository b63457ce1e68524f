"""Jobs before and after a deploy, seen from outside. Their pods are simulated: "fail" and "stay" as the last word of a command say how
they end (clusterkit/simulated.py)."""
import json

import pytest
from clusterkit.waiting import until
from shop import Shop, digest


@pytest.fixture
def shop(cluster, namespace, msctl_program, tmp_path):
    return Shop(msctl_program, tmp_path / "shop", cluster.kubeconfig, namespace)


@pytest.fixture
def there(cluster, namespace):
    """All objects of a kind, by their names; of Jobs by what the service calls them."""

    def get(kind, by_job=True):
        items = json.loads(cluster.kubectl("get", kind, "-n", namespace, "-o", "json"))["items"]
        return {each["metadata"]["annotations"]["msctl.dev/job"] if kind == "jobs" and by_job else each["metadata"]["name"]: each for each in items}

    return get


def jobs(migrate="ok", smoke="ok", **more):
    """The value of the key `jobs`."""
    return json.dumps([{"name": "migrate", "run": ["./orders", "migrate", migrate], "when": "before", **more},
                       {"name": "smoke", "run": ["./orders", "smoke", smoke], "when": "after"}])


def ended(job):
    return {each["type"] for each in job["status"].get("conditions", []) if each["status"] == "True"} & {"Complete", "Failed"}


def failed(there):
    """The one that has failed: those of the version that runs are there, too."""
    found = [job for job in there("jobs", by_job=False).values() if ended(job) == {"Failed"}]
    assert len(found) == 1, found
    return found[0]


def image(there):
    return there("deployments")["orders"]["spec"]["template"]["spec"]["containers"][0]["image"]


def steps(document, kind="Job"):
    return {each["object"]: each for each in document["plan"]["steps"] if each["object"].startswith(f"{kind}/")}


def test_before_the_version_and_when_it_is_ready(shop, there, cluster, namespace):
    shop.service("orders", needs=["users"], replicas=2, jobs=jobs()).service("users")
    planned = steps(shop.deploy("--plan"))
    assert sorted(each["means"][0] for each in planned.values()) == ["runs migrate before the new replicas start", "runs smoke after all replicas are ready"]
    shop.deploy()
    made, deployment = there("jobs"), there("deployments")["orders"]
    assert {name: ended(job) for name, job in made.items()} == {"migrate": {"Complete"}, "smoke": {"Complete"}}
    assert {f"Job/{job['metadata']['name']}" for job in made.values()} == set(planned)
    assert made["migrate"]["status"]["completionTime"] <= deployment["metadata"]["creationTimestamp"]
    assert made["smoke"]["metadata"]["creationTimestamp"] >= deployment["metadata"]["creationTimestamp"]
    assert made["migrate"]["metadata"]["annotations"]["msctl.dev/when"] == "before"
    # Their Pods are none of the service's.
    pods = there("pods")
    of_jobs = {name for name, pod in pods.items() if "msctl.dev/job-of" in pod["metadata"]["labels"]}
    assert len(of_jobs) == 2
    selector = there("services")["orders"]["spec"]["selector"]
    assert selector == deployment["spec"]["selector"]["matchLabels"]
    assert len([name for name, pod in pods.items() if selector.items() <= pod["metadata"]["labels"].items()]) == 2
    slices = json.loads(cluster.kubectl("get", "endpointslices", "-n", namespace, "-l", "kubernetes.io/service-name=orders", "-o", "json"))["items"]
    assert not {each["targetRef"]["name"] for one in slices for each in one["endpoints"] or []} & of_jobs
    status = {each["name"]: each for each in shop.json("status", "-e", "test")["services"]}
    assert set(status) == {"orders", "users"} and len(status["orders"]["replicas"]) == 2
    # They have run, also where somebody has cleaned up.
    assert shop.deploy("--plan", "--exit-code")["plan"]["steps"] == []
    cluster.kubectl("delete", "job", made["migrate"]["metadata"]["name"], "-n", namespace)
    plan = shop.deploy("--plan", "--exit-code")["plan"]
    assert plan["steps"] == [] and plan["drift"] == []
    assert shop.deploy()["release"] is None and set(there("jobs")) == {"smoke"}


def test_another_version_has_its_own_and_those_of_the_one_before_go(shop, there):
    shop.service("orders", jobs=jobs())
    shop.deploy()
    before = {job["metadata"]["name"] for job in there("jobs").values()}
    shop.service("orders", version="2", jobs=jobs())
    shop.deploy()
    after = {job["metadata"]["name"] for job in there("jobs").values()}
    assert len(after) == 2 and not after & before
    until(lambda: len([pod for pod in there("pods").values() if "msctl.dev/job-of" in pod["metadata"]["labels"]]) == 2, "the Pods of older Jobs are gone")


def test_a_migration_that_fails_keeps_the_version_that_runs_and_is_tried_again(shop, there):
    shop.service("orders", jobs=jobs())
    shop.deploy()
    generation = there("deployments")["orders"]["metadata"]["generation"]
    shop.service("orders", version="2", jobs=jobs(migrate="fail"))
    document = shop.deploy(code=1)
    assert shop.codes(document) == ["MSC5125", "MSC5203"]
    assert document["errors"][0]["message"] == "orders: the job migrate failed: it ended badly once, as often as it may"
    assert digest("orders1") in image(there) and there("deployments")["orders"]["metadata"]["generation"] == generation
    first = failed(there)
    history = shop.json("history", "-e", "test")["releases"]
    assert [each["result"] for each in history] == ["rolled-back", "deployed"] and history[0]["code"] == "MSC5125"

    # The same again: the failed one makes room.
    step = steps(shop.deploy("--plan"))[f"Job/{first['metadata']['name']}"]
    assert step["means"] == ["runs migrate before the new replicas start, again: it has failed"]
    assert shop.codes(shop.deploy(code=1)) == ["MSC5125", "MSC5203"]
    again = failed(there)
    assert again["metadata"]["name"] == first["metadata"]["name"] and again["metadata"]["uid"] != first["metadata"]["uid"]

    # Mended, and with it all that was left.
    shop.service("orders", version="3", jobs=jobs())
    shop.deploy()
    assert digest("orders3") in image(there) and {name: ended(job) for name, job in there("jobs").items()} == {"migrate": {"Complete"}, "smoke": {"Complete"}}


def test_a_smoke_test_that_fails_takes_the_version_back_without_its_migration(shop, there):
    shop.service("orders", jobs=jobs())
    shop.deploy()
    before = set(there("jobs", by_job=False))
    shop.service("orders", version="2", jobs=jobs(smoke="fail"))
    assert shop.codes(shop.deploy(code=1)) == ["MSC5125", "MSC5203"]
    assert digest("orders1") in image(there)
    # What has failed is left to be looked at, and nothing else of that version; nothing of the one before was run again.
    left = failed(there)
    assert left["metadata"]["annotations"]["msctl.dev/job"] == "smoke"
    assert set(there("jobs", by_job=False)) == before | {left["metadata"]["name"]}


def test_one_that_takes_too_long(shop, there):
    shop.service("orders", jobs=jobs())
    shop.deploy()
    shop.service("orders", version="2", jobs=jobs(migrate="stay", timeout="3s"))
    document = shop.deploy(code=1)
    assert shop.codes(document)[0] == "MSC5128" and "timeout of 3s" in document["errors"][0]["message"]
    assert digest("orders1") in image(there)


def test_going_back_runs_none(shop, there):
    shop.service("orders", jobs=jobs())
    shop.deploy()
    shop.service("orders", version="2", jobs=jobs())
    shop.deploy()
    document = shop.json("rollback", "-e", "test")
    assert {each["action"] for each in steps(document).values()} == {"remove"}
    assert digest("orders1") in image(there) and there("jobs") == {}
    # And what has been gone back to is as it should be.
    shop.service("orders", jobs=jobs())
    assert shop.deploy("--plan", "--exit-code")["plan"]["steps"] == []


def test_a_deploy_that_dies_while_it_migrates_does_not_migrate_twice(shop, there, cluster, namespace):
    shop.service("orders", jobs=jobs())
    shop.deploy()
    shop.service("orders", version="2", jobs=jobs(migrate="stay"))
    process = shop.start("deploy", "-e", "test", "--images", shop.images())

    def migrates():
        return next((pod for pod in there("pods").values() if "msctl.dev/job-of" in pod["metadata"]["labels"] and pod["status"]["phase"] == "Running"), None)

    running = until(migrates, "the migration runs")
    process.kill()
    process.communicate()
    job = next(job for job in there("jobs", by_job=False).values() if not ended(job))
    cluster.kubectl("patch", "pod", running["metadata"]["name"], "-n", namespace, "--subresource=status", "--type=merge", "-p",
                    json.dumps({"status": {"phase": "Succeeded"}}))
    done = shop.deploy()
    assert done["release"]["result"] == "deployed" and digest("orders2") in image(there)
    assert there("jobs")["migrate"]["metadata"]["uid"] == job["metadata"]["uid"]


def test_what_is_removed_from_the_workspace_goes(shop, there):
    shop.service("orders", jobs=jobs())
    shop.deploy()
    assert {name for name in there("networkpolicies") if name.startswith("orders.jobs")} == {"orders.jobs", "orders.jobs.orders"}
    shop.service("orders")
    shop.deploy()
    assert there("jobs") == {} and not [name for name in there("networkpolicies") if name.startswith("orders.jobs")]
