"""msctl affected, in repositories that git made."""
import json
import subprocess

import pytest

SERVICES = {"catalogue": [], "inventory": ["catalogue"], "orders": ["inventory"]}


def git(folder, *arguments):
    settings = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    return subprocess.run(["git", *settings, *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def shop(tmp_path):
    folder = tmp_path / "repository" / "shop"
    folder.mkdir(parents=True)
    (folder / "keys").mkdir()
    (folder / "keys/partners.yaml").write_text("- {name: a, sha256: %s}\n" % ("0" * 64))
    (folder / "msctl.yaml").write_text(
        "workspace: shop\nservices: [services/*]\ngateway:\n"
        "  authentication: {partners: {apiKey: {keys: keys/partners.yaml}}}\n  defaults: {timeout: 5s}\n"
    )
    for name, needs in SERVICES.items():
        service = folder / "services" / name
        service.mkdir(parents=True)
        uses = "uses: [libs/money]\n" if name == "orders" else ""
        authentication = ", authentication: [partners]" if name == "orders" else ", authentication: none"
        (service / "service.yaml").write_text(
            f"service: {name}\nlanguage: none\nrun: [./{name}]\nneeds: [{', '.join(needs)}]\n{uses}"
            f"routes: [{{match: {{path: /{name}/**}}{authentication}}}]\n"
        )
        (service / "main").write_text(name)
    (folder / "libs/money").mkdir(parents=True)
    (folder / "libs/money/round").write_text("1")
    (folder / ".gitignore").write_text("*.log\n")
    (folder.parent / "outside").write_text("1")
    git(folder.parent, "init", "-q", "-b", "main")
    git(folder.parent, "add", "-A")
    git(folder.parent, "commit", "-qm", "first")
    return folder


def run(program, folder, *arguments, code=0):
    done = subprocess.run([program, "affected", *arguments], cwd=folder, capture_output=True, text=True)
    assert done.returncode == code, done.stderr + done.stdout
    return done


def affected(program, folder, *arguments):
    document = json.loads(run(program, folder, "-o", "json", *arguments).stdout)
    assert document["ok"] is True and document["schema"] == 1
    return {each["service"]: each["because"] for each in document["affected"]}


def test_nothing_has_changed(msctl_program, shop):
    (shop / "services/orders/debug.log").write_text("ignored")
    (shop.parent / "outside").write_text("no part of the workspace")
    assert affected(msctl_program, shop, "--base", "HEAD") == {}
    assert "no service is affected since HEAD" in run(msctl_program, shop, "--base", "HEAD").stdout


def test_a_file_its_callers_and_a_new_one(msctl_program, shop):
    (shop / "services/inventory/main").write_text("other")
    (shop / "services/inventory/new").write_text("not yet added")
    assert affected(msctl_program, shop, "--base", "main") == {
        "inventory": [{"kind": "file", "path": "services/inventory/main"}, {"kind": "file", "path": "services/inventory/new"}],
        "orders": [{"kind": "need", "key": "inventory"}],
    }
    # Also from within, and with the changes committed.
    git(shop, "add", "-A")
    git(shop, "commit", "-qm", "second")
    assert list(affected(msctl_program, shop / "services/orders", "--base", "HEAD~1")) == ["inventory", "orders"]
    assert affected(msctl_program, shop, "--base", "HEAD") == {}


def test_explained_for_people(msctl_program, shop):
    (shop / "services/inventory/main").unlink()
    (shop / "services/inventory/new").write_text("1")
    (shop / "README.md").write_text("of nobody")
    lines = [line.split() for line in run(msctl_program, shop, "--base", "HEAD").stdout.splitlines()]
    assert lines[1] == ["inventory", "services/inventory/main,", "and", "1", "more"]
    explained = run(msctl_program, shop, "--base", "HEAD", "--explain").stdout
    assert "services/inventory/new" in explained and "needs inventory" in explained
    assert explained.rstrip().endswith("of no service:\n  README.md")


def test_shared_folders(msctl_program, shop):
    (shop / "libs/money/round").write_text("2")
    assert affected(msctl_program, shop, "--base", "HEAD") == {"orders": [{"kind": "uses", "path": "libs/money/round"}]}


@pytest.mark.parametrize(
    "before, after, services",
    [
        ("timeout: 5s", "timeout: 6s", {"catalogue", "inventory", "orders"}),
        ("workspace: shop", "workspace: store", {"catalogue", "inventory", "orders"}),
        ("workspace: shop", "# a remark\nworkspace: shop", set()),
        ("gateway:", "pipelines: {systems: [github]}\ngateway:", set()),
        ("gateway:", 'gateway:\n  listeners: [{address: "127.0.0.1:0"}]', set()),
        ("partners: {apiKey: {", "partners: {apiKey: {header: X-Key, ", {"orders"}),
    ],
)
def test_keys_of_the_workspace(msctl_program, shop, before, after, services):
    file = shop / "msctl.yaml"
    assert before in file.read_text()
    file.write_text(file.read_text().replace(before, after, 1))
    assert set(affected(msctl_program, shop, "--base", "HEAD")) == services


def test_a_providers_keys_are_the_providers(msctl_program, shop):
    (shop / "keys/partners.yaml").write_text("- {name: a, sha256: %s}\n" % ("1" * 64))
    assert affected(msctl_program, shop, "--base", "HEAD") == {"orders": [{"kind": "key", "key": "gateway.authentication.partners"}]}


def test_a_folder_that_joins(msctl_program, shop):
    (shop / "more/extra").mkdir(parents=True)
    (shop / "more/extra/service.yaml").write_text("service: extra\nlanguage: none\nrun: [x]\n")
    git(shop, "add", "-A")
    git(shop, "commit", "-qm", "second")
    file = shop / "msctl.yaml"
    file.write_text(file.read_text().replace("[services/*]", "[services/*, more/*]"))
    assert affected(msctl_program, shop, "--base", "HEAD") == {"extra": [{"kind": "key", "key": "services"}]}


def test_the_base_is_where_the_branch_began(msctl_program, shop, tmp_path):
    git(tmp_path, "clone", "-q", str(shop.parent), "clone")
    clone = tmp_path / "clone/shop"
    git(clone, "checkout", "-q", "-b", "mine")
    (clone / "services/orders/main").write_text("mine")
    git(clone, "commit", "-qam", "mine")
    (shop / "services/catalogue/main").write_text("theirs")
    git(shop, "commit", "-qam", "theirs")
    git(clone, "fetch", "-q")
    assert list(affected(msctl_program, clone)) == ["orders"]
    assert list(affected(msctl_program, clone, "--base", "origin/main")) == ["catalogue", "inventory", "orders"]


def test_only_affected_services_are_tested_and_linted(msctl_program, shop):
    for name in SERVICES:
        file = shop / "services" / name / "service.yaml"
        file.write_text(file.read_text() + "test: [sh, -c, 'touch tested']\nlint: [sh, -c, 'touch linted']\n")
    (shop / ".gitignore").write_text("tested\nlinted\n")
    git(shop, "add", "-A")
    git(shop, "commit", "-qm", "second")

    def ran(command, *arguments, code=0):
        for mark in [*shop.rglob("tested"), *shop.rglob("linted")]:
            mark.unlink()
        done = subprocess.run([msctl_program, command, *arguments, "--no-cache", "-o", "json"], cwd=shop, capture_output=True, text=True)
        assert done.returncode == code, done.stderr + done.stdout
        document = json.loads(done.stdout)
        marked = sorted(mark.parent.name for mark in shop.rglob(f"{command}ed"))
        assert [each["service"] for each in document.get("services", [])] == marked
        return marked

    assert ran("test", "--affected=HEAD") == [] and ran("lint", "--affected=HEAD") == []
    (shop / "services/inventory/main").write_text("other")
    # Who needs it is concerned by its integration tests only.
    assert ran("test", "--affected=HEAD") == ["inventory"] and ran("lint", "--affected=HEAD") == ["inventory"]
    assert ran("test", "orders", "--affected=HEAD") == []
    assert ran("test", "--affected=HEAD~1") == ["catalogue", "inventory", "orders"]
    assert ran("test") == ["catalogue", "inventory", "orders"]
    assert ran("test", "--affected", code=64) == []
    assert ran("test", "order", "--affected=HEAD", code=64) == []


def test_what_cannot_be_compared_is_told(msctl_program, shop, tmp_path):
    def code(folder, *arguments, status):
        return json.loads(run(msctl_program, folder, "-o", "json", *arguments, code=status).stdout)["errors"][0]

    assert code(shop, status=64)["code"] == "MSC4034"
    assert code(shop, "--base", "nowhere", status=64)["code"] == "MSC4032"
    (shop / "services/orders/main").write_text("2")
    git(shop, "commit", "-qam", "second")
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{shop.parent}", "shallow")
    shallow = code(tmp_path / "shallow/shop", "--base", "HEAD~1", status=69)
    assert shallow["code"] == "MSC4033" and "fetch-depth: 0" in shallow["suggestion"]
    git(shop, "update-index", "--split-index")
    assert code(shop, "--base", "HEAD", status=1)["code"] == "MSC4031"
    plain = tmp_path / "plain"
    plain.mkdir()
    (plain / "msctl.yaml").write_text("workspace: w\nservices: [services/*]\n")
    assert code(plain, "--base", "HEAD", status=69)["code"] == "MSC4030"


def test_no_program_is_run(msctl_program, shop):
    """Neither git, nor what its configuration names."""
    git(shop, "config", "core.fsmonitor", "touch ran; false")
    git(shop, "config", "filter.x.clean", "touch ran; cat")
    (shop / ".gitattributes").write_text("*.x filter=x\n")
    (shop / "services/orders/a.x").write_text("1")
    done = subprocess.run([msctl_program, "affected", "--base", "HEAD"], cwd=shop, env={"PATH": "/nowhere"}, capture_output=True, text=True)
    assert done.returncode == 0 and "orders" in done.stdout
    assert not list(shop.rglob("ran")) and not (shop.parent / "ran").exists()
