"""Each language's scaffold as `new` writes it, built and tested by its real toolchain; and `new` itself, all or nothing."""
import json
import os
import resource
import shutil
import signal
import subprocess
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
import yaml

from helpers.languages import LANGUAGES, ROOT


def msctl(program, folder, *arguments, code=0, patience=580, **options):
    done = subprocess.run([program, *arguments], cwd=folder, capture_output=True, text=True, timeout=patience, check=False, **options)
    assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def artefacts(language):
    """What a build of the language makes."""
    return yaml.safe_load((ROOT / "scaffolds/languages" / language / "language.yaml").read_text()).get("artefacts", [])


def tree(folder):
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


@pytest.fixture
def shop(msctl_program, tmp_path):
    msctl(msctl_program, tmp_path, "new", "workspace", "shop")
    return tmp_path / "shop"


# --- what is made works ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_new_service_passes_its_own_tests(msctl_program, shop, language):
    """With two needs, one of them named by a keyword, and under a name that is a keyword, too."""
    msctl(msctl_program, shop, "new", "service", "price-list", "--language", language)
    msctl(msctl_program, shop, "new", "service", "import", "--language", language)
    msctl(msctl_program, shop, "new", "service", "class", "--language", language, "--needs", "price-list,import")
    msctl(msctl_program, shop, "check")
    report = shop / "report.xml"
    document = json.loads(msctl(msctl_program, shop, "test", "class", "--junit", str(report), "-o", "json").stdout)
    assert document["ok"]
    assert [(each["service"], each["result"]) for each in document["services"]] == [("class", "passed")]
    suites = ElementTree.parse(report).getroot().findall("testsuite")
    assert [suite.get("name") for suite in suites] == ["class"]
    assert int(suites[0].get("tests")) == len(suites[0].findall("testcase")) > 0
    assert suites[0].get("failures") == "0"
    leftovers = subprocess.run(["grep", "-rIiE", "sample.?(service|need)", *[f"--exclude-dir={name}" for name in artefacts(language)], "services/class"], cwd=shop, capture_output=True, text=True, check=False)
    assert leftovers.stdout == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_git_ignores_what_a_build_makes(msctl_program, shop, language):
    msctl(msctl_program, shop, "new", "service", "orders", "--language", language)
    subprocess.run(["git", "init", "-q"], cwd=shop, check=True)
    made = [f"{each}/x" for each in artefacts(language)] + [f"deeper/{each}/x" for each in artefacts(language) if each == "__pycache__"]
    for path in [f"services/orders/{each}" for each in made] + [".msctl/state", ".env"]:
        (shop / path).parent.mkdir(parents=True, exist_ok=True)
        (shop / path).write_text("x")
    listed = subprocess.run(["git", "status", "--porcelain", "-uall", "--ignored=no"], cwd=shop, capture_output=True, text=True, check=True).stdout
    for name in [*made, ".msctl", ".env\n"]:
        assert f"/{name}" not in listed and f" {name}" not in listed


def test_a_failing_test_is_named_and_shown(msctl_program, shop):
    for name, command in (("good", "true"), ("bad", "false")):
        folder = shop / "services" / name
        folder.mkdir(parents=True)
        (folder / "service.yaml").write_text(f"service: {name}\nlanguage: none\nrun: [sleep, '1']\ntest: [sh, -c, 'echo from {name}; {command}']\n")
    failed = msctl(msctl_program, shop, "test", code=1)
    assert "MSC2050" in failed.stderr and "from bad" in failed.stderr and "from good" not in failed.stderr
    assert "from good" in msctl(msctl_program, shop, "test", "-v", "good").stderr
    report = shop / "report.xml"
    document = json.loads(msctl(msctl_program, shop, "test", "--junit", str(report), "-o", "json", code=1).stdout)
    assert not document["ok"] and document["errors"][0]["code"] == "MSC2050"
    suites = {suite.get("name"): suite for suite in ElementTree.parse(report).getroot()}
    assert suites["bad"].get("failures") == "1" and "from bad" in suites["bad"].findtext("system-out")
    assert suites["good"].get("failures") == "0"
    assert "did you mean 'good'" in msctl(msctl_program, shop, "test", "goood", code=64).stderr


