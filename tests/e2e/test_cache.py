"""Kept results of tests and linters: what is run again, what is told from the cache, and what is not taken."""
import json
import os
import subprocess
import threading
import xml.etree.ElementTree as xml
from pathlib import Path

import pytest

# The tests of a service: they count how often they ran, outside of the workspace.
SERVICE = """service: {name}
language: none
run: [./x]
test: [sh, -c, 'echo x >> "{runs}/{name}"; echo testing; cat data; echo "$GREETING"; exit $(cat status)']
lint: [sh, -c, 'echo x >> "{runs}/{name}.lint"']
{more}"""


@pytest.fixture
def shop(tmp_path):
    folder = tmp_path / "repository" / "shop"
    runs = tmp_path / "runs"
    runs.mkdir()
    for name in ("catalogue", "orders"):
        service = folder / "services" / name
        service.mkdir(parents=True)
        more = "variables: [GREETING]\nuses: [libs/money]\n" if name == "orders" else ""
        (service / "service.yaml").write_text(SERVICE.format(name=name, runs=runs, more=more))
        (service / "data").write_text("of " + name + "\n")
        (service / "status").write_text("0")
    (folder / "libs/money").mkdir(parents=True)
    (folder / "libs/money/round").write_text("1")
    (folder / "msctl.yaml").write_text("workspace: shop\nservices: [services/*]\n")
    (folder / ".gitignore").write_text("*.log\n")
    commit(folder)
    return folder


def commit(folder):
    for words in (["init", "-q"], ["add", "-A"], ["-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-qm", "x"]):
        subprocess.run(["git", *words], cwd=folder, check=True)


def msctl(program, folder, *arguments, code=0, **environment):
    cache = folder.parent.parent / "cache"
    done = subprocess.run(
        [program, *arguments], cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, "XDG_CACHE_HOME": str(cache), **environment},
    )
    assert done.returncode == code, done.stderr + done.stdout
    return done


def results(program, folder, *arguments, code=0, verb="test", **environment):
    """Whether each service's result was cached."""
    document = json.loads(msctl(program, folder, verb, "-o", "json", *arguments, code=code, **environment).stdout)
    return {each["service"]: each["cached"] for each in document["services"]}


def times(folder, name):
    path = folder.parent.parent / "runs" / name
    return path.read_text().count("x") if path.exists() else 0


def entries(folder):
    return [each for each in (folder.parent.parent / "cache/msctl/results").rglob("*") if each.is_file()]


NONE, BOTH = {"catalogue": False, "orders": False}, {"catalogue": True, "orders": True}


def test_what_passed_is_not_run_again(msctl_program, shop):
    assert results(msctl_program, shop) == NONE
    assert results(msctl_program, shop) == BOTH
    (shop / "services/orders/debug.log").write_text("ignored")
    assert results(msctl_program, shop) == BOTH
    assert (times(shop, "catalogue"), times(shop, "orders")) == (1, 1)


@pytest.mark.parametrize("path", ["services/orders/data", "services/orders/new", "libs/money/round", "services/orders/service.yaml"])
def test_a_change_to_one_costs_the_others_nothing(msctl_program, shop, path):
    results(msctl_program, shop)
    file = shop / path
    file.write_text(file.read_text() + "\n" if file.exists() else "new")
    done = msctl(msctl_program, shop, "test", "--explain")
    assert f"orders: run: {path} {'is new' if path.endswith('new') else 'has changed'}" in done.stderr
    assert "catalogue: kept: " in done.stderr
    assert (times(shop, "catalogue"), times(shop, "orders")) == (1, 2)
    assert results(msctl_program, shop) == BOTH


def test_a_change_back_finds_the_earlier_result(msctl_program, shop):
    results(msctl_program, shop)
    data = shop / "services/orders/data"
    data.write_text("other\n")
    results(msctl_program, shop)
    data.write_text("of orders\n")
    assert results(msctl_program, shop) == BOTH


def test_what_failed_is_run_again(msctl_program, shop):
    (shop / "services/orders/status").write_text("3")
    for _ in range(2):
        assert results(msctl_program, shop, code=1)["orders"] is False
    assert times(shop, "orders") == 2


def test_output_and_report_are_told_again(msctl_program, shop):
    report = shop.parent / "report.xml"
    first = msctl(msctl_program, shop, "test", "-v", "--junit", str(report))
    before = report.read_text()
    again = msctl(msctl_program, shop, "test", "-v", "--junit", str(report))
    for done in (first, again):
        assert "testing\nof orders\n" in done.stderr
    names = lambda text: [(each.get("name"), each.get("classname")) for each in xml.fromstring(text).iter("testcase")]
    assert names(before) and names(report.read_text()) == names(before)
    assert "passed (cached)" in again.stdout