def test_a_missing_toolchain_is_named_with_its_package(msctl_program, shop, tmp_path):
    msctl(msctl_program, shop, "new", "service", "orders", "--language", "go")
    empty = tmp_path / "empty"
    empty.mkdir()
    failed = msctl(msctl_program, shop, "test", code=69, env={"PATH": str(empty)})
    assert "MSC2010" in failed.stderr and "apt-get install golang-go" in failed.stderr


def test_ctrl_c_ends_the_tests(msctl_program, shop):
    folder = shop / "services/slow"
    folder.mkdir(parents=True)
    (folder / "service.yaml").write_text("service: slow\nlanguage: none\nrun: [sleep, '1']\ntest: [sh, -c, 'echo $$ > started; sleep 300']\n")
    process = subprocess.Popen([msctl_program, "test"], cwd=shop, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not (folder / "started").exists() or not (folder / "started").read_text().strip():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 130
    assert not Path(f"/proc/{(folder / 'started').read_text().strip()}").exists()


# --- all or nothing --------------------------------------------------------------------------------------------------------


def test_nothing_is_overwritten(msctl_program, shop):
    (shop / "services/orders").mkdir(parents=True)
    (shop / "services/orders/mine").write_text("mine")
    before = tree(shop)
    assert "MSC1040" in msctl(msctl_program, shop, "new", "service", "orders", "--language", "go", code=1).stderr
    assert "MSC1040" in msctl(msctl_program, shop.parent, "new", "workspace", "shop", code=1).stderr
    assert tree(shop) == before


def test_wrong_input_changes_nothing(msctl_program, shop):
    before = tree(shop)
    for arguments, cure in (
        (["new", "service", "Orders", "--language", "go"], "RFC"),
        (["new", "service", "orders", "--language", "gp"], "did you mean 'go'"),
        (["new", "service", "orders", "--language", "go", "--needs", "nothing"], "nothing"),
        (["new", "service", "orders", "--language", "go", "--needs", "orders"], "itself"),
        (["new", "service", "orders"], "--language"),
        (["new", "service", "redis", "--language", "go"], "backing service"),
    ):
        failed = msctl(msctl_program, shop, *arguments, code=64)
        assert cure in failed.stderr or cure == "RFC"
    assert tree(shop) == before


def test_a_dry_run_lists_what_would_be_made(msctl_program, shop):
    before = tree(shop)
    listed = json.loads(msctl(msctl_program, shop, "new", "service", "orders", "--language", "go", "--dry-run", "-o", "json").stdout)
    assert tree(shop) == before
    made = json.loads(msctl(msctl_program, shop, "new", "service", "orders", "--language", "go", "-o", "json").stdout)
    assert made["files"] == listed["files"]
    assert "services/redis/service.yaml" in made["files"]
    for file in made["files"]:
        assert (shop / file).is_file()


def test_a_full_disk_leaves_the_tree_as_it_was(msctl_program, shop):
    before = tree(shop)

    def small_files():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))

    failed = msctl(msctl_program, shop, "new", "service", "orders", "--language", "go", code=1, preexec_fn=small_files)
    assert "MSC1041" in failed.stderr
    assert tree(shop) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")
def test_a_really_full_disk_leaves_the_tree_as_it_was(msctl_program, tmp_path):
    mount = tmp_path / "small"
    mount.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", mount], check=False, capture_output=True).returncode != 0:
        pytest.skip("this machine does not let tests mount")
    try:
        failed = msctl(msctl_program, mount, "new", "workspace", "shop", "--with", "go", code=1)
        assert "MSC1041" in failed.stderr
        assert list(mount.iterdir()) == []
    finally:
        subprocess.run(["umount", mount], check=True)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal_at_any_moment_leaves_all_or_nothing(msctl_program, shop, number):
    msctl(msctl_program, shop, "new", "service", "first", "--language", "go")
    before = tree(shop)
    for attempt in range(25):
        process = subprocess.Popen([msctl_program, "new", "service", "orders", "--language", "cpp"], cwd=shop, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(0.004 * attempt)
        process.send_signal(number)
        process.wait(timeout=60)
        made = shop / "services/orders"
        if made.exists():
            msctl(msctl_program, shop, "check")
            assert (made / "service.yaml").exists() and (made / "CMakeLists.txt").exists()
            shutil.rmtree(made)
        # Only SIGKILL may leave its hidden folder, which the next `new` removes when it is a minute old.
        left = {path for path in tree(shop) if "/.msctl-new-" in path}
        assert number == signal.SIGKILL or not left
        assert {path: content for path, content in tree(shop).items() if path not in left} == before