def test_only_named_variables_are_seen_and_counted(msctl_program, shop):
    first = msctl(msctl_program, shop, "test", "-v", GREETING="good morning", SECRET="hunter2")
    assert first.stderr.count("good morning") == 1  # orders names it, catalogue does not
    assert results(msctl_program, shop, GREETING="good morning", SECRET="another") == BOTH
    assert results(msctl_program, shop, GREETING="good night") == {"catalogue": True, "orders": False}
    kept = b"".join(each.read_bytes() for each in (shop.parent.parent / "cache").rglob("*") if each.is_file())
    assert b"hunter2" not in kept


def test_no_cache_runs_all_and_keeps_anew(msctl_program, shop):
    results(msctl_program, shop)
    assert results(msctl_program, shop, "--no-cache") == NONE
    assert results(msctl_program, shop) == BOTH
    assert times(shop, "orders") == 2


def test_lint_is_kept_apart_from_tests(msctl_program, shop):
    assert results(msctl_program, shop, verb="lint") == NONE
    assert results(msctl_program, shop) == NONE
    assert results(msctl_program, shop, verb="lint") == BOTH
    assert times(shop, "orders.lint") == 1


def test_another_working_tree_of_the_same_content_has_the_same_results(msctl_program, shop):
    results(msctl_program, shop)
    other = shop.parent / "clone"
    subprocess.run(["git", "clone", "-q", shop, other], check=True)
    assert results(msctl_program, other) == BOTH


@pytest.mark.parametrize("spoil", ["truncated", "changed", "emptied", "swapped"])
def test_a_spoilt_entry_is_noticed_and_made_anew(msctl_program, shop, spoil):
    results(msctl_program, shop)
    one, other = entries(shop)
    whole = one.read_bytes()
    one.write_bytes({"truncated": whole[:-1], "changed": whole.replace(b"testing", b"tasting"), "emptied": b"", "swapped": other.read_bytes()}[spoil])
    done = msctl(msctl_program, shop, "test", "--explain")
    assert done.stderr.count("its result is not taken: ") == 1
    assert times(shop, "catalogue") + times(shop, "orders") == 3
    assert one.read_bytes() != b"" and results(msctl_program, shop) == BOTH


def test_what_is_written_while_tests_run_is_not_kept(msctl_program, shop):
    service = shop / "services/orders/service.yaml"
    service.write_text(service.read_text().replace("echo testing;", "echo $$ > coverage.out;"))
    done = msctl(msctl_program, shop, "test", "--explain")
    assert "orders: not kept: services/orders/coverage.out was written meanwhile" in done.stderr
    assert results(msctl_program, shop) == {"catalogue": True, "orders": False}


def test_outside_of_a_repository_everything_runs(msctl_program, shop):
    subprocess.run(["rm", "-rf", shop / ".git"], check=True)
    for _ in range(2):
        done = msctl(msctl_program, shop, "test", "--explain", GIT_CEILING_DIRECTORIES=str(shop.parent))
        assert "is in no git repository" in done.stderr
    assert times(shop, "orders") == 2


def test_a_cache_that_cannot_be_written_is_told_once(msctl_program, shop):
    (shop.parent.parent / "cache").write_text("a file")
    done = msctl(msctl_program, shop, "test")
    assert done.stderr.count("results are not kept: ") == 1
    assert results(msctl_program, shop) == NONE


def test_many_runs_at_once(msctl_program, shop):
    wrong = []

    def go():
        for _ in range(5):
            done = subprocess.run(
                [msctl_program, "test", "-o", "json"], cwd=shop, capture_output=True, text=True, check=False,
                env={**os.environ, "XDG_CACHE_HOME": str(shop.parent.parent / "cache")},
            )
            if done.returncode != 0 or not json.loads(done.stdout)["ok"]:
                wrong.append(done.stderr + done.stdout)

    threads = [threading.Thread(target=go) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert not wrong
    assert results(msctl_program, shop) == BOTH


def test_the_cache_is_bounded(msctl_program, shop):
    (shop / "msctl.yaml").write_text("workspace: shop\nservices: [services/*]\npipelines: {cache: {size: 8KiB}}\n")
    for number in range(12):
        (shop / "services/orders/data").write_text(f"{number}\n" + "x" * 1000)
        results(msctl_program, shop)
    assert sum(each.stat().st_size for each in Path(shop.parent.parent / "cache").rglob("*") if each.is_file()) <= 8 << 10
    assert results(msctl_program, shop) == BOTH  # what was made last is there


def test_a_wrong_size_is_told(msctl_program, shop):
    (shop / "msctl.yaml").write_text("workspace: shop\nservices: [services/*]\npipelines: {cache: {size: 1 pound}}\n")
    assert "msctl.yaml:3:" in msctl(msctl_program, shop, "test", code=65).stderr
